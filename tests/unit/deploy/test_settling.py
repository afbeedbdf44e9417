"""An old table gives nobody access: whatever has happened since, only what AWS gives already goes on."""

from __future__ import annotations

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import SwitchyardError
from bot.domain.page import PageName, Teams
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Standing, State, Verb
from deploy.actual_access import ActualAccess, ActualPage
from deploy.settling import Settled, Settling
from tests.fakes import ADA, BEA, World
from tests.memory_store import MemoryStore
from tests.proving import amount

WHY = "The table was restored from a backup."
ACCOUNTS = ("222222222222", "333333333333", "444444444444")


class Access(NamedTuple):
    """What AWS gives."""

    pages: frozenset[tuple[str, str]]
    groups: frozenset[tuple[str, str]]

    def __sub__(self, other: Access) -> set[tuple[str, str]]:
        return {*(self.pages - other.pages), *(self.groups - other.groups)}


@dataclass
class Stage:
    """A world whose table can be put back to what it was."""

    world: World = field(default_factory=lambda: World(teams=Teams(("ops", "data"))))
    stacks: list[int] = field(default_factory=lambda: [0] * len(ACCOUNTS))
    """How often each client has made its stack."""

    @property
    def gives(self) -> Access:
        pages = ((page.team, role) for page, roles in self.world.pages.documents.items() for role in roles)
        return Access(frozenset(pages), frozenset((one, role) for one, (role, _) in self.world.stacks.groups.items()))

    def asks(self, number: int, *, status: str = "CREATE_COMPLETE", role: str = "") -> None:
        """One of the clients has deployed its stack, or changed it."""
        world, made = self.world, status == "CREATE_COMPLETE"
        token = world.invite(f"C{number}") if made else ""
        self.stacks[number] += made
        world.happens(
            status,
            token=token,
            account=ACCOUNTS[number],
            company=f"C{number}",
            role=role or f"role-{number}",
            parent=100 * number + self.stacks[number],
        )

    def onboard(self, number: int = 0) -> str:
        self.asks(number)
        self.world.press(Verb.APPROVE)
        self.world.work()
        return self.world.last.client_id

    def backup(self) -> MemoryStore:
        return _copied(self.world.store)

    def restore(self, backup: MemoryStore, *, settle: bool = True) -> Settled:
        """The functions are stopped, CloudFormation ends what it was doing, and the old table is settled."""
        world = self.world
        for left in (world.bench.waiting, world.bench.asked_pages, world.bench.bulks):
            left.clear()
        world.stacks.complete()
        world.pages.complete()
        world.store = _copied(backup)
        return self.settle() if settle else Settled()

    def settle(self) -> Settled:
        world, revisions = self.world, dict[PageName, int]()
        for name, token in world.pages.ended:
            revisions[name] = max(revisions.get(name, 0), int(token[1:]))
        pages = [
            ActualPage(name, world.pages.stack_id(name), revisions[name], roles)
            for name, roles in world.pages.documents.items()
        ]
        actual = ActualAccess(pages, frozenset(world.stacks.groups))
        return Settling(world.store, actual, "aws", WHY).run()

    def first_request(self) -> Request:
        return next(iter(self.world.store.stored_requests.values()))

    def goes_on(self, minutes: int = 40) -> None:
        for _ in range(minutes):
            self.world.minute()
            self.world.work()


def _copied(store: MemoryStore) -> MemoryStore:
    new = copy.copy(store)
    new._lock = Lock()
    for name, value in vars(store).items():
        if name != "_lock":
            setattr(new, name, copy.deepcopy(value))
    return new


@pytest.fixture
def stage() -> Stage:
    return Stage()


ARN = "arn:aws:iam::{}:role/role-{}"


@pytest.mark.safety("A restored table gives a client that was revoked since no access", "deploy/settling.py")
def test_who_was_revoked_since_stays_out(stage: Stage) -> None:
    # Given
    revoked = stage.onboard(0)
    backup = stage.backup()
    stage.world.revoke("C0")
    stage.world.work()
    assert stage.gives == Access(frozenset(), frozenset())

    # When
    settled = stage.restore(backup)

    # Then
    assert settled.removed == ["C0 (222222222222)"]
    client = stage.world.store.client(revoked)
    assert client is not None and client.given is None and not client.may_have_group
    assert client.standing is Standing.OFFBOARDED
    stage.goes_on()
    stage.onboard(1)
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[1], 1))}


def test_without_settling_the_next_change_of_the_page_lets_everybody_in_again(stage: Stage) -> None:
    """Why there is settling: a page is written whole, as the table remembers it."""
    stage.onboard(0)
    backup = stage.backup()
    stage.world.revoke("C0")
    stage.world.work()
    stage.restore(backup, settle=False)
    stage.onboard(2)
    stage.goes_on(5)  # its revision is one that CloudFormation has carried out, and passes for done
    stage.asks(2, status="UPDATE_COMPLETE", role="other")
    stage.world.press(Verb.APPROVE)
    stage.world.work()
    stage.goes_on(5)
    assert ("ops", ARN.format(ACCOUNTS[0], 0)) in stage.gives.pages


@pytest.mark.safety("What a restored table had approved waits for somebody to press Retry", "deploy/settling.py")
@pytest.mark.parametrize("begun", [False, True])
def test_what_was_approved_and_not_carried_out_waits_for_retry(stage: Stage, begun: bool) -> None:
    # Given an approval that was carried out after the backup, and taken back
    stage.asks(0)
    stage.world.press(Verb.APPROVE)
    if begun:
        stage.world.take_up()
    backup = stage.backup()
    stage.world.work()
    stage.world.revoke("C0")
    stage.world.work()

    # When
    settled = stage.restore(backup)
    stage.goes_on()

    # Then
    assert settled.failed == ["C0 (222222222222): onboard"]
    assert stage.gives == Access(frozenset(), frozenset())
    request = stage.first_request()
    assert (request.state, request.reason) == (State.FAILED, WHY)
    stage.world.workflow.decide(request.id, Verb.RETRY, ADA)
    stage.world.work()
    assert stage.first_request().state is State.DONE
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[0], 0))}
    assert len(stage.gives.groups) == 1


@pytest.mark.parametrize("level", [State.PENDING, State.DENIED])
def test_an_approval_after_the_restore_is_carried_out_though_one_before_it_was(stage: Stage, level: State) -> None:
    """CloudFormation knows the token of the approval that the table has forgotten."""
    stage.asks(0)
    if level is State.DENIED:
        stage.world.press(Verb.DENY)
    backup = stage.backup()
    if level is State.DENIED:
        stage.world.press(Verb.REOPEN)
    stage.world.press(Verb.APPROVE)
    stage.world.work()
    stage.world.revoke("C0")
    stage.world.work()
    settled = stage.restore(backup)
    assert settled == Settled()

    # When
    request = stage.first_request()
    assert f"{request.id}-{request.attempt.next().number}" not in stage.world.stacks.ended
    if level is State.DENIED:
        stage.world.workflow.decide(request.id, Verb.REOPEN, ADA)
    stage.world.workflow.decide(request.id, Verb.APPROVE, ADA)
    stage.world.work()

    # Then
    assert len(stage.gives.groups) == 1
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[0], 0))}


@pytest.mark.safety("An approval from before a restore counts for nothing where two are needed", "deploy/settling.py")
@pytest.mark.parametrize("approved_by", [(ADA,), (ADA, BEA)], ids=len)
def test_where_two_people_are_needed_two_approve_after_the_restore(
    stage: Stage, approved_by: tuple[Actor, ...]
) -> None:
    # Given approvals whose givers think otherwise by now
    world = stage.world
    world.approvers = Approvers(("U0ADA", "U0BEA"), needed=((AccessLevel.READ_ONLY, 2),))
    stage.asks(0)
    for actor in approved_by:
        world.press(Verb.APPROVE, actor)
    backup = stage.backup()
    if approved_by == (ADA,):
        world.press(Verb.DENY, ADA)
    else:
        world.work()
        world.revoke("C0")
    world.work()

    # When one person presses
    stage.restore(backup)
    request = stage.first_request()
    verb = Verb.APPROVE if approved_by == (ADA,) else Verb.RETRY
    world.workflow.decide(request.id, verb, BEA)
    world.work()

    # Then nobody gets in before another one does
    assert stage.gives == Access(frozenset(), frozenset())
    world.workflow.decide(request.id, verb, ADA)
    world.work()
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[0], 0))}


def test_what_was_approved_since_is_reported_and_nothing_takes_it_for_known(stage: Stage) -> None:
    stage.onboard(0)
    backup = stage.backup()
    later = stage.onboard(1)
    settled = stage.restore(backup)
    assert settled.unknown_groups == [later]
    assert settled.unknown_roles == [f"ops 1: {ARN.format(ACCOUNTS[1], 1)}"]
    before = stage.gives
    stage.goes_on()
    assert stage.gives == before


def test_a_team_that_was_taken_out_since_does_not_come_back(stage: Stage) -> None:
    client_id = stage.onboard(0)
    backup = stage.backup()
    changing = stage.world.workflow.ask_to_regroup("C0", ("data",), ADA)
    stage.world.workflow.regroup(changing.client.id, ("data",), changing.state, ADA)
    stage.world.work()
    assert {team for team, _ in stage.gives.pages} == {"data"}
    settled = stage.restore(backup)
    assert settled.narrowed == ["C0 (222222222222)"]
    client = stage.world.store.client(client_id)
    assert client is not None and client.teams == () and client.given is not None and client.given.by_group
    before = stage.gives
    stage.goes_on()
    assert stage.gives - before == set()


@pytest.mark.safety("A page that an earlier deployment has left is never taken for written", "deploy/settling.py")
def test_a_new_table_over_old_pages_writes_them_anew(stage: Stage) -> None:
    # Given a removed stage's page, and an empty table that was told of it
    stage.onboard(0)
    settled = stage.restore(MemoryStore())
    assert settled.unknown_roles == [f"ops 1: {ARN.format(ACCOUNTS[0], 0)}"]
    assert len(settled.unknown_groups) == 1
    stage.goes_on(5)
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[0], 0))}

    # When
    stage.onboard(1)

    # Then
    assert stage.world.last.state is State.DONE
    assert stage.gives.pages == {("ops", ARN.format(ACCOUNTS[1], 1))}


ACTS: dict[str, Callable[[Stage, int], object]] = {
    "onboard": Stage.onboard,
    "ask": Stage.asks,
    "update": lambda stage, number: stage.asks(number, status="UPDATE_COMPLETE", role=f"other-{number}"),
    "leave": lambda stage, number: stage.asks(number, status="DELETE_COMPLETE"),
    "approve": lambda stage, _: stage.world.press(Verb.APPROVE),
    "deny": lambda stage, _: stage.world.press(Verb.DENY),
    "revoke": lambda stage, number: stage.world.revoke(f"C{number}"),
    "take up": lambda stage, _: stage.world.take_up(),
    "work": lambda stage, _: stage.world.work(),
    "minute": lambda stage, _: stage.world.minute(),
}
STORY = st.lists(st.tuples(st.sampled_from(sorted(ACTS)), st.integers(0, len(ACCOUNTS) - 1)), max_size=12)


@pytest.mark.safety("Nothing in a restored table gives access that AWS does not give already", "deploy/settling.py")
@settings(max_examples=amount(60, 3_000), deadline=None)
@given(before=STORY, since=STORY)
def test_whatever_happened_nobody_gets_in_who_is_not_in(
    before: list[tuple[str, int]], since: list[tuple[str, int]]
) -> None:
    # Given
    stage = Stage()
    _play(stage, before)
    backup = stage.backup()
    _play(stage, since)

    # When
    stage.restore(backup)
    at_restore = stage.gives
    again = _copied(stage.world.store)
    stage.settle()
    stage.goes_on(20)

    # Then
    assert stage.gives - at_restore == set()
    assert stage.world.store.stored_clients.keys() == again.stored_clients.keys()
    for client in again.stored_clients.values():
        given = client.given
        assert given is None or given.by_group or given.teams or client.id in stage.world.stacks.groups


def _play(stage: Stage, story: list[tuple[str, int]]) -> None:
    for what, number in story:
        with suppress(SwitchyardError, IndexError):
            ACTS[what](stage, number)
