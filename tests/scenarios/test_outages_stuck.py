"""A client-group stack is stuck, or takes for ever: what the channel says, which button or alarm helps, how it ends."""

from __future__ import annotations

import pytest

from tests.scenarios.outage_scene import DELETED, UPDATED, OutageScene


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"])
def test_what_can_only_be_deleted_is_cleared_away_without_anybody(outage: OutageScene, status: str) -> None:
    outage.asks()
    outage.stack_left_by_others(status)
    outage.presses("Approve")
    outage.work()
    assert outage.is_onboarded()


def test_a_stack_that_can_not_even_be_deleted_says_why(outage: OutageScene) -> None:
    outage.asks()
    stuck = outage.stack_left_by_others("DELETE_FAILED")
    stuck.parameters = {"GroupName": "theirs"}
    outage.groups["theirs"] = ["olli"]
    outage.presses("Approve")
    outage.provisions()
    assert "The failed stack could not be deleted" in outage.last.words
    assert "Take everybody out of it in IAM, then press Retry." in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    outage.groups["theirs"].clear()
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()


def test_a_removal_that_fails_is_tried_again_by_retry(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.asks(DELETED)
    outage.presses("Approve")
    outage.provisions()
    [members] = outage.groups.values()
    members.append("late")
    outage.ends()
    assert outage.stand_in.only().status == "DELETE_FAILED"
    assert "must remove users from group first" in outage.last.words and outage.last.buttons == ("Retry",)
    outage.presses("Retry")
    outage.work()
    assert "is removed" in outage.last.words and "late" in outage.last.words
    assert outage.groups == {}


def test_a_rollback_that_failed_is_for_an_engineer_and_retry_works_afterwards(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    stack = outage.stand_in.only()
    outage.stand_in.tell(stack, "UPDATE_ROLLBACK_FAILED")
    outage.asks(UPDATED, level="PowerUser")
    outage.presses("Approve")
    outage.provisions()
    assert "to continue its rollback in the CloudFormation console" in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    outage.stand_in.tell(stack, "UPDATE_ROLLBACK_COMPLETE")
    outage.presses("Retry")
    outage.work()
    assert "is updated" in outage.last.words


def test_an_update_that_was_rolled_back_is_made_again_by_retry(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.asks(UPDATED, role="switchyard-access", level="PowerUser")
    stack = outage.stand_in.only()
    stack.parameters = stack.parameters | {"RoleArn": "arn:aws:iam::222222222222:role/before"}
    outage.presses("Approve")
    outage.provisions()
    outage.ends(failure="The policy is too long")
    assert stack.status == "UPDATE_ROLLBACK_COMPLETE"
    assert "ClientGroup: The policy is too long" in outage.last.words and outage.last.buttons == (
        "Retry",
        "Text for the client",
    )
    outage.presses("Retry")
    outage.work()
    assert "is updated" in outage.last.words and stack.status == "UPDATE_COMPLETE"


@pytest.mark.safety("A request that CloudFormation works on for long says so", "bot/provisioning/attempt.py")
def test_an_operation_of_ours_that_takes_for_ever_says_so_and_is_never_given_up(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.minutes_pass(29)
    assert "CloudFormation is granting the access" in outage.last.words
    outage.minutes_pass(30 * 60, every=60)
    assert "CloudFormation has been working for more than 30 minutes" in outage.last.words
    assert outage.stand_in.only().id in outage.last.words
    assert outage.last.buttons == ()
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.ends()
    assert outage.is_onboarded()


def test_an_engineer_who_deletes_a_stack_that_does_not_end_gets_the_retry_button(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.minutes_pass(60, every=10)
    stack = outage.stand_in.only()
    stack.token = None
    outage.stand_in.tell(stack, "DELETE_IN_PROGRESS")
    outage.stand_in.tell(stack, DELETED)
    outage.minutes_pass(2)
    assert "Somebody else started another operation on the stack" in outage.last.words
    assert outage.last.buttons == ("Retry", "Text for the client")
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()


@pytest.mark.parametrize("status", ["UPDATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "DELETE_IN_PROGRESS"])
def test_what_others_do_to_the_stack_is_waited_for_and_named(outage: OutageScene, status: str) -> None:
    outage.asks()
    outage.stand_in.looks_until_deleted = None
    stack = outage.stack_left_by_others(status)
    outage.presses("Approve")
    outage.provisions()
    outage.minutes_pass(90, every=3)
    assert f"*Waiting.* The client's stack is in {status}" in outage.last.words
    assert outage.last.buttons == ()
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.stand_in.tell(stack, status.replace("IN_PROGRESS", "COMPLETE"))
    outage.stand_in.looks_until_deleted = 0
    outage.minutes_pass(2)
    outage.work()
    assert outage.is_onboarded()


@pytest.mark.safety("A change set of that name that we did not make is not ours", "bot/aws/stacks.py")
def test_somebodys_change_set_of_that_name_fails_at_once(outage: OutageScene) -> None:
    outage.asks()
    review = outage.stack_left_by_others("REVIEW_IN_PROGRESS")
    outage.presses("Approve")
    outage.provisions()
    assert "was not made by Switchyard" in outage.last.words and outage.last.buttons == ("Retry", "Text for the client")
    outage.stand_in.tell(review, DELETED)
    outage.presses("Retry")
    outage.work()
    assert outage.is_onboarded()


def test_a_second_approval_waits_for_the_first_and_says_so(outage: OutageScene) -> None:
    outage.asks()
    outage.presses("Approve")
    outage.provisions()
    outage.asks(UPDATED, level="PowerUser")
    outage.presses("Approve")
    outage.provisions()
    assert "only one change per client runs at a time" in outage.last.words
    outage.minutes_pass(40, every=2)
    first, second = [one for one in outage.slack.messages if not one.is_reply]
    assert "CloudFormation has been working for more than 30 minutes" in first.words
    assert "Another change of this client is still in progress" in second.words
    assert outage.bell.rung() == {"oldest-unfinished"}
    outage.ends()
    outage.minutes_pass(2)
    outage.work()
    first, second = [one for one in outage.slack.messages if not one.is_reply]
    assert "was onboarded" in first.words and "✅" in second.words
    assert "Waiting" not in first.words + second.words
