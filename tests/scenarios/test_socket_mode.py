"""The real handlers behind the bridge: what people do arrives by Socket Mode, and through the same door."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest

from local.bridge.bridge import Bridge
from local.slack.app.socket_mode import _envelope
from local.slack.workspace.facts import ADA
from tests.scenarios.scene import Scene


@pytest.fixture
def told() -> list[str]:
    """What the bridge tells the developer."""
    return []


@pytest.fixture
def bridged(scene: Scene, told: list[str]) -> Iterator[Scene]:
    slack = scene.slack
    slack.sockets.switch(True)
    seconds = count(time.time())
    with Bridge(
        slack.app_token,
        scene.app,
        slack.signing_secret,
        told.append,
        api_url=slack.api_url,
        now=lambda: next(seconds),
    ):
        yield scene


def test_from_invitation_to_the_card_by_socket_mode(bridged: Scene, told: list[str]) -> None:
    bridged.happens("CREATE_COMPLETE", token=bridged.invite("Acme"))
    assert bridged.slack.press(ADA, bridged.last, "Approve").ok
    bridged.work()
    assert "✅" in bridged.last.words
    assert "account=222222222222" in bridged.slack.thread(bridged.last)[0].words
    assert bridged.slack.open_home(ADA).ok
    assert "Acme" in str(bridged.slack.home(ADA))
    assert told == []


def test_the_invite_window_answers_by_its_acknowledgement(bridged: Scene, told: list[str]) -> None:
    assert bridged.slack.run_command(ADA, "/clients invite").ok
    assert bridged.slack.submit(ADA, Company="Ac\u202eme").ok
    window = bridged.slack.window(ADA)
    assert window is not None
    assert "can't be seen" in window.errors["company"]
    assert bridged.slack.submit(ADA, Company="Acme").ok
    ended = bridged.slack.window(ADA)
    assert ended is not None
    assert "as a direct message" in ended.words
    assert told == []


def test_a_command_that_slack_sends_again_is_carried_out_once(bridged: Scene) -> None:
    """Slack gives a payload to a new connection when the old one ended before the acknowledgement."""
    typed = bridged.slack.command_request(ADA, "/clients invite Acme")
    for _ in range(2):
        connection = bridged.slack.sockets.next()
        assert connection is not None
        connection.send(_envelope(typed))
        before = len(bridged.exchanges)
        bridged.slack.wait_for(lambda: bridged.slack.run_command(ADA, "/clients help").ok, 60)
        assert len(bridged.exchanges) > before
    listed = bridged.slack.run_command(ADA, "/clients invitations")
    assert listed.ok
    assert bridged.slack.ephemerals(ADA)[-1].words.count("*Acme*") == 1


def test_what_another_secret_has_signed_is_not_taken(scene: Scene, told: list[str]) -> None:
    slack = scene.slack
    slack.sockets.switch(True)
    scene.slack._slack.link.patience_seconds = 0.5
    with Bridge(slack.app_token, scene.app, "0" * 32, told.append, api_url=slack.api_url):
        assert slack.run_command(ADA, "/clients invite Acme").error == "operation_timeout"
    assert "answered with status code 401" in "".join(told)
    assert "InvitationToken" not in "".join(each.words for each in slack.ephemerals(ADA))
