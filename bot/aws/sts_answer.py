"""Reads STS's JSON as strictly as it can be read: whatever differs from an answer to our one question is none."""

from __future__ import annotations

import json
import re
from typing import Any


def identity_in(content_type: str, body: bytes) -> dict[str, str] | None:
    """Account, Arn and UserId of a GetCallerIdentity answer; None for anything that differs from one in any way."""
    if content_type.partition(";")[0].strip().lower() != "application/json":
        return None
    match _parsed(body):
        case {
            "GetCallerIdentityResponse": {
                "GetCallerIdentityResult": {
                    "Account": str() as account,
                    "Arn": str() as arn,
                    "UserId": str() as user_id,
                    **more_result,
                },
                "ResponseMetadata": dict(),
                **more_response,
            },
            **more,
        } if not (more or more_response or more_result):
            return {"Account": account, "Arn": arn, "UserId": user_id}
    return None


def error_code(body: bytes) -> str:
    """Return the code of an error answer, such as `ExpiredToken`, in JSON or XML; empty when there is none."""
    match _parsed(body):
        case {"Error": {"Code": str() as code}}:
            return code
    in_xml = re.search(rb"<Code>(\w+)</Code>", body)
    return in_xml[1].decode("ascii", "ignore") if in_xml else ""


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body.decode(), object_pairs_hook=_once_each)
    except (ValueError, RecursionError):
        return None


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object in which no name is repeated. Raises ValueError for any other."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found
