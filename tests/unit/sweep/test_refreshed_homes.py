"""Who is at Home sees what has changed within a minute or so; who is not costs nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.answers import Actor, AtHome
from bot.domain.app_home import AT_ONCE, AppHome
from bot.domain.approvers import Approvers
from bot.domain.errors import PersonUnknown, SlackUnavailable, TryAgain
from bot.domain.search import Search
from bot.domain.vocabulary import Standing
from bot.ports.store import Change
from tests.fakes import World, digest_of
from tests.unit.slack.samples import CLIENT

TEAM = "T0SWITCHYARD"
ADA = "U0ADA"


def opened(world: World, user_id: str = ADA, search: Search | None = None) -> None:
    """Open Home, or press something in it, as the listeners do."""
    workflow, search = world.workflow, search or Search()
    shown = workflow.at_home(search, workflow.person(user_id, TEAM))
    workflow.note_home(Actor(user_id, TEAM, TEAM), search, digest_of(shown), world.homes.open(user_id, shown))


def minute(world: World) -> None:
    world.clock.turn(minutes=1)
    world.workflow.sweep()


def changes(world: World, number: int = 1) -> None:
    """One more client waits for approval."""
    stack = replace(CLIENT.stack, account_id=f"{number:012}")
    world.store.save(
        Change(
            client=replace(
                CLIENT,
                id=f"c{number:010}",
                stack=stack,
                token_hash=str(number),
                standing=Standing.WAITING,
                given=None,
            )
        )
    )


def seen(world: World, user_id: str = ADA) -> AtHome | None:
    return world.homes.shown[user_id][1]


def waiting(world: World, user_id: str = ADA) -> int:
    shown = seen(world, user_id)
    assert shown is not None
    return len(shown.waiting)


@pytest.fixture
def world() -> World:
    world = World()
    opened(world)
    return world


def test_who_is_at_home_sees_what_has_changed(world: World) -> None:
    changes(world)
    minute(world)
    assert waiting(world) == 1
    changes(world, 2)
    minute(world)
    assert waiting(world) == 2
    assert world.homes.published == [ADA] * 3


@pytest.mark.safety("Home is published anew only where it differs", "bot/slack/homes.py")
def test_what_has_not_changed_is_not_published(world: World) -> None:
    minute(world)
    minute(world)
    assert (world.homes.asked, world.homes.published) == ([ADA, ADA], [ADA])


def test_two_sweeps_of_one_minute_refresh_once(world: World) -> None:
    changes(world)
    minute(world)
    changes(world, 2)
    world.clock.turn(seconds=5)
    world.workflow.sweep()
    assert world.homes.asked == [ADA] and waiting(world) == 1


def test_after_a_quarter_of_an_hour_nobody_is_there_any_more(world: World) -> None:
    for _ in range(14):
        minute(world)
    assert len(world.homes.asked) == 14
    world.clock.turn(minutes=1)
    changes(world)
    for _ in range(5):
        minute(world)
    assert (len(world.homes.asked), waiting(world)) == (14, 0)
    assert world.store.home_due == {}


def test_who_presses_something_in_home_stays(world: World) -> None:
    world.clock.turn(minutes=14)
    world.workflow.note_presence(ADA)
    world.clock.turn(minutes=10)
    changes(world)
    minute(world)
    assert waiting(world) == 1


def test_what_somebody_looks_at_stays_what_it_is(world: World) -> None:
    changes(world, 1)
    opened(world, search=Search(standing=Standing.WAITING))
    changes(world, 2)
    minute(world)
    shown = seen(world)
    assert shown is not None and shown.found.search == Search(standing=Standing.WAITING)
    assert len(shown.found.clients) == 2


@pytest.mark.safety("A refresh shows an approver's Home to approvers only", "bot/decisions/refresh_homes.py")
def test_who_approves_no_longer_sees_nothing_of_what_waits() -> None:
    world = World(approvers=Approvers((), ("S0APPROVERS",)))
    world.channel.groups["S0APPROVERS"] = frozenset({ADA})
    changes(world)
    opened(world)
    assert waiting(world) == 1
    world.channel.groups["S0APPROVERS"] = frozenset()
    minute(world)
    assert waiting(world) == 0


@pytest.mark.safety("Who is ours no longer sees no client at Home after a refresh", "bot/decisions/refresh_homes.py")
def test_who_has_become_a_guest_is_told_so_and_refreshed_no_more(world: World) -> None:
    world.channel.workspaces[ADA] = "T0ELSEWHERE"
    minute(world)
    assert seen(world) is None
    minute(world)
    assert world.homes.asked == [ADA]


@pytest.mark.parametrize("silent", [ADA, "S0APPROVERS"])
def test_what_slack_does_not_say_about_a_person_changes_nothing(silent: str) -> None:
    world = World(approvers=Approvers((), ("S0APPROVERS",)))
    world.channel.groups["S0APPROVERS"] = frozenset({ADA})
    opened(world)
    changes(world)
    world.channel.unreadable.add(silent)
    minute(world)
    assert waiting(world) == 0 and world.homes.asked == []
    world.channel.unreadable.clear()
    minute(world)
    assert waiting(world) == 1


@pytest.mark.safety("A refresh never replaces what was published since it was read", "bot/slack/homes.py")
def test_a_press_during_a_refresh_wins(world: World) -> None:
    changes(world)
    world.homes.meanwhile = lambda: opened(world, search=Search(standing=Standing.WAITING))
    minute(world)
    shown = seen(world)
    assert shown is not None and shown.found.search.standing is Standing.WAITING
    assert world.homes.published == [ADA, ADA]
    changes(world, 2)
    minute(world)
    shown = seen(world)
    assert shown is not None and shown.found.search.standing is Standing.WAITING and len(shown.waiting) == 2


def test_a_press_that_was_not_noted_ends_the_refreshes(world: World) -> None:
    world.homes.open(ADA, None)
    changes(world)
    minute(world)
    minute(world)
    assert world.homes.asked == [ADA] and seen(world) is None


def test_twenty_are_refreshed_in_a_minute_whoever_has_waited_longest_first() -> None:
    world = World()
    people = [f"U{number:02}" for number in range(AT_ONCE + 5)]
    for user_id in people:
        opened(world, user_id)
    minute(world)
    assert len(world.homes.asked) == AT_ONCE
    minute(world)
    assert set(world.homes.asked) == set(people)


def test_slack_is_asked_once_for_a_group_of_approvers() -> None:
    world = World()
    for number in range(9):
        opened(world, f"U{number}")
    world.channel.calls.clear()
    minute(world)
    assert world.channel.asked("members") == 1


@pytest.mark.safety("A refresh that takes long, or meets trouble, ends at once", "bot/decisions/refresh_homes.py")
@pytest.mark.parametrize("trouble", [SlackUnavailable("down"), SlackUnavailable("slower", 30), TryAgain("busy")])
def test_trouble_leaves_the_others_to_the_next_minute(world: World, trouble: Exception) -> None:
    opened(world, "U0BEA")
    world.homes.fails = {ADA: trouble, "U0BEA": trouble}
    minute(world)
    assert len(world.homes.asked) == 1
    world.homes.fails.clear()
    minute(world)
    assert set(world.homes.asked) == {ADA, "U0BEA"}


@pytest.mark.parametrize(
    "trouble", [SlackUnavailable("user_disabled", down=False), PersonUnknown("who?"), ValueError("a bug of ours")]
)
def test_one_persons_trouble_is_nobody_elses(world: World, trouble: Exception) -> None:
    opened(world, "U0BEA")
    changes(world)
    world.homes.fails = {ADA: trouble}
    minute(world)
    assert waiting(world, "U0BEA") == 1 and waiting(world) == 0


@pytest.mark.safety("A refresh that takes long, or meets trouble, ends at once", "bot/decisions/refresh_homes.py")
def test_slow_answers_end_the_refreshes_of_a_minute(world: World) -> None:
    for number in range(5):
        opened(world, f"U{number}")
    world.channel.rule = lambda call: world.clock.turn(seconds=6) if call.name == "workspace" else None
    began = world.clock.moment + timedelta(minutes=1)
    minute(world)
    assert len(world.homes.asked) == 3
    assert world.clock.moment - began < timedelta(seconds=45)


def test_a_sweep_that_has_taken_its_minute_refreshes_nobody(world: World) -> None:
    changes(world)
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.clock.turn(minutes=2)
    message = world.message()
    world.store.stored_messages[message.owner, message.place] = replace(message, wanted=9)
    world.store.place_message(world.store.stored_messages[message.owner, message.place])
    world.channel.rule = lambda call: world.clock.turn(seconds=46) if call.name == "edit" else None
    world.clock.turn(minutes=2)
    world.workflow.sweep()
    assert world.channel.asked("edit") == 1 and world.homes.asked == []


@pytest.mark.safety("Trouble at Home keeps the sweep from nothing", "bot/workflow.py")
@pytest.mark.parametrize("trouble", [TryAgain("busy"), ValueError("a bug of ours")])
def test_a_table_that_does_not_tell_who_is_there_is_no_fault(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    def busy(*_: object) -> list[str]:
        raise trouble

    monkeypatch.setattr(world.store, "due_app_homes", busy)
    minute(world)
    assert world.homes.asked == []


def test_a_note_that_the_table_does_not_take_costs_only_the_refresh(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()

    def busy(*_: object) -> None:
        raise TryAgain("busy")

    for name in ("keep_app_home", "stay_at_home"):
        monkeypatch.setattr(world.store, name, busy)
    opened(world)
    world.workflow.note_presence(ADA)
    assert "will not be refreshed" in caplog.text and "may not be refreshed" in caplog.text


@pytest.mark.safety("Homes are refreshed after everything else that the sweep does", "bot/workflow.py")
def test_whatever_else_is_due_comes_first(world: World) -> None:
    world.channel.down = True
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.channel.down = False
    world.clock.turn(minutes=2)
    posted = list[int]()
    world.homes.meanwhile = lambda: posted.append(len(world.channel.messages))
    world.workflow.sweep()
    assert posted == [1] and waiting(world) == 1


POINTS = ("read", "published", "noted", "after")
"""Of a refresh: before it reads, before it publishes, before it notes that, and once it is over."""
PRESSED = Search(standing=Standing.WAITING)


@pytest.mark.safety("A refresh never replaces what was published since it was read", "bot/slack/homes.py")
@pytest.mark.parametrize(
    ("published", "noted"),
    [(one, other) for place, one in enumerate(POINTS) for other in (*POINTS[place:], "never")],
)
def test_a_press_stays_whenever_it_comes_during_a_refresh(
    world: World, monkeypatch: pytest.MonkeyPatch, published: str, noted: str
) -> None:
    pressed, known = list[tuple[AtHome, str]](), list[str]()

    def reaches(point: str) -> None:
        workflow, person = world.workflow, Actor(ADA, TEAM, TEAM)
        if point == published:
            shown = workflow.at_home(PRESSED, person)
            pressed.append((shown, world.homes.open(ADA, shown)))
        if point == noted:
            [(shown, slacks_hash)] = pressed
            workflow.note_home(person, PRESSED, digest_of(shown), slacks_hash)
            known.append(slacks_hash)

    renew = world.store.renew_app_home

    def renewed(home: AppHome, over: str) -> bool:
        reaches("noted")
        return renew(home, over)

    world.channel.rule = lambda call: reaches("read") if call.name == "workspace" and not world.homes.asked else None
    world.homes.meanwhile = lambda: reaches("published")
    monkeypatch.setattr(world.store, "renew_app_home", renewed)
    changes(world)
    minute(world)
    reaches("after")
    monkeypatch.setattr(world.store, "renew_app_home", renew)
    changes(world, 2)
    minute(world)
    minute(world)
    shown = seen(world)
    assert shown is not None and shown.found.search == PRESSED
    assert len(shown.waiting) == 2 or not known, "what was noted is refreshed"
