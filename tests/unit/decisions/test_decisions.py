"""Who may press what, and what one press of several does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers
from bot.domain.errors import (
    AlreadyDecided,
    ApproversUnknown,
    BadCommand,
    NotAllowed,
    StalePress,
    TwoPeopleNeeded,
    UnknownRequest,
)
from bot.domain.model import Grant
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from bot.ports.store import Change
from tests.changed import changed
from tests.fakes import ADA, BEA, OLLI, STRANGER, TERMS, World
from tests.memory_store import MemoryStore


@pytest.fixture
def world() -> World:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    return world


def audited(world: World) -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in world.store.trail(world.last.client_id)]


def test_approval_is_green_only_when_the_group_exists(world: World) -> None:
    world.press(Verb.APPROVE)
    assert world.states == [State.APPROVED]
    world.workflow.provision(world.bench.waiting.pop())
    assert world.states == [State.PROVISIONING]
    assert world.channel.cards == []
    [moved] = world.stacks.complete()
    world.workflow.record_outcome(moved)
    assert world.states == [State.DONE]
    [card] = world.channel.cards
    assert card.client is not None
    assert card.client.grant == Grant("switchyard-access", AccessLevel.READ_ONLY, TERMS)
    assert card.request.decision is not None
    assert card.request.decision.actor == "U0ADA"


def test_a_denial_makes_no_group(world: World) -> None:
    world.press(Verb.DENY)
    world.work()
    assert world.states == [State.DENIED]
    assert world.stacks.starts == 0
    assert world.client().standing is Standing.DENIED


@pytest.mark.safety("Every press is in the audit", "bot/decisions/decide.py")
def test_the_reason_of_a_denial_is_kept_with_it_and_in_the_audit(world: World) -> None:
    world.press(Verb.DENY, reason="No contract yet")
    assert world.last.decision is not None
    assert world.last.decision.reason == "No contract yet"
    assert world.store.trail(world.last.client_id)[-1].detail == "No contract yet"


@pytest.mark.safety("The reason of a denial has a maximum length", "bot/decisions/decide.py")
def test_a_reason_has_at_most_500_characters(world: World) -> None:
    world.press(Verb.DENY, reason="x" * 501)
    assert world.store.trail(world.last.client_id)[-1].detail == "x" * 500


def test_reopening_clears_the_reason_and_the_history_keeps_it(world: World) -> None:
    world.press(Verb.DENY, reason="No contract yet")
    world.press(Verb.REOPEN)
    assert world.last.decision is not None
    assert world.last.decision.reason == ""
    assert [line.detail for line in world.store.trail(world.last.client_id)[-2:]] == ["No contract yet", ""]


def test_only_a_denial_has_a_reason(world: World) -> None:
    world.press(Verb.APPROVE, reason="because")
    assert world.last.decision is not None
    assert world.last.decision.reason == ""
    assert world.store.trail(world.last.client_id)[-1].detail == ""


@pytest.mark.safety("A press that names no workspace counts for nobody", "bot/decisions/people.py")
@pytest.mark.safety("People of other workspaces decide nothing", "bot/decisions/people.py")
@pytest.mark.safety("Only listed approvers, or members of a listed group, decide", "bot/decisions/decide.py")
@pytest.mark.safety("Every press is checked for the right to press", "bot/decisions/decide.py")
@pytest.mark.safety("Refused presses are written down", "bot/decisions/decide.py")
@pytest.mark.parametrize("actor", [OLLI, STRANGER, Actor("", "", ""), Actor("U0ADA", "", "")])
@pytest.mark.parametrize("verb", list(Verb))
def test_who_is_no_approver_changes_nothing_and_is_written_down(world: World, actor: Actor, verb: Verb) -> None:
    with pytest.raises(NotAllowed):
        world.press(verb, actor)
    assert world.states == [State.PENDING]
    assert world.bench.waiting == []
    assert (actor.user_id, f"refused: {verb}") in audited(world)


def test_a_refusal_says_what_only_approvers_may(world: World) -> None:
    workflow = world.workflow
    for refused, may in (
        (lambda: world.press(Verb.APPROVE, OLLI), "approve requests"),
        (lambda: world.press(Verb.DENY, OLLI), "deny requests"),
        (lambda: workflow.history("Acme", OLLI), "read histories"),
        (lambda: workflow.invite("Globex", AccessLevel.READ_ONLY, OLLI), "invite clients"),
        (lambda: workflow.list_invitations(OLLI), "see invitations"),
        (lambda: workflow.cancel_invitation("0" * 64, OLLI), "cancel invitations"),
    ):
        with pytest.raises(NotAllowed, match=f"^Only approvers may {may}.$"):
            refused()


def test_members_of_an_approvers_user_group_may_decide(world: World) -> None:
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    assert world.press(Verb.APPROVE, OLLI).state is State.APPROVED


def test_nobody_may_decide_when_nobody_is_configured(world: World) -> None:
    world.approvers = Approvers()
    with pytest.raises(NotAllowed):
        world.press(Verb.APPROVE)


@pytest.mark.safety("A user group that can't be read lets nobody in", "bot/decisions/people.py")
@pytest.mark.safety(
    "Whoever presses is told that the members of a user group could not be read", "bot/decisions/people.py"
)
def test_a_user_group_that_cannot_be_read_lets_nobody_in(world: World) -> None:
    world.channel.down = True
    with pytest.raises(ApproversUnknown) as refused:
        world.press(Verb.APPROVE, OLLI)
    assert refused.value.groups == ("S0APPROVERS",)
    assert world.last.state is State.PENDING
    assert ("U0OLLI", "refused: approve") in audited(world)


def test_a_group_that_cannot_be_read_does_not_outweigh_one_that_can(world: World) -> None:
    world.approvers = Approvers(groups=("S0BROKEN", "S0APPROVERS"))
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    world.channel.unreadable = {"S0BROKEN"}
    assert world.press(Verb.APPROVE, OLLI).state is State.APPROVED


def test_who_has_left_the_approvers_group_decides_no_more(world: World) -> None:
    world.channel.groups["S0APPROVERS"] = frozenset({"U0OLLI"})
    world.press(Verb.DENY, OLLI)
    world.channel.groups["S0APPROVERS"] = frozenset()
    with pytest.raises(NotAllowed):
        world.press(Verb.REOPEN, OLLI)
    assert world.last.state is State.DENIED


@pytest.mark.safety("Only an approved request is handed over to the provision Lambda", "bot/provisioning/run.py")
def test_a_replayed_press_counts_once_however_often_the_request_was_reopened(world: World) -> None:
    approve = world.last
    world.press(Verb.DENY)
    world.press(Verb.REOPEN)
    with pytest.raises(StalePress):
        world.workflow.decide(approve.id, Verb.APPROVE, ADA, approve.presses)
    assert world.last.state is State.PENDING
    assert world.bench.waiting == []
    assert world.workflow.decide(approve.id, Verb.APPROVE, ADA, world.last.presses).state is State.APPROVED


class Untouched(MemoryStore):
    def request(self, request_id: str) -> Request | None:
        raise AssertionError(f"looked up {request_id!r}")


@pytest.mark.safety("A value that is no request id of ours is not looked up in the table", "bot/decisions/decide.py")
@pytest.mark.parametrize("value", ["", "r1", "R" + "a" * 16, "r" + "a" * 16 + "\n", "r" + "a" * 3000, "<!channel>"])
def test_a_value_that_is_no_request_of_ours_is_not_even_looked_up(world: World, value: str) -> None:
    world.store = Untouched()
    with pytest.raises(UnknownRequest):
        world.workflow.decide(value, Verb.APPROVE, ADA)


def of_two_people(world: World, level: str = "Administrator") -> Request:
    world.approvers = replace(world.approvers, two_people=True)
    world.happens("UPDATE_COMPLETE", level=level)
    return world.last


@pytest.mark.safety("Where two people are required, whoever invited can't approve alone", "bot/decisions/quorum.py")
def test_who_invited_cannot_approve_administrator_access_alone(world: World) -> None:
    request = of_two_people(world)
    with pytest.raises(TwoPeopleNeeded, match="You invited Acme"):
        world.press(Verb.APPROVE, ADA)
    assert world.bench.waiting == []
    assert ("U0ADA", "refused: approve") in [(a.actor, a.action) for a in world.store.trail(request.client_id)]
    assert world.press(Verb.APPROVE, BEA).state is State.APPROVED


@pytest.mark.safety("Where a request does not say who invited, nobody can approve it", "bot/decisions/quorum.py")
def test_where_the_request_does_not_say_who_invited_nobody_can_approve(world: World) -> None:
    request = of_two_people(world)
    world.store.save(Change(requests=(changed(request, invited_by=""),)))
    for actor in (ADA, BEA):
        with pytest.raises(TwoPeopleNeeded, match="not known who invited"):
            world.press(Verb.APPROVE, actor)
    assert world.bench.waiting == []


def test_who_invited_may_deny_alone_and_approve_lesser_access(world: World) -> None:
    assert of_two_people(world, "PowerUser").stack.access_level is AccessLevel.POWER_USER
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED
    world.work()
    of_two_people(world)
    assert world.press(Verb.DENY, ADA).state is State.DENIED


def needing_two(world: World, *, two_people: bool = False) -> Request:
    world.approvers = replace(world.approvers, needed=((AccessLevel.ADMINISTRATOR, 2),), two_people=two_people)
    world.happens("UPDATE_COMPLETE", level="Administrator")
    return world.last


@pytest.mark.safety("Nobody approves twice", "bot/decisions/quorum.py")
@pytest.mark.safety("As many people must approve as the access level needs", "bot/decisions/decide.py")
def test_two_different_people_approve_where_two_are_needed(world: World) -> None:
    request = needing_two(world)
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert (world.bench.waiting, world.client().may_have_group) == ([], False)
    assert [one.actor for one in world.channel.messages[-1].request.approvals] == ["U0ADA"]
    with pytest.raises(TwoPeopleNeeded, match="already approved this"):
        world.press(Verb.APPROVE, ADA)
    assert world.press(Verb.APPROVE, BEA).state is State.APPROVED
    assert world.bench.waiting == [request.id]
    world.work()
    assert world.last.state is State.DONE
    assert [actor for actor, action in audited(world) if action == "approve"] == ["U0ADA", "U0BEA"]


@pytest.mark.safety("Deny forgets the approvals before it", "bot/decisions/decide.py")
def test_a_denial_forgets_who_has_approved_so_far(world: World) -> None:
    needing_two(world)
    world.press(Verb.APPROVE, ADA)
    assert world.press(Verb.DENY, BEA).state is State.DENIED
    assert world.press(Verb.REOPEN, BEA).approvals == ()
    assert world.press(Verb.APPROVE, BEA).state is State.PENDING


def test_a_newer_request_starts_without_approvals(world: World) -> None:
    needing_two(world)
    world.press(Verb.APPROVE, ADA)
    world.happens("UPDATE_COMPLETE", level="Administrator", role="other")
    assert world.press(Verb.APPROVE, BEA).state is State.PENDING


def test_less_access_and_its_removal_take_one_person(world: World) -> None:
    world.approvers = replace(world.approvers, needed=((AccessLevel.ADMINISTRATOR, 2),))
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED
    world.work()
    world.happens("UPDATE_COMPLETE", level="Administrator")
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.APPROVE, BEA)
    world.work()
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED


def test_a_retry_keeps_who_approved(world: World) -> None:
    needing_two(world)
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.APPROVE, BEA)
    world.stacks.refuse = "Cannot exceed quota"
    world.work()
    retried = world.press(Verb.RETRY, ADA)
    assert [one.actor for one in retried.approvals] == ["U0ADA", "U0BEA"]


def test_reopening_asks_everybody_again(world: World) -> None:
    needing_two(world)
    world.press(Verb.APPROVE, ADA)
    world.press(Verb.DENY, BEA)
    assert world.press(Verb.REOPEN, BEA).approvals == ()
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING


def test_whoever_invited_may_be_one_of_two(world: World) -> None:
    needing_two(world, two_people=True)
    assert world.press(Verb.APPROVE, BEA).state is State.PENDING
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED


def test_whoever_invited_may_be_the_first_of_two(world: World) -> None:
    needing_two(world, two_people=True)
    assert world.press(Verb.APPROVE, ADA).state is State.PENDING
    assert world.press(Verb.APPROVE, BEA).state is State.APPROVED


@pytest.mark.safety("Where two people are not required, one approval is enough", "bot/decisions/quorum.py")
def test_one_person_is_enough_unless_two_are_required(world: World) -> None:
    world.happens("UPDATE_COMPLETE", level="Administrator")
    assert world.press(Verb.APPROVE, ADA).state is State.APPROVED


@pytest.mark.safety("Whoever loses a race reads again and learns who won", "bot/decisions/decide.py")
def test_second_click_learns_who_won(world: World) -> None:
    world.press(Verb.DENY)
    with pytest.raises(AlreadyDecided) as late:
        world.press(Verb.APPROVE, BEA)
    assert late.value.request.decision is not None
    assert late.value.request.decision.actor == "U0ADA"
    assert world.bench.waiting == []
    assert ("U0BEA", "refused: approve") in audited(world)


class SlowStore(MemoryStore):
    """Lets somebody else in between one reader's reading and its saving."""

    between: object = None

    def save(self, change: Change) -> None:
        step, self.between = self.between, None
        if callable(step):
            step()
        super().save(change)


@pytest.mark.safety("A press that meets another save reads again, and then finds the winner", "bot/decisions/decide.py")
def test_of_two_clicks_at_once_one_wins() -> None:
    world = World(store=SlowStore())
    world.happens("CREATE_COMPLETE", token=world.invite())
    assert isinstance(world.store, SlowStore)
    world.store.between = lambda: world.press(Verb.DENY, BEA)
    with pytest.raises(AlreadyDecided) as late:
        world.press(Verb.APPROVE, ADA)
    assert late.value.request.decision is not None
    assert late.value.request.decision.actor == "U0BEA"
    assert world.states == [State.DENIED]
    assert world.bench.waiting == []


def test_a_click_is_not_lost_to_a_change_that_decides_nothing() -> None:
    world = World(store=SlowStore())
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    assert isinstance(world.store, SlowStore)
    world.store.between = lambda: world.happens("CREATE_IN_PROGRESS", token=token, seconds=-60)
    assert world.press(Verb.APPROVE).state is State.APPROVED
    assert world.bench.waiting == [world.last.id]


def test_a_denied_request_can_be_reopened(world: World) -> None:
    world.press(Verb.DENY)
    world.press(Verb.REOPEN, BEA)
    assert world.states == [State.PENDING]
    world.press(Verb.APPROVE)
    world.work()
    assert world.states == [State.DONE]


def test_a_superseded_request_cannot_be_approved(world: World) -> None:
    world.happens("UPDATE_COMPLETE", level="Administrator")
    assert world.states == [State.SUPERSEDED, State.PENDING]
    assert world.channel.messages[0].request.reason.startswith("The client's stack has changed since")
    with pytest.raises(AlreadyDecided):
        world.press(Verb.APPROVE, message=0)
    assert world.press(Verb.APPROVE).stack.access_level is AccessLevel.ADMINISTRATOR


def test_an_unknown_request_is_said_to_be_unknown(world: World) -> None:
    with pytest.raises(UnknownRequest):
        world.workflow.decide("r-nothing", Verb.APPROVE, ADA)


@pytest.mark.safety("Only approvers invite", "bot/decisions/invite.py")
@pytest.mark.safety("A company's name can be read", "bot/decisions/invite.py")
@pytest.mark.safety("Who invites a company learns which clients have that name already", "bot/decisions/invite.py")
def test_only_approvers_invite_and_names_must_be_readable(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.workflow.invite("Globex", AccessLevel.READ_ONLY, OLLI)
    for name in ("", "   ", "x" * 65, "Ac\u202eme", "Ac\u200bme", "Ac\x07me", "Ac\ue000me", "Ac\u0378me", "Ac\ud800me"):
        with pytest.raises(BadCommand):
            world.workflow.invite(name, AccessLevel.READ_ONLY, ADA)
    assert [n.company for n in world.workflow.invite("acme", AccessLevel.READ_ONLY, ADA).namesakes] == ["Acme"]


def test_an_invitation_keeps_only_the_hash_of_its_token(world: World) -> None:
    invited = world.workflow.invite("Globex", AccessLevel.READ_ONLY, ADA)
    assert invited.token not in repr(invited.invitation)
    assert world.store.invitation(invited.invitation.token_hash) is not None


def approved_update(world: World) -> Request:
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE", role="renamed-role", level="PowerUser")
    return world.last


def test_an_update_shows_what_changed_and_switches_the_group(world: World) -> None:
    request = approved_update(world)
    assert (request.kind, request.warnings.recreated) == (Kind.UPDATE, False)
    assert request.previous == Grant("switchyard-access", AccessLevel.READ_ONLY, TERMS)
    assert (request.stack.role_name, request.stack.access_level) == ("renamed-role", AccessLevel.POWER_USER)
    assert world.client().stack == request.stack
    world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups[request.client_id][0] == "renamed-role"
    assert len(world.channel.cards) == 2


def test_a_denied_update_leaves_the_group_as_it_is(world: World) -> None:
    request = approved_update(world)
    world.press(Verb.DENY)
    world.work()
    assert world.stacks.groups[request.client_id][0] == "switchyard-access"
    assert world.client().standing is Standing.ONBOARDED


def test_an_update_that_changes_nothing_is_done_at_once(world: World) -> None:
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE")
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    assert world.states[-1] is State.DONE
    assert len(world.channel.cards) == 1
