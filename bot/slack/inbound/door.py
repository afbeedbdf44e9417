"""`POST /slack/events`: checks Slack's signature first, then hands the request to Bolt.

Before the signature is checked, nothing parses the body, nothing is called but the parameter store (for the secret, and
only if the request has a signature's form), and only one line is logged. Nothing that a stranger sends raises.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, TypeVar

from slack_bolt import App, BoltRequest

from bot.domain.errors import RequestRefused, SwitchyardError
from bot.slack.inbound.app import LATE, MARK
from bot.slack.inbound.payload import Body, part, text
from bot.slack.inbound.signature import Claimed, check, claimed

_FORM = {"content-type": "application/x-www-form-urlencoded"}
"""The only header that Bolt gets. Headers are not signed, and Bolt would obey some of them."""
ANSWERED_WITHIN_SECONDS = 2.3
"""Slack takes an answer to a command within 3 s; the rest of them is for the way back."""
log = logging.getLogger(__name__)
Answer = dict[str, Any]
Made = TypeVar("Made")


@dataclass(eq=False, repr=False)
class Door:
    """Answers HTTP API events (payload format 2.0). The secret and the app are made when first needed."""

    signing_secret: Callable[[], str]
    app: Callable[[], App]
    now: Callable[[], float] = time.time
    """Seconds since the epoch."""

    def answer(self, event: Mapping[str, Any]) -> Answer:
        """Answer one event: what Bolt says to a signed request, else 401, 400, or 503 when it can't be checked."""
        try:
            request = claimed(event, self.now())
            secret = _made(self.signing_secret, "checked")
            if secret is None:
                return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "try again")
            check(request, secret)
        except RequestRefused as refused:
            log.warning("a request to the Slack route was refused with %s: %s", refused.status, refused)
            return _answer(refused.status, "malformed" if refused.status == HTTPStatus.BAD_REQUEST else "unsigned")
        challenge = _challenge(request.body)
        if challenge:
            return _json(HTTPStatus.OK, {"challenge": challenge})
        app = _made(self.app, "answered")
        if app is None:
            return _answer(HTTPStatus.SERVICE_UNAVAILABLE, "try again")
        until = int(request.timestamp) + ANSWERED_WITHIN_SECONDS
        return _through_bolt(app, request, lambda: self.now() > until)


def _made(make: Callable[[], Made], done: str) -> Made | None:
    """Return what is made, or None when it can't be, such as without the bot token.

    Strangers can cause the log line, so it has no traceback. `done` is what can't be done to their requests.
    """
    try:
        return make()
    except Exception as error:
        why = str(error) if isinstance(error, SwitchyardError) else type(error).__name__
        log.error("no request of Slack can be %s: %s", done, why)  # noqa: TRY400
        return None


def _through_bolt(app: App, request: Claimed, late: Callable[[], bool]) -> Answer:
    """Return Bolt's answer to a signed request: 400 for an unreadable body, 404 for what this app does not use."""
    context = {MARK: request.mark, LATE: late}
    try:
        taken = BoltRequest(body=request.body.decode(), headers={**_FORM}, context=context, mode="http")
    except Exception as error:
        log.warning("a signed request could not be read (%s)", type(error).__name__)
        return _answer(HTTPStatus.BAD_REQUEST, "malformed")
    known, whole = _in_form(taken.body)
    if not known:
        log.warning("a signed request was no command, no press, no shortcut and no window")
        return _answer(HTTPStatus.NOT_FOUND, "not for this app")
    if not whole:
        log.warning("a signed request does not say whose or which press, shortcut or window it is")
        return _answer(HTTPStatus.BAD_REQUEST, "malformed")
    try:
        response = app.dispatch(taken)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("fault %s in answering a signed request", reference)
        return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, f"logged as {reference}")
    return {"statusCode": response.status, "headers": response.first_headers(), "body": response.body}


def _in_form(body: Body) -> tuple[bool, bool]:
    """Return whether it is what this app uses, from commands to Slack's SSL check, in the form that Bolt takes.

    Then whether a press names its button, a shortcut or a window itself and its person: Bolt would raise without.
    """
    match body.get("type"):
        case "block_actions":
            actions = body.get("actions", ())
            pressed = isinstance(actions, list) and bool(actions) and all(isinstance(one, dict) for one in actions)
            return pressed, pressed and all(text(one, "action_id") for one in actions)
        case "event_callback":
            return text(part(body, "event"), "type") == "app_home_opened", True
        case "shortcut":
            return True, bool(text(body, "callback_id")) and isinstance(body.get("user"), dict)
        case "view_submission" | "view_closed":
            named = text(part(body, "view"), "callback_id") and isinstance(body.get("user"), dict)
            return isinstance(body.get("view"), dict), bool(named)
    return "type" not in body and bool(text(body, "command") or text(body, "ssl_check")), True


def _challenge(body: bytes) -> str:
    """Return what Slack wants back when somebody saves the address for events; empty for any other request.

    Source: docs.slack.dev, "url_verification event".
    """
    try:
        asked = json.loads(body) if body.startswith(b"{") else {}
    except (ValueError, RecursionError):
        return ""
    return text(asked, "challenge") if asked.get("type") == "url_verification" else ""


def _answer(status: int, error: str) -> Answer:
    return _json(status, {"error": error})


def _json(status: int, answer: dict[str, str]) -> Answer:
    return {"statusCode": int(status), "headers": {"content-type": "application/json"}, "body": json.dumps(answer)}
