"""Searches everything that came out of a story for the secrets that went into it.

Out comes: what the product's logger writes, standard output and error, every HTTP answer, every call of Slack's Web API
and every message, private ones included, and every item of the table, the audit's included. An invitation's token may
be seen by whoever made it, in the private answer to the command, and nowhere else.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, quote_plus

from bot import bootstrap
from bot.aws.clients import AwsClients
from local.slack.running import RunningWorkspace
from local.slack.workspace import facts
from tests.unit.aws.sts_server import SECRET, SESSION_TOKEN

if TYPE_CHECKING:
    import pytest
    from mypy_boto3_dynamodb import DynamoDBClient

    from tests.scenarios.scene import Exchange

ALWAYS = {
    "the bot token": facts.BOT_TOKEN,
    "the signing secret": facts.SIGNING_SECRET,
    "the forwarder's session token": SESSION_TOKEN,
    "the forwarder's secret key": SECRET,
}
_TOKEN = re.compile(r"InvitationToken(?:=| = )([\w-]+)")


@dataclass
class Watch:
    """One story's secrets and outlets. `expected` is for the tests of this search alone."""

    log: StringIO
    printed: pytest.CaptureFixture[str]
    records: Callable[[], list[dict[str, Any]]]
    slack: RunningWorkspace | None
    exchanges: Sequence[Exchange]
    expected: list[str] = field(default_factory=list)
    read: str = ""

    def leaks(self) -> list[str]:
        """Each secret that was found, and where: `the bot token in the log`."""
        made = dict(self._tokens_made())
        secrets = list(ALWAYS.items()) + [("an invitation's token", token) for token in made]
        secrets += [secret for exchange in self.exchanges for secret in _sent(exchange)]
        outlets = list(self._outlets())
        return sorted(
            {
                f"{name} in {where}"
                for name, secret in secrets
                for where, reader, text in outlets
                if (reader is None or made.get(secret) != reader) and any(form in text for form in _forms(secret))
            }
        )

    def _tokens_made(self) -> Iterator[tuple[str, str]]:
        for exchange in self.exchanges:
            if inviter := _inviter(exchange):
                yield from ((token, inviter) for token in _TOKEN.findall(exchange.answer))

    def _outlets(self) -> Iterator[tuple[str, str | None, str]]:
        """Where, the only person who reads it (None: more than one), and what it says."""
        yield "the log", None, self.log.getvalue()
        self.read += "".join(self.printed.readouterr())
        yield "what was printed", None, self.read
        for exchange in self.exchanges:
            yield "an HTTP answer", _inviter(exchange), exchange.answer
        if self.slack is not None:
            for call in self.slack.calls:
                yield "a call of Slack", None, _text(call.arguments)
            for message in self.slack.messages:
                yield "a message", None, _text(message.as_slack())
            for person in facts.PEOPLE:
                for answer in self.slack.ephemerals(person):
                    yield "a private answer", person, _text(answer.as_slack())
        for item in self.records():
            yield "the table", None, _text(item)


def stored_items() -> list[dict[str, Any]]:
    """Every item of every table there is in moto."""
    dynamodb = AwsClients("eu-west-1").dynamodb
    tables = dynamodb.list_tables()["TableNames"]
    return [item for name in tables for page in _pages(dynamodb, name) for item in page]


def _pages(dynamodb: DynamoDBClient, table: str) -> Iterator[list[dict[str, Any]]]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table):
        yield page["Items"]


@contextmanager
def listening() -> Iterator[StringIO]:
    """Everything that is logged, by whomever, as the product's own logger writes it.

    The product's own handler rests meanwhile. It prints the same lines, unless its stream is still another test's.
    """
    written, product = StringIO(), logging.getLogger("bot")
    resting, product.handlers = product.handlers, []
    handler = logging.StreamHandler(written)
    handler.setFormatter(bootstrap.logger().registered_formatter)
    logging.getLogger().addHandler(handler)
    try:
        yield written
    finally:
        logging.getLogger().removeHandler(handler)
        product.handlers = resting


def _sent(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """The secrets of one delivery to `POST /events`."""
    headers = exchange.request.get("headers") or {}
    for name in ("signature", "session-token"):
        if len(value := headers.get(f"x-switchyard-{name}", "")) > 16 and value.isascii():
            yield f"the proof's {name}", value
    try:
        token = json.loads(exchange.body)["invitation"]
    except (ValueError, TypeError, KeyError):
        return
    if isinstance(token, str) and token:
        yield "an invitation's token", token


def _inviter(exchange: Exchange) -> str | None:
    """Who typed `/clients invite …`, if that is what was sent."""
    form = parse_qs(exchange.body.decode(errors="replace"))
    invites = form.get("command") == ["/clients"] and form.get("text", [""])[0].split(" ")[0] == "invite"
    return form["user_id"][0] if invites else None


def _forms(secret: str) -> set[str]:
    """A secret as it may be written down."""
    spelled = {secret, quote(secret, safe=""), quote_plus(secret), html.escape(secret), json.dumps(secret)[1:-1]}
    return spelled | {base64.b64encode(secret.encode()).decode().rstrip("=")}


def _text(value: object) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
