"""What every Store must do with messages: raised whatever their delivery does, delivered by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.domain.message import Message, Shows, message_about, raised
from bot.ports.store import Change, Store
from tests.integration.records import NOW, a_full_message, a_message, a_request

MINUTE = timedelta(minutes=1)
RAISE = raised(a_request(), NOW + MINUTE)


def stored(store: Store, message: Message) -> Message:
    found = store.message(message.owner, message.place)
    assert found is not None
    return found


def claimed(store: Store, message: Message) -> Message:
    """The message with a lease of ours."""
    assert store.claim(message, NOW, NOW + MINUTE) is not None
    return stored(store, message)


@pytest.mark.parametrize("message", [a_message(), a_full_message()], ids=["bare", "full"])
def test_a_message_comes_back_as_it_was_saved(store: Store, message: Message) -> None:
    store.save(Change(messages=(message,)))
    assert stored(store, message) == message


def test_a_message_is_new_once(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    with pytest.raises(Conflict):
        store.save(Change(messages=(a_message(),)))


def test_the_owners_messages_come_newest_first_a_card_after_its_request(store: Store) -> None:
    first, second = a_request(), a_request(id="r2", created_at=NOW + MINUTE)
    card = message_about(first, NOW + 2 * MINUTE, Shows.CARD)
    of_another = message_about(a_request(id="r3", client_id="cbbbbbbbbbb"), NOW)
    store.save(Change(messages=(message_about(first, NOW), message_about(second, NOW), card, of_another)))
    found = store.messages("caaaaaaaaaa", 2)
    assert [(one.request_id, one.shows) for one in found] == [("r2", Shows.REQUEST), ("r1", Shows.CARD)]


def test_raising_adds_to_what_is_wanted_and_makes_it_due(store: Store) -> None:
    store.save(
        Change(messages=(a_full_message(wanted=2, lease_until=None, held_until=None, retry_at=None, refused=0),))
    )
    assert list(store.due_messages(NOW + timedelta(days=1))) == []
    store.save(Change(raises=(RAISE,)))
    [due] = store.due_messages(RAISE.due_at)
    assert (due.wanted, due.shown, due.wanted_at) == (3, 2, RAISE.at)
    assert list(store.due_messages(RAISE.due_at - timedelta(microseconds=1))) == []


def test_raising_again_makes_it_due_no_later(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    store.save(Change(raises=(replace(RAISE, at=NOW + 5 * MINUTE),)))
    assert len(list(store.due_messages(NOW + MINUTE))) == 1


def test_raising_at_once_ends_what_holds_it(store: Store) -> None:
    store.save(Change(messages=(a_message(held_until=NOW + 10 * MINUTE),)))
    store.save(Change(raises=(replace(RAISE, at_once=True),)))
    assert stored(store, a_message()).held_until is None
    assert len(list(store.due_messages(RAISE.due_at))) == 1


def test_a_message_that_is_not_stored_is_not_raised(store: Store) -> None:
    with pytest.raises(Conflict):
        store.save(Change(raises=(RAISE,)))
    assert store.message(RAISE.owner, RAISE.place) is None


@pytest.mark.safety("One Lambda at a time delivers a message", "bot/aws/messages.py")
def test_one_at_a_time_holds_the_lease(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    assert store.claim(a_message(), NOW, NOW + MINUTE) == a_message()
    assert store.claim(a_message(), NOW + MINUTE - timedelta(microseconds=1), NOW + 2 * MINUTE) is None
    # A lease that ran out can be taken, and tells that somebody had it
    again = store.claim(a_message(), NOW + MINUTE, NOW + 2 * MINUTE)
    assert again == a_message(lease_until=NOW + MINUTE)


def test_what_is_not_stored_has_no_lease(store: Store) -> None:
    assert store.claim(a_message(), NOW, NOW + MINUTE) is None
    assert store.message(a_message().owner, a_message().place) is None


def test_what_slack_confirmed_is_kept_and_nothing_is_due(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    mine = claimed(store, a_message())
    shown = replace(mine, shown=1, ts="1.2", lease_until=None)
    assert store.keep(shown, NOW + MINUTE)
    assert stored(store, mine) == shown
    assert list(store.due_messages(NOW + timedelta(days=1))) == []


@pytest.mark.safety(
    "A press never fails because a message is being confirmed, nor the other way round", "bot/aws/messages.py"
)
def test_a_confirmation_of_what_is_outdated_is_not_kept(store: Store) -> None:
    # Given somebody who draws the first revision
    store.save(Change(messages=(a_message(),)))
    mine = claimed(store, a_message())
    # When a press raises what is wanted meanwhile
    store.save(Change(raises=(RAISE,)))
    # Then the press did not fail, and the confirmation has to look again
    assert not store.keep(replace(mine, shown=1, ts="1.2", lease_until=None), NOW + MINUTE)
    now = stored(store, mine)
    assert (now.wanted, now.shown, now.ts) == (2, 0, None)
    assert store.keep(replace(now, shown=1, ts="1.2"), NOW + MINUTE)


def test_who_lost_the_lease_keeps_nothing(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    mine = claimed(store, a_message())
    assert store.claim(a_message(), NOW + MINUTE, NOW + 2 * MINUTE) is not None
    assert not store.keep(replace(mine, shown=1, ts="9.9"), NOW + MINUTE)
    assert stored(store, mine).ts is None


def test_a_lease_makes_it_due_when_it_ends(store: Store) -> None:
    store.save(Change(messages=(a_message(),)))
    claimed(store, a_message())
    assert list(store.due_messages(NOW + MINUTE - timedelta(microseconds=1))) == []
    assert len(list(store.due_messages(NOW + MINUTE))) == 1


def test_raising_at_once_may_hold_it_anew(store: Store) -> None:
    store.save(Change(messages=(a_message(held_until=NOW + 10 * MINUTE, retry_at=NOW + MINUTE),)))
    later = NOW + 2 * MINUTE
    store.save(Change(raises=(replace(RAISE, at_once=True, held_until=later),)))
    held = stored(store, a_message())
    assert (held.held_until, held.retry_at) == (later, None)
    assert list(store.due_messages(later - timedelta(microseconds=1))) == []
    assert len(list(store.due_messages(later))) == 1
