"""The condition key `aws:PrincipalArn`: of a role's session, the role's own ARN.

IAM User Guide, "AWS global condition context keys", aws:PrincipalArn: "For IAM roles, the request context returns the
ARN of the role, not the ARN of the user that assumed the role." ministack answers with the session's.
"""

import re
from typing import Any

from ministack.core import iam_evaluator
from ministack.services import iam

_SESSION = re.compile(r"arn:aws:sts::([0-9]{12}):assumed-role/([^/]+)/.*")


def install() -> None:
    """Answer for the role wherever ministack's evaluation asks for the key."""
    resolve = iam_evaluator._resolve_condition_key

    def resolved(key: str, context: Any) -> Any:
        found = resolve(key, context)
        return role_arn_of(found) if key.lower() == "aws:principalarn" else found

    iam_evaluator._resolve_condition_key = resolved


def role_arn_of(principal_arn: str) -> str:
    """Return the ARN of the role whose session this is; any other ARN as it is."""
    session = _SESSION.fullmatch(principal_arn)
    if session is None:
        return principal_arn
    role = iam._roles.get_scoped(session[1], None, session[2])
    return role["Arn"] if role is not None else f"arn:aws:iam::{session[1]}:role/{session[2]}"
