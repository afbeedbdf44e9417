"""The form of the calls on the wire: AWS's JSON and query protocols, and Slack's Web API."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

Asked = dict[str, Any]
_TARGET = re.compile(r"(?P<service>DynamoDB|AmazonSSM)(?:_\d+)?\.(?P<operation>\w+)")
_QUERY_VERSIONS = {"2010-05-15": "cloudformation", "2010-05-08": "iam", "2011-06-15": "sts"}
_NUMBERS = {"MaxItems", "TimeoutInMinutes", "Limit"}


class Refused(Exception):
    """AWS's refusal of a query call, by its code."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Call:
    """One call: whom, what, and with which parameters; `asked` is what an SDK's method takes."""

    service: str
    operation: str
    asked: Asked

    @property
    def name(self) -> str:
        return f"{self.service} {self.operation}"


def read_call(path: str, headers: dict[str, str], body: bytes) -> Call:
    """Return what was asked. Raise ValueError for anything that no measured path asks."""
    if target := _TARGET.fullmatch(headers.get("x-amz-target", "")):
        service = {"DynamoDB": "dynamodb", "AmazonSSM": "ssm"}[target["service"]]
        return Call(service, target["operation"], json.loads(body))
    if invoked := re.fullmatch(r"/2015-03-31/functions/([\w-]+)/invocations", path):
        asked = {"FunctionName": invoked[1], "InvocationType": "Event", "Payload": body.decode()}
        return Call("lambda", "Invoke", asked)
    if path.startswith("/api/"):
        return Call("slack", path.removeprefix("/api/"), _slack_arguments(headers, body))
    form = dict(parse_qsl(body.decode(), keep_blank_values=True))
    service = _QUERY_VERSIONS.get(form.pop("Version", ""), "")
    if not service:
        raise ValueError(f"not understood: {path} {sorted(headers)}")
    return Call(service, form.pop("Action"), unflattened(form))


def _slack_arguments(headers: dict[str, str], body: bytes) -> Asked:
    if headers.get("content-type", "").startswith("application/json"):
        return dict(json.loads(body))
    return dict(parse_qsl(body.decode(), keep_blank_values=True))


def unflattened(form: dict[str, str]) -> Asked:
    """Return a query form as parameters: `Tags.member.1.Key=a` is `{"Tags": [{"Key": "a"}]}`."""
    found: Asked = {}
    for name, value in form.items():
        first, _, rest = name.partition(".member.")
        if not rest:
            found[name] = _typed(name, value)
            continue
        number, _, key = rest.partition(".")
        members = found.setdefault(first, [])
        while len(members) < int(number):
            members.append({} if key else "")
        if key:
            members[int(number) - 1][key] = value
        else:
            members[int(number) - 1] = value
    return found


def _typed(name: str, value: str) -> Any:
    return int(value) if name in _NUMBERS else {"true": True, "false": False}.get(value, value)


def xml_answer(operation: str, answer: dict[str, Any]) -> bytes:
    """Return an answer in AWS's query protocol."""
    return (
        f"<{operation}Response><{operation}Result>{_xml(answer)}</{operation}Result>"
        f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{operation}Response>"
    ).encode()


def xml_refusal(refused: Refused) -> bytes:
    """Return a refusal in AWS's query protocol."""
    error = {"Type": "Sender", "Code": refused.code, "Message": str(refused)}
    return f"<ErrorResponse><Error>{_xml(error)}</Error><RequestId>1</RequestId></ErrorResponse>".encode()


def _xml(value: Any) -> str:
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(one)}</{name}>" for name, one in value.items())
    if isinstance(value, list):
        return "".join(f"<member>{_xml(one)}</member>" for one in value)
    return str(value).lower() if isinstance(value, bool) else escape(str(value))


def identity(session_token: str) -> bytes:
    """Return STS's answer for a proof made by `story.proof`, whose session token names the account and the role."""
    _, account, role, _ = session_token.split("/")
    arn = f"arn:aws:sts::{account}:assumed-role/switchyard-forwarder-{role}/switchyard-forwarder"
    result = {"Account": account, "Arn": arn, "UserId": "AROAEXAMPLE:session"}
    answer = {"GetCallerIdentityResult": result, "ResponseMetadata": {"RequestId": "1"}}
    return json.dumps({"GetCallerIdentityResponse": answer}).encode()
