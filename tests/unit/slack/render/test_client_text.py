"""The text for a client: what it says for each outcome, and that it says nothing of ours."""

from __future__ import annotations

import html
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from bot.domain.answers import Actor
from bot.domain.errors import NotAllowed, StalePress, UnknownRequest
from bot.domain.model import Given, Grant, Terms
from bot.domain.record import Record
from bot.domain.request import Decision, Request
from bot.domain.telling import Outcome, advice_for_client, outcome
from bot.domain.vocabulary import AccessLevel, Kind, State, Verb
from bot.slack.render.blocks import Message
from bot.slack.render.client_text import client_text, client_text_button, client_texts
from tests.fakes import ADA, BEA, OLLI, World
from tests.unit.decisions.batch import Batch, account
from tests.unit.slack.samples import CLIENT, NOW, SETTINGS, granting, request, words

PROVIDER = replace(SETTINGS, provider_name="Northwind Operations")
DENIED = Decision(Verb.DENY, "U0ADA", NOW, "No contract yet")


@pytest.fixture
def world() -> World:
    return World()


def sent(message: Message) -> str:
    """What is copied out of Slack."""
    return html.unescape("\n\n".join(words(message).split("```")[1::2]))


def text(one: Request, told: Outcome) -> str:
    return sent(client_text(one, told, PROVIDER))


def told_of(one: Request, **client: Any) -> Outcome | None:
    return outcome(one, replace(CLIENT, **client))


def test_each_outcome_is_offered_where_it_is_so() -> None:
    done, update = request(state=State.DONE), request(Kind.UPDATE, State.DONE)
    assert outcome(done, granting(done)) is Outcome.GRANTED
    assert outcome(update, granting(update)) is Outcome.CHANGED
    assert told_of(request(Kind.OFFBOARD, State.DONE), given=None) is Outcome.REMOVED
    assert told_of(request(Kind.OFFBOARD, State.DONE, revoked=True), given=None) is Outcome.REVOKED
    assert told_of(request(state=State.DENIED)) is Outcome.DENIED
    assert told_of(request(Kind.UPDATE, State.DENIED)) is Outcome.CHANGE_DENIED
    assert told_of(request(state=State.FAILED)) is Outcome.DELAYED
    assert told_of(request(Kind.REPORT, State.REPORTED)) is Outcome.FAILED


@pytest.mark.safety("No client is told of an access that it no longer has", "bot/domain/telling.py")
def test_nothing_is_offered_for_what_is_no_longer_so_or_not_decided() -> None:
    done = request(state=State.DONE)
    assert outcome(done, None) is None
    assert told_of(done, given=None) is None
    assert told_of(done, given=Given(done.stack, ("rqqqqqqqqqqqqqqqq",))) is None
    assert told_of(request(Kind.OFFBOARD, State.DONE)) is None, "it was let in again"
    for state in (State.PENDING, State.APPROVED, State.PROVISIONING, State.EXPIRED, State.SUPERSEDED):
        assert told_of(request(state=state)) is None
    assert client_text_button(request(), CLIENT) is None


def test_an_approval_names_account_role_and_level_and_how_to_end_it() -> None:
    said = text(request(state=State.DONE), Outcome.GRANTED)
    for part in (
        "Hello Acme,",
        "Northwind Operations",
        "222222222222",
        "switchyard-access",
        "ReadOnly",
        "delete the stack",
    ):
        assert part in said


@pytest.mark.safety("A client reads the reason of a denial only if the approver ticked so", "bot/domain/telling.py")
def test_a_denial_gives_its_reason_only_if_that_was_ticked() -> None:
    denied = replace(request(state=State.DENIED), decision=DENIED)
    assert "No contract yet" not in text(denied, Outcome.DENIED)
    assert "The reason of the denial is left out" in words(client_text(denied, Outcome.DENIED, SETTINGS))
    ticked = replace(
        denied, decision=replace(DENIED, tells_client=True, reason="Ask <@U0BEA> or <#C0X|ops>: no contract")
    )
    assert "The reason: Ask … or …: no contract" in text(ticked, Outcome.DENIED)
    assert "left out" not in words(client_text(ticked, Outcome.DENIED, SETTINGS))


def test_a_role_that_exists_already_is_the_first_advice() -> None:
    said = text(request(Kind.REPORT, State.REPORTED), Outcome.FAILED)
    assert "could not create" in said and "AccessRole: switchyard-access already exists" in said
    assert "Your account already has a role of this name" in said and "RoleName" in said
    assert "delete the failed stack" in said


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("AccessRole: switchyard-access already exists in stack arn:aws:x", "a role of this name"),
        ("Resource handler returned message: Role with name switchyard-access already exists.", "a role of this name"),
        ("Forwarder: switchyard-forwarder already exists", "something of this name"),
        ("S3 error: Access Denied", "from the file"),
        (
            "is not authorized to perform: iam:CreateRole with an explicit deny in a service control policy",
            "organization",
        ),
        ("User: arn:aws:sts::2:x is not authorized to perform: iam:CreateRole", "may not make IAM roles"),
        ("Requires capabilities : [CAPABILITY_NAMED_IAM]", "boxes about IAM"),
        ("Cannot exceed quota for RolesPerAccount: 1000", "Service Quotas"),
        ("Service: Iam, Status Code: 503", "Try again"),
        ("something else", "look at it together"),
    ],
)
def test_each_failure_has_its_advice(reason: str, advice: str) -> None:
    assert advice in advice_for_client(reason)


@pytest.mark.parametrize(
    ("status", "last"),
    [
        ("ROLLBACK_COMPLETE", "create it again"),
        ("UPDATE_ROLLBACK_COMPLETE", "update the stack again"),
        ("DELETE_FAILED", "delete the stack again"),
    ],
)
def test_a_failed_stack_is_told_with_what_comes_next(status: str, last: str) -> None:
    assert last in text(request(Kind.REPORT, State.REPORTED, stack_status=status), Outcome.FAILED)


KNOWN_TO_THE_CLIENT = {"company", "account_id", "role_name", "access_level"}


@pytest.mark.safety(
    "A text for a client holds no Slack ids, no ids or names of ours and no people", "bot/slack/render/client_text.py"
)
@pytest.mark.parametrize("told", [one for one in Outcome if one is not Outcome.FAILED])
def test_a_text_holds_nothing_of_ours(told: Outcome) -> None:
    """Every text in the request that the client does not know is marked, and no mark is in the text."""
    full = request(
        Kind.UPDATE,
        State.DENIED,
        teams=("operators",),
        invited_by="U0ADA",
        previous=Grant("old", AccessLevel.READ_ONLY, Terms(True, 3600)),
    )
    marked = _marked(replace(full, decision=replace(DENIED, tells_client=False), approvals=(DENIED,)))
    said = sent(client_text(marked, told, replace(PROVIDER, channel_id="MARK-channel", stage="MARK-stage")))
    assert "MARK" not in said
    assert "switchyard-access" in said or told is Outcome.DELAYED


def _marked(one: Any, name: str = "") -> Any:
    """The same with a mark in every text that the client does not know."""
    if isinstance(one, str) and type(one) is str:
        return one if name in KNOWN_TO_THE_CLIENT else f"MARK-{name}"
    if isinstance(one, tuple):
        return tuple(_marked(each, name) for each in one)
    if isinstance(one, Record) and is_dataclass(one):
        return replace(one, **{field.name: _marked(getattr(one, field.name), field.name) for field in fields(one)})
    return one


def test_an_approver_gets_it_and_nobody_else(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.DENY, reason="No contract yet")
    asked, told = world.workflow.text_for_client(world.last.id, BEA)
    assert (asked.id, told) == (world.last.id, Outcome.DENIED)
    with pytest.raises(NotAllowed, match="see what clients can be told"):
        world.workflow.text_for_client(world.last.id, OLLI)
    with pytest.raises(NotAllowed):
        world.workflow.text_for_client(world.last.id, Actor(ADA.user_id, "T0OTHER", ADA.home_team_id))


@pytest.mark.safety("No client is told of what has changed since the button was drawn", "bot/decisions/tell.py")
def test_what_was_reopened_since_is_not_told(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.DENY)
    world.press(Verb.REOPEN)
    with pytest.raises(StalePress, match="nothing to tell"):
        world.workflow.text_for_client(world.last.id, BEA)


def test_a_report_is_told_with_the_newest_reason(world: World) -> None:
    world.happens("CREATE_IN_PROGRESS", token=world.invite())
    world.happens("ROLLBACK_COMPLETE", reason="late")
    report = world.channel.messages[-1].request
    asked, told = world.workflow.text_for_client(report.id, ADA)
    assert (told, asked.reason) == (Outcome.FAILED, report.reason)


@pytest.mark.safety("The tick beside a denial's reason is stored with it", "bot/decisions/decide.py")
@pytest.mark.parametrize(("reason", "stored"), [("No contract yet", True), ("", False)])
def test_the_tick_is_stored_with_a_reason_alone(world: World, reason: str, stored: bool) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.workflow.decide(world.last.id, Verb.DENY, ADA, reason=reason, tells_client=True)
    decision = world.store.stored_requests[world.last.id].decision
    assert decision is not None and decision.tells_client is stored


def test_accounts_with_the_same_outcome_have_one_text_that_lists_them(world: World) -> None:
    batch = Batch(world, 3)
    batch.press()
    world.work()
    found = world.workflow.texts_for_client(batch.home, BEA)
    assert [told for _, told in found] == [Outcome.GRANTED] * 3
    said = sent(client_texts(found, PROVIDER))
    assert "your 3 AWS accounts" in said and "the access level ReadOnly" in said
    assert f"The accounts: {', '.join(account(n) for n in (1, 2, 3))}" in said


def test_each_outcome_has_its_own_text(world: World) -> None:
    batch = Batch(world, 3)
    batch.decide(2, Verb.DENY)
    batch.press()
    world.work()
    found = world.workflow.texts_for_client(batch.home, ADA)
    shown = words(client_texts(found, PROVIDER))
    assert "*For 2 of 3 accounts*" in shown and "*For 1 of 3 accounts*" in shown
    assert "has approved the access to your 2 AWS accounts" in shown
    assert f"has not approved the access to your AWS account {account(2)}" in shown


def test_accounts_of_a_shared_message_are_told_to_approvers_alone_and_only_what_is_decided(world: World) -> None:
    batch = Batch(world, 2)
    with pytest.raises(StalePress, match="nothing to tell"):
        world.workflow.texts_for_client(batch.home, ADA)
    batch.decide(1, Verb.DENY)
    assert [one.stack.account_id for one, _ in world.workflow.texts_for_client(batch.home, ADA)] == [account(1)]
    with pytest.raises(NotAllowed):
        world.workflow.texts_for_client(batch.home, OLLI)
    for home in (replace(batch.home, owner="x"), replace(batch.home, place="2026#000009")):
        with pytest.raises(UnknownRequest):
            world.workflow.texts_for_client(home, ADA)


def test_many_reasons_fit_into_one_answer() -> None:
    found = []
    for number in range(9):
        decision = replace(DENIED, tells_client=True, reason=f"{number}" * 500)
        found.append((replace(request(state=State.DENIED), decision=decision), Outcome.DENIED))
    shown = words(client_texts(found, PROVIDER))
    assert "And 5 more texts" in shown


def test_the_tick_beside_deny_all_counts_for_each_account(world: World) -> None:
    batch = Batch(world, 2)
    world.workflow.press_all(batch.home, batch.drawn, Verb.DENY, ADA, "No contract yet", tells_client=True)
    world.work()
    decisions = [one.decision for one in batch.requests]
    assert [one and one.tells_client for one in decisions] == [True, True]
    assert "The reason: No contract yet" in sent(
        client_texts(world.workflow.texts_for_client(batch.home, ADA), PROVIDER)
    )
