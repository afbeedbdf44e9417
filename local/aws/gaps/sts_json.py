"""STS answers JSON when `Accept: application/json` asks for it, errors too.

AWS Security Token Service API Reference, "GetCallerIdentity" and "Common Errors"; the JSON form of the Query
protocol has the same names as the XML, under the same root.
"""

import json
from typing import Any
from xml.etree import ElementTree

from ministack import app
from ministack.core import router


def install() -> None:
    """Translate STS's answers on their way out, including refusals of the signature."""
    dispatch = app._dispatch_service_request

    async def dispatch_speaking_json(*request: Any) -> Any:
        method, path, headers, body, query_params, _request_id = request
        answer = await dispatch(*request)
        if headers.get("accept", "").strip().lower() != "application/json":
            return answer
        parameters = app._routing_params(method, path, headers, body, query_params)
        if router.detect_service(method, path, headers, parameters) != "sts":
            return answer
        status, answer_headers, content = answer
        others = {name: value for name, value in answer_headers.items() if name.lower() != "content-type"}
        return status, {**others, "Content-Type": "application/json"}, _as_json(content)

    app._dispatch_service_request = dispatch_speaking_json


def _as_json(content: bytes) -> bytes:
    root = ElementTree.fromstring(content)  # noqa: S314
    said = _value(root)
    return json.dumps(said if _name(root) == "ErrorResponse" else {_name(root): said}).encode()


def _value(element: ElementTree.Element) -> Any:
    children = list(element)
    return {_name(child): _value(child) for child in children} if children else element.text or ""


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
