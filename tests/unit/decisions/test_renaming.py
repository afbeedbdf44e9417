"""What approvers call a client: its name and its label; who may, what is refused, and what is written down."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.decisions.rename import LABEL_LENGTH
from bot.domain.answers import Actor, ClientShown
from bot.domain.errors import ActionRefused, BadCommand, Conflict, NotAllowed, StalePress
from bot.domain.model import Client
from bot.domain.search import Search
from bot.domain.vocabulary import Verb
from bot.ports.store import Change
from tests.fakes import ADA, BEA, OLLI, STRANGER, World
from tests.memory_store import MemoryStore

UNSEEN = "Ac\u200bme"


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def state(world: World, actor: Actor = ADA) -> str:
    found = world.workflow.show_client(world.client().id, actor)
    assert isinstance(found, ClientShown)
    return found.state


def rename(world: World, company: str, actor: Actor = ADA, drawn_for: str | None = None) -> Client:
    return world.workflow.rename(world.client().id, company, actor, state(world) if drawn_for is None else drawn_for)


def label(world: World, words: str, actor: Actor = ADA, drawn_for: str | None = None) -> Client:
    return world.workflow.label(world.client().id, words, actor, state(world) if drawn_for is None else drawn_for)


def found(world: World, words: str) -> int | None:
    return world.workflow.find(Search(words), OLLI).total


def lines(world: World) -> list[tuple[str, str, str]]:
    page = world.workflow.history(world.client().id, ADA).page
    return [(one.actor, one.action, one.detail) for one in page.audits]


def test_a_renamed_client_is_known_by_its_new_name_and_its_history_by_both(world: World) -> None:
    renamed = rename(world, "  Globex   Corp ")
    assert (renamed.company, world.client().company) == ("Globex Corp", "Globex Corp")
    assert lines(world)[0] == (
        "U0ADA",
        "rename",
        "from “Acme” to “Globex Corp”; requests keep the name they were asked under",
    )
    assert (found(world, "globex"), found(world, "acme")) == (1, 0)
    assert [one.id for one in world.store.namesakes("globex corp", 9)] == [renamed.id]
    assert list(world.store.namesakes("Acme", 9)) == []


def test_a_request_that_is_open_keeps_the_name_it_was_asked_under(world: World) -> None:
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    rename(world, "Globex")
    assert world.last.company == "Acme"
    world.press(Verb.APPROVE)
    world.work()
    world.happens("UPDATE_COMPLETE", level="ReadOnly", parent=1)
    assert world.last.company == "Globex"
    assert world.last.invited.claimed_company == "Acme"


def test_a_label_is_given_changed_and_taken_away(world: World) -> None:
    assert label(world, " production   EU ").label == "production EU"
    assert (found(world, "prod"), found(world, "acme prod")) == (1, 1)
    assert label(world, "staging", BEA).label == "staging"
    assert label(world, "").label == ""
    assert (found(world, "prod"), found(world, "stag")) == (0, 0)
    assert lines(world)[:3] == [
        ("U0ADA", "label", "removed “staging”"),
        ("U0BEA", "label", "from “production EU” to “staging”"),
        ("U0ADA", "label", "now “production EU”"),
    ]


@pytest.mark.safety("Only approvers rename or label a client", "bot/decisions/rename.py")
@pytest.mark.parametrize("act", [rename, label])
@pytest.mark.parametrize("actor", [OLLI, STRANGER])
def test_only_approvers_may(world: World, act: Callable[..., Client], actor: Actor) -> None:
    before = world.client()
    with pytest.raises(NotAllowed):
        act(world, "Globex", actor)
    assert world.client() == before
    assert world.store.stored_refusals[before.id, actor.user_id].action == act.__name__


@pytest.mark.safety(
    "A name or label that is typed for another state of the client changes nothing", "bot/decisions/rename.py"
)
@pytest.mark.parametrize("act", [rename, label])
def test_a_second_press_and_whoever_was_slower_change_nothing(world: World, act: Callable[..., Client]) -> None:
    drawn_for = state(world)
    act(world, "Globex", ADA, drawn_for)
    before = world.client()
    for words in ("Globex", "Initech"):
        with pytest.raises(StalePress):
            act(world, words, BEA, drawn_for)
    with pytest.raises(StalePress):
        act(world, "Initech", ADA, "")
    assert world.client() == before


@pytest.mark.parametrize("words", ["", "   ", "x" * 65, UNSEEN, "\u202eemcA"])
def test_a_name_that_cannot_be_read_is_refused(world: World, words: str) -> None:
    with pytest.raises(BadCommand):
        rename(world, words)
    assert world.client().company == "Acme"


@pytest.mark.parametrize("words", ["x" * (LABEL_LENGTH + 1), UNSEEN, "\u3164"])
def test_a_label_that_cannot_be_read_is_refused(world: World, words: str) -> None:
    with pytest.raises(BadCommand):
        label(world, words)
    assert world.client().label == ""


@pytest.mark.parametrize(("act", "words"), [(rename, "Acme"), (label, "")])
def test_what_changes_nothing_is_told_and_not_written_down(
    world: World, act: Callable[..., Client], words: str
) -> None:
    before = lines(world)
    with pytest.raises(ActionRefused, match="so nothing was changed"):
        act(world, words)
    assert lines(world) == before


@pytest.mark.parametrize("named", ["acme", "caaaaaaaaaa", "x" * 4000, ""])
def test_only_a_clients_id_names_it(world: World, named: str) -> None:
    with pytest.raises(ActionRefused, match="unknown here"):
        world.workflow.rename(named, "Globex", ADA, state(world))


class Overtaken(MemoryStore):
    """Somebody else saves something between the next plan and its save."""

    meanwhile: Callable[[], object] | None = None

    def save(self, change: Change) -> None:
        if self.meanwhile is not None:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile()
        super().save(change)


@pytest.fixture
def overtaken() -> World:
    world = World(store=Overtaken())
    world.onboard()
    return world


def overtake(world: World, meanwhile: Callable[[], object]) -> None:
    assert isinstance(world.store, Overtaken)
    world.store.meanwhile = meanwhile


@pytest.mark.safety("Of two who rename a client at once, one wins and the other is told", "bot/decisions/rename.py")
def test_of_two_at_once_one_wins(overtaken: World) -> None:
    drawn_for = state(overtaken)
    overtake(overtaken, lambda: rename(overtaken, "Globex", BEA, drawn_for))
    with pytest.raises(StalePress):
        rename(overtaken, "Initech", ADA, drawn_for)
    assert overtaken.client().company == "Globex"


def test_what_happens_to_the_client_meanwhile_is_kept(overtaken: World) -> None:
    overtake(overtaken, lambda: overtaken.happens("UPDATE_COMPLETE", level="PowerUser", role="other"))
    rename(overtaken, "Globex")
    client = overtaken.client()
    assert (client.company, client.stack.role_name) == ("Globex", "other")
    assert (found(overtaken, "globex"), found(overtaken, "acme")) == (1, 0)


def test_an_event_that_was_planned_before_it_keeps_the_new_name(overtaken: World) -> None:
    overtake(overtaken, lambda: rename(overtaken, "Globex"))
    overtaken.happens("UPDATE_COMPLETE", level="PowerUser")
    assert (overtaken.client().company, overtaken.last.company) == ("Globex", "Globex")
    assert (found(overtaken, "globex"), found(overtaken, "acme")) == (1, 0)


def test_the_table_refuses_a_name_that_was_planned_on_an_older_client(world: World) -> None:
    before = world.client()
    rename(world, "Globex")
    with pytest.raises(Conflict):
        world.store.save(Change(client=before))


@pytest.mark.safety("A client can't take back what approvers call it", "bot/ingest/redemption.py")
def test_a_client_that_makes_its_stack_anew_keeps_the_name_that_an_approver_gave_it() -> None:
    world = World()
    token = world.invite()
    world.happens("CREATE_COMPLETE", token=token, parent=1)
    rename(world, "Fraudsters")
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    assert world.client().company == "Fraudsters"
    assert (world.last.company, world.last.invited.claimed_company) == ("Fraudsters", "Acme")


def test_another_invitation_says_what_a_client_is_called_from_then_on() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite(), parent=1)
    rename(world, "Fraudsters")
    world.happens("CREATE_COMPLETE", token=world.invite("Initech"), parent=2, company="Initech")
    assert world.client().company == "Initech"
    assert "uses another invitation" in [action for _, action, _ in lines(world)]
