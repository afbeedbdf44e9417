"""What the local console's quick-create page asks: a template's form, to create the stack, and what became of it.

Websites may not (guard.py). The client's account comes with each request, since nobody signs in to the local console.
"""

import asyncio
import json
import re
import urllib.request
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from ministack.services.cloudformation.engine import _parse_template
from starlette.requests import Request

from local.aws.console_pages import App
from local.aws.environment import HOST

PATH = "/_local/quick-create"
_ACCOUNT = re.compile(r"[0-9]{12}")
_PATIENCE_SECONDS = 120
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
Json = dict[str, Any]


class RefusedError(Exception):
    """What was asked makes no sense, or AWS refuses it; the sentence says why."""


def with_quick_create(app: App, port: int) -> App:
    """Answer the page's requests, and leave everything else to `app`."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await app(scope, receive, send)
            return
        status, told = await _answer(scope, receive, port)
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    return serve


async def _answer(scope: Any, receive: Any, port: int) -> tuple[HTTPStatus, Json]:
    """Answer `GET ?templateURL=…`, `GET ?account=…&region=…&stack=…`, and `POST` with what the form holds."""
    query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    endpoint = f"http://{HOST}:{port}"
    try:
        if scope["method"] == "POST":
            return HTTPStatus.OK, await asyncio.to_thread(
                _create, endpoint, _sent(await Request(scope, receive).body())
            )
        act = _form if "templateURL" in query else _state
        return HTTPStatus.OK, await asyncio.to_thread(act, endpoint, query)
    except RefusedError as refused:
        return HTTPStatus.BAD_REQUEST, {"error": str(refused)}
    except (ClientError, BotoCoreError) as refused:
        return HTTPStatus.BAD_REQUEST, {"error": _words(refused)}


def _form(endpoint: str, query: Mapping[str, str]) -> Json:
    """Return the template's description and its parameters, in the groups and with the labels of its metadata."""
    url = query["templateURL"]
    if not url.startswith(f"{endpoint}/"):
        raise RefusedError("The local console reads templates of the local AWS only.")
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE_SECONDS) as answer:  # noqa: S310
            template = _parse_template(answer.read().decode())
    except (OSError, ValueError) as unreadable:
        raise RefusedError(f"The template can't be read: {unreadable}") from unreadable
    meant = template.get("Metadata", {}).get("AWS::CloudFormation::Interface", {})
    labels = {name: label["default"] for name, label in meant.get("ParameterLabels", {}).items()}
    known = template.get("Parameters", {})
    groups = [(group["Label"]["default"], group["Parameters"]) for group in meant.get("ParameterGroups", [])]
    rest = [name for name in known if all(name not in names for _, names in groups)]
    return {
        "description": template.get("Description", ""),
        "groups": [
            {"label": label, "parameters": [_parameter(name, labels.get(name, name), known[name]) for name in names]}
            for label, names in [*groups, *([("Other parameters", rest)] if rest else [])]
        ],
    }


def _parameter(name: str, label: str, known: Json) -> Json:
    allowed = [str(each) for each in known.get("AllowedValues", [])]
    given = {"name": name, "label": label, "description": known.get("Description", ""), "allowed": allowed}
    return {**given, "default": str(known.get("Default", ""))}


def _create(endpoint: str, sent: Json) -> Json:
    """Create the stack as the root of the client's account; return its id."""
    answer = _cloudformation(endpoint, sent).create_stack(
        StackName=str(sent.get("stackName")),
        TemplateURL=str(sent.get("templateURL")),
        Parameters=[{"ParameterKey": key, "ParameterValue": str(value)} for key, value in sent["parameters"].items()],
        Capabilities=["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"] if sent.get("acknowledged") is True else [],
    )
    return {"stack": answer["StackId"]}


def _state(endpoint: str, query: Mapping[str, str]) -> Json:
    """Return where a stack stands, and why where something in it failed."""
    cloudformation, name = _cloudformation(endpoint, query), query.get("stack", "")
    status = cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"]
    if not re.search("ROLLBACK|FAILED", status):
        return {"status": status, "reason": ""}
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]  # newest first
    failed = [one for one in events if one["ResourceStatus"].endswith("_FAILED")]
    return {"status": status, "reason": failed[-1].get("ResourceStatusReason", "") if failed else ""}


def _cloudformation(endpoint: str, given: Mapping[str, Any]) -> Any:
    account, region = str(given.get("account", "")), str(given.get("region", ""))
    if not _ACCOUNT.fullmatch(account) or not _REGION.fullmatch(region):
        raise RefusedError("Say an AWS account of 12 digits and a region.")
    return boto3.client(
        "cloudformation",
        endpoint_url=endpoint,
        region_name=region,
        aws_access_key_id=account,
        aws_secret_access_key="test",
    )


def _sent(body: bytes) -> Json:
    try:
        sent = json.loads(body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict) or not isinstance(sent.get("parameters"), dict):
        raise RefusedError("Send JSON with the form's values.")
    return sent


def _words(refused: ClientError | BotoCoreError) -> str:
    return str(refused.response["Error"]["Message"]) if isinstance(refused, ClientError) else str(refused)
