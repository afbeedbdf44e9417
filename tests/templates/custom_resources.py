"""Custom resource requests as CloudFormation sends them, and what it hears."""

import json
from typing import Any

from forwarder import GATE_ID, NEWS_ID

from tests.templates.endpoints import Endpoint
from tests.templates.forwarder_environment import PARENT_STACK

RESPONSE_PATH = "/response?signature=presigned"
_IDS = {"Gate": GATE_ID, "News": NEWS_ID}


def request_of(endpoint: Endpoint, request_type: str, resource: str = "Gate", **more: Any) -> dict[str, Any]:
    request = {
        "RequestType": request_type,
        "ResponseURL": f"{endpoint.url}{RESPONSE_PATH}",
        "StackId": PARENT_STACK,
        "RequestId": "request-1",
        "LogicalResourceId": resource,
        "ResourceType": f"Custom::Switchyard{resource}",
    }
    return request | ({} if request_type == "Create" else {"PhysicalResourceId": _IDS[resource]}) | more


def heard(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The answers that CloudFormation got, oldest first."""
    sent = endpoint.sent_to(RESPONSE_PATH)
    assert all(request.method == "PUT" and request.headers.get("content-type", "") == "" for request in sent)
    return [json.loads(request.body) for request in sent]


def assert_success(endpoint: Endpoint) -> None:
    [answer] = heard(endpoint)
    assert answer["Status"] == "SUCCESS"


def said(endpoint: Endpoint) -> list[dict[str, Any]]:
    """The events that Switchyard got, oldest first."""
    return [json.loads(request.body) for request in endpoint.sent_to("/events")]
