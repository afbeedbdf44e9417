"""What every Store must do with teams' kits: raised whatever their renewal does, renewed by one at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.errors import Conflict
from bot.domain.team_kit import KitChange, TeamKit, kit_changes
from bot.ports.store import Change, Store
from tests.integration.records import NOW, a_page

MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=1)
CHANGED = KitChange("operators", NOW)


def changed(store: Store, *teams: str) -> None:
    store.save(Change(kits=kit_changes(teams or ("operators",), NOW)))


def claimed(store: Store) -> TeamKit:
    """The kit with a lease of ours."""
    kit = store.claim_kit("operators", NOW, NOW + MINUTE)
    assert kit is not None
    return kit


def renewed(kit: TeamKit) -> TeamKit:
    return replace(kit, renewed=kit.wanted, lease_until=None)


def test_nothing_is_known_of_a_kit_before_its_first_change(store: Store) -> None:
    assert store.kit("operators") == TeamKit("operators")
    assert store.claim_kit("operators", NOW, NOW + MINUTE) is None
    assert store.due_kits(LATER, 9) == []
    assert store.kit("operators") == TeamKit("operators")


def test_each_change_adds_to_what_is_wanted(store: Store) -> None:
    changed(store)
    changed(store, "operators", "auditors", "operators")
    assert store.kit("operators") == TeamKit("operators", wanted=2)
    assert store.kit("auditors") == TeamKit("auditors", wanted=1)


def test_a_kit_changes_with_everything_else_in_its_save_or_not_at_all(store: Store) -> None:
    store.save(Change(pages=(a_page(),), kits=(CHANGED,)))
    with pytest.raises(Conflict):
        store.save(Change(pages=(a_page(),), kits=(CHANGED,)))
    assert store.kit("operators").wanted == 1


def test_it_is_due_from_a_minute_after_its_first_change_until_it_is_renewed(store: Store) -> None:
    changed(store)
    store.save(Change(kits=(KitChange("operators", NOW + MINUTE), KitChange("auditors", NOW + MINUTE))))
    assert store.due_kits(CHANGED.due_at - timedelta(microseconds=1), 9) == []
    assert store.due_kits(CHANGED.due_at, 9) == ["operators"]
    assert store.due_kits(LATER, 9) == ["operators", "auditors"]
    assert store.due_kits(LATER, 1) == ["operators"]
    assert store.keep_kit(renewed(claimed(store)), NOW + MINUTE)
    assert store.kit("operators") == TeamKit("operators", wanted=2, renewed=2)
    assert store.due_kits(LATER, 9) == ["auditors"]
    assert store.claim_kit("operators", LATER, LATER + MINUTE) is None


@pytest.mark.safety("Only one Lambda at a time renews a team's kit", "bot/aws/kits.py")
def test_the_lease_is_one_lambdas_until_it_runs_out(store: Store) -> None:
    changed(store)
    assert claimed(store) == TeamKit("operators", wanted=1)
    assert store.claim_kit("operators", NOW + MINUTE / 2, LATER) is None
    assert store.due_kits(NOW + MINUTE - timedelta(microseconds=1), 9) == []
    assert store.due_kits(NOW + MINUTE, 9) == ["operators"]
    again = store.claim_kit("operators", NOW + MINUTE, NOW + 2 * MINUTE)
    assert again == TeamKit("operators", wanted=1, lease_until=NOW + MINUTE)
    assert not store.keep_kit(renewed(again), NOW + MINUTE)
    assert store.keep_kit(renewed(again), NOW + 2 * MINUTE)


@pytest.mark.safety("A kit counts as renewed only if nothing has changed since it was read", "bot/aws/kits.py")
def test_what_has_changed_since_it_was_claimed_stays_wanted_and_due(store: Store) -> None:
    changed(store)
    kit = claimed(store)
    changed(store)
    assert not store.keep_kit(renewed(kit), NOW + MINUTE)
    assert store.kit("operators") == TeamKit("operators", wanted=2, lease_until=NOW + MINUTE)
    assert store.due_kits(NOW + MINUTE, 9) == ["operators"]
    assert store.keep_kit(renewed(store.kit("operators")), NOW + MINUTE)
