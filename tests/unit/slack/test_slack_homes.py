"""Home in Slack while somebody is there: opened and pressed through the real Bolt app, refreshed by the real sweep."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

import pytest

from bot.domain.search import PAGE, Search
from bot.domain.vocabulary import Standing
from bot.ports.store import Change
from bot.slack.client import SlackRefused, web_client
from bot.slack.homes import SlackHomes, publish
from local.slack.block_kit.views import view_problems
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.modals import Window
from tests.fakes import HomeTabs, World
from tests.unit.slack.app_samples import Recorder, over_http, slack, workflow
from tests.unit.slack.samples import CLIENT, SETTINGS

__all__ = ["slack", "workflow"]

ADA = "U0ADA"


class Played:
    """A world whose Homes are real, in a workspace whose presses arrive there."""

    def __init__(self, slack: RunningWorkspace) -> None:
        self.world, self.slack = World(), slack
        client = web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30)
        self.world.homes = cast(HomeTabs, SlackHomes(client, SETTINGS, self.world.channel))
        slack.connect(over_http(slack, self))  # type: ignore[arg-type]

    @property
    def as_workflow(self) -> object:
        return self.world.workflow

    def waits(self, number: int) -> None:
        stack = replace(CLIENT.stack, account_id=f"{number:012}")
        waiting = replace(CLIENT, id=f"c{number:010}", stack=stack, standing=Standing.WAITING, given=None)
        self.world.store.save(Change(client=replace(waiting, company=f"Company {number}", token_hash=str(number))))

    def minute(self) -> None:
        self.world.clock.turn(minutes=1)
        self.world.workflow.sweep()

    @property
    def published(self) -> int:
        return [call.method for call in self.slack.calls].count("views.publish")

    @property
    def shown(self) -> Window:
        found = self.slack.home(ADA)
        assert found is not None and view_problems(found.view, "home") == []
        return found


@pytest.fixture
def played() -> Iterator[Played]:
    with running_workspace() as slack:
        yield Played(slack)


def test_what_is_published_is_noted_after_it(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.open_home(ADA)
    opened = slack.home(ADA)
    slack.press_in_home(ADA, "Search", Search="acme")
    searched = slack.home(ADA)
    assert opened is not None and searched is not None
    assert workflow.noted == [(ADA, Search(), opened.hash), (ADA, Search("acme"), searched.hash)]
    assert workflow.present == []


def test_showing_a_client_and_inviting_count_as_being_there(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.waiting = (replace(CLIENT, standing=Standing.WAITING),)
    slack.open_home(ADA)
    slack.press_in_home(ADA, "Show")
    assert workflow.present == [ADA]
    slack.press_in_home(ADA, "Invite a client")
    assert workflow.present == [ADA, ADA]


@pytest.mark.safety("What a guest is told at Home is not refreshed", "bot/slack/inbound/home.py")
def test_nothing_is_noted_of_a_guest_nor_of_what_slack_refused(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.open_home("U0EVE")
    slack.faults.refuse("views.publish", "internal_error")
    slack.open_home(ADA)
    assert workflow.noted == []


@pytest.mark.safety("Home is published anew only where it differs", "bot/slack/homes.py")
def test_the_sweep_publishes_only_what_differs_from_what_was_opened(played: Played) -> None:
    played.waits(1)
    played.slack.open_home(ADA)
    played.minute()
    assert played.published == 1
    played.waits(2)
    played.minute()
    assert played.published == 2 and "Company 2" in played.shown.words
    played.minute()
    assert played.published == 2
    played.waits(3)
    played.minute()
    assert played.published == 3 and "Company 3" in played.shown.words


def test_a_refresh_keeps_the_page(played: Played) -> None:
    for number in range(PAGE + 1):
        played.waits(number)
    played.slack.open_home(ADA)
    played.slack.press_in_home(ADA, "Older")
    played.waits(99)
    played.minute()
    assert "Newest" in played.shown.buttons and "And more" in played.shown.words and played.published == 3


def test_a_refresh_keeps_the_search_and_its_filters(played: Played) -> None:
    played.waits(1)
    played.slack.open_home(ADA)
    played.slack.press_in_home(ADA, "Search", Search="company")
    played.waits(2)
    played.minute()
    [field] = played.shown.inputs
    assert field["element"]["initial_value"] == "company" and "1 to 2 of 2" in played.shown.words


@pytest.mark.safety("A refresh never replaces what was published since it was read", "bot/slack/homes.py")
def test_slack_refuses_a_refresh_of_what_is_no_longer_there(played: Played) -> None:
    played.slack.open_home(ADA)
    newer = {"type": "home", "blocks": [{"type": "divider"}]}
    played.slack._slack.workspace.homes.publish(ADA, newer)
    played.waits(1)
    played.minute()
    assert played.shown.view["blocks"] == newer["blocks"]
    played.minute()
    assert played.published == 2, "it is given up, until Home is opened again"


def test_a_refusal_of_slack_is_told_apart_from_something_newer(played: Played) -> None:
    client = web_client(lambda: played.slack.bot_token, played.slack.api_url, timeout_seconds=30)
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    assert publish(client, ADA, home)
    with pytest.raises(SlackRefused, match="hash_conflict"):
        publish(client, ADA, home, over="1.older")
    with pytest.raises(SlackRefused, match="hash_conflict"):
        publish(client, "U0OLLI", home, over="1.older")


@pytest.mark.safety("Trouble at Home keeps the sweep from nothing", "bot/decisions/refresh_homes.py")
def test_a_home_that_slack_does_not_take_is_tried_again_in_the_next_minute(played: Played) -> None:
    played.slack.open_home(ADA)
    played.waits(1)
    played.slack.faults.refuse("views.publish", "internal_error")
    played.minute()
    assert "Company 1" not in played.shown.words
    played.minute()
    assert "Company 1" in played.shown.words


def test_a_publishing_whose_answer_is_lost_costs_only_further_refreshes(
    played: Played, monkeypatch: pytest.MonkeyPatch
) -> None:
    played.slack.open_home(ADA)
    played.waits(1)
    monkeypatch.setattr(played.world.store, "renew_app_home", lambda *_: False)
    played.minute()
    assert "Company 1" in played.shown.words
    played.waits(2)
    played.minute()
    played.minute()
    assert "Company 2" not in played.shown.words
    played.slack.open_home(ADA)
    assert "Company 2" in played.shown.words
