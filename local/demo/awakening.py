"""Wakes the app: knocks until it answers as fast as Slack wants it, so that the first person finds it awake.

A Lambda starts cold, which takes longer than Slack's three seconds on a busy machine. The knock is `/clients help` as
Ada would type it, signed as Slack signs it; its answer comes over HTTP and is shown to nobody.
"""

import time
from collections.abc import Callable
from http import HTTPStatus

from local.slack.app.link import PATIENCE_SECONDS, App
from local.slack.app.signing import sign
from local.slack.workspace import facts

_KNOCK_EVERY = 0.2


def wake(
    app: App, seconds: float, now: Callable[[], float] = time.monotonic, secret: str = facts.SIGNING_SECRET
) -> str:
    """Knock until the app answers in time. Returns nothing then, and what it answered last when it never did."""
    deadline = now() + seconds
    while True:
        began = now()
        last = _knock(app, secret)
        took = now() - began
        if not last and took <= PATIENCE_SECONDS:
            return ""
        time.sleep(_KNOCK_EVERY)
        if now() > deadline:
            return last or f"its last answer took {took:.1f} s, and Slack waits {PATIENCE_SECONDS:g} s"


def _knock(app: App, secret: str) -> str:
    """Return what was wrong with the answer; nothing when it was right."""
    form = {
        "token": facts.VERIFICATION_TOKEN,
        "team_id": facts.TEAM_ID,
        "team_domain": facts.TEAM_DOMAIN,
        "channel_id": facts.ONBOARDING.id,
        "channel_name": facts.ONBOARDING.name,
        "user_id": facts.ADA.id,
        "user_name": facts.ADA.username,
        "command": facts.COMMANDS[0],
        "text": "help",
        "api_app_id": facts.APP_ID,
    }
    try:
        answer = app(sign(form, secret, time.time()))
    except OSError as unreachable:
        return f"it could not be reached ({unreachable})"
    return "" if answer.status == HTTPStatus.OK else f"it answered with status code {answer.status}"
