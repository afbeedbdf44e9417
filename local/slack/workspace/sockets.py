"""Socket Mode: the WebSocket connections that reach an app without a request URL, and the tickets that open them.

An app has Socket Mode or a request URL, never both. Source: docs.slack.dev, "Using Socket Mode".
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.message import Json

MOST_CONNECTIONS = 10
TICKET_SECONDS = 30
"""How long the address of a connection may be used. Slack's documentation calls it temporary and says no number."""


class Connection(Protocol):
    """One WebSocket, used from any thread."""

    def send(self, message: Json) -> None:
        """Send after what was sent before."""

    def close(self) -> None:
        """Close after what was sent before."""


@dataclass(eq=False)
class Sockets:
    """The app's connections. `clock` gives seconds since the epoch; `announce` is called after every change."""

    clock: Callable[[], float]
    announce: Callable[[], None]
    base_url: str
    on: bool = False
    """Whether the app's settings say Socket Mode."""
    _tickets: dict[str, float] = field(default_factory=dict)
    _connections: list[Connection] = field(default_factory=list)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def number(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def address(self) -> str:
        """Return the address of a new connection; SlackRefusal where the app has no Socket Mode.

        With which word Slack refuses that is not documented.
        """
        if not self.on:
            raise SlackRefusal("access_denied")
        ticket = secrets.token_urlsafe(18)
        with self._lock:
            self._tickets[ticket] = self.clock()
        return f"{self.base_url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={facts.APP_ID}"

    def redeem(self, ticket: str) -> bool:
        """Return whether the ticket opens a connection now: once, and not for long."""
        with self._lock:
            made_at = self._tickets.pop(ticket, None)
        return self.on and made_at is not None and self.clock() - made_at <= TICKET_SECONDS

    def join(self, connection: Connection) -> None:
        """Greet an open connection, which takes payloads from then on; end it where there are too many."""
        with self._lock:
            if len(self._connections) >= MOST_CONNECTIONS:
                connection.send(_disconnect("too_many_websockets"))
                connection.close()
                return
            self._connections.append(connection)
            connection.send(_hello(len(self._connections)))
        self.announce()

    def leave(self, connection: Connection) -> None:
        """Forget a connection, whether it is known or not."""
        with self._lock:
            if connection in self._connections:
                self._connections.remove(connection)
        self.announce()

    def next(self) -> Connection | None:
        """Return the connection whose turn it is, as any of them may get any payload; None without one."""
        with self._lock:
            if not self._connections:
                return None
            self._connections.append(self._connections.pop(0))
            return self._connections[-1]

    def warn(self) -> None:
        """Say that each connection ends within seconds. It takes payloads until then."""
        for connection in tuple(self._connections):
            connection.send(_disconnect("warning"))

    def refresh(self) -> None:
        """End each connection and ask for new ones, as Slack does every few hours."""
        self._end("refresh_requested")

    def switch(self, on: bool) -> None:
        """Switch Socket Mode on or off in the app's settings. Off ends all connections."""
        self.on = on
        if not on:
            self._end("link_disabled")
        self.announce()

    def close(self) -> None:
        """End every connection without a word, as when Slack's server stops."""
        for connection in tuple(self._connections):
            self.leave(connection)
            connection.close()

    def _end(self, reason: str) -> None:
        for connection in tuple(self._connections):
            connection.send(_disconnect(reason))
        self.close()


def _disconnect(reason: str) -> Json:
    return {"type": "disconnect", "reason": reason, "debug_info": {"host": "applink-local"}}


def _hello(number: int) -> Json:
    return {
        "type": "hello",
        "num_connections": number,
        "debug_info": {"host": "applink-local", "build_number": 1, "approximate_connection_time": 3600},
        "connection_info": {"app_id": facts.APP_ID},
    }
