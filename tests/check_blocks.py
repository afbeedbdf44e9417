"""`make check-blocks`: have Slack itself judge every view that the bot can draw, over generated data.

It sends each drawing to `blocks.validate` with the token in SLACK_BOT_TOKEN. Nothing is posted, and any bot token will
do. Source: docs.slack.dev, "blocks.validate method". `make test` has the same drawings judged by the local Slack alone.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable, Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)

from bot.slack.render.blocks import Message
from tests.unit.slack.render.generated import View, arguments_of, views

EXAMPLES = 5
"""Drawings of each view."""
_PATIENT = [RateLimitErrorRetryHandler(5), ConnectionErrorRetryHandler(2), ServerErrorRetryHandler(2)]


def main() -> int:
    """Return 0 when Slack takes every drawing, 1 when it refuses one, 2 when it can't be asked."""
    token = os.environ.get("SLACK_BOT_TOKEN", "")
    if not token:
        print("Set SLACK_BOT_TOKEN to the bot token of any app: make check-blocks sends it to Slack.", file=sys.stderr)
        return 2
    url = os.environ.get("SLACK_API_URL") or WebClient.BASE_URL
    client = WebClient(token, base_url=url, retry_handlers=_PATIENT)
    refused = 0
    try:
        for name, view in views().items():
            problems = list(problems_of(client, drawings(view)))
            print(f"{'refused' if problems else 'taken'}  {name}", *problems, sep="\n    ")
            refused += bool(problems)
    except (SlackClientError, OSError, ValueError) as error:
        print(f"Slack could not be asked: {error}", file=sys.stderr)
        return 2
    print(f"{refused} of {len(views())} views refused, {EXAMPLES} drawings each.")
    return 1 if refused else 0


def drawings(view: View) -> list[Message | dict[str, Any]]:
    """Return some drawings of a view, always the same ones."""
    drawn: list[Message | dict[str, Any]] = []

    @seed(0)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(arguments_of(view))
    def draw(arguments: dict[str, Any]) -> None:
        drawn.append(view(**arguments))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw()
    return drawn


def problems_of(client: WebClient, drawn: Iterable[Message | dict[str, Any]]) -> Iterator[str]:
    """Yield each thing that Slack refuses. Raises SlackClientError when it judges nothing, such as for a bad token."""
    for one in drawn:
        given_as = {"message": {"blocks": list(one.blocks)}} if isinstance(one, Message) else {"view": one}
        try:
            answer: Any = client.api_call("blocks.validate", json=given_as).data
        except SlackApiError as refusal:
            answer = refusal.response.data
            if not (isinstance(answer, dict) and answer.get("errors")):
                raise
        for error in answer.get("errors") or ():
            yield f"{error['pointer']}: {error['message']}" if isinstance(error, dict) else str(error)


if __name__ == "__main__":
    sys.exit(main())
