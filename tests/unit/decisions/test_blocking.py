"""Blocking an account: nothing of it is let in or shown, nobody's access is taken away, and it can be ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain import policy
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, BadCommand, NotAllowed, NotInvited, Replayed, StalePress, WrongWorkspace
from bot.domain.ids import token_hash
from bot.domain.search import Search
from bot.domain.vocabulary import Kind, Standing, State, Verb
from bot.ports.store import Change, Located
from bot.slack.render.answers import usage
from tests.fakes import ACME, ADA, BEA, OLLI, STRANGER, World, event_body
from tests.memory_store import MemoryStore
from tests.unit.slack.samples import SETTINGS, words


def denied(store: MemoryStore | None = None) -> World:
    world = World(store=store or MemoryStore())
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.DENY)
    return world


def admission_check(world: World, *, token: str = "", parent: int = 1, role: str = "switchyard-access") -> None:
    """The gate's question before anything is created."""
    body = event_body("-", world.clock.moment, token=token, parent=parent, role=role, last_word=True)
    world.send(body.replace(b'"last_word"', b'"knock"'))


def refused(world: World, status: str, **fields: object) -> str:
    with pytest.raises(NotInvited) as caught:
        world.happens(status, **fields)  # type: ignore[arg-type]
    assert caught.value.status == 403
    return str(caught.value)


@pytest.mark.safety("A blocked account is refused, and nothing of it is shown", "bot/ingest/admission.py")
def test_a_blocked_client_is_refused_and_makes_no_message() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    before = len(world.channel.messages), world.channel.messages[-1].edits
    for status in ("UPDATE_IN_PROGRESS", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_COMPLETE"):
        assert refused(world, status) == (
            "Nothing is accepted from this AWS account at present. Ask the provider who invited you."
        )
    refused(world, "CREATE_FAILED", resource="AccessRole", reason="no")
    refused(world, "CREATE_IN_PROGRESS", resource="AccessRole")
    for _ in range(70):
        world.minute()
    assert (len(world.channel.messages), world.channel.messages[-1].edits) == before
    assert world.channel.reminders == []
    assert world.store.unshown == []


@pytest.mark.safety("Another stack, role or invitation is no way around a block", "bot/ingest/admission.py")
def test_neither_another_stack_nor_a_new_invitation_is_a_way_around() -> None:
    world = denied()
    world.workflow.block(ACME, BEA)
    for fields in ({}, {"parent": 2}, {"parent": 3, "role": "other-role"}):
        refused(world, "CREATE_COMPLETE", token=world.invite(), **fields)
        with pytest.raises(NotInvited, match="Nothing is accepted"):
            admission_check(world, token=world.invite(), **fields)
    assert [one.stack.account_id for one in world.store.stored_clients.values()] == [ACME]
    assert [one.client_id for one in world.store.stored_invitations.values() if one.client_id] == [world.client().id]


def test_its_own_invitation_is_no_way_around_under_another_role() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.DENY)
    world.workflow.block("Acme", BEA)
    refused(world, "CREATE_COMPLETE", token=token, role="other-role", parent=2)
    assert world.states == [State.DENIED]


def test_other_accounts_are_let_in_as_ever() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    world.happens("CREATE_COMPLETE", token=world.invite("Globex"), company="Globex", account="333333333333")
    assert (world.last.company, world.last.state) == ("Globex", State.PENDING)


@pytest.mark.safety("The last word of a blocked client is kept, and shown to nobody", "bot/ingest/deletion.py")
def test_its_last_word_is_kept_silently() -> None:
    world = denied()
    client_id = world.client().id
    world.workflow.block("Acme", BEA)
    before = world.channel.messages[-1].edits
    world.happens("DELETE_COMPLETE", last_word=True)
    assert world.store.events(client_id)[-1].by_the_gate
    [gone] = world.store.stored_gone.values()
    assert gone.confirmed
    world.minute()
    assert (len(world.channel.messages), world.channel.messages[-1].edits) == (1, before)
    assert world.client().standing is Standing.BLOCKED


def test_the_last_word_of_a_stack_that_never_got_in_is_taken_too() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    world.happens("DELETE_COMPLETE", last_word=True, parent=7)
    assert world.store.stored_gone == {}
    assert not world.client().stack_gone


def test_who_has_access_is_revoked_first() -> None:
    world = World()
    world.onboard()
    with pytest.raises(ActionRefused, match=r"has access, or may have\. .* type `/clients revoke c"):
        world.workflow.block("Acme", BEA)
    world.revoke("Acme")
    with pytest.raises(ActionRefused, match="set up or removed at the moment"):
        world.workflow.block("Acme", BEA)
    world.stacks.refuse = "Throttled"
    world.work()
    with pytest.raises(ActionRefused, match="set up or removed at the moment"):
        world.workflow.block("Acme", BEA)
    world.stacks.refuse = ""
    world.press(Verb.RETRY)
    world.work()
    world.workflow.block("Acme", BEA)
    assert world.client().standing is Standing.BLOCKED
    refused(world, "UPDATE_COMPLETE")


@pytest.mark.safety(
    "An account in which somebody was approved and waits for its turn is not blocked", "bot/domain/blocking.py"
)
def test_who_was_approved_anew_and_waits_for_the_removal_to_end_is_not_blocked() -> None:
    """Found by the races' state machine: for a moment nothing says that it has a group, nor that one is being made."""
    world = World()
    world.onboard()
    world.happens("DELETE_COMPLETE", last_word=True)
    world.press(Verb.APPROVE)
    world.workflow.provision(world.bench.waiting.pop())
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=2)
    world.press(Verb.APPROVE)
    for stack_id in world.stacks.complete():
        world.workflow.record_outcome(stack_id)
    client = world.client()
    assert (client.may_have_group, client.provisioning, world.last.state) == (False, None, State.APPROVED)
    with pytest.raises(ActionRefused, match="set up or removed at the moment"):
        world.workflow.block("Acme", BEA)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("An account in which somebody has access is not blocked", "bot/domain/blocking.py")
def test_a_client_whose_account_has_another_one_with_access_can_not_be_blocked() -> None:
    world = World()
    world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite("Acme Two"), company="Acme Two", role="other", parent=2)
    world.press(Verb.DENY)
    with pytest.raises(ActionRefused, match=r"^Acme \(c.*has access"):
        world.workflow.block("Acme Two", BEA)
    world.happens("UPDATE_COMPLETE", parent=2, role="other")
    assert world.last.state is State.PENDING


def test_all_clients_of_the_account_are_blocked_and_let_in_again_together() -> None:
    world = denied()
    world.happens("CREATE_COMPLETE", token=world.invite("Acme Two"), company="Acme Two", role="other", parent=2)
    done = world.workflow.block(ACME, BEA)
    assert [one.company for one in done.clients] == ["Acme", "Acme Two"]
    assert {one.standing for one in world.workflow.find(Search(), ADA).clients} == {Standing.BLOCKED}
    refused(world, "UPDATE_COMPLETE", parent=2, role="other")
    world.workflow.unblock("Acme Two", ADA)
    assert {one.standing for one in world.workflow.find(Search(), ADA).clients} == {Standing.DENIED, Standing.ARRIVING}
    world.happens("UPDATE_COMPLETE", parent=2, role="other")
    assert world.states == [State.DENIED, State.SUPERSEDED, State.PENDING]


def test_what_waits_is_asked_no_longer_and_says_why() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.workflow.block("Acme", BEA)
    [message] = world.channel.messages
    assert (message.request.state, message.request.reason) == (
        State.SUPERSEDED,
        "An approver has blocked the client's account since.",
    )
    with pytest.raises(ActionRefused, match=f"account {ACME} is blocked"):
        world.press(Verb.APPROVE)
    world.work()
    assert world.stacks.groups == {}


@pytest.mark.safety("In a blocked account nothing is reopened or approved", "bot/decisions/decide.py")
def test_while_blocked_nothing_is_reopened_and_afterwards_it_is() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    with pytest.raises(ActionRefused, match="/clients unblock"):
        world.press(Verb.REOPEN)
    world.workflow.unblock(ACME, BEA)
    world.press(Verb.REOPEN)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("Whatever changes a blocked client's record leaves it blocked", "bot/domain/policy.py")
def test_a_blocked_client_stays_blocked_whatever_changes_it() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    blocked = world.client()
    for state in State:
        assert policy.standing(blocked, replace(world.last, state=state)) is Standing.BLOCKED
    assert policy.standing(replace(blocked, provisioning="r"), None) is Standing.BLOCKED


class Meanwhile(MemoryStore):
    """Somebody else is faster, just before something is saved."""

    act: Callable[[], object] | None = None

    def save(self, change: Change) -> None:
        act, self.act = self.act, None
        if act is not None:
            act()
        super().save(change)


@pytest.mark.safety("Of a block and an approval at the same moment one wins", "bot/decisions/block.py")
@pytest.mark.parametrize("first", ["block", "approve"])
def test_of_a_block_and_an_approval_at_the_same_moment_one_wins(first: str) -> None:
    store = Meanwhile()
    world = World(store=store)
    world.happens("CREATE_COMPLETE", token=world.invite())
    steps: dict[str, Callable[[], object]] = {
        "block": lambda: world.workflow.block("Acme", BEA),
        "approve": lambda: world.press(Verb.APPROVE),
    }
    store.act = steps[first]
    second = steps["approve" if first == "block" else "block"]
    with pytest.raises(ActionRefused):
        second()
    world.work()
    blocked = world.client().standing is Standing.BLOCKED
    assert (blocked, bool(world.stacks.groups)) == (first == "block", first == "approve")


@pytest.mark.safety(
    "A client that comes in while its account is being blocked is refused or blocked", "bot/ingest/admission.py"
)
@pytest.mark.parametrize("token_of", ["Acme", "Acme Two"])
def test_what_comes_in_while_the_account_is_being_blocked_is_refused(token_of: str) -> None:
    store = Meanwhile()
    world = denied(store)
    fields = {"token": world.invite(token_of), "company": token_of, "role": "other", "parent": 2}
    store.act = lambda: world.workflow.block(ACME, BEA)
    refused(world, "CREATE_COMPLETE", **fields)
    assert {one.standing for one in world.workflow.find(Search(), ADA).clients} == {Standing.BLOCKED}
    assert world.states == [State.DENIED]


class BetweenReads(MemoryStore):
    """Somebody else is faster, just after it was read whose an event is."""

    act: Callable[[], object] | None = None

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located:
        located = super().locate(parent_stack_id, account_id, role_name)
        act, self.act = self.act, None
        if act is not None:
            act()
        return located


@pytest.mark.safety(
    "A client that is blocked after its account was read, and before it was itself, is refused",
    "bot/ingest/admission.py",
)
def test_a_block_between_reading_the_account_and_the_client_is_seen() -> None:
    store = BetweenReads()
    world = World(store=store)
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    world.press(Verb.DENY)
    store.act = lambda: world.workflow.block(ACME, BEA)
    assert "Nothing is accepted" in refused(world, "CREATE_COMPLETE", token=token, role="other-role", parent=2)
    assert world.states == [State.DENIED]
    assert world.client().standing is Standing.BLOCKED


def test_a_client_that_comes_in_while_its_account_is_being_blocked_is_blocked_too() -> None:
    store = Meanwhile()
    world = denied(store)
    token = world.invite("Acme Two")
    store.act = lambda: world.happens("CREATE_COMPLETE", token=token, company="Acme Two", role="other", parent=2)
    assert len(world.workflow.block(ACME, BEA).clients) == 2
    assert {one.standing for one in world.workflow.find(Search(), ADA).clients} == {Standing.BLOCKED}
    assert State.PENDING not in world.states


@pytest.mark.safety("A press on Block that was drawn before another press is stale", "bot/decisions/block.py")
def test_the_button_blocks_what_was_denied_and_is_stale_after_another_press() -> None:
    world = denied()
    asked = world.last
    world.press(Verb.REOPEN)
    with pytest.raises(StalePress):
        world.workflow.press_block(asked.id, BEA, asked.presses)
    world.press(Verb.DENY)
    with pytest.raises(StalePress):
        world.workflow.press_block(asked.id, BEA, asked.presses)
    assert world.client().standing is Standing.DENIED
    world.workflow.press_block(asked.id, BEA, world.last.presses)
    assert world.client().standing is Standing.BLOCKED
    with pytest.raises(ActionRefused, match="blocked already"):
        world.workflow.press_block(asked.id, BEA, world.last.presses)


@pytest.mark.parametrize("leaves", ["revoked", "offboarded"])
def test_the_button_blocks_who_was_revoked_or_has_left(leaves: str) -> None:
    world = World()
    world.onboard()
    if leaves == "revoked":
        world.revoke("Acme")
    else:
        world.happens("DELETE_COMPLETE", last_word=True)
        world.press(Verb.APPROVE)
    world.work()
    assert (world.last.kind, world.last.state) == (Kind.OFFBOARD, State.DONE)
    world.workflow.press_block(world.last.id, BEA, world.last.presses)
    assert world.client().standing is Standing.BLOCKED


def test_a_press_under_an_earlier_removal_blocks_nobody_who_asks_again() -> None:
    world = World()
    world.onboard()
    world.revoke("Acme")
    world.work()
    removal = world.last
    world.happens("UPDATE_COMPLETE", token=world.invite())
    with pytest.raises(StalePress):
        world.workflow.press_block(removal.id, BEA, removal.presses)
    assert world.last.state is State.PENDING


def test_a_press_on_an_older_message_blocks_nobody() -> None:
    world = denied()
    older = world.last
    world.happens("UPDATE_COMPLETE")
    with pytest.raises(StalePress):
        world.workflow.press_block(older.id, BEA)
    with pytest.raises(ActionRefused, match="unknown here"):
        world.workflow.press_block("r" + "a" * 16, BEA)
    assert world.last.state is State.PENDING


DOES: dict[str, Callable[[World, Actor], object]] = {
    "block": lambda world, actor: world.workflow.block("Acme", actor),
    "button": lambda world, actor: world.workflow.press_block(world.last.id, actor),
    "unblock": lambda world, actor: world.workflow.unblock("Acme", actor),
}


@pytest.mark.safety("Only approvers of ours block and unblock", "bot/decisions/block.py")
@pytest.mark.parametrize("does", DOES)
@pytest.mark.parametrize(("actor", "error"), [(OLLI, NotAllowed), (STRANGER, WrongWorkspace)])
def test_only_approvers_of_ours_block_and_unblock(does: str, actor: Actor, error: type[Exception]) -> None:
    world = denied()
    if does == "unblock":
        world.workflow.block("Acme", BEA)
    before = world.client().standing
    with pytest.raises(error):
        DOES[does](world, actor)
    assert world.client().standing is before
    [one] = world.store.refused_people(world.client().id, 9)
    assert one.actor == actor.user_id


def test_the_history_says_who_blocked_and_who_ended_it() -> None:
    world = denied()
    world.workflow.block("Acme", BEA)
    world.workflow.unblock("Acme", ADA)
    assert [kind for _, kind in world.readings.counted][-2:] == ["block", "unblock"]
    told = [(line.actor, line.action, line.detail) for line in world.store.trail(world.client().id)]
    assert told[-2:] == [("U0BEA", "block", f"account {ACME}"), ("U0ADA", "unblock", f"account {ACME}")]


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("block", "blocked already"),
        ("unblock", "is not blocked"),
    ],
)
def test_what_is_so_already_is_said(command: str, told: str) -> None:
    world = denied()
    if command == "block":
        world.workflow.block("Acme", BEA)
    with pytest.raises(ActionRefused, match=told):
        getattr(world.workflow, command)("Acme", BEA)


@pytest.mark.parametrize("named", ["Globex", "333333333333", "caaaaaaaaaa"])
def test_nobody_is_blocked_by_a_name_that_means_nobody(named: str) -> None:
    with pytest.raises(BadCommand, match="no client called"):
        denied().workflow.block(named, BEA)


@pytest.mark.safety("A block that is sent again does not count after it has ended", "bot/decisions/once.py")
def test_a_command_that_is_sent_again_after_the_block_has_ended_blocks_nobody() -> None:
    world = denied()
    mark = "m" * 64
    world.workflow.once(mark, lambda once: once.block("Acme", BEA))
    world.workflow.unblock("Acme", ADA)
    with pytest.raises(Replayed):
        world.workflow.once(mark, lambda once: once.block("Acme", BEA))
    assert world.client().standing is Standing.DENIED


@pytest.mark.parametrize("decided", [True, False])
def test_cancelling_the_invitation_of_a_client_that_never_got_access_blocks_its_account(*, decided: bool) -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token)
    if decided:
        world.press(Verb.DENY)
    cancelled = world.workflow.cancel_invitation(token_hash(token), BEA)
    assert cancelled.blocked is not None
    assert cancelled.blocked.account.blocked_by == "U0BEA"
    assert world.states == [State.DENIED if decided else State.SUPERSEDED]
    refused(world, "UPDATE_COMPLETE")
    told = [(line.actor, line.action) for line in world.store.trail(world.client().id)]
    assert told[-1] == ("U0BEA", "block")


@pytest.mark.safety("Cancelling an invitation blocks no client but the one that hangs on it", "bot/decisions/invite.py")
def test_cancelling_an_invitation_that_a_newer_one_has_replaced_blocks_nobody() -> None:
    world = World()
    older = world.invite()
    world.happens("CREATE_COMPLETE", token=older)
    world.happens("DELETE_COMPLETE", last_word=True)
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=2)
    assert world.workflow.cancel_invitation(token_hash(older), BEA).blocked is None
    assert world.last.state is State.PENDING


def test_cancelling_blocks_nobody_while_somebody_in_the_account_has_access() -> None:
    world = World()
    world.onboard()
    token = world.invite("Acme Two")
    world.happens("CREATE_COMPLETE", token=token, company="Acme Two", role="other", parent=2)
    assert world.workflow.cancel_invitation(token_hash(token), BEA).blocked is None
    assert world.store.account(ACME).blocked is False
    assert world.last.state is State.PENDING


def test_cancelling_an_invitation_that_nobody_has_used_blocks_nobody() -> None:
    world = World()
    assert world.workflow.cancel_invitation(token_hash(world.invite()), BEA).blocked is None


def test_more_clients_than_one_transaction_takes_are_not_blocked() -> None:
    world = World()
    for number in range(15):
        token = world.invite(f"Acme {number}")
        world.happens("CREATE_COMPLETE", token=token, company=f"Acme {number}", role=f"r{number}", parent=number + 1)
    with pytest.raises(ActionRefused, match="more than 14 clients"):
        world.workflow.block(ACME, BEA)


def test_help_says_how_to_block() -> None:
    shown = words(usage(SETTINGS))
    assert "/clients block &lt;client&gt;" in shown
    assert "/clients unblock &lt;client&gt;" in shown


def test_an_account_whose_record_names_no_client_is_not_blocked() -> None:
    world = World()
    client_id = world.onboard()
    world.store.stored_accounts.clear()
    with pytest.raises(ActionRefused, match="No client is known"):
        world.workflow.block(client_id, ADA)
    assert not world.client().blocked
