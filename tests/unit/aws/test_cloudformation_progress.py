"""How far an attempt is, whatever else happened to the stack before, meanwhile and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from bot.aws.stack_events import REASON_LENGTH, progress_of
from bot.ports import Progress, StackOutcome

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

STACK = "arn:aws:cloudformation:eu-west-1:111111111111:stack/x/1"
UNBEGUN = Progress(begun=False)
RUNNING = Progress(begun=True)
DONE = Progress(begun=True, outcome=StackOutcome(succeeded=True))


def told(status: str, reason: str = "", token: str | None = "mine", about: str = "") -> StackEventTypeDef:
    event: Any = {"StackId": STACK, "PhysicalResourceId": about or STACK, "ResourceStatus": status}
    event |= {"LogicalResourceId": about or "x", "ResourceStatusReason": reason}
    if token:
        event["ClientRequestToken"] = token
    told: StackEventTypeDef = event
    return told


def after(*oldest_first: StackEventTypeDef) -> Progress:
    return progress_of(reversed(oldest_first), "mine")


def failed(reason: str) -> Progress:
    return Progress(begun=True, outcome=StackOutcome(succeeded=False, reason=reason))


CREATING = told("CREATE_IN_PROGRESS", "User Initiated")


def test_a_stack_without_our_token_never_heard_of_us() -> None:
    assert after() == UNBEGUN
    assert after(told("CREATE_COMPLETE", token="other"), told("UPDATE_COMPLETE", token=None)) == UNBEGUN


@pytest.mark.safety("Only stack events with our whole token are ours", "bot/aws/stack_events.py")
def test_a_token_must_be_the_whole_token() -> None:
    assert after(told("CREATE_COMPLETE", token="mine-clear"), told("CREATE_COMPLETE", token="min")) == UNBEGUN


@pytest.mark.safety("The end of one resource is not the end of the stack", "bot/aws/stack_events.py")
def test_it_runs_until_the_stack_itself_ends() -> None:
    assert after(CREATING) == RUNNING
    assert after(CREATING, told("CREATE_COMPLETE", about="ClientGroup")) == RUNNING
    assert after(told("CREATE_IN_PROGRESS", about="ClientGroup")) == RUNNING


@pytest.mark.parametrize("verb", ["CREATE", "UPDATE", "DELETE"])
def test_it_succeeds_when_the_stack_says_so(verb: str) -> None:
    assert after(told(f"{verb}_IN_PROGRESS"), told(f"{verb}_COMPLETE")) == DONE


@pytest.mark.safety("A rollback or a cleanup that goes on is not the end of the stack", "bot/aws/stack_events.py")
def test_an_update_is_not_over_while_it_cleans_up() -> None:
    cleaning = [told("UPDATE_IN_PROGRESS"), told("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")]
    assert after(*cleaning) == RUNNING
    assert after(*cleaning, told("UPDATE_COMPLETE")) == DONE


FAILURES = ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"]
FAILURES += ["UPDATE_ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED"]


@pytest.mark.parametrize("status", FAILURES)
def test_every_other_end_is_a_failure(status: str) -> None:
    assert after(CREATING, told(status, "because")) == failed("because")
    assert after(CREATING, told(status)) == failed(status)


@pytest.mark.safety("A rollback or a cleanup that goes on is not the end of the stack", "bot/aws/stack_events.py")
def test_a_rollback_under_way_is_no_end() -> None:
    assert after(CREATING, told("CREATE_FAILED", "no", about="ClientGroup"), told("ROLLBACK_IN_PROGRESS")) == RUNNING


@pytest.mark.safety(
    "The reason of a failure is that of the first resource that failed by itself", "bot/aws/stack_events.py"
)
def test_the_reason_is_the_first_resource_that_failed_by_itself() -> None:
    progress = after(
        CREATING,
        told("CREATE_FAILED", "Resource creation cancelled", about="Early"),
        told("CREATE_FAILED", "Limit exceeded", about="ClientGroup"),
        told("CREATE_FAILED", "a later one", about="Other"),
        told("ROLLBACK_IN_PROGRESS", "The following resource(s) failed: [ClientGroup]."),
        told("DELETE_FAILED", "of the rollback", about="Other"),
        told("ROLLBACK_COMPLETE"),
    )
    assert progress == failed("ClientGroup: Limit exceeded")


def test_a_resource_that_gives_no_reason_is_named_at_least() -> None:
    assert after(CREATING, told("CREATE_FAILED", about="ClientGroup"), told("ROLLBACK_COMPLETE")) == failed(
        "ClientGroup: CREATE_FAILED"
    )


def test_a_reason_has_an_end() -> None:
    progress = after(CREATING, told("CREATE_FAILED", "x" * 9000, about="G"), told("ROLLBACK_COMPLETE", "y" * 9000))
    assert progress.outcome is not None
    assert len(progress.outcome.reason) == REASON_LENGTH


@pytest.mark.safety("The reason of a failure has a maximum length", "bot/aws/stack_events.py")
def test_so_has_one_that_only_the_stack_itself_gives() -> None:
    progress = after(CREATING, told("ROLLBACK_COMPLETE", "y" * 9000))
    assert progress.outcome is not None
    assert len(progress.outcome.reason) == REASON_LENGTH


@pytest.mark.safety("The reason of a failure has a maximum length", "bot/aws/stack_events.py")
def test_so_has_one_of_what_somebody_else_ended() -> None:
    failing = told("CREATE_FAILED", "x" * 9000, about="G")
    progress = after(CREATING, failing, told("DELETE_IN_PROGRESS", token=None))
    assert progress.outcome is not None
    assert len(progress.outcome.reason) == REASON_LENGTH


def test_a_reason_of_an_earlier_attempt_is_not_ours() -> None:
    earlier = [told("UPDATE_IN_PROGRESS", token="old"), told("UPDATE_FAILED", "old", token="old", about="G")]
    progress = after(*earlier, told("UPDATE_IN_PROGRESS"), told("UPDATE_ROLLBACK_COMPLETE", "ours"))
    assert progress == failed("ours")


def test_the_end_of_an_earlier_attempt_is_not_ours() -> None:
    """EventBridge delivers the first attempt's failure late, when the second is about to start or has started."""
    earlier = [told("CREATE_IN_PROGRESS", token="old"), told("CREATE_COMPLETE", token="old")]
    assert after(*earlier) == UNBEGUN
    assert after(*earlier, told("UPDATE_IN_PROGRESS")) == RUNNING


def test_what_others_did_afterwards_does_not_change_how_ours_ended() -> None:
    later = [told("DELETE_IN_PROGRESS", token="other"), told("DELETE_COMPLETE", token="other")]
    assert after(CREATING, told("CREATE_COMPLETE"), *later) == DONE


@pytest.mark.safety("Our operation ends when somebody else has ended it", "bot/aws/stack_events.py")
def test_a_stack_deleted_by_hand_in_the_middle_does_not_run_for_ever() -> None:
    progress = after(CREATING, told("DELETE_IN_PROGRESS", token=None), told("DELETE_COMPLETE", token=None))
    assert progress.outcome is not None
    assert not progress.outcome.succeeded
    assert "DELETE_IN_PROGRESS" in progress.outcome.reason


@pytest.mark.safety(
    "Only an operation on the stack, after ours, counts as somebody else having ended it", "bot/aws/stack_events.py"
)
def test_what_came_in_between_does_not_end_what_goes_on() -> None:
    assert after(CREATING, told("UPDATE_IN_PROGRESS", token=None), told("CREATE_IN_PROGRESS", about="G")) == RUNNING


@pytest.mark.safety(
    "Only an operation on the stack, after ours, counts as somebody else having ended it", "bot/aws/stack_events.py"
)
def test_others_resources_do_not_end_ours() -> None:
    assert after(CREATING, told("UPDATE_IN_PROGRESS", token="other", about="ClientGroup")) == RUNNING


@pytest.mark.safety("No stack event from before our attempt began is ours", "bot/aws/stack_events.py")
def test_it_looks_no_further_back_than_its_own_beginning() -> None:
    seen = []

    def watched(events: Iterable[StackEventTypeDef]) -> Iterator[StackEventTypeDef]:
        for event in events:
            seen.append(event["ResourceStatus"])
            yield event

    old = [told("UPDATE_COMPLETE", token="old")] * 50
    progress_of(watched([told("UPDATE_COMPLETE"), told("UPDATE_IN_PROGRESS"), *old]), "mine")
    assert seen == ["UPDATE_COMPLETE", "UPDATE_IN_PROGRESS"]
