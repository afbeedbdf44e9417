"""STS is down: an event is answered with 503, the invitation stays good, and the forwarder's next attempt is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes import event_body
from tests.scenarios.outage_scene import CREATED, UPDATED, OutageScene
from tests.unit.aws.sts_proofs import verifier
from tests.unit.aws.sts_server import Answer, identity

STS_DOWN: dict[str, Answer] = {
    "500": Answer(500),
    "503": Answer(503, b"busy"),
    "throttled": Answer(400, b'{"Error": {"Code": "Throttling"}}'),
    "throttled in xml": Answer(
        400, b"<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>", "text/xml"
    ),
    "garbage": Answer(200, b"<html>please log in</html>", "text/html"),
    "half an answer": Answer(200, identity()[:40]),
    "nothing": Answer(200, b""),
    "not found": Answer(404, b"<html>"),
}


def forwarder(outage: OutageScene, status: str, token: str) -> Callable[[], int]:
    """Posts one event as often as it is invoked, signed anew each time."""
    body = event_body(status, outage.clock.now(), token=token)
    return lambda: outage.post(body)[0]


@pytest.mark.safety(
    "When STS answers garbage, not found or throttled, the forwarder gets 503 and comes again", "bot/aws/sts.py"
)
@pytest.mark.parametrize("name", STS_DOWN)
def test_while_sts_is_down_the_forwarder_is_asked_to_come_again_and_the_invitation_stays_good(
    outage: OutageScene, name: str
) -> None:
    posts = forwarder(outage, CREATED, outage.invite())
    outage.sts.says = STS_DOWN[name]
    assert [posts(), posts()] == [503, 503]
    assert outage.slack.messages == ()
    assert posts() == 503
    assert outage.bell.rung() == {"api-failures"}
    outage.sts.says = None
    assert posts() == 202
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()


def test_an_sts_that_is_silent_is_down_too(outage: OutageScene) -> None:
    patient, hurried = outage.workflow, verifier(outage.sts.url, clock=outage.clock, timeout=0.2)
    outage.workflow = replace(patient, verifier=hurried)
    posts = forwarder(outage, CREATED, outage.invite())

    def silence(wire: object) -> None:
        outage.sts.ended.wait()

    outage.sts.writes = silence
    assert posts() == 503
    outage.sts.writes, outage.workflow = None, patient
    assert posts() == 202


@pytest.mark.safety("Only STS's own no ends the forwarder's attempts", "bot/aws/sts.py")
def test_only_stss_own_no_ends_the_forwarders_attempts(outage: OutageScene) -> None:
    posts = forwarder(outage, CREATED, outage.invite())
    outage.sts.says = Answer(403, b'{"Error": {"Code": "SignatureDoesNotMatch"}}')
    assert posts() == 401
    outage.sts.says = None
    assert posts() == 202


def test_an_event_that_was_lost_in_a_long_outage_is_made_good_by_the_stacks_next_update(outage: OutageScene) -> None:
    token = outage.invite()
    outage.sts.says = STS_DOWN["503"]
    lost = forwarder(outage, CREATED, token)
    assert {lost(), lost(), lost()} == {503}
    outage.sts.says = None
    outage.clock.turn(hours=1)
    assert outage.happens(UPDATED, token=token) == 202
    assert outage.last.buttons == ("Approve", "Deny")
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()
