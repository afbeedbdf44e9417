"""`/api/<method>` and upload addresses over HTTP: reading bodies, and acting out planned faults."""

import json
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from local.slack.faults.planned import UPLOAD, Fault, Faults, Mishap
from local.slack.web_api.methods import METHODS, WebApi
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.message import Json

_OF_NO_APP = {"not_authed", "invalid_auth"}
"""Refusals without scopes: Slack doesn't know whose they would be."""


class DroppedConnection(Response):
    """No answer at all: the connection ends where the answer would begin.

    A lone `100 Continue` is no final answer, so the HTTP client sees the connection close without one, as after a
    network failure.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        """Begin, and stop."""
        await send({"type": "http.response.start", "status": 100, "headers": []})


def web_api_routes(api: WebApi, faults: Faults) -> list[Route]:
    """The routes under `/api/`, and the one that takes the data of files."""

    async def call(request: Request) -> Response:
        method = request.path_params["method"]
        try:
            arguments = _arguments(request, await request.body())
        except SlackRefusal as refusal:
            return JSONResponse(refusal.as_answer())
        token = _bearer(request) or (None if _only_in_header(method) else str(arguments.get("token") or "") or None)
        fault = faults.next(method, arguments)
        if fault and fault.mishap is not Mishap.ANSWER_LOST:
            api.record(method, arguments, fault.mishap.value)
            return misfortune(fault)
        answer = api.call(method, arguments, token)
        if fault:
            return DroppedConnection()
        known = answer.get("error") not in _OF_NO_APP
        return JSONResponse(answer, headers={"x-oauth-scopes": ",".join(api.scopes)} if known else {})

    async def upload(request: Request) -> Response:
        fault = faults.next(UPLOAD)
        if fault and fault.mishap is Mishap.REFUSED:
            return JSONResponse({"ok": False, "error": fault.error}, status_code=400)
        if fault and fault.mishap is not Mishap.ANSWER_LOST:
            return misfortune(fault)
        content = await request.body()
        try:
            api.workspace.files.receive(request.path_params["secret"], content)
        except SlackRefusal as refusal:
            return JSONResponse(refusal.as_answer(), status_code=404 if refusal.error == "not_found" else 400)
        return DroppedConnection() if fault else PlainTextResponse(f"OK - {len(content)}")

    return [
        Route("/api/{method}", call, methods=["GET", "POST"]),
        Route("/upload/v1/{secret}", upload, methods=["POST"]),
    ]


def misfortune(fault: Fault) -> Response:
    """What the caller gets when nothing was done."""
    if fault.mishap is Mishap.RATE_LIMITED:
        headers = {"Retry-After": str(fault.retry_after)}
        return JSONResponse({"ok": False, "error": "ratelimited"}, status_code=429, headers=headers)
    if fault.mishap is Mishap.REFUSED:
        return JSONResponse({"ok": False, "error": fault.error})
    if fault.mishap is Mishap.UNREACHABLE:
        return DroppedConnection()
    if fault.mishap is Mishap.UNAVAILABLE:
        return HTMLResponse("<html><body>Service Unavailable</body></html>", status_code=503)
    return HTMLResponse("<html><body>Server Error</body></html>", status_code=500)


def _only_in_header(method: str) -> bool:
    return method in METHODS and METHODS[method].of_app


def _bearer(request: Request) -> str | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else None


def _arguments(request: Request, body: bytes) -> Json:
    arguments: Json = dict(request.query_params)
    if request.headers.get("content-type", "").startswith("application/json"):
        return arguments | _json_object(body or b"{}")
    try:
        return arguments | dict(parse_qsl(body.decode(), keep_blank_values=True))
    except UnicodeDecodeError as unreadable:
        raise SlackRefusal("invalid_form_data") from unreadable


def _json_object(body: bytes) -> Json:
    try:
        parsed = json.loads(body)
    except ValueError as unreadable:
        raise SlackRefusal("invalid_json") from unreadable
    if not isinstance(parsed, dict):
        raise SlackRefusal("json_not_object")
    return parsed
