"""`/clients show` and `/clients card`: which client is meant, and who is shown what of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor, ClientShown
from bot.domain.errors import ActionRefused, BadCommand, SlackUnavailable, WrongWorkspace
from bot.domain.message import Shows
from bot.domain.page import Teams
from bot.domain.search import Found
from bot.domain.vocabulary import Kind, Verb
from bot.ports import Picture
from bot.ports.store import Change
from tests.fakes import ADA, OLLI, STRANGER, World


@pytest.fixture
def world() -> World:
    return World()


def onboard(world: World, company: str, number: int) -> str:
    token = world.invite(company)
    world.happens("CREATE_COMPLETE", token=token, account=f"{number:012}", parent=number, company=company)
    world.press(Verb.APPROVE)
    world.work()
    return world.last.client_id


def shown(world: World, named: str, actor: Actor = ADA) -> ClientShown:
    found = world.workflow.show_client(named, actor)
    assert isinstance(found, ClientShown)
    return found


def choice(world: World, named: str) -> list[str]:
    found = world.workflow.show_client(named, ADA)
    assert isinstance(found, Found)
    return [one.company for one in found.clients]


@pytest.mark.parametrize(
    "named", ["acme", "Acme Robotics", " ACME \n robotics", "000000000001", "0000-0000-0001", "robot"]
)
def test_one_that_matches_is_shown(world: World, named: str) -> None:
    client_id = onboard(world, "Acme Robotics", 1)
    onboard(world, "Globex", 2)
    assert shown(world, named).client.id == client_id
    assert shown(world, client_id).client.id == client_id


def test_several_that_match_are_a_choice_unless_one_bears_that_very_name(world: World) -> None:
    onboard(world, "Acme Robotics", 1)
    onboard(world, "Acme Foods", 2)
    assert choice(world, "acme") == ["Acme Foods", "Acme Robotics"]
    acme = onboard(world, "Acme", 3)
    assert shown(world, "ACME!").client.id == acme
    onboard(world, "Acme", 4)
    assert choice(world, "acme") == ["Acme", "Acme", "Acme Foods", "Acme Robotics"]


@pytest.mark.parametrize("named", ["nobody", "?!", "", "caaaaaaaaaa", "x" * 4000])
def test_a_client_that_is_none_is_told_so(world: World, named: str) -> None:
    onboard(world, "Acme", 1)
    for ask in (world.workflow.show_client, world.workflow.card):
        with pytest.raises(BadCommand, match="There is no client called"):
            ask(named, OLLI)


def test_a_client_that_is_not_in_the_index_yet_is_found_by_its_whole_name(world: World) -> None:
    client_id = onboard(world, "Acme", 1)
    world.store.stored_words.clear()
    assert shown(world, "acme").client.id == client_id


def test_everybody_is_shown_the_facts_and_only_approvers_the_rest(world: World) -> None:
    client_id = onboard(world, "Acme", 1)
    for_olli, for_ada = shown(world, client_id, OLLI), shown(world, client_id)
    assert for_olli.request == world.last
    assert for_olli.message == world.message()
    assert "IAM group" in for_olli.entrance.people
    assert (for_olli.approves, for_olli.state, for_olli.history.audits, for_olli.timeline) == (False, "", (), ())
    assert for_ada.approves
    assert [one.action for one in for_ada.history.audits] == ["onboard done", "approve", "asked to onboard"]
    assert [one.status for one in for_ada.timeline] == ["CREATE_COMPLETE"]
    assert replace(for_ada, approves=False, state="", history=for_olli.history, timeline=()) == for_olli


@pytest.mark.safety(
    "Where Slack does not say who approves, nobody is shown what only approvers may see", "bot/decisions/show.py"
)
def test_whoever_may_be_no_approver_is_shown_no_more_than_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id = onboard(world, "Acme", 1)

    def unknown(_: str) -> frozenset[str]:
        raise SlackUnavailable("no answer")

    monkeypatch.setattr(world.channel, "group_members", unknown)
    found = shown(world, client_id, OLLI)
    assert (found.approves, found.state, found.history.audits) == (None, "", ())


def test_strangers_are_shown_nothing(world: World) -> None:
    client_id = onboard(world, "Acme", 1)
    for ask in (world.workflow.show_client, world.workflow.card):
        with pytest.raises(WrongWorkspace):
            ask(client_id, STRANGER)
        with pytest.raises(WrongWorkspace):
            ask("nobody", STRANGER)


def test_a_client_that_was_never_asked_about_has_no_request(world: World) -> None:
    world.happens("CREATE_IN_PROGRESS", token=world.invite())
    [client_id] = world.store.stored_clients
    found = shown(world, client_id)
    assert (found.request, found.message, found.timeline) == (None, None, ())


def test_who_blocked_it_is_shown(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    world.press(Verb.DENY)
    world.workflow.block("acme", ADA)
    account = shown(world, "acme").account
    assert account is not None
    assert account.blocked_by == "U0ADA"


def drawn(world: World) -> Picture:
    """The newest drawing of a request's message."""
    return [one for call in world.channel.calls if (one := call.drawn) and not one.message.shows.replies][-1]


@pytest.mark.safety(
    "Where a client is shown, who would get in is told as in the request's message", "bot/decisions/show.py"
)
def test_who_would_get_in_is_told_in_the_words_of_the_requests_own_message() -> None:
    world = World(teams=Teams(("operators",)))
    world.happens("CREATE_COMPLETE", token=world.invite())
    told = shown(world, "acme")
    assert told.asked == drawn(world).entrance
    assert "operators" in told.asked.people
    assert told.asked != told.entrance, "what is given says nothing of what is asked"
    world.press(Verb.APPROVE)
    world.work()
    assert shown(world, "acme").asked == drawn(world).entrance


# The card


def card(world: World, named: str) -> Picture:
    found = world.workflow.card(named, OLLI)
    assert isinstance(found, Picture)
    return found


def test_the_card_is_drawn_again_as_the_access_is_now(world: World) -> None:
    client_id = onboard(world, "Acme", 1)
    posted = world.channel.cards[-1]
    again = card(world, "acme")
    assert (again.request, again.client) == (posted.request, world.client())
    assert again.entrance.joining[0].who.startswith("Members of the IAM group")
    assert again.message.shows is Shows.CARD
    asked = world.workflow.show_client(client_id, ADA)
    assert isinstance(asked, ClientShown)
    world.workflow.rename(client_id, "Globex", ADA, asked.state)
    assert card(world, "globex").request.company == "Globex"


def test_an_update_that_only_waits_changes_no_card(world: World) -> None:
    client_id = onboard(world, "Acme", 1)
    world.happens("UPDATE_COMPLETE", account="000000000001", level="Administrator", role="other")
    assert world.last.kind is Kind.UPDATE
    assert card(world, client_id).request.stack.role_name == "switchyard-access"
    world.press(Verb.APPROVE)
    world.work()
    assert card(world, client_id).request.stack.role_name == "other"


def test_several_cards_are_a_choice(world: World) -> None:
    onboard(world, "Acme Robotics", 1)
    onboard(world, "Acme Foods", 2)
    assert isinstance(world.workflow.card("acme", OLLI), Found)


@pytest.mark.safety("There is no card for a client to which nobody has access", "bot/decisions/show.py")
def test_without_access_there_is_no_card(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    with pytest.raises(ActionRefused, match="Nobody has access to Acme"):
        world.workflow.card("acme", ADA)
    world.press(Verb.APPROVE)
    world.work()
    assert card(world, "acme").client is not None
    world.revoke("acme")
    world.work()
    with pytest.raises(ActionRefused, match="Nobody has access to Acme"):
        world.workflow.card("acme", ADA)


def test_looking_changes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client_id = onboard(world, "Acme", 1)
    saves: list[Change] = []
    monkeypatch.setattr(world.store, "save", saves.append)
    world.workflow.show_client(client_id, ADA)
    world.workflow.show_client("acme", OLLI)
    world.workflow.card("acme", OLLI)
    assert saves == []
