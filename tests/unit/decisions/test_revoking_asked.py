"""`/clients revoke` asks first: what it shows, whose press counts, and on what."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor, Revocation
from bot.domain.errors import ActionRefused, ApproversUnknown, NotAllowed, StalePress, TryAgain
from bot.domain.model import Grant
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State, Verb
from bot.slack.render import revoking
from local.slack.block_kit.blocks import block_problems
from local.slack.running import RunningWorkspace
from tests.changed import changed
from tests.fakes import BEA, OLLI, STRANGER, World
from tests.unit.slack.app_samples import Recorder, slack, workflow
from tests.unit.slack.samples import CLIENT, ENTRANCE, REQUEST, SETTINGS, buttons, request, words

__all__ = ["slack", "workflow"]

HOME_ADA = Actor("U0ADA", "T0SWITCHYARD", "T0SWITCHYARD")


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def ask(world: World) -> Revocation:
    return world.workflow.ask_to_revoke("Acme", BEA)


@pytest.mark.safety("Asking to revoke changes nothing", "bot/decisions/revoke.py")
def test_asking_changes_nothing(world: World) -> None:
    before = (dict(world.store.stored_clients), dict(world.store.stored_requests), list(world.store.stored_audits))
    asked = ask(world)
    assert asked.gives == world.client().grant
    assert (world.store.stored_clients, world.store.stored_requests, world.store.stored_audits) == before
    assert (world.bench.waiting, world.states) == ([], [State.DONE])


def test_the_question_shows_what_the_group_gives_and_what_would_be_asked_no_longer(world: World) -> None:
    world.happens("UPDATE_COMPLETE", role="other", level="Administrator")
    asked = ask(world)
    assert asked.gives == world.client().grant
    assert asked.superseded is not None
    assert asked.superseded.id == world.last.id


@pytest.mark.parametrize("actor", [OLLI, STRANGER, Actor("", "", "")])
def test_only_approvers_are_asked_and_only_their_press_counts(world: World, actor: Actor) -> None:
    asked = ask(world)
    with pytest.raises(NotAllowed, match=r"Only approvers may revoke access|does not count"):
        world.workflow.ask_to_revoke("Acme", actor)
    with pytest.raises(NotAllowed, match=r"Only approvers may revoke access|does not count"):
        world.workflow.revoke(asked.client.id, asked.state, actor)
    assert len(world.stacks.groups) == 1
    assert (actor.user_id, "refused: revoke") in [
        (line.actor, line.action) for line in world.store.trail(asked.client.id)
    ]


@pytest.mark.safety("The press on Revoke is checked anew, whatever the question said", "bot/decisions/revoke.py")
def test_who_is_no_approver_any_more_when_pressing_revokes_nothing(world: World) -> None:
    asked = ask(world)
    world.approvers = replace(world.approvers, users=("U0ADA",))
    with pytest.raises(NotAllowed):
        world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert world.client().grant is not None


@pytest.mark.safety("A press on Revoke is stale once the client's access has changed", "bot/decisions/revoke.py")
@pytest.mark.parametrize(("role", "level"), [("other", "ReadOnly"), ("switchyard-access", "Administrator")])
def test_a_press_on_what_the_group_gave_before_changes_nothing_and_says_so(world: World, role: str, level: str) -> None:
    asked = ask(world)
    world.happens("UPDATE_COMPLETE", role=role, level=level)
    world.press(Verb.APPROVE)
    world.work()
    with pytest.raises(StalePress, match="has changed since you were asked, so nothing was changed"):
        world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert world.client().standing is Standing.ONBOARDED
    assert ("U0BEA", "refused: revoke") in [(a.actor, a.action) for a in world.store.trail(asked.client.id)]
    gives = ask(world).gives
    assert (gives.role_name, gives.access_level) == (role, level)


def test_so_does_one_from_before_the_client_was_let_in_anew(world: World) -> None:
    asked = ask(world)
    world.revoke("Acme", BEA)
    world.work()
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=2)
    world.press(Verb.APPROVE)
    world.work()
    assert world.client().grant == asked.gives
    with pytest.raises(StalePress):
        world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert world.client().standing is Standing.ONBOARDED


@pytest.mark.safety("A client that changes its stack can't make a press on Revoke stale", "bot/decisions/revoke.py")
def test_a_client_that_keeps_changing_its_stack_cannot_fend_it_off(world: World) -> None:
    asked = ask(world)
    world.happens("UPDATE_COMPLETE", role="other", level="Administrator")
    world.happens("UPDATE_COMPLETE", role="another")
    removal = world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert (removal.kind, removal.stack.role_name) == (Kind.OFFBOARD, "switchyard-access")
    world.work()
    assert world.stacks.groups == {}


def test_a_second_or_replayed_press_does_nothing_more(world: World) -> None:
    asked = ask(world)
    world.workflow.revoke(asked.client.id, asked.state, BEA)
    for _ in range(2):
        with pytest.raises(ActionRefused, match="being taken away already"):
            world.workflow.revoke(asked.client.id, asked.state, BEA)
    world.work()
    with pytest.raises(ActionRefused, match="nothing to revoke"):
        world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert len(world.channel.messages) == 2


@pytest.mark.safety("A replayed press on Revoke does not retry a failed removal", "bot/decisions/revoke.py")
def test_a_replayed_press_does_not_retry_a_removal_that_has_failed(world: World) -> None:
    asked = ask(world)
    removal = world.workflow.revoke(asked.client.id, asked.state, BEA)
    world.stacks.refuse = "Throttled"
    world.work()
    with pytest.raises(StalePress):
        world.workflow.revoke(asked.client.id, asked.state, BEA)
    assert world.last.id == removal.id
    assert world.last.attempt.number == 1


@pytest.mark.parametrize("client_id", ["", "Acme", "c" + "a" * 10, "c" + "a" * 3000, "<!channel>"])
def test_a_value_that_is_no_client_of_ours_revokes_nothing(world: World, client_id: str) -> None:
    with pytest.raises(ActionRefused, match="unknown here"):
        world.workflow.revoke(client_id, ask(world).state, BEA)
    assert len(world.stacks.groups) == 1


@pytest.mark.safety("A press on Revoke that names no state that was shown is stale", "bot/decisions/revoke.py")
@pytest.mark.parametrize("state", ["", "0" * 16])
def test_a_state_that_nobody_was_shown_revokes_nothing(world: World, state: str) -> None:
    with pytest.raises(StalePress):
        world.workflow.revoke(world.last.client_id, state, BEA)
    assert len(world.stacks.groups) == 1


def test_the_question_names_client_account_level_and_what_will_be_gone() -> None:
    asked = Revocation(
        CLIENT, Grant("switchyard-access", AccessLevel.ADMINISTRATOR), ENTRANCE, "0123456789abcdef", REQUEST
    )
    message = revoking.question(asked, SETTINGS)
    shown = words(message)
    for fact in (
        "Revoke the access of Acme?",
        "`222222222222`",
        "Administrator",
        "the IAM group `switchyard-dev-cabcdefghij`",
        "Open sessions last until they expire",
        "which will be closed",
    ):
        assert fact in shown
    assert [(one["text"]["text"], one["value"]) for one in buttons(message)] == [
        ("Revoke", "cabcdefghij"),
        ("Cancel", "cabcdefghij"),
    ]
    hostile = replace(asked, client=changed(CLIENT, company="<!channel> *x*" * 4, role_name="r" * 64))
    assert "<!channel>" not in str(revoking.question(hostile, SETTINGS).arguments())
    assert block_problems(list(revoking.question(hostile, SETTINGS).blocks)) == []


def test_the_press_takes_the_questions_place(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients revoke Acme")
    [question] = slack.ephemerals("U0ADA")
    assert "Revoke the access of Acme?" in question.words
    assert workflow.asked == [("ask to revoke", "Acme", HOME_ADA)]
    assert slack.press("U0ADA", question, "Revoke").ok
    assert workflow.asked[1:] == [("revoke", "cabcdefghij", "0123456789abcdef", HOME_ADA)]
    [answer] = slack.ephemerals("U0ADA")
    assert "The access of *Acme* is being removed" in answer.words
    assert "Open sessions last until they expire" in answer.words
    assert slack.messages == ()


def test_where_nothing_was_given_nobody_speaks_of_open_sessions() -> None:
    answer = words(revoking.revoked(request(Kind.OFFBOARD, State.APPROVED, revoked=True, previous=None), SETTINGS))
    assert "is being removed" in answer and "sessions" not in answer


def test_cancel_revokes_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients revoke Acme")
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Cancel").ok
    assert [one.words for one in slack.ephemerals("U0ADA")] == ["Nothing was revoked."]
    assert [one[0] for one in workflow.asked] == ["ask to revoke"]


def test_what_is_refused_takes_the_questions_place(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients revoke Acme")
    workflow.trouble = StalePress("The access of Acme has changed since.")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Revoke")
    assert [one.words for one in slack.ephemerals("U0ADA")] == ["The access of Acme has changed since."]


@pytest.mark.parametrize("trouble", [TryAgain("the table"), ApproversUnknown("no", ("S0APPROVERS",))])
def test_what_may_succeed_later_leaves_the_question(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception
) -> None:
    slack.run_command("U0ADA", "/clients revoke Acme")
    question = slack.ephemerals("U0ADA")[-1]
    workflow.trouble = trouble
    assert slack.press("U0ADA", question, "Revoke").ok
    assert [one.words[0] for one in slack.ephemerals("U0ADA")[1:]] in (["⏳"], ["⛔"])
    workflow.trouble = None
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[0], "Revoke").ok
    assert "is being removed" in slack.ephemerals("U0ADA")[0].words
