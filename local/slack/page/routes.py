"""The page at `/`, its files, and `/_local/*`: how the page and the demo's script see the workspace and act in it.

Nothing here asks for a token, so every request must come from this machine's own page or from a program (guard.py).
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from local.slack.app.elements import NothingToPress, Target
from local.slack.app.link import AppLink, HttpApp
from local.slack.faults.switches import Switches
from local.slack.page.guard import BadRequest, body_of, guarded, outcome_shown, person_of, string
from local.slack.page.state import state
from local.slack.people.acting import Acting
from local.slack.workspace import facts
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message

STATIC = Path(__file__).parent / "static"


class LocalRoutes:
    """Handlers of `/_local/*` and the page, bound to one workspace."""

    def __init__(
        self, workspace: Workspace, acting: Acting, link: AppLink, switches: Switches, stopping: asyncio.Event
    ) -> None:
        self._workspace = workspace
        self._acting = acting
        self._link = link
        self._switches = switches
        self._stopping = stopping

    def routes(self) -> list[BaseRoute]:
        """All routes, each behind the check of where the request comes from."""
        return [
            Route("/", guarded(self.page)),
            Route("/archives/{channel}/{message}", guarded(self.page)),
            Route("/_local/state", guarded(self.state)),
            Route("/_local/changes", guarded(self.changes)),
            Route("/_local/request-url", guarded(self.set_request_url), methods=["POST"]),
            Route("/_local/notice", guarded(self.set_notice), methods=["POST"]),
            Route("/_local/command", guarded(self.command), methods=["POST"]),
            Route("/_local/press", guarded(self.press), methods=["POST"]),
            Route("/_local/say", guarded(self.say), methods=["POST"]),
            Route("/_local/delete", guarded(self.delete), methods=["POST"]),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    async def page(self, _request: Request) -> Response:
        """The page, also where a link to a message leads.

        Its policy allows only this server's own files, so message text can never run.
        """
        headers = {"Content-Security-Policy": "default-src 'self'; img-src 'self' https: data:; frame-ancestors 'none'"}
        return FileResponse(STATIC / "index.html", headers=headers)

    async def state(self, _request: Request) -> Response:
        """Everything in the workspace."""
        shown = state(self._workspace, self._link, self._switches)
        return JSONResponse(shown, headers={"Cache-Control": "no-store"})

    async def changes(self, _request: Request) -> Response:
        """Server-sent events: the number of the latest change, now and after each change."""
        return StreamingResponse(self._change_events(), media_type="text/event-stream")

    async def set_request_url(self, request: Request) -> Response:
        """`{"url": "http://…"}`: where to send commands and presses. An app in Socket Mode has no such address."""
        url = string(await body_of(request), "url")
        if self._workspace.sockets.on:
            raise BadRequest("the app is in Socket Mode, where it has no request URL", status=409)
        if not _is_http_address(url):
            raise BadRequest("url must be an absolute http(s) address")
        self._link.app = HttpApp(url)
        self._workspace.announce()
        return JSONResponse({"ok": True})

    async def set_notice(self, request: Request) -> Response:
        """`{"text": "The clients arrive."}`: what the page says above every conversation; an empty text for nothing."""
        text = (await body_of(request)).get("text")
        if not isinstance(text, str):
            raise BadRequest("text must be a string")
        self._workspace.notice = text
        self._workspace.announce()
        return JSONResponse({"ok": True})

    async def command(self, request: Request) -> Response:
        """`{"user": "U0ADA", "text": "/clients"}`, and `channel` where it is not #onboarding."""
        body = await body_of(request)
        person, text, channel = person_of(body), string(body, "text"), self._channel_of(body)
        return outcome_shown(await run_in_threadpool(self._acting.run_command, person, text, channel))

    async def press(self, request: Request) -> Response:
        """`{"user": …, "ts": …, "label": "Approve"}`, optionally narrowed down by `block_id`, `action_id` and `value`.

        `value` is an option's. `chosen` may say what is chosen in the message's menus: a list for each.
        """
        body = await body_of(request)
        person, message = person_of(body), self._visible_message(body)
        names = ("label", "block_id", "action_id", "value")
        label, block, action, value = (string(body, one) if one in body else None for one in names)
        target = Target(label, block, action, value, _chosen(body.get("chosen", {})))
        try:
            outcome = await run_in_threadpool(self._acting.press, person, message, target)
        except NothingToPress as nothing:
            raise BadRequest(str(nothing), status=409) from nothing
        return outcome_shown(outcome)

    async def say(self, request: Request) -> Response:
        """`{"user": …, "text": "…"}`: an ordinary line in #onboarding, or in `channel`."""
        body = await body_of(request)
        message = self._acting.say(person_of(body), string(body, "text"), self._channel_of(body))
        return JSONResponse({"ok": True, "ts": message.ts})

    async def delete(self, request: Request) -> Response:
        """`{"user": …, "ts": …}`: delete a message that this person sees, whoever wrote it."""
        body = await body_of(request)
        person_of(body)
        self._acting.delete(self._visible_message(body))
        return JSONResponse({"ok": True})

    def _channel_of(self, body: Json) -> facts.Channel:
        """Return the channel that `channel` names; BadRequest where the person isn't in it."""
        channel = self._workspace.channel(string(body, "channel")) if "channel" in body else facts.ONBOARDING
        if channel is None or body["user"] not in channel.members:
            raise BadRequest("this person is in no such channel", status=404)
        return channel

    def _visible_message(self, body: Json) -> Message:
        message = self._workspace.message(string(body, "ts"))
        if message is None or not self._workspace.is_shown_to(body["user"], message):
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


def _chosen(given: object) -> dict[str, list[str]]:
    """What is chosen, by the menu's ids; BadRequest for anything else."""
    found: dict[str, list[str]] = {}
    for action_id, labels in given.items() if isinstance(given, dict) else [("", None)]:
        if not isinstance(labels, list) or not all(isinstance(one, str) for one in labels):
            raise BadRequest("chosen must hold a list of strings for each menu")
        found[str(action_id)] = labels
    return found


def _is_http_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)
