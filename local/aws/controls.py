"""`/_local/cloudformation-fails`: makes the groups and pages of all stacks fail, and lets them succeed again.

GET answers `{"on": false}`, POST takes `{"on": true}`. Websites may not use it (guard.py).
"""

import json
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request

from local.aws.console_pages import App
from local.aws.environment import CLOUDFORMATION_FAILS_PATH
from local.aws.gaps import iam_failures

_Answer = tuple[HTTPStatus, dict[str, Any]]


def with_controls(app: App) -> App:
    """Answer the control's address, and leave everything else to `app`."""

    async def serve(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != CLOUDFORMATION_FAILS_PATH:
            await app(scope, receive, send)
            return
        status, told = _answer(scope["method"], await Request(scope, receive).body())
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    return serve


def _answer(method: str, body: bytes) -> _Answer:
    if method == "POST":
        wanted = _wanted(body)
        if wanted is None:
            return HTTPStatus.BAD_REQUEST, {"error": 'send {"on": true} or {"on": false}'}
        iam_failures.fail(wanted)
    elif method != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET or POST"}
    return HTTPStatus.OK, {"on": iam_failures.failing()}


def _wanted(body: bytes) -> bool | None:
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    on = sent.get("on") if isinstance(sent, dict) else None
    return on if isinstance(on, bool) else None
