"""`/clients revoke` for a company with several accounts: one question, one press, each removal by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.decisions import revoke_several
from bot.domain.answers import Actor, Revocation, SeveralToRevoke
from bot.domain.bulk import Bulk
from bot.domain.errors import ActionRefused, NotAllowed, StalePress, TryAgain
from bot.domain.model import Audit
from bot.domain.vocabulary import Kind, Standing, State, Verb
from bot.slack.render import revoking_several
from local.slack.running import RunningWorkspace
from tests.fakes import ADA, BEA, OLLI, STRANGER, World
from tests.unit.decisions.batch import Batch, account
from tests.unit.slack.app_samples import Recorder, slack, workflow
from tests.unit.slack.samples import SETTINGS, buttons, words

__all__ = ["slack", "workflow"]


class Killed(BaseException):
    """The Lambda ends there."""


@pytest.fixture
def world() -> World:
    """A company with three accounts that have access."""
    world = World()
    batch = Batch(world)
    batch.press()
    world.work()
    assert batch.states == [State.DONE] * 3
    return world


def ask(world: World, actor: Actor = BEA) -> SeveralToRevoke:
    asked = world.workflow.ask_whom_to_revoke("acme", actor)
    assert isinstance(asked, SeveralToRevoke)
    return asked


def chosen(asked: SeveralToRevoke, *numbers: int) -> list[tuple[str, str]]:
    """The accounts of these numbers as the menu sends them; all without numbers."""
    wanted = [account(number) for number in numbers]
    some = [one for one in asked.several if not wanted or one.client.stack.account_id in wanted]
    return [(one.client.id, one.state) for one in some]


def access(world: World) -> list[str]:
    """The accounts that people can get into."""
    return sorted(one.stack.account_id for one in world.store.stored_clients.values() if one.grant)


def removals(world: World) -> list[str]:
    asked = world.store.stored_requests.values()
    return sorted(one.stack.account_id for one in asked if one.kind is Kind.OFFBOARD)


def revoked_by(world: World) -> list[str]:
    return [one.actor for one in world.store.stored_audits if isinstance(one, Audit) and one.action == Verb.REVOKE]


def pressed(world: World) -> Bulk:
    [bulk] = [one for one in world.store.stored_bulks.values() if one.verb is Verb.REVOKE]
    return bulk


@pytest.mark.safety("Asking to revoke several changes nothing", "bot/decisions/revoke_several.py")
def test_the_question_names_every_account_with_access(world: World) -> None:
    before = dict(world.store.stored_clients)
    asked = ask(world)
    assert sorted(one.client.stack.account_id for one in asked.several) == [account(n) for n in (1, 2, 3)]
    assert world.store.stored_clients == before and removals(world) == []
    message = revoking_several.question(asked, SETTINGS)
    for number in (1, 2, 3):
        assert f"`{account(number)}` · ReadOnly · `switchyard-access`" in words(message)
    assert [one["text"]["text"] for one in buttons(message)] == ["Revoke", "Cancel"]


def test_the_question_says_which_account_stands_otherwise_than_the_rest(world: World) -> None:
    asked = ask(world)
    first, *others = asked.several
    failed = replace(first, client=replace(first.client, standing=Standing.FAILED))
    shown = words(revoking_several.question(replace(asked, several=(failed, *others)), SETTINGS)).splitlines()
    assert [one.endswith("· failed") for one in shown if one.startswith("• ")] == [True, False, False]


def test_one_press_revokes_all_and_each_is_audited_by_itself(world: World) -> None:
    done = world.workflow.revoke_several(chosen(ask(world)), BEA)
    assert (len(done.revoked), done.left_out) == (3, ())
    world.work()
    assert access(world) == [] and removals(world) == [account(n) for n in (1, 2, 3)]
    assert revoked_by(world) == ["U0BEA"] * 3
    assert pressed(world).done


def test_only_what_is_chosen_is_revoked(world: World) -> None:
    world.workflow.revoke_several(chosen(ask(world), 1, 3), BEA)
    world.work()
    assert access(world) == [account(2)]
    asked = world.workflow.ask_whom_to_revoke("Acme", BEA)
    assert isinstance(asked, Revocation) and asked.client.stack.account_id == account(2), "the one that is left"
    world.workflow.revoke(asked.client.id, asked.state, BEA)
    with pytest.raises(ActionRefused, match="None of the 3 clients called Acme"):
        world.workflow.ask_whom_to_revoke("Acme", BEA)


def test_an_id_or_a_name_of_one_client_is_asked_about_alone(world: World) -> None:
    one = ask(world).several[0].client
    asked = world.workflow.ask_whom_to_revoke(one.id, BEA)
    assert isinstance(asked, Revocation) and asked.client.id == one.id


@pytest.mark.safety("Only approvers revoke several", "bot/decisions/revoke_several.py")
@pytest.mark.parametrize("actor", [OLLI, STRANGER, Actor("", "", "")])
def test_only_approvers_are_asked_and_only_their_press_counts(world: World, actor: Actor) -> None:
    options = chosen(ask(world))
    with pytest.raises(NotAllowed):
        world.workflow.ask_whom_to_revoke("Acme", actor)
    with pytest.raises(NotAllowed):
        world.workflow.revoke_several(options, actor)
    world.work()
    assert len(access(world)) == 3 and world.store.stored_bulks.keys() == {pressed_all(world)}


def pressed_all(world: World) -> object:
    """The press that let them in."""
    return next(iter(world.store.stored_bulks))


@pytest.mark.safety("A press on several leaves out what has changed since", "bot/decisions/revoke_several.py")
def test_what_has_changed_since_is_left_out_and_said(world: World) -> None:
    options = chosen(ask(world))
    one = ask(world).several[0]
    world.workflow.revoke(one.client.id, one.state, ADA)
    done = world.workflow.revoke_several(options, BEA)
    assert len(done.revoked) == 2
    assert done.left_out == ("The access of Acme is being taken away already.",)
    world.work()
    assert sorted(revoked_by(world)) == ["U0ADA", "U0BEA", "U0BEA"]
    with pytest.raises(StalePress):
        world.workflow.revoke_several(options, BEA)


@pytest.mark.safety("A press on several is checked anew where it is applied", "bot/decisions/revoke_several.py")
def test_what_changes_before_it_is_applied_is_left_out(world: World) -> None:
    asked = ask(world)
    world.workflow.revoke_several(chosen(asked), BEA)
    one = asked.several[1]
    world.workflow.revoke(one.client.id, one.state, ADA)
    world.work()
    assert access(world) == [] and sorted(revoked_by(world)) == ["U0ADA", "U0BEA", "U0BEA"]
    [left_out] = pressed(world).left_out
    assert left_out.request_id == one.client.id


@pytest.mark.safety("Who is no approver any more revokes no further account", "bot/decisions/revoke_several.py")
def test_who_is_no_approver_any_more_when_it_is_applied_revokes_nothing(world: World) -> None:
    world.workflow.revoke_several(chosen(ask(world)), BEA)
    world.approvers = type(world.approvers)(users=("U0ADA",))
    world.work()
    assert len(access(world)) == 3 and revoked_by(world) == []
    assert "Only approvers may revoke" in pressed(world).refused
    assert any(one.actor == "U0BEA" for one in world.store.refused_people(pressed(world).home.owner, 5))


@pytest.mark.safety("The same press on several is stored only once", "bot/decisions/revoke_several.py")
def test_a_double_click_is_one_press(world: World) -> None:
    options = chosen(ask(world))
    world.workflow.revoke_several(options, BEA)
    world.workflow.revoke_several(options, BEA)
    world.work()
    assert len(revoked_by(world)) == 3
    assert pressed(world).number == 1


@pytest.mark.safety(
    "Killed between any two accounts, a press on several ends each access once", "bot/decisions/revoke_several.py"
)
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_killed_between_any_two_it_goes_on_where_it_was(
    world: World, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.workflow.revoke_several(chosen(ask(world)), BEA)
    saves = iter([*[False] * after, True, *[False] * 99])
    save = world.store.save

    def killed(change: object) -> None:
        if next(saves):
            raise Killed
        save(change)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(world.store, "save", killed)
        with pytest.raises(Killed):
            world.work()
    assert len(revoked_by(world)) <= after
    for _ in range(5):
        world.minute()
        world.work()
    assert access(world) == [] and revoked_by(world) == ["U0BEA"] * 3
    assert pressed(world).done


def test_a_press_that_can_not_be_handed_over_is_found_by_the_sweep(world: World) -> None:
    options = chosen(ask(world))
    world.bench.broken = True
    world.workflow.revoke_several(options, BEA)
    world.bench.broken = False
    for _ in range(3):
        world.minute()
        world.work()
    assert access(world) == []


@pytest.mark.parametrize("options", [[], [("cabcdefghij", "0" * 16)], [("<!channel>", "x"), ("", "")]])
def test_foreign_options_revoke_nothing(world: World, options: list[tuple[str, str]]) -> None:
    with pytest.raises(StalePress, match="No account is chosen"):
        world.workflow.revoke_several(options, BEA)


@pytest.mark.safety("A state that nobody was shown revokes none of several", "bot/decisions/revoke_several.py")
def test_a_state_that_nobody_was_shown_revokes_nothing(world: World) -> None:
    forged = [(one, "0" * 16) for one, _ in chosen(ask(world))]
    with pytest.raises(StalePress, match="has changed since you were asked"):
        world.workflow.revoke_several(forged, BEA)
    assert len(access(world)) == 3


def test_more_accounts_than_a_menu_takes_are_asked_about_in_turn(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoke_several, "MOST", 2)
    asked = ask(world)
    assert (len(asked.several), asked.more) == (2, True)
    assert "There are more than 2." in words(revoking_several.question(asked, SETTINGS))
    world.workflow.revoke_several(chosen(asked), BEA)
    world.work()
    assert len(access(world)) == 1


def test_the_press_sends_what_is_chosen_and_takes_the_questions_place(
    slack: RunningWorkspace, workflow: Recorder, world: World
) -> None:
    workflow.several = ask(world)
    options = chosen(workflow.several)
    slack.run_command("U0ADA", "/clients revoke Acme")
    [question] = slack.ephemerals("U0ADA")
    assert slack.press("U0ADA", question, "Revoke").ok
    assert workflow.asked[-1][:2] == ("revoke several", options)
    [answer] = slack.ephemerals("U0ADA")
    assert "The access to 3 accounts of *Acme* is being removed" in answer.words


def test_fewer_may_be_chosen(slack: RunningWorkspace, workflow: Recorder, world: World) -> None:
    workflow.several = ask(world)
    slack.run_command("U0ADA", "/clients revoke Acme")
    option = " ".join(chosen(workflow.several, 2)[0])
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Revoke", revoke_accounts=[option])
    assert workflow.asked[-1][:2] == ("revoke several", chosen(workflow.several, 2))


def test_what_may_succeed_later_leaves_the_question(slack: RunningWorkspace, workflow: Recorder, world: World) -> None:
    workflow.several = ask(world)
    slack.run_command("U0ADA", "/clients revoke Acme")
    workflow.trouble = TryAgain("the table")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Revoke")
    assert len(slack.ephemerals("U0ADA")) == 2


@pytest.mark.safety("Of two people who revoke the same accounts, one does each", "bot/decisions/revoke_several.py")
def test_two_people_at_once_end_each_access_once(world: World) -> None:
    options = chosen(ask(world))
    world.workflow.revoke_several(options, ADA)
    world.workflow.revoke_several(options[1:], BEA)
    world.work()
    assert access(world) == []
    assert revoked_by(world) == ["U0ADA"] * 3
    bulks = [one for one in world.store.stored_bulks.values() if one.verb is Verb.REVOKE]
    assert {one.actor.user_id: len(one.left_out) for one in bulks} == {"U0ADA": 0, "U0BEA": 2}
    assert all(one.done for one in bulks)
