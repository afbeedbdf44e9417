"""Who assumes a role with temporary credentials gets an hour at most; asking for longer is refused, not shortened.

AWS Security Token Service API Reference, "AssumeRole": "if you assume a role using role chaining and provide a
DurationSeconds parameter value greater than one hour, the operation fails". The sentence as in aws/eks-anywhere pull
request 9485. Credentials of GetSessionToken count, too (mmmorris1975/aws-runas issue 11).
"""

from typing import Any
from urllib.parse import parse_qs

from ministack.services import sts

from local.aws.gaps.request_facts import first

_MOST_SECONDS = 3600
_SENTENCE = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."


def install() -> None:
    """Check before ministack assumes the role."""
    handle_request = sts.handle_request

    async def handle(method: str, path: str, headers: Any, body: bytes, query_params: Any) -> Any:
        parameters = {**query_params, **parse_qs(body.decode(errors="replace"))}
        if first(parameters, "Action") == "AssumeRole" and _too_long(first(parameters, "DurationSeconds")):
            caller = sts._caller_identity(headers, query_params)
            if isinstance(caller, dict) and caller["isTemporary"]:
                return sts._error(400, "ValidationError", _SENTENCE, ns="sts")
        return await handle_request(method, path, headers, body, query_params)

    sts.handle_request = handle


def _too_long(seconds: str) -> bool:
    return seconds.isdecimal() and int(seconds) > _MOST_SECONDS
