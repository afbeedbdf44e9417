"""What the Lambda entry points do by themselves: name the invocation in the log, take a body apart, leave the rest."""

from __future__ import annotations

import gc
import importlib
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields
from types import ModuleType
from typing import Any

import pytest

from bot import bootstrap
from bot.domain.approvers import Approvers
from bot.domain.errors import SettingsInvalid, TryAgain
from bot.domain.vocabulary import State
from bot.ports import Identity, Proof
from handlers import ingest, kit, outcome, provision, slack, sweep
from tests.fakes import TrustedSts, World, event_body
from tests.unit.decisions.batch import Batch


@dataclass
class Context:
    aws_request_id: str


class Unanswering(TrustedSts):
    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        raise TryAgain("STS does not answer")


def unavailable() -> Any:
    raise TryAgain("the table does not answer")


ENTRIES: dict[str, tuple[Callable[[dict[str, Any], object], object], dict[str, Any]]] = {
    "ingest": (ingest.create_handler(unavailable), {"body": "{}"}),
    "kit": (kit.create_handler(unavailable, unavailable), {"send": {"user_id": "U0ADA"}}),
    "outcome": (outcome.create_handler(unavailable), {"detail": {"stack-id": "s"}}),
    "provision": (provision.create_handler(unavailable), {"request_id": "r-1"}),
    "slack": (slack.handler, {}),
    "sweep": (sweep.create_handler(unavailable), {}),
}


@pytest.mark.parametrize("name", ENTRIES)
def test_log_lines_carry_the_invocation(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STAGE", raising=False)
    bootstrap.settings.cache_clear()
    bootstrap.slack_app.cache_clear()
    entry, event = ENTRIES[name]
    with suppress(TryAgain, SettingsInvalid):
        entry(event, Context(f"invocation-of-{name}"))
    told = bootstrap.logger().get_current_keys()["function_request_id"]
    bootstrap.trace(None)
    assert told == f"invocation-of-{name}"


@pytest.mark.parametrize("module", [ingest, kit, outcome, provision, slack, sweep], ids=lambda module: module.__name__)
def test_garbage_is_collected_again_once_a_lambda_has_started(module: ModuleType) -> None:
    gc.disable()
    try:
        importlib.reload(module)
        assert gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize("name", ["ingest", "provision"])
def test_what_has_to_wait_is_in_the_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    entry, event = ENTRIES[name]
    entry(event, None)
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "the table does not answer" in caplog.text


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    """What CloudWatch would get."""
    formatter = bootstrap.logger().registered_formatter
    return [json.loads(formatter.format(record)) for record in caplog.records]


def test_log_lines_name_request_and_client(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=world.invite())
    [request] = world.store.stored_requests.values()
    [line] = lines(caplog)
    assert line["message"] == f"request {request.id} is not shown yet: Slack is down"
    assert (line["request_id"], line["client_id"]) == (request.id, request.client_id)


@pytest.mark.safety("Why an event was not taken is in the log", "bot/ingest/receive.py")
@pytest.mark.parametrize(("trouble", "status"), [(True, 503), (False, 401)])
def test_an_event_that_is_not_taken_is_found_by_the_account_it_claims(
    caplog: pytest.LogCaptureFixture, trouble: bool, status: int
) -> None:
    world = World()
    if trouble:
        world.sts = Unanswering()
    body = event_body("CREATE_COMPLETE", world.clock.now()).decode()
    headers = {f"x-switchyard-{field.name.replace('_', '-')}": "x" for field in fields(Proof)}
    assert (
        ingest.create_handler(lambda: world.workflow)({"body": body, "headers": headers}, None)["statusCode"] == status
    )
    assert [(line["level"], line["account_id"]) for line in lines(caplog)] == [("WARNING", "222222222222")]


@pytest.mark.parametrize(
    "event",
    [{"body": "e30=!", "isBase64Encoded": True}, {"body": "\ud800"}],
)
def test_a_body_that_is_no_text_is_malformed(event: dict[str, Any]) -> None:
    told = ingest.create_handler(lambda: World().workflow)(event, None)
    assert told["statusCode"] == 400
    assert "decoded" in told["body"]


def test_a_press_on_several_requests_is_applied_or_left_to_the_sweep(caplog: pytest.LogCaptureFixture) -> None:
    world = World()
    batch = Batch(world, 2)
    event = {"bulk": list(batch.press().name)}
    entry = provision.create_handler(lambda: world.workflow)
    world.channel.groups.clear()
    world.approvers = Approvers((), ("S0APPROVERS",))
    world.channel.unreadable.add("S0APPROVERS")
    entry(event, None)
    assert "a press on several requests waits for the sweep" in caplog.text
    world.approvers = Approvers(("U0ADA",))
    entry(event, None)
    assert batch.states == [State.APPROVED] * 2
