"""The card for everybody: who may have it posted, how often, and what becomes of it when the access ends."""

from __future__ import annotations

import pytest

from bot.decisions.post_card import MOST_AGAIN
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, Conflict, NotAllowed, SlackUnavailable, WrongWorkspace
from bot.domain.message import Shows
from bot.domain.vocabulary import AccessLevel, Kind, Verb
from bot.ports.store import Change
from tests.channel import Call
from tests.fakes import ADA, OLLI, STRANGER, World
from tests.memory_store import MemoryStore


@pytest.fixture
def world() -> World:
    world = World()
    world.onboard()
    return world


def post(world: World, actor: Actor = ADA) -> None:
    world.workflow.post_card(world.client().id, actor)


def several(world: World, number: int) -> None:
    for _ in range(number):
        world.clock.turn(minutes=2)
        post(world)


def revoked(world: World) -> None:
    world.revoke("Acme", ADA)
    world.work()


def test_the_card_is_posted_in_the_channel_and_not_in_the_thread(world: World) -> None:
    post(world)
    first, again = world.channel.cards
    assert (first.thread is None, again.thread, again.request.id) == (False, None, first.request.id)
    [line, *_] = world.workflow.history(world.client().id, ADA).page.audits
    assert (line.actor, line.action, line.request_id) == ("U0ADA", "posted the card", first.request.id)


@pytest.mark.safety("Only approvers have a card posted for everybody", "bot/decisions/post_card.py")
@pytest.mark.parametrize(("actor", "refusal"), [(OLLI, NotAllowed), (STRANGER, WrongWorkspace)])
def test_only_approvers_have_it_posted(world: World, actor: Actor, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        post(world, actor)
    assert len(world.channel.cards) == 1


def test_a_double_click_posts_one(world: World) -> None:
    post(world)
    with pytest.raises(ActionRefused, match="posted a moment ago"):
        post(world)
    assert len(world.channel.cards) == 2


def test_it_is_posted_only_so_often(world: World) -> None:
    several(world, MOST_AGAIN)
    world.clock.turn(minutes=2)
    with pytest.raises(ActionRefused, match="`/clients card c"):
        post(world)
    assert len(world.channel.cards) == 1 + MOST_AGAIN


@pytest.mark.safety("Every card in the channel says so once its access has ended", "bot/provisioning/run.py")
def test_all_of_them_say_when_they_are_no_longer_valid(world: World) -> None:
    several(world, 2)
    assert [card.outdated for card in world.channel.cards] == [None, None, None]
    revoked(world)
    assert [card.outdated for card in world.channel.cards] == [Kind.OFFBOARD] * 3


def test_without_access_there_is_no_card(world: World) -> None:
    revoked(world)
    with pytest.raises(ActionRefused, match="there is no card"):
        post(world)


def test_one_that_was_not_posted_in_time_is_not_posted_any_more(world: World) -> None:
    world.channel.down = True
    post(world)
    revoked(world)
    world.channel.down = False
    for _ in range(3):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert [card.outdated for card in world.channel.cards] == [Kind.OFFBOARD]


def test_one_whose_posting_was_never_confirmed_is_found_and_not_posted_twice(world: World) -> None:
    def lost(call: Call) -> None:
        if call.name == "post" and call.shows(Shows.AGAIN):
            world.channel.witness = None
            raise SlackUnavailable("the answer was lost")

    world.channel.witness = lost
    post(world)
    for _ in range(3):
        world.clock.turn(minutes=2)
        world.workflow.sweep()
    assert len(world.channel.cards) == 2
    several(world, 1)
    assert len(world.channel.cards) == 3


@pytest.mark.safety("A card that is posted while its access ends says so", "bot/decisions/post_card.py")
def test_a_card_that_is_asked_for_while_the_access_ends_is_refused_or_drawn_anew(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The removal ends between our reading and our saving. Without a guard, nothing would draw this card anew."""
    save, client = MemoryStore.save, world.client()

    def slower(store: MemoryStore, change: Change) -> None:
        if any(one.shows is Shows.AGAIN for one in change.messages) and world.client(world.last).given is not None:
            revoked(world)
        save(store, change)

    monkeypatch.setattr(MemoryStore, "save", slower)
    with pytest.raises(ActionRefused, match="there is no card"):
        world.workflow.post_card(client.id, ADA)
    assert [card.outdated for card in world.channel.cards] == [Kind.OFFBOARD]


def test_a_press_that_comes_twice_at_once_posts_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    save, meanwhile = MemoryStore.save, [True]

    def slower(store: MemoryStore, change: Change) -> None:
        if any(one.shows is Shows.AGAIN for one in change.messages) and meanwhile.pop():
            meanwhile.append(False)
            post(world)
            raise Conflict
        save(store, change)

    monkeypatch.setattr(MemoryStore, "save", slower)
    with pytest.raises(ActionRefused, match="a moment ago"):
        post(world)
    assert len(world.channel.cards) == 2


def test_after_a_regrouping_the_newest_request_has_the_card(world: World) -> None:
    assert world.last.kind is Kind.ONBOARD
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    world.press(Verb.APPROVE)
    world.work()
    post(world)
    assert world.channel.cards[-1].request.stack.access_level == "PowerUser"


def test_of_accounts_that_share_a_message_one_is_posted_alone() -> None:
    world = World()
    token = world.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA, 2).token
    for number in (1, 2):
        world.happens("CREATE_COMPLETE", token=token, account=f"{number:012}", parent=number)
    for one in list(world.store.stored_requests.values()):
        world.workflow.decide(one.id, Verb.APPROVE, ADA)
    world.work()
    before = len(world.channel.cards)
    [client] = [one for one in world.store.stored_clients.values() if one.stack.account_id == f"{1:012}"]
    world.workflow.post_card(client.id, ADA)
    card = world.channel.cards[-1]
    assert (len(world.channel.cards) - before, card.thread, card.batch) == (1, None, ())
    assert card.request.client_id == client.id

    asked = world.workflow.ask_to_revoke(client.id, ADA)
    world.workflow.revoke(client.id, asked.state, ADA)
    world.work()
    for _ in range(3):
        world.minute()
    assert card.outdated is Kind.OFFBOARD
