"""Whatever Switchyard does or doesn't do, a client's stack ends as it would without us, and what can arrive arrives."""

import json
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import pytest

from bot.aws.sts import StsVerifier
from bot.domain.model import Terms
from bot.ingest.payload import parse
from tests.local.test_aws_gaps.accounts import Account
from tests.local.test_client_stacks.publishing import KEYS, Bucket
from tests.local.test_client_stacks.stand_in import State
from tests.local.test_client_stacks.stories import Story, play
from tests.proving import PROVING

STATES = [state for state in State if state is not State.REFUSING]
LEFT_TO_PROVE = [
    ("nested", State.DOWN),
    ("nested", State.HANGING),
    ("flat", State.SLOW),
    ("flat", State.FAILING),
    ("flat", State.REFUSING_THE_LAST_WORD),
]
"""Played by `make prove` alone: in `make test` the other kind of stack goes through this state."""


def cases(states: Sequence[State]) -> list[tuple[str, State]]:
    """The kinds of stack that are played in each of these states."""
    both = [(kind, state) for kind in KEYS for state in states]
    return [case for case in both if PROVING or case not in LEFT_TO_PROVE]


CASES = cases(STATES)
UNREACHABLE = [State.DOWN, State.HANGING, State.FAILING]
AT_ONCE = 6
AS_WITHOUT_US = {
    "create": "CREATE_COMPLETE",
    "update": "UPDATE_COMPLETE",
    "update that rolls back": "UPDATE_ROLLBACK_COMPLETE",
    "rename": "UPDATE_COMPLETE",
    "delete": "DELETE_COMPLETE",
    "create that rolls back": "ROLLBACK_COMPLETE",
    "delete after a rollback": "DELETE_COMPLETE",
    "create before Switchyard is back": "CREATE_COMPLETE",
    "delete when Switchyard is back": "DELETE_COMPLETE",
}

Stories = dict[tuple[str, State], Story]


@pytest.fixture(scope="module")
def stories(accounts: list[Account], bucket: Bucket, verifier: StsVerifier) -> Stories:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        # Longest first; the accounts take turns.
        order = sorted(CASES, key=lambda case: (case[1] not in UNREACHABLE, case[0] == "flat"))
        playing = {
            (kind, state): pool.submit(play, kind, state, account, bucket, verifier)
            for (kind, state), account in zip(order, cycle(accounts), strict=False)
        }
        return {case: future.result() for case, future in playing.items()}


@pytest.mark.parametrize(("kind", "state"), CASES)
def test_every_step_ends_as_it_would_without_us(stories: Stories, kind: str, state: State) -> None:
    assert stories[kind, state].statuses == AS_WITHOUT_US


@pytest.mark.parametrize(("kind", "state"), CASES)
def test_nothing_is_left_behind(stories: Stories, kind: str, state: State) -> None:
    assert stories[kind, state].left_over == set()


@pytest.mark.parametrize(("kind", "state"), cases([State.UP, State.SLOW]))
def test_deletion_and_rollback_are_reported_once(stories: Stories, kind: str, state: State) -> None:
    story = stories[kind, state]
    for told in (story.whole_life, story.rolled_back):
        assert [t.status for t in told if t.kind == "last_word"] == [202]


@pytest.mark.parametrize(("kind", "state"), cases([State.REFUSING_THE_LAST_WORD]))
def test_a_refused_last_word_is_said_once(stories: Stories, kind: str, state: State) -> None:
    story = stories[kind, state]
    for told in (story.whole_life, story.rolled_back):
        assert [t.status for t in told if t.kind == "last_word"] == [403]


@pytest.mark.parametrize(("kind", "state"), cases([State.HANGING, State.FAILING]))
def test_the_last_word_is_tried_more_than_once(stories: Stories, kind: str, state: State) -> None:
    assert Counter(t.kind for t in stories[kind, state].whole_life)["last_word"] > 1


@pytest.mark.parametrize(("kind", "state"), CASES)
def test_deletion_is_reported_where_switchyard_is_back_by_then(stories: Stories, kind: str, state: State) -> None:
    """On a busy machine an impatient forwarder may say it once more before it hears the answer."""
    assert {t.taken for t in stories[kind, state].recovered if t.kind == "last_word"} == {True}


@pytest.mark.parametrize(("kind", "state"), cases(UNREACHABLE))
def test_retries_deliver_what_they_can_when_switchyard_is_back(stories: Stories, kind: str, state: State) -> None:
    told = stories[kind, state].recovered
    assert "CREATE_COMPLETE" in {t.completed for t in told if t.taken}, "the role is known, though nobody was there"
    first = next(n for n, t in enumerate(told) if t.taken)
    assert all(t.taken for t in told[first:])
    assert not [t for t in told[:first] if t.taken]


@pytest.mark.parametrize(("kind", "state"), cases([State.UP, State.SLOW, State.REFUSING_THE_LAST_WORD]))
def test_everything_is_told_with_a_proof_that_holds(stories: Stories, kind: str, state: State) -> None:
    story = stories[kind, state]
    for told in (story.whole_life, story.rolled_back, story.recovered):
        assert {t.status for t in told if t.kind != "last_word"} == {202}
        assert Counter(t.kind for t in told)["knock"] == 1


@pytest.mark.parametrize("kind", KEYS)
def test_completions_carry_role_and_level_of_their_time(stories: Stories, kind: str) -> None:
    role = f"{kind}-up"
    told = stories[kind, State.UP].whole_life
    claims = {(t.completed, t.event["role_name"], t.event["access_level"]) for t in told if t.completed}
    assert claims >= {
        ("CREATE_COMPLETE", role, "ReadOnly"),
        ("UPDATE_COMPLETE", role, "PowerUser"),
        ("UPDATE_COMPLETE", f"{role}-2", "PowerUser"),
    }


@pytest.mark.parametrize("kind", KEYS)
def test_completions_carry_the_terms_of_their_time_in_a_form_that_the_bot_reads(stories: Stories, kind: str) -> None:
    told = [t for t in stories[kind, State.UP].whole_life if t.completed in ("CREATE_COMPLETE", "UPDATE_COMPLETE")]
    terms = {(t.completed, parse(json.dumps(t.event).encode(), "aws").event.stack.terms) for t in told}
    assert terms == {
        ("CREATE_COMPLETE", Terms(require_mfa=True, max_session_seconds=3600)),
        ("UPDATE_COMPLETE", Terms(require_mfa=False, max_session_seconds=43200)),
    }


@pytest.mark.parametrize(("kind", "state"), CASES)
def test_everything_that_is_told_says_version_and_terms(stories: Stories, kind: str, state: State) -> None:
    story = stories[kind, state]
    for told in (*story.whole_life, *story.rolled_back, *story.recovered):
        assert told.event["version"] == 2
        assert parse(json.dumps(told.event).encode(), "aws").event.stack.terms is not None


def test_the_flat_stack_tells_exactly_what_was_completed(stories: Stories) -> None:
    story = stories["flat", State.UP]
    assert Counter(t.completed or t.kind for t in story.whole_life) == {
        "knock": 1,
        "CREATE_COMPLETE": 1,
        "UPDATE_COMPLETE": 2,
        "last_word": 1,
    }
    assert [t.kind for t in story.rolled_back] == ["knock", "last_word"], "no role was there to tell of"
    requests = [t.event["completed"]["request_id"] for t in story.whole_life if t.kind == "completed"]
    assert len(set(requests)) == 3
