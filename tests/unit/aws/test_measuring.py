"""What is measured: when, and with which number. And how CloudWatch gets it."""

from __future__ import annotations

import base64
import json
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest

from bot import bootstrap
from bot.aws.http_event import LIMIT
from bot.domain.errors import AlreadyDecided, NotAllowed
from bot.domain.page import Teams
from bot.domain.vocabulary import Counted, Measure, State, Verb
from bot.ports import Proof
from handlers import ingest
from tests.fakes import ADA, OLLI, Readings, World, event_body

HEADERS = {f"x-switchyard-{field.name.replace('_', '-')}": "eu-west-1" for field in fields(Proof)}


def decisions(world: World) -> list[str]:
    return [kind for measure, kind in world.readings.counted if measure is Measure.DECISIONS]


def answered(world: World, body: bytes, readings: Readings, **fields: Any) -> int:
    entry = ingest.create_handler(lambda: world.workflow, lambda: readings)
    status: int = entry({"body": body.decode(), "headers": HEADERS, **fields}, None)["statusCode"]
    return status


def test_presses_that_count_are_decisions_and_others_are_not() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    with pytest.raises(NotAllowed):
        world.press(Verb.APPROVE, OLLI)
    world.press(Verb.DENY)
    with pytest.raises(AlreadyDecided):
        world.press(Verb.APPROVE)
    assert decisions(world) == [Verb.DENY]


def test_revoking_is_a_decision_too() -> None:
    world = World()
    client_id = world.onboard()
    world.revoke(client_id, ADA)
    assert decisions(world) == [Verb.APPROVE, Verb.REVOKE]


def test_the_time_to_the_message_is_counted_from_the_event_and_through_an_outage() -> None:
    world = World()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=world.invite())
    assert Measure.EVENT_TO_MESSAGE not in dict(world.readings.timed)

    world.channel.down = False
    world.clock.turn(minutes=20)
    world.workflow.sweep()
    assert world.readings.last(Measure.EVENT_TO_MESSAGE) == pytest.approx(20 * 60, abs=2)


@pytest.mark.parametrize("teams", [Teams(), Teams(("operators",)), Teams(("operators", "data"), client_groups=False)])
def test_the_time_to_access_is_counted_once_from_the_approval_to_the_last_page(teams: Teams) -> None:
    world = World(teams=teams)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=3)
    world.press(Verb.APPROVE)
    world.clock.turn(seconds=90)
    world.work()
    assert world.last.state is State.DONE
    assert [measure for measure, _ in world.readings.timed].count(Measure.APPROVAL_TO_ACCESS) == 1
    assert world.readings.last(Measure.APPROVAL_TO_ACCESS) == pytest.approx(90, abs=1)


def test_failing_or_removing_gives_no_access() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    [stack_id] = world.stacks.complete(failing="no")
    world.workflow.record_outcome(stack_id)
    assert world.last.state is State.FAILED
    assert Measure.APPROVAL_TO_ACCESS not in dict(world.readings.timed)

    gone = World()
    gone.onboard()
    gone.readings.timed.clear()
    gone.happens("DELETE_COMPLETE", last_word=True)
    gone.press(Verb.APPROVE)
    gone.work()
    assert gone.last.state is State.DONE
    assert Measure.APPROVAL_TO_ACCESS not in dict(gone.readings.timed)


def test_a_quiet_minute_says_that_nothing_waits() -> None:
    world = World()
    world.onboard()
    world.clock.turn(hours=1)
    world.workflow.sweep()
    assert world.readings.last(Measure.OLDEST_UNPOSTED) == 0
    assert world.readings.last(Measure.OLDEST_UNFINISHED) == 0


def test_what_only_waits_for_a_person_is_neither_unposted_nor_unfinished() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(hours=5)
    world.workflow.sweep()
    assert world.channel.reminders
    assert world.readings.last(Measure.OLDEST_UNPOSTED) == 0
    assert world.readings.last(Measure.OLDEST_UNFINISHED) == 0


def test_what_slack_does_not_take_grows_older_every_minute() -> None:
    world = World()
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=world.invite())
    ages = []
    for _ in range(3):
        world.clock.turn(minutes=5)
        world.workflow.sweep()
        ages.append(world.readings.last(Measure.OLDEST_UNPOSTED))
    assert ages == pytest.approx([300, 600, 900], abs=2)

    world.channel.down = False
    for _ in range(2):
        world.clock.turn(minutes=5)
        world.workflow.sweep()
    assert world.readings.last(Measure.OLDEST_UNPOSTED) == 0


def test_what_cloudformation_does_not_finish_grows_older_every_minute() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    for minutes in (10, 21):
        world.clock.turn(minutes=minutes)
        world.workflow.sweep()
    assert world.readings.last(Measure.OLDEST_UNFINISHED) == pytest.approx(31 * 60, abs=2)


def test_events_are_counted_by_their_answer() -> None:
    world, readings = World(), Readings()
    body = event_body("CREATE_COMPLETE", world.clock.now() + timedelta(seconds=1))
    assert answered(world, b"{", readings) == 400
    assert answered(world, body, readings) == 401
    assert answered(world, b"x" * (LIMIT + 1), readings) == 413
    assert answered(world, base64.b64encode(b"no"), readings, isBase64Encoded=True) == 400
    assert readings.counted == [(Measure.EVENTS_REFUSED, status) for status in ("400", "401", "413", "400")]


def test_an_event_that_is_taken_is_counted_once_a_delivery() -> None:
    world, readings = World(), Readings()
    world.happens("CREATE_COMPLETE", token=world.invite())
    again = event_body("UPDATE_COMPLETE", world.clock.now())
    for _ in range(2):
        assert answered(world, again, readings) == 202
    assert readings.counted == [(Measure.EVENTS_TAKEN, "")] * 2


def test_trouble_of_ours_is_counted_as_such() -> None:
    def broken() -> Any:
        raise RuntimeError("no table")

    readings = Readings()
    entry = ingest.create_handler(broken, lambda: readings)
    assert entry({"body": "{}", "headers": {}}, None)["statusCode"] == 503
    assert readings.counted == [(Measure.EVENTS_REFUSED, "503")]


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_measurement_is_one_line_that_cloudwatch_reads(capsys: pytest.CaptureFixture[str]) -> None:
    meter = bootstrap.LogMeter("prod")
    meter.count(Measure.EVENTS_REFUSED, "403")
    meter.seconds(Measure.OLDEST_UNPOSTED, 12.5)
    meter.percent(Measure.QUOTA_USED, 81, Counted.GROUPS)

    refused, oldest, used = told(capsys)
    [share] = used["_aws"]["CloudWatchMetrics"]
    assert share["Metrics"] == [{"Name": "QuotaUsed", "Unit": "Percent"}]
    assert (share["Dimensions"], used["kind"], used["QuotaUsed"]) == ([["stage", "kind"]], "groups", [81])
    [counting], [timing] = refused["_aws"]["CloudWatchMetrics"], oldest["_aws"]["CloudWatchMetrics"]
    assert (counting["Namespace"], timing["Namespace"]) == ("Switchyard", "Switchyard")
    assert counting["Dimensions"] == [["stage", "kind"]]
    assert (refused["stage"], refused["kind"], refused["EventsRefused"]) == ("prod", "403", [1])
    assert counting["Metrics"] == [{"Name": "EventsRefused", "Unit": "Count"}]
    assert timing["Dimensions"] == [["stage"]]
    assert (oldest["stage"], oldest["OldestUnposted"]) == ("prod", [12.5])
    assert timing["Metrics"] == [{"Name": "OldestUnposted", "Unit": "Seconds"}]
