"""Two clients from their invitations to their cards, played through the handlers' own events.

At each step the world is kept, so that the step can be measured again and again: the first client's event is answered
cold, the second client's warm. Everything in the table was written by the measured code.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.container import Container
from bench.world import SIGNING_SECRET, World
from bot.provisioning.drift import SETTLED_FOR
from local.slack.app.signing import sign
from local.slack.workspace import facts
from tests.fakes import event_body

Event = dict[str, Any]
Made = Callable[[], Event]
"""Makes an event as of now: signatures are only valid for minutes."""
CLIENTS = {"Acme": "222222222222", "Globex": "333333333333"}
ROLE = "switchyard-access"
AHEAD_SECONDS = 60
"""Slack's clock is ahead of ours by this, so that no answer of a busy machine counts as late."""


@dataclass(frozen=True)
class Step:
    """One thing that happens: who takes it, the events (the first is answered cold, the last warm), the world then."""

    name: str
    function: str
    events: tuple[Made, ...]
    world: World
    action: str = ""
    """The pressed button's action id."""

    @property
    def module(self) -> str:
        return f"handlers.{self.function}"


@dataclass
class Story:
    """Plays the story with one package, in fresh processes."""

    container: Container
    task: Path
    steps: dict[str, Step] = field(default_factory=dict)
    clients: Mapping[str, str] = field(default_factory=lambda: CLIENTS)
    """Accounts by company."""
    tokens: dict[str, str] = field(default_factory=dict)
    """Invitation tokens by company."""
    imported: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a fresh process had imported at the end of each step."""

    def play(self) -> dict[str, Step]:
        """Return every step by its name."""
        server = self.container.server
        server.world = World()
        for company in self.clients:
            answer = self._take("invite", "slack", partial(command, f"invite {company}"))
            self._tokens(company, answer)
        began = datetime.now(UTC)
        for number, status in enumerate(("CREATE_IN_PROGRESS", "CREATE_COMPLETE")):
            at = began + timedelta(seconds=number)
            self._step(
                status, "ingest", [self._event(company, status, at) for company in self.clients], "show the request"
            )
        pressed = [press(server.world.slack.message(company), "Approve") for company in self.clients]
        action = pressed[0]["actions"][0]["action_id"]
        self._step("Approve", "slack", [partial(signed, one) for one in pressed], "provision", action)
        ended = [server.world.cloud.complete(name) for name in sorted(server.world.cloud.stacks)]
        self._step("outcome", "outcome", [partial(stack_ended, one) for one in ended], "show the end")
        self._step("/clients", "slack", [partial(command, "")] * len(self.clients))
        server.world = server.world.older(SETTLED_FOR)
        self._step("sweep", "sweep", [dict] * len(self.clients))
        for function in ("slack", "provision"):
            self._keep(f"warm {function}", function, [lambda: {"warm": True}] * 2)
        self._check()
        return self.steps

    def _step(self, name: str, function: str, events: list[Made], handed_over: str = "", action: str = "") -> None:
        """Keep the world, then let it happen; and so with what it hands over to `provision`, under that other name."""
        self._keep(name, function, events, action)
        invoked = self.container.server.world.invoked
        before = len(invoked)
        for event in events:
            self._take(name, function, event)
        if after := invoked[before:]:
            self._step(handed_over, "provision", [partial(dict, one) for one in after])

    def _keep(self, name: str, function: str, events: list[Made], action: str = "") -> None:
        self.steps[name] = Step(name, function, tuple(events), self.container.server.world.copy(), action)

    def _take(self, name: str, function: str, event: Made) -> Any:
        run = self.container.run(self.task, f"handlers.{function}", [event()])
        self.imported[name], answer = run.modules, run.cold.answer
        if isinstance(answer, dict) and answer.get("statusCode", 200) not in (200, 202):
            raise RuntimeError(f"{name} was refused: {answer}")
        return answer

    def _tokens(self, company: str, answer: Event) -> None:
        found = re.search(r"InvitationToken(?:=| = )([\w-]+)", json.dumps(answer))
        if found is None:
            raise RuntimeError(f"no invitation for {company}: {answer}")
        self.tokens[company] = found[1]

    def _event(self, company: str, status: str, at: datetime) -> Made:
        account = self.clients[company]
        body = event_body(status, at, token=self.tokens[company], account=account, company=company)
        return lambda: {"version": "2.0", "headers": proof(account), "body": body.decode(), "isBase64Encoded": False}

    def _check(self) -> None:
        """The story came true: both clients are onboarded, and Slack says so."""
        told = [json.dumps(one, ensure_ascii=False) for one in self.container.server.world.slack.messages.values()]
        for company in self.clients:
            if not any(f"{company} is onboarded" in one for one in told):
                raise RuntimeError(f"{company} was not onboarded: {told}")


def proof(account: str) -> dict[str, str]:
    """Return the headers of a proof in its exact form. The server's STS believes it and reads the account from it."""
    return {
        "x-switchyard-region": "eu-west-1",
        "x-switchyard-date": datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ"),
        "x-switchyard-access-key-id": "ASIA2222222222222222",
        "x-switchyard-session-token": f"bench/{account}/{ROLE}/session",
        "x-switchyard-signature": "0" * 64,
    }


def command(text: str) -> Event:
    """Return a `/clients` command of an approver."""
    return _over_http_api(
        {
            "team_id": facts.TEAM_ID,
            "channel_id": facts.ONBOARDING.id,
            "user_id": facts.ADA.id,
            "user_name": facts.ADA.username,
            "command": "/clients",
            "text": text,
            "api_app_id": facts.APP_ID,
            "response_url": "http://127.0.0.1:9/late",
            "trigger_id": "1.2.3",
        }
    )


def stack_ended(stack_id: str) -> Event:
    """Return what the handler reads of EventBridge's event."""
    return {"detail": {"stack-id": stack_id}}


def press(message: dict[str, Any], label: str) -> dict[str, Any]:
    """Return an approver's press on the button with this label (docs.slack.dev, "block_actions payload")."""
    blocks = message["blocks"] if isinstance(message["blocks"], list) else json.loads(message["blocks"])
    offered = [(block, one) for block in blocks for one in block.get("elements", []) if _label(one) == label]
    block, button = offered[0]
    action = {name: button[name] for name in ("action_id", "type", "text", "value", "style") if name in button}
    shown = {"type": "message", "ts": message["ts"], "bot_id": facts.BOT_ID, "text": message["text"], "blocks": blocks}
    return {
        "type": "block_actions",
        "user": {"id": facts.ADA.id, "username": facts.ADA.username, "team_id": facts.TEAM_ID},
        "api_app_id": facts.APP_ID,
        "team": {"id": facts.TEAM_ID, "domain": facts.TEAM_DOMAIN},
        "container": {"type": "message", "message_ts": message["ts"], "channel_id": message["channel"]},
        "trigger_id": "1.2.3",
        "channel": {"id": message["channel"], "name": facts.ONBOARDING.name},
        "message": shown,
        "state": {"values": {}},
        "response_url": "http://127.0.0.1:9/late",
        "actions": [action | {"block_id": block.get("block_id", "buttons"), "action_ts": message["ts"]}],
    }


def signed(payload: dict[str, Any]) -> Event:
    """Return a press as API Gateway hands it over."""
    return _over_http_api({"payload": json.dumps(payload)})


def _label(element: dict[str, Any]) -> str:
    text = element.get("text")
    return str(text.get("text")) if isinstance(text, dict) else ""


def _over_http_api(form: dict[str, str]) -> Event:
    request = sign(form, SIGNING_SECRET, time.time() + AHEAD_SECONDS)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return {"version": "2.0", "headers": headers, "body": request.body.decode(), "isBase64Encoded": False}
