"""Slack is down, or takes no more calls, for an hour: nothing is lost or told twice, and approved work goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.vocabulary import Measure
from local.slack.faults.planned import Fault, Faults, Mishap
from local.slack.workspace.facts import ADA
from tests.fakes import Readings
from tests.scenarios.scene import Scene

HOUR = 60
ALARM_AFTER = timedelta(minutes=10)
"""Threshold of the alarm `oldest-unposted`; see tests/templates/test_packaged_alarms.py."""


def down(faults: Faults) -> None:
    faults.set_outage(on=True)


def limited(faults: Faults) -> None:
    """429, and to come back in an hour, whatever is called."""
    faults.always(lambda _: Fault(Mishap.RATE_LIMITED, retry_after=3600))


def over(scene: Scene) -> None:
    scene.slack.faults.set_outage(on=False)
    scene.slack.faults.always()


@pytest.fixture(params=[down, limited], ids=["down", "limited"])
def begins(request: pytest.FixtureRequest) -> Callable[[Faults], None]:
    outage: Callable[[Faults], None] = request.param
    return outage


@pytest.fixture
def readings(scene: Scene) -> Readings:
    readings = Readings()
    scene.workflow = replace(scene.workflow, meter=readings)
    return readings


def minutes_pass(scene: Scene, minutes: int) -> None:
    for _ in range(minutes):
        scene.minutes_pass(1)


def test_what_a_client_tells_is_taken_and_asked_when_slack_is_back(
    scene: Scene, readings: Readings, begins: Callable[[Faults], None]
) -> None:
    token = scene.invite()
    begins(scene.slack.faults)
    assert scene.happens("CREATE_COMPLETE", token=token) == 202
    minutes_pass(scene, HOUR)
    assert not list(scene.slack.messages)
    assert readings.last(Measure.OLDEST_UNPOSTED) > ALARM_AFTER.total_seconds()
    over(scene)
    minutes_pass(scene, 2)
    [asked] = scene.slack.messages
    assert asked.buttons == ("Approve", "Deny")
    minutes_pass(scene, 1)
    assert readings.last(Measure.OLDEST_UNPOSTED) == 0


def test_an_approval_is_carried_out_and_told_when_slack_is_back(
    scene: Scene, readings: Readings, begins: Callable[[Faults], None]
) -> None:
    """Slack still delivers the press, and takes nothing any more."""
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    press = scene.slack.press_request(ADA, scene.last, "Approve")
    begins(scene.slack.faults)
    assert scene.app(press).status == 200
    scene.work()
    minutes_pass(scene, HOUR)
    assert len(scene.stacks.groups) == 1
    assert "✅" not in scene.last.words
    over(scene)
    minutes_pass(scene, 2)
    assert "✅" in scene.last.words
    assert len(scene.slack.thread(scene.last)) == 1


def test_reminders_of_an_outage_are_not_all_made_up_for(scene: Scene, begins: Callable[[Faults], None]) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    begins(scene.slack.faults)
    scene.minutes_pass(17 * HOUR)
    over(scene)
    minutes_pass(scene, 3)
    assert len(scene.slack.thread(scene.last)) == 1
