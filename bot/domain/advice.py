"""What to do about what CloudFormation and IAM say, where their own words leave that open.

A reason is shown as it is. Advice comes beside it, found by words that AWS has in such a sentence; a sentence that is
not here needs none, or is one of ours and says it itself.
"""

from __future__ import annotations

import re

_ADVICE = {
    r"GroupsPerAccount|exceed\w* .*\bgroups?\b": (
        "The IAM group limit of this account is reached. Ask AWS for more (Service Quotas, IAM, groups per account) or "
        "delete groups that nobody needs, then press Retry."
    ),
    r"Limit for stack|stack limit|number of stacks": (
        "This account has as many CloudFormation stacks in this region as AWS allows. Ask AWS for more (Service "
        "Quotas, CloudFormation, stack count), then press Retry."
    ),
    r"must (detach all|delete) policies": (
        "Policies were added to the group by hand. Detach or delete them in IAM, then press Retry."
    ),
    r"must remove users from group|DeleteConflict": (
        "Somebody is in the group. Take everybody out of it in IAM, then press Retry."
    ),
    r"already exists": (
        "Something of that name is in this account that the stack did not make. Delete or rename it, then press Retry."
    ),
    r"S3 error|TemplateURL|template .*(not found|does not exist)": (
        "The template of the group can't be read. Whoever runs Switchyard deploys it again, which puts it back; then "
        "press Retry."
    ),
    r"not authorized|AccessDenied|Access Denied|cannot be assumed|explicit deny": (
        "AWS does not let Switchyard do this. Whoever runs Switchyard looks whether its roles were changed by hand, "
        "and for a policy of the organization that forbids it; then press Retry."
    ),
    r"Status Code: 5\d\d|Internal ?(Failure|Error)|Service ?Unavailable": (
        "AWS has a fault of its own. Wait a few minutes, then press Retry."
    ),
}


def advice(reason: str) -> str:
    """Whose it is to mend and what to do, or nothing where the reason is enough."""
    return next((text for words, text in _ADVICE.items() if re.search(words, reason, re.IGNORECASE)), "")
