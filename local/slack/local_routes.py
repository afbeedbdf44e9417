"""The page at `/`, its files, and `/_local/*`: how the page and the demo's script see the workspace and act in it.

Nothing here asks for a token, so every request must come from this machine's own page or from a program: the Host
header must name this server (against DNS rebinding), a browser's Origin must be this server, bodies must be JSON.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from local.slack import facts
from local.slack.acting import Acting, Outcome
from local.slack.app_link import AppLink, HttpApp
from local.slack.elements import NothingToPress, Target
from local.slack.message import Json, Message
from local.slack.state import state
from local.slack.workspace import Workspace

STATIC = Path(__file__).parent / "static"
Handler = Callable[[Request], Awaitable[Response]]


class BadRequest(Exception):
    """What was sent to `/_local/*` makes no sense; `status` and the sentence say why."""

    def __init__(self, sentence: str, status: int = 400) -> None:
        super().__init__(sentence)
        self.status = status


class LocalRoutes:
    """Handlers of `/_local/*` and the page, bound to one workspace."""

    def __init__(self, workspace: Workspace, acting: Acting, link: AppLink, stopping: asyncio.Event) -> None:
        self._workspace = workspace
        self._acting = acting
        self._link = link
        self._stopping = stopping

    def routes(self) -> list[BaseRoute]:
        """All routes, each behind the check of where the request comes from."""
        return [
            Route("/", guarded(self.page)),
            Route("/_local/state", guarded(self.state)),
            Route("/_local/changes", guarded(self.changes)),
            Route("/_local/request-url", guarded(self.set_request_url), methods=["POST"]),
            Route("/_local/command", guarded(self.command), methods=["POST"]),
            Route("/_local/press", guarded(self.press), methods=["POST"]),
            Route("/_local/say", guarded(self.say), methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def page(self, _request: Request) -> Response:
        """The page; its policy allows only this server's own files, so message text can never run."""
        headers = {"Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; frame-ancestors 'none'"}
        return FileResponse(STATIC / "index.html", headers=headers)

    async def state(self, _request: Request) -> Response:
        """Everything in the workspace."""
        return JSONResponse(state(self._workspace, self._link), headers={"Cache-Control": "no-store"})

    async def changes(self, _request: Request) -> Response:
        """Server-sent events: the number of the latest change, now and after each change."""
        return StreamingResponse(self._change_events(), media_type="text/event-stream")

    async def set_request_url(self, request: Request) -> Response:
        """`{"url": "http://…"}`: where to send commands and presses."""
        url = _string(await _body(request), "url")
        if not _is_http_address(url):
            raise BadRequest("url must be an absolute http(s) address")
        self._link.app = HttpApp(url)
        self._workspace.announce()
        return JSONResponse({"ok": True})

    async def command(self, request: Request) -> Response:
        """`{"user": "U0ADA", "text": "/clients"}`."""
        body = await _body(request)
        person, text = _person(body), _string(body, "text")
        return _outcome(await run_in_threadpool(self._acting.run_command, person, text))

    async def press(self, request: Request) -> Response:
        """`{"user": …, "ts": …, "label": "Approve"}`, optionally narrowed down by `block_id` and `action_id`."""
        body = await _body(request)
        person, message = _person(body), self._visible_message(body)
        target = Target(*(_string(body, name) if name in body else None for name in ("label", "block_id", "action_id")))
        try:
            outcome = await run_in_threadpool(self._acting.press, person, message, target)
        except NothingToPress as nothing:
            raise BadRequest(str(nothing), status=409) from nothing
        return _outcome(outcome)

    async def say(self, request: Request) -> Response:
        """`{"user": …, "text": "…"}`: an ordinary line in the channel."""
        body = await _body(request)
        message = self._acting.say(_person(body), _string(body, "text"))
        return JSONResponse({"ok": True, "ts": message.ts})

    def _visible_message(self, body: Json) -> Message:
        message = self._workspace.message(_string(body, "ts"))
        if message is None or message.private_to not in {None, body["user"]}:
            raise BadRequest("no such message, or it is not shown to this person", status=404)
        return message

    async def _change_events(self) -> AsyncIterator[str]:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        unsubscribe = self._workspace.subscribe(wake)
        try:
            while not self._stopping.is_set():
                changed.clear()
                yield f"data: {self._workspace.changes}\n\n"
                await changed.wait()
        finally:
            unsubscribe()


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


async def _body(request: Request) -> Json:
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadRequest("send JSON with Content-Type: application/json", status=415)
    try:
        body = json.loads(await request.body())
    except ValueError as unreadable:
        raise BadRequest("the body is not valid JSON") from unreadable
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _string(body: Json, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value.strip():
        raise BadRequest(f"{name} must be a non-empty string")
    return value


def _is_http_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _person(body: Json) -> facts.Person:
    person = facts.PEOPLE.get(_string(body, "user"))
    if person is None:
        raise BadRequest(f"no such person; there are {', '.join(facts.PEOPLE)}")
    return person


def _outcome(outcome: Outcome) -> Response:
    return JSONResponse({"ok": outcome.ok, "error": outcome.error, "explanation": outcome.explanation})
