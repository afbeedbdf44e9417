"""One local Slack, assembled, and served over HTTP on 127.0.0.1 by hypercorn."""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import parse_qsl

from hypercorn.asyncio import serve
from hypercorn.config import Config
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute

from local.slack.app.events import Events
from local.slack.app.interactions import Interactions
from local.slack.app.link import AppLink
from local.slack.app.response_urls import ResponseUrls
from local.slack.app.socket_mode import SocketMode
from local.slack.faults.planned import RESPONSE_URL, Faults, Mishap
from local.slack.faults.switches import Switch, Switches, own_switches
from local.slack.page.file_routes import file_routes
from local.slack.page.routes import LocalRoutes
from local.slack.page.switch_routes import switch_routes
from local.slack.page.view_routes import ViewRoutes
from local.slack.people.acting import Acting
from local.slack.people.at_home import AtHome
from local.slack.people.filling_in import FillingIn
from local.slack.web_api.methods import WebApi
from local.slack.web_api.routes import DroppedConnection, misfortune, web_api_routes
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.manifest import Manifest
from local.slack.workspace.memory import Clock, Workspace
from local.slack.workspace.message import Json

HOST = "127.0.0.1"
_GONE = {"invalid_url", "expired_url", "used_url"}


def listen(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 picks a free one. OSError when the port is taken."""
    listening = socket.socket()
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((HOST, port))
        listening.listen(100)
    except OSError:
        listening.close()
        raise
    return listening


class LocalSlack:
    """Everything behind one port: workspace, Web API, response URLs, Socket Mode, the page, and the way to the app."""

    def __init__(
        self,
        base_url: str,
        clock: Clock,
        scopes: tuple[str, ...] = facts.SCOPES,
        patience_seconds: float = 3.0,
        *,
        more_switches: Sequence[Switch] = (),
        manifest: Manifest | None = None,
    ) -> None:
        self.base_url = base_url
        self.workspace = Workspace(clock, base_url, manifest)
        self.faults = Faults()
        self.switches = Switches([*own_switches(self.faults), *more_switches])
        self.web_api = WebApi(self.workspace, scopes)
        self.response_urls = ResponseUrls(self.workspace, base_url)
        self.interactions = Interactions(self.workspace, self.response_urls)
        self.socket_mode = SocketMode(self.workspace.sockets)
        self.link = AppLink(patience_seconds, lambda: self.socket_mode if self.workspace.sockets.on else None)
        self.acting = Acting(self.workspace, self.interactions, self.link)
        self.filling_in = FillingIn(self.workspace.modals, self.interactions, self.link)
        self.events = Events(self.workspace)
        self.at_home = AtHome(self.workspace, self.events, self.link)

    def asgi(self, stopping: asyncio.Event) -> Starlette:
        """The HTTP application; `stopping` ends the page's open event streams."""
        local = LocalRoutes(self.workspace, self.acting, self.link, self.switches, stopping)
        answers = [
            Route(f"/{kind}/{{team}}/{{number}}/{{secret}}", self._response_url, methods=["POST"])
            for kind in ("commands", "actions")
        ]
        switching = switch_routes(self.switches, self.workspace)
        return Starlette(
            routes=[
                *web_api_routes(self.web_api, self.faults),
                *answers,
                WebSocketRoute("/link/", self.socket_mode.link),
                *switching,
                *local.routes(),
                *ViewRoutes(self.workspace, self.filling_in, self.acting, self.at_home).routes(),
                *file_routes(self.workspace),
            ]
        )

    async def serve(self, listening: socket.socket, stop: Callable[[], Awaitable[object]]) -> None:
        """Serve on a listening socket, which this closes, until `stop()` returns."""
        stopping = asyncio.Event()

        async def stop_streams_first() -> None:
            await stop()
            stopping.set()
            self.workspace.sockets.close()
            self.workspace.announce()

        config = Config()
        config.bind = [f"fd://{listening.detach()}"]
        config.graceful_timeout = 1.0
        config.errorlog = logging.getLogger("local.slack.http")
        await serve(self.asgi(stopping), config, shutdown_trigger=stop_streams_first)  # type: ignore[arg-type]

    async def _response_url(self, request: Request) -> Response:
        fault = self.faults.next(RESPONSE_URL)
        if fault and fault.mishap is not Mishap.ANSWER_LOST:
            return misfortune(fault)
        try:
            self.response_urls.answer(request.url.path, _payload(await request.body()))
        except SlackRefusal as refusal:
            status = 404 if refusal.error in _GONE else 400
            return JSONResponse(refusal.as_answer(), status_code=status)
        return DroppedConnection() if fault else PlainTextResponse("ok")


def _payload(body: bytes) -> Json:
    """An answer's content: JSON, or a form with the JSON in `payload`."""
    try:
        text = body.decode()
        parsed = json.loads(text if text.lstrip().startswith("{") else dict(parse_qsl(text)).get("payload", ""))
    except ValueError as unreadable:
        raise SlackRefusal("invalid_payload") from unreadable
    if not isinstance(parsed, dict):
        raise SlackRefusal("invalid_payload")
    return parsed
