"""Who may use `/_local/*`: this machine's own page, and programs; and what they send, checked.

Nothing there asks for a token, so the Host header must name this server (against DNS rebinding), a browser's Origin
must be this server, bodies must be JSON.
"""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from local.slack.people.acting import Outcome
from local.slack.workspace import facts
from local.slack.workspace.message import Json

Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(Exception):
    """What was sent to `/_local/*` makes no sense; `status` and the sentence say why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


def guarded(handler: Handler) -> Handler:
    """Refuse requests from other origins and answer BadRequest as JSON."""

    async def handle(request: Request) -> Response:
        try:
            _check_where_it_comes_from(request)
            return await handler(request)
        except BadRequest as bad:
            return JSONResponse({"ok": False, "error": str(bad)}, status_code=bad.status)

    return handle


def _check_where_it_comes_from(request: Request) -> None:
    server = request.scope["server"]
    own = {f"{name}:{server[1]}" for name in ("127.0.0.1", "localhost")}
    origin = request.headers.get("origin")
    from_elsewhere = origin is not None and origin not in {f"http://{host}" for host in own}
    if request.headers.get("host") not in own or from_elsewhere:
        raise BadRequest("only the workspace's own page may do this", status=403)


async def body_of(request: Request) -> Json:
    """The JSON object that was sent."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadRequest("send JSON with Content-Type: application/json", status=415)
    try:
        body = json.loads(await request.body())
    except ValueError as unreadable:
        raise BadRequest("the body is not valid JSON") from unreadable
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def string(body: Json, name: str) -> str:
    """What `name` says; BadRequest when it says nothing."""
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"{name} must be a non-empty string")
    return value


def person_of(body: Json) -> facts.Person:
    """Whom `user` names."""
    person = facts.PEOPLE.get(string(body, "user"))
    if person is None:
        raise BadRequest(f"no such person; there are {', '.join(facts.PEOPLE)}")
    return person


def outcome_shown(outcome: Outcome) -> Response:
    """What came of an act, for the page."""
    return JSONResponse({"ok": outcome.ok, "error": outcome.error, "explanation": outcome.explanation})
