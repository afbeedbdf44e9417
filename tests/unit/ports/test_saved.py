"""The one loop around every save that somebody else may be faster at: read, plan, save, and from the start again."""

from __future__ import annotations

import pytest

from bot.domain.errors import Conflict, Replayed, SwitchyardError, TryAgain
from bot.ports.store import ATTEMPTS, Change, saved
from tests.memory_store import MemoryStore


class RefusingStore(MemoryStore):
    """Answers saves with these errors, one after the other, and then takes what comes."""

    def __init__(self, *errors: SwitchyardError) -> None:
        super().__init__()
        self._errors, self.taken = list(errors), list[Change]()

    def save(self, change: Change) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self.taken.append(change)


def test_each_attempt_is_planned_anew_and_the_last_one_is_saved() -> None:
    store, plans = RefusingStore(Conflict(), Conflict()), [Change(event_client_id=name) for name in "abc"]
    made = iter(plans)
    assert saved(store, lambda: next(made), "busy") is plans[2]
    assert store.taken == [plans[2]]


def test_after_so_many_attempts_the_sentence_says_so() -> None:
    store, plans = RefusingStore(*[Conflict()] * ATTEMPTS), iter([Change()] * ATTEMPTS)
    with pytest.raises(TryAgain, match="Press it again"):
        saved(store, lambda: next(plans), "Press it again")
    assert (list(plans), store.taken) == ([], [])


@pytest.mark.parametrize("error", [Conflict(duplicate=True), Replayed(), TryAgain()], ids=repr)
def test_what_another_attempt_would_not_mend_is_raised_at_once(error: SwitchyardError) -> None:
    store = RefusingStore(error)
    with pytest.raises(type(error)) as raised:
        saved(store, Change, "busy")
    assert (raised.value, store.taken) == (error, [])


def test_a_plan_that_finds_nothing_to_do_saves_nothing() -> None:
    store = RefusingStore(Conflict())
    plans = iter([Change(), None])
    assert saved(store, lambda: next(plans), "busy") is None
    assert store.taken == []
