"""What every Store must do with App Homes: the last opening counts, and a refresh only over what it was made from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.app_home import THERE, AppHome, next_refresh
from bot.ports.store import Store
from tests.integration.records import NOW, an_app_home

MINUTE = timedelta(minutes=1)
DUE = next_refresh(NOW)
LATER = NOW + 2 * THERE
HOME = an_app_home()
NEWER = replace(HOME, seen_at=NOW + MINUTE, shows="||||globex", digest="1" * 64, hash="1795413662.def")
REFRESHED = replace(HOME, digest="2" * 64, hash="1795413700.fff")


def stored(store: Store) -> AppHome | None:
    """Ada's Home, which this puts off."""
    return store.claim_app_home("U0ADA", LATER)


def test_who_has_never_opened_home_is_not_there(store: Store) -> None:
    store.stay_at_home("U0ADA", NOW)
    assert store.claim_app_home("U0ADA", LATER) is None
    assert not store.renew_app_home(REFRESHED, HOME.hash)
    assert not store.leave_home(HOME)
    assert store.due_app_homes(LATER, 9) == []


def test_each_opening_replaces_the_one_before(store: Store) -> None:
    store.keep_app_home(HOME)
    store.keep_app_home(NEWER)
    assert stored(store) == NEWER


def test_it_may_be_refreshed_from_the_next_minute_on_longest_overdue_first(store: Store) -> None:
    store.keep_app_home(replace(HOME, user_id="U0BEA", seen_at=NOW + MINUTE))
    store.keep_app_home(HOME)
    assert store.due_app_homes(DUE - timedelta(microseconds=1), 9) == []
    assert store.due_app_homes(DUE, 9) == ["U0ADA"]
    assert store.due_app_homes(DUE + MINUTE, 9) == ["U0ADA", "U0BEA"]
    assert store.due_app_homes(DUE + MINUTE, 1) == ["U0ADA"]


@pytest.mark.safety("A Home is refreshed at most once a minute, by one sweep", "bot/aws/app_homes.py")
def test_of_two_who_would_refresh_it_one_does(store: Store) -> None:
    store.keep_app_home(HOME)
    assert store.claim_app_home("U0ADA", DUE - timedelta(microseconds=1)) is None
    assert store.claim_app_home("U0ADA", DUE) == HOME
    assert store.claim_app_home("U0ADA", DUE) is None
    assert store.due_app_homes(DUE, 9) == []
    assert store.due_app_homes(DUE + MINUTE, 9) == ["U0ADA"]


@pytest.mark.safety("What a refresh has published is not noted over a newer press", "bot/aws/app_homes.py")
def test_a_refresh_is_stored_only_over_what_it_was_made_from(store: Store) -> None:
    store.keep_app_home(HOME)
    store.keep_app_home(NEWER)
    assert not store.renew_app_home(REFRESHED, HOME.hash)
    assert stored(store) == NEWER
    assert store.renew_app_home(REFRESHED, NEWER.hash)
    assert store.claim_app_home("U0ADA", LATER + MINUTE) == replace(NEWER, digest="2" * 64, hash="1795413700.fff")


def test_a_press_counts_although_a_refresh_is_under_way(store: Store) -> None:
    store.keep_app_home(HOME)
    store.stay_at_home("U0ADA", NOW + MINUTE)
    assert store.due_app_homes(DUE, 9) == ["U0ADA"], "a press does not put off the refresh"
    assert store.renew_app_home(REFRESHED, HOME.hash)
    assert stored(store) == replace(REFRESHED, seen_at=NOW + MINUTE)


def test_who_left_is_refreshed_no_more_until_the_next_press(store: Store) -> None:
    store.keep_app_home(HOME)
    assert store.leave_home(HOME)
    assert store.due_app_homes(LATER, 9) == []
    assert store.claim_app_home("U0ADA", LATER) is None
    store.stay_at_home("U0ADA", LATER)
    assert store.due_app_homes(next_refresh(LATER), 9) == ["U0ADA"]
    assert store.claim_app_home("U0ADA", next_refresh(LATER)) == replace(HOME, seen_at=LATER)


@pytest.mark.safety("Who came back meanwhile is not taken for gone", "bot/aws/app_homes.py")
def test_who_was_there_again_does_not_leave(store: Store) -> None:
    store.keep_app_home(HOME)
    store.stay_at_home("U0ADA", NOW + MINUTE)
    assert not store.leave_home(HOME)
    store.keep_app_home(NEWER)
    assert not store.leave_home(replace(HOME, seen_at=NEWER.seen_at))
    assert store.due_app_homes(LATER, 9) == ["U0ADA"]
