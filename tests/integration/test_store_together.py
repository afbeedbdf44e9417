"""What every Store must do with shared messages, and with presses on several requests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.bulk import Bulk
from bot.domain.errors import Conflict
from bot.domain.message import MOST_SHARED, Message, Raise, Shows, held_card, raised, shared_messages
from bot.domain.request import InvitedAs, SharedIn
from bot.ports.store import Change, Store
from tests.integration.records import HOME, NOW, a_bulk, a_client, a_full_bulk, a_page, a_request

MINUTE = timedelta(minutes=1)
FIRST = a_request(invited=InvitedAs(shared=HOME))
OWN, CARD = shared_messages(FIRST, NOW)


def adding(*request_ids: str) -> Raise:
    return Raise(HOME.owner, HOME.place, NOW + MINUTE, adds=request_ids)


def stored(store: Store, message: Message) -> Message:
    found = store.message(message.owner, message.place)
    assert found is not None
    return found


@pytest.mark.safety("Accounts that join a shared message at once are all in it", "bot/aws/messages.py")
def test_requests_join_a_message_whatever_its_delivery_does(store: Store) -> None:
    store.save(Change(messages=(OWN, CARD)))
    assert store.claim(OWN, NOW, NOW + MINUTE) is not None
    drawn = stored(store, OWN)
    store.save(Change(raises=(adding("r2"),)))
    store.save(Change(raises=(adding("r3", "r4"),)))
    assert stored(store, OWN).request_ids == ("r1", "r2", "r3", "r4")
    assert stored(store, OWN).wanted == 3
    assert not store.keep(replace(drawn, shown=1, ts="1.2", lease_until=None), NOW + MINUTE)
    now = stored(store, OWN)
    assert store.keep(replace(now, shown=3, ts="1.2", lease_until=None), NOW + MINUTE)
    assert stored(store, OWN).request_ids == ("r1", "r2", "r3", "r4")


@pytest.mark.safety("A shared message holds no more than fits into Slack's limits", "bot/aws/messages.py")
def test_a_full_message_takes_no_more(store: Store) -> None:
    nearly = replace(OWN, request_ids=tuple(f"r{number}" for number in range(MOST_SHARED - 1)))
    store.save(Change(messages=(nearly,)))
    with pytest.raises(Conflict):
        store.save(Change(raises=(adding("ra", "rb"),)))
    store.save(Change(raises=(adding("ra"),)))
    with pytest.raises(Conflict):
        store.save(Change(raises=(adding("rb"),)))
    store.save(Change(raises=(raised(FIRST, NOW),)))
    assert len(stored(store, OWN).request_ids) == MOST_SHARED


def test_requests_that_share_a_message_raise_it_together(store: Store) -> None:
    store.save(Change(messages=(OWN, CARD)))
    both = raised(FIRST, NOW, lazily=True), adding("r2"), held_card(HOME, NOW), raised(FIRST, NOW, Shows.CARD)
    store.save(Change(raises=both))
    assert (stored(store, OWN).request_ids, stored(store, OWN).wanted) == (("r1", "r2"), 2)
    assert stored(store, CARD).wanted == 1
    assert Change(raises=both).to_show == (HOME.owner,)


def test_the_card_of_a_new_message_is_not_due(store: Store) -> None:
    store.save(Change(messages=(OWN, CARD)))
    assert [one.shows for one in store.due_messages(NOW + timedelta(days=9))] == [Shows.REQUEST]
    assert (stored(store, CARD).wanted, stored(store, CARD).shown) == (0, 0)


@pytest.mark.safety("A held card is looked at each minute", "bot/aws/messages.py")
def test_a_card_is_held_and_looked_at_each_minute(store: Store) -> None:
    store.save(Change(messages=(OWN, CARD)))
    store.save(Change(raises=(held_card(HOME, NOW),)))
    card = stored(store, CARD)
    assert (card.held_until, card.held_back_until) == (NOW + timedelta(minutes=10), NOW + timedelta(minutes=10))
    assert card in store.due_messages(NOW + MINUTE)
    store.save(Change(raises=(held_card(HOME, NOW + 5 * MINUTE),)))
    assert stored(store, CARD).held_until == NOW + timedelta(minutes=15)
    assert stored(store, CARD) in store.due_messages(NOW + MINUTE)
    posted = replace(stored(store, CARD), ts="1.3")
    assert (posted.held_back_until, posted.due_at) == (None, NOW + 6 * MINUTE)


@pytest.mark.safety("Two accounts that come at once share the message", "bot/aws/writes.py")
def test_a_shared_message_is_made_once(store: Store) -> None:
    store.save(Change(messages=(OWN, CARD)))
    with pytest.raises(Conflict) as raised_:
        store.save(Change(messages=(replace(OWN, request_ids=("r9",)), CARD)))
    assert not raised_.value.duplicate


@pytest.mark.parametrize("bulk", [a_bulk(), a_full_bulk()], ids=["bare", "full"])
def test_a_press_comes_back_as_it_was_saved(store: Store, bulk: Bulk) -> None:
    store.save(Change(bulks=(bulk,)))
    assert store.bulk(bulk.name) == replace(bulk, version=1)
    assert store.bulk(bulk.name._replace(number=2)) is None


@pytest.mark.safety("A press on several requests is stored over the version that was read", "bot/aws/writes.py")
def test_a_press_goes_on_from_where_it_was_read(store: Store) -> None:
    store.save(Change(bulks=(a_bulk(),)))
    with pytest.raises(Conflict):
        store.save(Change(bulks=(a_bulk(verb=a_bulk().verb),)))
    read = store.bulk(a_bulk().name)
    assert read is not None
    store.save(Change(bulks=(read.went_on(NOW),), requests=(FIRST,)))
    with pytest.raises(Conflict):
        store.save(Change(bulks=(read.went_on(NOW),), requests=(replace(FIRST, id="r2"),)))
    assert store.request("r2") is None


def test_the_presses_of_a_message_come_in_their_order(store: Store) -> None:
    other = SharedIn(HOME.owner, f"{HOME.place}1")
    bulks = [a_bulk(number=number) for number in (1, 2, 10, 11)]
    store.save(Change(bulks=(*reversed(bulks), a_bulk(home=other), a_bulk(home=SharedIn("b" * 64, HOME.place)))))
    assert [one.number for one in store.bulks(HOME)] == [1, 2, 10, 11]
    assert [one.home for one in store.bulks(other)] == [other]


def test_what_is_not_applied_is_due_besides_pages(store: Store) -> None:
    page = a_page().sent(NOW)
    done, open_still = a_bulk(number=1, taken=2), a_bulk(number=2)
    store.save(Change(bulks=(done, open_still, a_bulk(number=3, refused="No.")), pages=(page,)))
    due = store.due_work(NOW + timedelta(minutes=2), 9)
    assert [one.name for one in due if isinstance(one, Bulk)] == [open_still.name]
    assert len(due) == 2
    assert [one for one in store.due_work(NOW, 9) if isinstance(one, Bulk)] == []


def test_requests_are_read_together_in_the_order_that_is_asked_for(store: Store) -> None:
    several = [replace(FIRST, id=f"r{number}") for number in range(5)]
    store.save(Change(requests=tuple(several), client=a_client()))
    found = store.requests(["r4", "r0", "rx", "r2"])
    assert [*found] == ["r4", "r0", "r2"]
    assert [one.id for one in found.values()] == ["r4", "r0", "r2"]
    assert store.requests([]) == {}
