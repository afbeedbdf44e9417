"""One press decides on several requests of a shared message, each by its own rules, and each once."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from bot.domain.approvers import Approvers
from bot.domain.bulk import BulkName, Drawn
from bot.domain.errors import (
    ActionRefused,
    BadCommand,
    NotAllowed,
    StalePress,
    TryAgain,
    TwoPeopleNeeded,
    UnknownRequest,
)
from bot.domain.page import Teams
from bot.domain.request import SharedIn
from bot.domain.vocabulary import AccessLevel, State, Verb
from tests.fakes import ADA, BEA, OLLI, STRANGER, World
from tests.unit.decisions.batch import Batch, account

APPROVED, DENIED, DONE, PENDING = State.APPROVED, State.DENIED, State.DONE, State.PENDING
TWO_NEEDED = Approvers(("U0ADA", "U0BEA"), ("S0APPROVERS",), needed=((AccessLevel.READ_ONLY, 2),))


class Killed(BaseException):
    """The process ends at this line."""


@dataclass
class Mortal:
    """A store whose process is killed after so many saves."""

    store: Any
    saves: int

    def save(self, change: Any) -> None:
        self._live()
        self.store.save(change)
        self.saves -= 1
        self._live()

    def __getattr__(self, name: str) -> Any:
        self._live()
        return getattr(self.store, name)

    def _live(self) -> None:
        if self.saves <= 0:
            raise Killed


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def batch(world: World) -> Batch:
    return Batch(world, 3)


def rest(world: World) -> None:
    """Minutes pass, in which everything works."""
    for _ in range(4):
        world.work()
        world.minute()


def decided_by(batch: Batch) -> list[str]:
    """Who has decided on each account, in the order of the accounts."""
    return [one.decision.actor if one.decision else "" for one in batch.requests]


def counted(batch: Batch, action: str) -> list[int]:
    """How often each account's history says so, who was refused included."""
    trails = [batch.world.store.trail(one.client_id) for one in batch.requests]
    return [sum(line.action == action for line in trail) for trail in trails]


def left_out(batch: Batch) -> dict[int, str]:
    """By its place in the message: what the newest press has left out, and why."""
    places = [one.id for one in batch.requests]
    return {places.index(one.request_id) + 1: one.why for one in batch.stored().left_out}


@pytest.mark.safety("Twenty accounts take one press, one message and one card", "bot/decisions/bulk.py")
def test_twenty_accounts_take_one_press_and_two_messages(world: World) -> None:
    batch = Batch(world, 20)
    assert [len(one.batch) for one in world.channel.messages] == [20]
    batch.press()
    world.work()
    assert set(batch.states) == {DONE}
    assert set(decided_by(batch)) == {"U0ADA"}
    assert (len(world.channel.messages), len(world.channel.cards), len(world.channel.reminders)) == (1, 1, 0)
    assert [one.request.state for one in batch.shown.batch] == [DONE] * 20
    assert [one.request.state for one in world.channel.cards[0].batch] == [DONE] * 20
    assert batch.stored().done
    assert batch.stored().left_out == ()
    assert not world.store.unshown
    assert counted(batch, "approve") == [1] * 20


def test_deny_all_denies_each_for_the_reason_given(world: World, batch: Batch) -> None:
    batch.press(Verb.DENY, reason="not our company")
    world.work()
    assert batch.states == [DENIED] * 3
    assert {one.decision.reason for one in batch.requests if one.decision} == {"not our company"}
    assert world.channel.cards == []
    assert not world.store.unshown


@pytest.mark.safety("Only an approver of our workspace decides on several requests", "bot/decisions/bulk.py")
@pytest.mark.parametrize("actor", [OLLI, STRANGER])
def test_only_an_approver_presses_for_all(world: World, batch: Batch, actor: Any) -> None:
    with pytest.raises(NotAllowed):
        batch.press(actor=actor)
    with pytest.raises(NotAllowed):
        world.workflow.review(batch.home, "", actor)
    assert world.store.stored_bulks == {}
    assert (world.bench.bulks, batch.states) == ([], [PENDING] * 3)
    assert counted(batch, "refused: review") == [1, 0, 0]


@pytest.mark.parametrize("verb", [Verb.RETRY, Verb.REOPEN, Verb.REVOKE, Verb.REPAIR])
def test_nothing_else_is_pressed_for_all(batch: Batch, verb: Verb) -> None:
    with pytest.raises(BadCommand):
        batch.press(verb)


@pytest.mark.safety("A press for all needs a shared message", "bot/decisions/bulk.py")
def test_a_message_that_is_not_shared_takes_no_press_for_all(world: World, batch: Batch) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=99)
    own = world.message(world.last)
    home = batch.home
    for owner, place in [
        (own.owner, own.place),
        (home.owner, own.place),
        (home.owner, f"{home.place}#card"),
        ("b" * 64, home.place),
        ("", ""),
    ]:
        with pytest.raises(UnknownRequest):
            world.workflow.press_all(SharedIn(owner, place), (0,) * 9, Verb.APPROVE, ADA)
        with pytest.raises(UnknownRequest):
            world.workflow.review(SharedIn(owner, place), "", ADA)


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
@pytest.mark.parametrize(
    "fields",
    [{"level": "PowerUser"}, {"level": "Administrator"}, {"company": "Acme Ltd"}],
    ids=["another level", "Administrator", "another name"],
)
def test_what_differs_from_the_invitation_is_left_out(world: World, fields: dict[str, str]) -> None:
    batch = Batch(world, 3, arrive=2)
    batch.arrives(3, **fields)
    batch.press()
    world.work()
    assert batch.states == [DONE, DONE, PENDING]


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
def test_administrator_is_left_out_even_where_it_is_what_was_invited(world: World) -> None:
    batch = Batch(world, 2, arrive=0)
    batch.token = world.workflow.invite("Acme", AccessLevel.ADMINISTRATOR, ADA, 2).token
    batch.arrives(1, level="Administrator")
    with pytest.raises(StalePress):
        batch.press(actor=BEA)
    assert batch.states == [PENDING]


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
def test_a_namesake_from_outside_is_a_warning_and_one_of_the_same_invitation_is_none(world: World) -> None:
    batch = Batch(world, 3, arrive=2)
    assert [one.warnings.namesakes for one in batch.requests] == [(), ()]
    world.happens("CREATE_COMPLETE", token=world.invite(), account="999999999999", parent=99)
    batch.arrives(3)
    assert batch.requests[-1].warnings.namesakes == ("999999999999",)
    batch.press()
    world.work()
    assert batch.states == [DONE, DONE, PENDING]


@pytest.mark.safety("No number of accounts hides a namesake from outside their invitation", "bot/ingest/draft.py")
def test_no_number_of_accounts_hides_a_namesake(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite(), account="999999999999", parent=199)
    batch = Batch(world, 100)
    assert {one.warnings.namesakes for one in batch.requests} == {("999999999999",)}


def test_one_taken_over_meanwhile_is_left_out(world: World, batch: Batch) -> None:
    """Its role is claimed by another client after the press, which nobody has read yet."""
    batch.press()
    other = world.workflow.invite("Other", AccessLevel.READ_ONLY, ADA).token
    fields: dict[str, Any] = {"account": f"{2:012}", "company": "Other"}
    world.happens("CREATE_COMPLETE", token=other, role="other", parent=77, **fields)
    world.happens("UPDATE_COMPLETE", token=other, parent=77, **fields)
    world.work()
    assert [batch.request(number).state for number in (1, 2, 3)] == [DONE, PENDING, DONE]
    assert left_out(batch) == {2: "it has changed since"}


@pytest.mark.safety("An account that came after the button was drawn is not decided by it", "bot/decisions/bulk.py")
def test_an_account_that_arrives_before_the_press_counts_is_not_in_it(world: World) -> None:
    batch = Batch(world, 3, arrive=2)
    drawn = batch.drawn
    batch.arrives(3)
    assert len(world.channel.messages) == 1
    batch.press(drawn=drawn)
    world.work()
    assert batch.states == [DONE, DONE, PENDING]
    assert [one.shown for one in batch.shown.bulks] == [2]


@pytest.mark.safety("An account that came after the button was drawn is not decided by it", "bot/decisions/bulk.py")
def test_an_account_that_arrives_while_a_press_is_applied_has_a_message_of_its_own(world: World) -> None:
    batch = Batch(world, 4, arrive=2)
    batch.press()
    batch.arrives(3)
    world.work()
    batch.arrives(4)
    assert batch.states == [DONE, DONE, PENDING, PENDING]
    assert [len(one.batch) for one in world.channel.messages] == [2, 2]


@pytest.mark.parametrize("drawn", [(), (None,) * 3, (1, 2, 35), (-1,) * 100])
def test_a_foreign_row_covers_nothing(batch: Batch, drawn: Drawn) -> None:
    with pytest.raises(StalePress):
        batch.press(drawn=drawn)


@pytest.mark.safety("A press for all covers each account only as it was drawn", "bot/decisions/bulk.py")
def test_one_that_was_drawn_as_denied_and_is_open_again_is_not_covered(world: World, batch: Batch) -> None:
    batch.decide(2, Verb.DENY, BEA)
    drawn = batch.drawn
    batch.decide(2, Verb.REOPEN, BEA)
    batch.press(drawn=drawn)
    world.work()
    assert batch.states == [DONE, PENDING, DONE]


@pytest.mark.safety("A press for all covers each account only as it was drawn", "bot/decisions/bulk.py")
def test_one_that_was_denied_and_reopened_since_the_drawing_is_not_covered(world: World, batch: Batch) -> None:
    drawn = batch.drawn
    batch.decide(2, Verb.DENY, BEA)
    batch.decide(2, Verb.REOPEN, BEA)
    pressed = world.workflow.press_all(batch.home, drawn, Verb.APPROVE, ADA)
    world.work()
    assert batch.states == [DONE, PENDING, DONE]
    assert (len(pressed.bulk.covers), pressed.changed) == (2, 1)
    batch.press()
    world.work()
    assert batch.states == [DONE] * 3


@pytest.mark.safety("A press for all covers each account only as it was drawn", "bot/decisions/bulk.py")
def test_teams_that_another_approver_has_chosen_since_the_drawing_are_not_approved(world: World) -> None:
    world.approvers, world.teams = TWO_NEEDED, Teams(("operators", "auditors"))
    batch = Batch(world, 2)
    drawn = batch.drawn
    world.workflow.decide(batch.request(2).id, Verb.APPROVE, ADA, 0, teams=("auditors",))
    batch.press(actor=BEA, drawn=drawn)
    world.work()
    assert [[each.actor for each in one.approvals] for one in batch.requests] == [["U0BEA"], ["U0ADA"]]
    assert [one.teams for one in batch.requests] == [("operators",), ("auditors",)]


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
def test_one_that_was_denied_and_asks_again_is_left_out(world: World) -> None:
    """Its stack needs only be updated for that; however often, and with whatever other accounts it comes back."""
    batch = Batch(world, 5, arrive=3)
    batch.decide(2, Verb.DENY, BEA)
    for _ in range(2):
        world.happens("UPDATE_COMPLETE", token=batch.token, account=f"{2:012}", parent=2)
    batch.arrives(4)
    batch.arrives(5)
    assert [len(one.batch) for one in world.channel.messages] == [3, 3]
    batch.press()
    world.work()
    assert [batch.request(number).state for number in (2, 4, 5)] == [PENDING, DONE, DONE]
    batch.decide(2)
    world.work()
    assert batch.request(2).state is DONE


@pytest.mark.safety("What needs a look of its own is left out of a press for all", "bot/domain/bulk.py")
def test_one_that_has_asked_as_another_company_before_is_left_out(world: World) -> None:
    """A leaked link lets any account come; one that we know by another name does not come in unnoticed."""
    own = world.workflow.invite("Evil Corp", AccessLevel.READ_ONLY, ADA).token
    world.happens("CREATE_COMPLETE", token=own, account=account(9), company="Evil Corp", parent=90)
    batch = Batch(world, 5, arrive=2)
    batch.arrives(9)
    for _ in range(2):
        world.happens("UPDATE_COMPLETE", token=batch.token, account=account(9), parent=9)
        assert batch.request(9).warnings.known_as == "Evil Corp" and batch.request(9).company == "Acme"
    batch.press()
    world.work()
    assert [batch.request(number).state for number in (1, 2, 9)] == [DONE, DONE, PENDING]
    batch.decide(9, Verb.DENY)
    world.happens("UPDATE_COMPLETE", token=batch.token, account=account(9), parent=9)
    assert batch.request(9).warnings.known_as == "" and batch.request(9).warnings.denied


def test_one_that_was_reopened_after_its_denial_asks_again_like_any_other(world: World, batch: Batch) -> None:
    batch.decide(2, Verb.DENY, BEA)
    batch.decide(2, Verb.REOPEN, BEA)
    world.happens("UPDATE_COMPLETE", token=batch.token, account=f"{2:012}", parent=2)
    assert not batch.request(2).warnings.denied


def test_what_was_pressed_too_often_is_reviewed_by_itself(world: World, batch: Batch) -> None:
    for _ in range(18):
        batch.decide(2, Verb.DENY)
        batch.decide(2, Verb.REOPEN)
    batch.press()
    world.work()
    assert batch.states == [DONE, PENDING, DONE]


def test_a_press_is_stored_once_while_it_is_applied(world: World, batch: Batch) -> None:
    assert batch.press().name == batch.press().name
    assert len(world.store.stored_bulks) == 1
    assert len(world.bench.bulks) == 2
    world.work()
    assert counted(batch, "approve") == [1, 1, 1]
    with pytest.raises(StalePress):
        batch.press()


@pytest.mark.safety(
    "However often a Lambda is killed, a press for all decides each request once", "bot/decisions/bulk.py"
)
@pytest.mark.parametrize("killed_after", range(1, 5))
def test_killed_after_any_save_it_goes_on_where_it_was(world: World, batch: Batch, killed_after: int) -> None:
    name = batch.press().name
    for _ in range(4 // killed_after + 1):
        dying = replace(world.workflow, store=cast(Any, Mortal(world.store, killed_after)))
        with suppress(Killed):
            dying.apply_bulk(name)
    world.bench.bulks.clear()
    rest(world)
    assert batch.states == [DONE] * 3
    assert counted(batch, "approve") == [1, 1, 1]
    assert counted(batch, "refused: approve") == [0, 0, 0]
    assert batch.stored().left_out == ()
    assert (len(world.channel.messages), len(world.channel.cards)) == (1, 1)
    assert not world.store.unshown


@pytest.mark.safety("A press for all that was not handed over is applied by the sweep's word", "bot/sweep.py")
def test_what_could_not_be_handed_over_is_found_by_the_sweep(world: World, batch: Batch) -> None:
    world.bench.broken = True
    batch.press()
    assert world.bench.bulks == []
    world.bench.broken = False
    world.minute()
    world.minute()
    world.work()
    assert batch.states == [DONE] * 3


def test_a_lambda_that_runs_out_of_time_hands_the_rest_over(world: World, batch: Batch) -> None:
    name = batch.press().name
    world.bench.bulks.clear()

    class Slow(Mortal):
        def save(self, change: Any) -> None:
            world.clock.turn(seconds=20)
            self.store.save(change)

    replace(world.workflow, store=cast(Any, Slow(world.store, 99))).apply_bulk(name)
    assert batch.stored().taken == 2
    assert world.bench.bulks == [name]
    world.work()
    assert batch.states == [DONE] * 3


@pytest.mark.safety("Each account is decided once, by whom its message says", "bot/decisions/bulk.py")
@pytest.mark.parametrize("first", range(4))
def test_two_people_at_once_decide_each_account_once(world: World, batch: Batch, first: int) -> None:
    """One approves, the other denies; the second one's Lambda gets in after so many of the first one's decisions."""
    approval, denial = batch.press().name, batch.press(Verb.DENY, BEA).name
    with suppress(Killed):
        replace(world.workflow, store=cast(Any, Mortal(world.store, first))).apply_bulk(approval)
    world.workflow.apply_bulk(denial)
    world.workflow.apply_bulk(approval)
    world.bench.bulks.clear()
    rest(world)
    assert decided_by(batch) == ["U0ADA"] * first + ["U0BEA"] * (3 - first)
    assert batch.states == [DONE] * first + [DENIED] * (3 - first)
    assert [one + other for one, other in zip(counted(batch, "approve"), counted(batch, "deny"), strict=True)] == [
        1
    ] * 3
    bulks = {one.actor.user_id: len(one.left_out) for one in world.store.bulks(batch.home)}
    assert bulks == {"U0ADA": 3 - first, "U0BEA": first}
    assert [one.request for one in batch.shown.batch] == batch.requests


@pytest.mark.safety("Each account is decided once, by whom its message says", "bot/decisions/bulk.py")
def test_one_decided_alone_meanwhile_stays_so(world: World, batch: Batch) -> None:
    batch.press()
    batch.decide(2, Verb.DENY, BEA)
    world.work()
    assert batch.states == [DONE, DENIED, DONE]
    assert decided_by(batch) == ["U0ADA", "U0BEA", "U0ADA"]
    assert left_out(batch) == {2: "it has changed since"}
    assert counted(batch, "refused: approve") == [0, 0, 0]


@pytest.mark.safety("A press for all approves nothing that has changed since", "bot/decisions/bulk.py")
def test_one_reopened_meanwhile_is_not_approved(world: World, batch: Batch) -> None:
    batch.press()
    batch.decide(2, Verb.DENY, BEA)
    batch.decide(2, Verb.REOPEN, BEA)
    world.work()
    assert batch.states == [DONE, PENDING, DONE]
    assert counted(batch, "refused: approve") == [0, 0, 0]


@pytest.mark.safety("A press for all approves nothing that has changed since", "bot/decisions/bulk.py")
def test_one_superseded_meanwhile_is_not_approved_nor_what_replaces_it(world: World, batch: Batch) -> None:
    batch.press()
    world.happens("UPDATE_COMPLETE", token=batch.token, account=f"{2:012}", parent=2, level="Administrator")
    world.work()
    assert [one.state for one in batch.requests] == [DONE, State.SUPERSEDED, DONE, PENDING]
    assert left_out(batch) == {2: "it has changed since"}
    assert [len(one.batch) for one in world.channel.messages] == [3, 1]


def test_one_superseded_before_anybody_pressed_stays_in_the_message(world: World, batch: Batch) -> None:
    world.happens("UPDATE_COMPLETE", token=batch.token, account=f"{2:012}", parent=2)
    assert [one.request.stack.account_id for one in batch.shown.batch] == [f"{one:012}" for one in (1, 3, 2)]
    batch.press()
    world.work()
    assert batch.states == [DONE, State.SUPERSEDED, DONE, DONE]
    assert (len(world.channel.messages), len(world.channel.cards)) == (1, 1)


@pytest.mark.safety("A press for all ends where its person is no approver any more", "bot/decisions/bulk.py")
def test_who_is_no_approver_any_more_decides_nothing(world: World, batch: Batch) -> None:
    name = batch.press().name
    with suppress(Killed):
        replace(world.workflow, store=cast(Any, Mortal(world.store, 1))).apply_bulk(name)
    world.approvers = Approvers(("U0BEA",))
    rest(world)
    assert batch.states == [DONE, PENDING, PENDING]
    assert batch.stored().refused == "Only approvers may approve requests."
    assert counted(batch, "refused: approve") == [0, 1, 0]
    world.approvers = Approvers(("U0ADA",))
    batch.press()
    world.work()
    assert batch.states == [DONE] * 3


@pytest.mark.safety("A press for all waits where Slack does not say who approves", "bot/decisions/bulk.py")
def test_it_waits_while_slack_does_not_say_who_approves(world: World, batch: Batch) -> None:
    world.approvers = Approvers((), ("S0APPROVERS",))
    world.channel.groups["S0APPROVERS"] = frozenset({"U0ADA"})
    batch.press()
    world.channel.unreadable.add("S0APPROVERS")
    with pytest.raises(TryAgain):
        world.workflow.apply_bulk(world.bench.bulks.pop())
    assert batch.states == [PENDING] * 3
    world.channel.unreadable.clear()
    world.minute()
    world.minute()
    world.work()
    assert batch.states == [DONE] * 3


@pytest.mark.safety("A press for all counts for an hour", "bot/decisions/bulk.py")
def test_after_an_hour_the_rest_stays_open(world: World, batch: Batch) -> None:
    name = batch.press().name
    world.clock.turn(minutes=61)
    world.work()
    assert batch.states == [PENDING] * 3
    assert "within an hour" in batch.stored().refused
    world.workflow.apply_bulk(name)
    assert batch.states == [PENDING] * 3


@pytest.mark.safety(
    "Where two have to approve, a press for all counts as one approval of each", "bot/decisions/bulk.py"
)
def test_where_two_have_to_approve_two_press(world: World, batch: Batch) -> None:
    world.approvers = TWO_NEEDED
    batch.press()
    world.work()
    assert batch.states == [PENDING] * 3
    assert [[one.actor for one in request.approvals] for request in batch.requests] == [["U0ADA"]] * 3
    with pytest.raises(TwoPeopleNeeded):
        batch.press()
    batch.press(actor=BEA)
    world.work()
    assert batch.states == [DONE] * 3
    assert [[one.actor for one in request.approvals] for request in batch.requests] == [["U0ADA", "U0BEA"]] * 3
    assert counted(batch, "approve") == [2, 2, 2]
    assert len(world.channel.cards) == 1


def test_what_this_person_has_approved_alone_is_not_refused_to_them(world: World, batch: Batch) -> None:
    world.approvers = TWO_NEEDED
    batch.decide(2)
    assert [one.request_id for one in batch.press().covers] == [batch.request(1).id, batch.request(3).id]


def test_a_blocked_account_is_left_out(world: World, batch: Batch) -> None:
    batch.press()
    world.workflow.block(f"{2:012}", BEA)
    world.work()
    assert batch.states == [DONE, State.SUPERSEDED, DONE]


def test_an_unknown_press_is_nothing(world: World, batch: Batch) -> None:
    world.workflow.apply_bulk(BulkName(batch.home.owner, batch.home.place, 7))
    assert batch.states == [PENDING] * 3


def test_review_shows_one_open_request_after_the_other(world: World, batch: Batch) -> None:
    batch.decide(2, Verb.DENY)
    seen, after = [], ""
    for _ in range(3):
        reviewed = world.workflow.review(batch.home, after, BEA)
        assert reviewed is not None
        after = reviewed.picture.request.id
        seen.append((after, reviewed.number, reviewed.of, len(reviewed.picture.timeline)))
    first, third = batch.request(1).id, batch.request(3).id
    assert seen == [(first, 1, 3, 1), (third, 3, 3, 1), (first, 1, 3, 1)]


def test_review_shows_nobody_what_they_have_approved_already(world: World, batch: Batch) -> None:
    world.approvers = TWO_NEEDED
    for number in (1, 2, 3):
        batch.decide(number)
    assert world.workflow.review(batch.home, "", ADA) is None
    assert world.workflow.review(batch.home, "", BEA) is not None


def test_what_is_refused_on_one_account_leaves_the_others(world: World, batch: Batch) -> None:
    """Nobody knows who invited it, so its rules refuse it."""
    request = batch.request(2)
    world.store.stored_clients[request.client_id] = replace(world.client(request), current_request="rother")
    batch.press()
    world.work()
    assert [one.state for one in batch.requests] == [DONE, PENDING, DONE]
    assert "already pending" in left_out(batch)[2]
    with pytest.raises(ActionRefused):
        batch.decide(2)
