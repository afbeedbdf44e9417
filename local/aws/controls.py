"""`/_local/cloudformation-fails`: makes the groups and pages of all stacks fail, and lets them succeed again.

GET answers `{"on": false}`, POST takes `{"on": true}`. Programs of this machine may use it, websites may not: the Host
header must name this machine (against DNS rebinding), a browser's Origin is refused.
"""

import json
from collections.abc import MutableMapping
from http import HTTPStatus
from typing import Any

from local.aws.console_pages import App
from local.aws.environment import CLOUDFORMATION_FAILS_PATH
from local.aws.gaps import iam_failures

_OWN_NAMES = ("127.0.0.1", "localhost")
_MOST_BYTES = 1000
_Answer = tuple[HTTPStatus, dict[str, Any]]


def with_controls(app: App) -> App:
    """Answer the control's address, and leave everything else to `app`."""

    async def serve(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != CLOUDFORMATION_FAILS_PATH:
            await app(scope, receive, send)
            return
        status, told = _answer(scope, await _body(receive))
        headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(told).encode()})

    return serve


def _answer(scope: MutableMapping[str, Any], body: bytes) -> _Answer:
    headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if headers.get(b"host", "").partition(":")[0] not in _OWN_NAMES or b"origin" in headers:
        return HTTPStatus.FORBIDDEN, {"error": "only programs of this machine may do this"}
    if scope["method"] == "POST":
        wanted = _wanted(body)
        if wanted is None:
            return HTTPStatus.BAD_REQUEST, {"error": 'send {"on": true} or {"on": false}'}
        iam_failures.fail(wanted)
    elif scope["method"] != "GET":
        return HTTPStatus.METHOD_NOT_ALLOWED, {"error": "GET or POST"}
    return HTTPStatus.OK, {"on": iam_failures.failing()}


def _wanted(body: bytes) -> bool | None:
    try:
        sent = json.loads(body)
    except ValueError:
        return None
    on = sent.get("on") if isinstance(sent, dict) else None
    return on if isinstance(on, bool) else None


async def _body(receive: Any) -> bytes:
    """What was sent; no more than makes sense."""
    body, more = b"", True
    while more and len(body) <= _MOST_BYTES:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
