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
HOME = an_app_home()
NEWER = replace(HOME, seen_at=NOW + MINUTE, shows="||||globex", digest="1" * 64, hash="1795413662.def")


def stored(store: Store) -> AppHome | None:
    """Ada's Home, which this puts off for a minute."""
    return store.claim_app_home("U0ADA", NOW + 2 * THERE, NOW + 2 * THERE)


def test_who_has_never_opened_home_is_not_there(store: Store) -> None:
    store.stay_at_home("U0ADA", NOW)
    assert store.claim_app_home("U0ADA", NOW, DUE) is None
    assert not store.keep_app_home(HOME, DUE, over="1795413602.abc")
    assert store.due_app_homes(NOW + THERE, 9) == []


def test_each_opening_replaces_the_one_before(store: Store) -> None:
    assert store.keep_app_home(HOME, DUE) and store.keep_app_home(NEWER, DUE)
    assert stored(store) == NEWER


def test_the_longest_overdue_come_first_and_so_many_at_once(store: Store) -> None:
    store.keep_app_home(replace(HOME, user_id="U0BEA"), DUE + MINUTE)
    store.keep_app_home(HOME, DUE)
    store.keep_app_home(replace(HOME, user_id="U0OLLI"), None)
    assert store.due_app_homes(DUE - timedelta(microseconds=1), 9) == []
    assert store.due_app_homes(DUE, 9) == ["U0ADA"]
    assert store.due_app_homes(DUE + MINUTE, 9) == ["U0ADA", "U0BEA"]
    assert store.due_app_homes(DUE + MINUTE, 1) == ["U0ADA"]


@pytest.mark.safety("A Home is refreshed at most once a minute, by one sweep", "bot/aws/app_homes.py")
def test_of_two_who_would_refresh_it_one_does(store: Store) -> None:
    store.keep_app_home(HOME, DUE)
    assert store.claim_app_home("U0ADA", DUE - timedelta(microseconds=1), DUE + MINUTE) is None
    assert store.claim_app_home("U0ADA", DUE, DUE + MINUTE) == HOME
    assert store.claim_app_home("U0ADA", DUE, DUE + MINUTE) is None
    assert store.due_app_homes(DUE, 9) == []
    assert store.due_app_homes(DUE + MINUTE, 9) == ["U0ADA"]


@pytest.mark.safety("What a refresh has published is not noted over a newer press", "bot/aws/app_homes.py")
def test_a_refresh_is_stored_only_over_what_it_was_made_from(store: Store) -> None:
    store.keep_app_home(HOME, DUE)
    refreshed = replace(HOME, digest="2" * 64, hash="1795413700.fff")
    store.keep_app_home(NEWER, DUE)
    assert not store.keep_app_home(refreshed, DUE + MINUTE, over=HOME.hash)
    assert not store.keep_app_home(HOME, None, over=HOME.hash)
    assert stored(store) == NEWER
    assert store.keep_app_home(replace(refreshed, hash="x"), DUE + MINUTE, over=NEWER.hash)


def test_who_left_is_refreshed_no_more_until_the_next_press(store: Store) -> None:
    store.keep_app_home(HOME, DUE)
    assert store.keep_app_home(HOME, None, over=HOME.hash)
    assert store.due_app_homes(NOW + THERE, 9) == []
    later = NOW + 2 * THERE
    store.stay_at_home("U0ADA", later)
    assert store.due_app_homes(next_refresh(later), 9) == ["U0ADA"]
    assert store.claim_app_home("U0ADA", next_refresh(later), later) == replace(HOME, seen_at=later)


def test_a_press_does_not_put_off_the_refresh(store: Store) -> None:
    store.keep_app_home(HOME, DUE)
    store.stay_at_home("U0ADA", NOW + 3 * MINUTE)
    assert store.due_app_homes(DUE, 9) == ["U0ADA"]
