"""The way to the app: a request URL, Socket Mode or, in tests, a function; and Slack's patience of three seconds.

An answer that comes too late is thrown away, as Slack does; the app itself is not interrupted.
"""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPException
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from local.slack.app.signing import SignedRequest

PATIENCE_SECONDS = 3.0
LATE_SECONDS = 30.0
"""How long an answer that nobody waits for any more is listened to; an HTTP API gives up on its Lambda then."""


@dataclass(frozen=True)
class AppAnswer:
    """What the app answered over HTTP."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def content_type(self) -> str:
        """The media type without parameters, lower case, empty when the app named none."""
        named = {name.lower(): value for name, value in self.headers.items()}.get("content-type", "")
        return named.partition(";")[0].strip().lower()


App = Callable[[SignedRequest], AppAnswer]


class DeliveryFailed(Exception):
    """The app could not be asked or did not answer properly.

    `error` is Slack's word (`operation_timeout`, `dispatch_failed`); `explanation` is for the person who acted.
    """

    def __init__(self, error: str, explanation: str) -> None:
        super().__init__(explanation)
        self.error = error
        self.explanation = explanation


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        return None


@dataclass(frozen=True)
class HttpApp:
    """An app behind a request URL; no redirects, no proxies."""

    url: str

    def __call__(self, request: SignedRequest) -> AppAnswer:
        """Send the request; an HTTP error status is an answer like any other."""
        opener = build_opener(ProxyHandler({}), _NoRedirects())
        outgoing = Request(self.url, data=request.body, headers=request.headers, method="POST")  # noqa: S310
        try:
            with opener.open(outgoing, timeout=LATE_SECONDS) as answer:
                return AppAnswer(answer.status, answer.read(), dict(answer.headers))
        except HTTPError as error:
            with error:
                return AppAnswer(error.code, error.read(), dict(error.headers))


class AppLink:
    """Knows where the app is and waits for its answer, but not for long."""

    def __init__(
        self, patience_seconds: float = PATIENCE_SECONDS, in_socket_mode: Callable[[], App | None] = lambda: None
    ) -> None:
        """Use the app that `in_socket_mode` returns, and only without one the app behind the request URL."""
        self.patience_seconds = patience_seconds
        self.in_socket_mode = in_socket_mode
        self.app: App | None = None
        self._unanswered = 0
        self._counting = threading.Lock()

    @property
    def at_work(self) -> bool:
        """Whether the app has not answered everything yet, in time or too late."""
        return self._unanswered > 0

    @property
    def request_url(self) -> str | None:
        """The request URL, None when there is no app yet or it is a function."""
        return self.app.url if isinstance(self.app, HttpApp) else None

    def deliver(self, request: SignedRequest) -> AppAnswer:
        """The app's 2xx answer, or DeliveryFailed."""
        app = self.in_socket_mode() or self.app
        if app is None:
            raise DeliveryFailed("dispatch_failed", "No app is connected yet. It will be once it has been deployed.")
        outcome = self._ask(app, request)
        if isinstance(outcome, DeliveryFailed):
            raise outcome
        if not 200 <= outcome.status < 300:
            sentence = f"The app answered with status code {outcome.status}. Its log says why."
            raise DeliveryFailed("dispatch_failed", sentence)
        return outcome

    def _ask(self, app: App, request: SignedRequest) -> AppAnswer | DeliveryFailed:
        outcomes: queue.SimpleQueue[AppAnswer | DeliveryFailed] = queue.SimpleQueue()

        def ask() -> None:
            try:
                outcomes.put(_attempt(app, request))
            finally:
                self._count(-1)

        self._count(1)
        threading.Thread(target=ask, name="slack-delivery", daemon=True).start()
        try:
            return outcomes.get(timeout=self.patience_seconds)
        except queue.Empty:
            seconds = f"{self.patience_seconds:g}"
            sentence = f"The app did not answer within {seconds} s. It may still be at work: look before you retry."
            return DeliveryFailed("operation_timeout", sentence)

    def _count(self, more: int) -> None:
        with self._counting:
            self._unanswered += more


def _attempt(app: App, request: SignedRequest) -> AppAnswer | DeliveryFailed:
    try:
        return app(request)
    except (OSError, HTTPException) as unreachable:
        return DeliveryFailed("dispatch_failed", f"The app could not be reached ({unreachable}).")
    except Exception as crash:
        return DeliveryFailed("dispatch_failed", f"The app broke off without an answer ({crash!r}).")
