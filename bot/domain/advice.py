"""Adds advice to errors of CloudFormation and IAM that do not say what to do.

The reason itself is shown unchanged. Advice is found by words in AWS's sentence. A sentence that is missing here needs
no advice, or is one of ours and contains it.
"""

from __future__ import annotations

import re

_ADVICE = {
    r"GroupsPerAccount|exceed\w* .*\bgroups?\b": (
        "The IAM group limit of this account is reached. Ask AWS for more (Service Quotas, IAM, groups per account) or "
        "delete unused groups, then press Retry."
    ),
    r"PoliciesPerAccount": (
        "This account has as many customer managed policies as IAM allows, and a team's page is one. Ask AWS for more "
        "(Service Quotas, IAM, customer managed policies in an account), then press Retry."
    ),
    r"PoliciesPerGroup": (
        "The team's group has ten policies already, so one of them is not a page of the team. Detach that one in IAM, "
        "then press Retry."
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
        "This account already has something of that name, not made by the stack. Delete or rename it, then press Retry."
    ),
    r"S3 error|TemplateURL|template .*(not found|does not exist)": (
        "AWS can't read the template of the stack. Ask whoever runs Switchyard to deploy again, which restores the "
        "template. Then press Retry."
    ),
    r"not authorized|AccessDenied|Access Denied|cannot be assumed|explicit deny": (
        "AWS does not let Switchyard do this. Ask whoever runs Switchyard to check whether its roles were changed by "
        "hand, or a policy of the organization forbids it. Then press Retry."
    ),
    r"Status Code: 5\d\d|Internal ?(Failure|Error)|Service ?Unavailable": (
        "AWS itself has a problem. Wait a few minutes, then press Retry."
    ),
}


def advice(reason: str) -> str:
    """Return who has to do what; empty where the reason is enough."""
    return next((text for words, text in _ADVICE.items() if re.search(words, reason, re.IGNORECASE)), "")
