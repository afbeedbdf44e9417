"""What is done to a client-group stack in each state it can be in, and what comes of doing it twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError

from bot.aws.cloudformation import GroupStacks
from bot.domain.approvers import Approvers
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.request import Attempt, Request
from bot.domain.vocabulary import AccessLevel, Kind, State
from bot.ports import Progress, StackOutcome, Started
from bot.settings import Settings
from tests.changed import changed
from tests.integration.records import a_request
from tests.unit.aws.cloudformation_stand_in import Stack, StandIn, refusal

SETTINGS = Settings(
    stage="prod",
    table_name="switchyard-prod",
    provider_account_id="111111111111",
    partition="aws",
    region="eu-west-1",
    channel_id="C0ONBOARDING",
    approvers=Approvers(),
    slack_api_url="https://slack.example/api/",
    client_template_url="https://templates.example/client.yaml",
    group_template_url="https://templates.example/group.yaml",
    group_role_arn="arn:aws:iam::111111111111:role/switchyard-prod-client-groups",
    page_template_url="https://templates.example/page.yaml",
    team_role_arn="arn:aws:iam::111111111111:role/switchyard-prod-team-pages",
    provision_function="switchyard-prod-provision",
)
NAME = "switchyard-prod-client-caaaaaaaaaa"
GROUP = "switchyard-prod-caaaaaaaaaa"


@pytest.fixture
def aws() -> Iterator[StandIn]:
    stand_in = StandIn()
    yield stand_in
    stand_in.leave()


@dataclass
class HastyStandIn(StandIn):
    """A deletion ends as its events are looked at."""

    def _describe_stack_events(self, given: dict[str, Any]) -> dict[str, Any]:
        deleting = [one for one in self.stacks if one.status == "DELETE_IN_PROGRESS"]
        if deleting:
            self.end()
        return super()._describe_stack_events(given)


@pytest.fixture
def hasty(aws: StandIn) -> Iterator[HastyStandIn]:
    aws.leave()
    stand_in = HastyStandIn()
    yield stand_in
    stand_in.leave()


@pytest.fixture
def stacks(aws: StandIn) -> GroupStacks:
    return GroupStacks(SETTINGS, aws.cloudformation, aws.iam, poll_seconds=0, polls=3)


def asked(kind: Kind = Kind.ONBOARD, attempt: int = 1, role: str = "switchyard-access", id_: str = "r1") -> Request:
    return a_request(id=id_, kind=kind, state=State.PROVISIONING, attempt=Attempt(attempt), role_name=role)


def onboard(aws: StandIn, stacks: GroupStacks) -> Stack:
    stacks.start(asked(id_="r0"))
    aws.end()
    aws.calls.clear()
    return aws.only()


def in_state(aws: StandIn, stacks: GroupStacks, status: str) -> Stack:
    """A stack that others left in this state."""
    stack = onboard(aws, stacks)
    stack.token = "others"
    aws.tell(stack, status)
    return stack


# Making the group


@pytest.mark.safety("Stacks are made, changed and deleted with our service role", "bot/aws/stacks.py")
@pytest.mark.safety("Stacks are made, changed and deleted with the attempt's token", "bot/aws/stacks.py")
def test_onboarding_creates_the_pinned_stack_and_nothing_else(aws: StandIn, stacks: GroupStacks) -> None:
    started = stacks.start(asked())
    [made] = aws.made("CreateStack")
    assert started == Started(aws.only().id)
    assert aws.only().wanted == {
        "GroupName": GROUP,
        "GroupPath": "/switchyard/clients/prod/",
        "RoleArn": "arn:aws:iam::222222222222:role/switchyard-access",
        "Revision": "Approved",
    }
    rest = {key: value for key, value in made.items() if not key.startswith("Parameters.")}
    assert rest == {
        "StackName": NAME,
        "TemplateURL": SETTINGS.group_template_url,
        "RoleARN": SETTINGS.group_role_arn,
        "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
        "ClientRequestToken": "r1-1",
    }


def test_nothing_a_client_says_of_itself_reaches_cloudformation(aws: StandIn, stacks: GroupStacks) -> None:
    stacks.start(changed(asked(), company="Evil ${AWS::StackName}", claimed_company="Worse", reason="Worst"))
    assert not [call for call in aws.calls if "Evil" in str(call) or "Wors" in str(call)]


def test_an_update_changes_the_stack_that_is_there(aws: StandIn, stacks: GroupStacks) -> None:
    stack = onboard(aws, stacks)
    assert stacks.start(asked(Kind.UPDATE, role="renamed")) == Started(stack.id)
    assert not aws.made("CreateStack")
    aws.end()
    assert stack.parameters["RoleArn"] == "arn:aws:iam::222222222222:role/renamed"


def test_an_update_without_a_stack_creates_one(aws: StandIn, stacks: GroupStacks) -> None:
    assert stacks.start(asked(Kind.UPDATE)) == Started(aws.only().id)


def test_onboarding_again_over_a_kept_group_updates_it(aws: StandIn, stacks: GroupStacks) -> None:
    stack = onboard(aws, stacks)
    assert stacks.start(asked(role="another")) == Started(stack.id)
    assert stack.status == "UPDATE_IN_PROGRESS"


@pytest.mark.safety('"No updates are to be performed" is a success', "bot/aws/cloudformation.py")
def test_an_update_that_changes_nothing_is_done_at_once(aws: StandIn, stacks: GroupStacks) -> None:
    stack = onboard(aws, stacks)
    level_only = changed(asked(Kind.UPDATE), access_level=AccessLevel.ADMINISTRATOR)
    assert stacks.start(level_only) == Started(stack.id, finished=True)


@pytest.mark.safety(
    '"No updates are to be performed" is no success when the group is gone', "bot/aws/cloudformation.py"
)
def test_nothing_to_update_is_no_success_when_the_group_was_deleted_by_hand(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.groups.clear()
    with pytest.raises(ProvisioningFailed, match="deleted by hand"):
        stacks.start(asked(Kind.UPDATE))


@pytest.mark.safety(
    "A failed stack that can only be deleted is deleted before the group is made", "bot/aws/cloudformation.py"
)
@pytest.mark.safety(
    "A failed stack is deleted with a token of its own, since that is not the attempt's end",
    "bot/aws/cloudformation.py",
)
@pytest.mark.parametrize("status", ["ROLLBACK_COMPLETE", "CREATE_FAILED", "ROLLBACK_FAILED", "DELETE_FAILED"])
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_a_stack_that_can_only_be_deleted_is_deleted_first(
    aws: StandIn, stacks: GroupStacks, status: str, kind: Kind
) -> None:
    old = in_state(aws, stacks, status)
    aws.looks_until_deleted = 2
    started = stacks.start(asked(kind))
    assert old.status == "DELETE_COMPLETE"
    assert started == Started(aws.only().id)
    assert aws.only().id != old.id
    assert aws.only().token == "r1-1"
    [deleted] = aws.made("DeleteStack")
    assert deleted["StackName"] == old.id
    assert deleted["ClientRequestToken"] != "r1-1"


@pytest.mark.safety("A stack that was made anew tells how it goes", "bot/aws/client_stacks.py")
def test_retry_after_a_rollback_ends_well(aws: StandIn, stacks: GroupStacks) -> None:
    first = stacks.start(asked())
    aws.end(failure="The group already exists")
    assert stacks.progress(changed(asked(), stack_id=first.stack_id)).outcome == StackOutcome(
        succeeded=False, reason="ClientGroup: The group already exists"
    )
    aws.looks_until_deleted = 0
    stacks.start(changed(asked(attempt=2), stack_id=first.stack_id))
    aws.end()
    again = changed(asked(attempt=2), stack_id=first.stack_id)
    assert stacks.progress(again) == Progress(begun=True, outcome=StackOutcome(succeeded=True))


@pytest.mark.safety("A failed stack whose deletion takes longer than we wait is no failure", "bot/aws/stacks.py")
def test_a_deletion_that_takes_too_long_is_left_for_later(aws: StandIn, stacks: GroupStacks) -> None:
    old = in_state(aws, stacks, "ROLLBACK_COMPLETE")
    with pytest.raises(TryAgain):
        stacks.start(asked())
    assert not aws.made("CreateStack")
    # When it is tried again while still deleting, and once more when that has ended
    with pytest.raises(TryAgain):
        stacks.start(asked())
    aws.end()
    stacks.start(asked())
    assert old.status == "DELETE_COMPLETE"
    assert aws.only().token == "r1-1"
    assert len(aws.made("DeleteStack")) == 1


@pytest.mark.safety("A failed stack whose deletion ends just as we stop waiting is no failure", "bot/aws/stacks.py")
def test_a_deletion_that_ends_as_the_patience_does_is_no_failure(hasty: HastyStandIn, stacks: GroupStacks) -> None:
    in_state(hasty, stacks, "ROLLBACK_COMPLETE")
    with pytest.raises(TryAgain, match="still being deleted"):
        stacks.start(asked())
    assert stacks.start(asked()) == Started(hasty.only().id)


@pytest.mark.safety("The end of the failed stack is waited for, and of no other of that name", "bot/aws/stacks.py")
@pytest.mark.safety("The end of a failed stack is waited for no longer than a Lambda runs", "bot/aws/stacks.py")
def test_only_the_failed_stack_itself_is_waited_for_whoever_takes_its_name(aws: StandIn, stacks: GroupStacks) -> None:
    old = in_state(aws, stacks, "ROLLBACK_COMPLETE")
    with pytest.raises(TryAgain):
        stacks.start(asked())
    assert [looked["StackName"] for looked in aws.made("DescribeStacks")] == [NAME, old.id, old.id, old.id]


@pytest.mark.safety("A failed stack that can only be deleted is deleted once", "bot/aws/stacks.py")
@pytest.mark.safety("A failed stack that can't be deleted says why", "bot/aws/stacks.py")
def test_a_failed_stack_that_can_not_be_deleted_says_why(aws: StandIn, stacks: GroupStacks) -> None:
    in_state(aws, stacks, "DELETE_FAILED")
    aws.groups[GROUP] = ["olli"]
    aws.looks_until_deleted = 1
    with pytest.raises(ProvisioningFailed, match="must remove users from group first"):
        stacks.start(asked())
    assert not aws.made("CreateStack")
    assert aws.groups[GROUP] == ["olli"]
    # And says so again, without another deletion, when the same attempt runs twice
    with pytest.raises(ProvisioningFailed, match="must remove users from group first"):
        stacks.start(asked())
    assert len(aws.made("DeleteStack")) == 1


@pytest.mark.safety("A stuck rollback is left to an engineer", "bot/aws/cloudformation.py")
def test_a_stuck_rollback_is_left_to_an_engineer(aws: StandIn, stacks: GroupStacks) -> None:
    in_state(aws, stacks, "UPDATE_ROLLBACK_FAILED")
    with pytest.raises(ProvisioningFailed, match=f"{NAME} is stuck in UPDATE_ROLLBACK_FAILED"):
        stacks.start(asked(Kind.UPDATE))


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"])
def test_a_stack_at_rest_is_updated(aws: StandIn, stacks: GroupStacks, status: str) -> None:
    stack = in_state(aws, stacks, status)
    stacks.start(asked(role="renamed"))
    assert stack.status == "UPDATE_IN_PROGRESS"


BUSY = ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS"]
BUSY += ["UPDATE_ROLLBACK_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"]


@pytest.mark.safety("A stack that others work on is left alone", "bot/aws/cloudformation.py")
@pytest.mark.parametrize("status", BUSY)
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD])
def test_a_stack_others_work_on_is_left_alone(aws: StandIn, stacks: GroupStacks, status: str, kind: Kind) -> None:
    in_state(aws, stacks, status)
    with pytest.raises(TryAgain, match=status):
        stacks.start(asked(kind))
    assert {name for name, _ in aws.calls} == {"DescribeStacks", "DescribeStackEvents"}


@pytest.mark.safety("Nothing is asked of CloudFormation for a report", "bot/aws/cloudformation.py")
def test_a_report_asks_for_nothing(stacks: GroupStacks) -> None:
    with pytest.raises(ValueError, match="report"):
        stacks.start(asked(Kind.REPORT))


FOREIGN = ["CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS", "ROLLBACK_COMPLETE", "DELETE_FAILED"]


@pytest.mark.safety("A stack of that name without our service role is not ours", "bot/aws/stacks.py")
@pytest.mark.parametrize("role", ["", "arn:aws:iam::111111111111:role/admin", f"{SETTINGS.group_role_arn}-2"])
@pytest.mark.parametrize("status", [*FOREIGN, "UPDATE_ROLLBACK_FAILED"])
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD])
def test_a_stack_of_that_name_that_is_not_ours_is_left_as_it_is(
    aws: StandIn, stacks: GroupStacks, status: str, kind: Kind, role: str
) -> None:
    in_state(aws, stacks, status).role = role
    with pytest.raises(ProvisioningFailed, match=f"There is already a stack {NAME} that was not made by Switchyard"):
        stacks.start(asked(kind))
    assert {name for name, _ in aws.calls} == {"DescribeStacks"}


@pytest.mark.safety("A change set of that name that we did not make is not ours", "bot/aws/stacks.py")
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.OFFBOARD])
def test_somebodys_change_set_is_not_ours_whatever_its_role(aws: StandIn, stacks: GroupStacks, kind: Kind) -> None:
    in_state(aws, stacks, "REVIEW_IN_PROGRESS")
    with pytest.raises(ProvisioningFailed, match="not made by Switchyard"):
        stacks.start(asked(kind))
    assert {name for name, _ in aws.calls} == {"DescribeStacks"}


@pytest.mark.safety("A stack without our service role is not ours, even with our token", "bot/aws/stacks.py")
@pytest.mark.safety(
    "Events of a stack without our service role are not the outcome of our attempt", "bot/aws/stacks.py"
)
def test_the_token_of_an_attempt_makes_no_stack_ours(aws: StandIn, stacks: GroupStacks) -> None:
    """It can be read off the request in Slack. A stack that others made with it is no success of ours."""
    request = asked()
    foreign = in_state(aws, stacks, "REVIEW_IN_PROGRESS")
    foreign.role, foreign.token = "", request.token
    aws.tell(foreign, "CREATE_IN_PROGRESS", "User Initiated")
    aws.tell(foreign, "CREATE_COMPLETE")
    with pytest.raises(ProvisioningFailed, match="not made by Switchyard"):
        stacks.start(request)
    for seen in (request, changed(request, stack_id=foreign.id)):
        assert stacks.progress(seen) == Progress(begun=False)


def test_retry_works_once_the_stack_of_others_is_gone(aws: StandIn, stacks: GroupStacks) -> None:
    foreign = in_state(aws, stacks, "CREATE_COMPLETE")
    foreign.role = ""
    with pytest.raises(ProvisioningFailed):
        stacks.start(asked())
    aws.tell(foreign, "DELETE_COMPLETE")
    assert stacks.start(asked(attempt=2)) == Started(aws.only().id)


# Removing the group


@pytest.mark.safety("The stack that was looked at is deleted, by its id", "bot/aws/stacks.py")
@pytest.mark.safety("Stacks are made, changed and deleted with our service role", "bot/aws/stacks.py")
@pytest.mark.safety("A stack that is gone still tells how it ended", "bot/aws/client_stacks.py")
def test_offboarding_deletes_the_stack(aws: StandIn, stacks: GroupStacks) -> None:
    stack = onboard(aws, stacks)
    assert stacks.start(asked(Kind.OFFBOARD)) == Started(stack.id)
    aws.end()
    assert GROUP not in aws.groups
    [made] = aws.made("DeleteStack")
    assert made == {"StackName": stack.id, "RoleARN": SETTINGS.group_role_arn, "ClientRequestToken": "r1-1"}
    done = stacks.progress(changed(asked(Kind.OFFBOARD), stack_id=stack.id))
    assert done == Progress(begun=True, outcome=StackOutcome(succeeded=True))


@pytest.mark.safety("A removal is done when there is no stack", "bot/aws/cloudformation.py")
def test_offboarding_without_a_stack_is_done(aws: StandIn, stacks: GroupStacks) -> None:
    assert stacks.start(asked(Kind.OFFBOARD)) == Started(None, finished=True)


def test_offboarding_after_the_stack_was_deleted_by_hand_is_done(aws: StandIn, stacks: GroupStacks) -> None:
    in_state(aws, stacks, "DELETE_COMPLETE")
    aws.groups.clear()
    assert stacks.start(asked(Kind.OFFBOARD)) == Started(None, finished=True)


def test_a_group_without_its_stack_is_left_alone_and_the_removal_is_not_done(aws: StandIn, stacks: GroupStacks) -> None:
    """Its members could still switch, and nothing says that it is ours."""
    in_state(aws, stacks, "DELETE_COMPLETE")
    aws.groups[GROUP] = ["ada"]
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ()
    with pytest.raises(ProvisioningFailed, match=f"The group {GROUP} exists, but its stack {NAME} does not"):
        stacks.start(asked(Kind.OFFBOARD))
    assert aws.groups[GROUP] == ["ada"]


def test_a_group_elsewhere_keeps_no_removal_from_its_end(aws: StandIn, stacks: GroupStacks) -> None:
    aws.groups[GROUP], aws.paths[GROUP] = ["ada"], "/theirs/"
    assert stacks.start(asked(Kind.OFFBOARD)) == Started(None, finished=True)


def test_a_removal_whose_stack_just_went_is_told_by_the_stacks_events(aws: StandIn, stacks: GroupStacks) -> None:
    """IAM may show the group for a moment longer."""
    stack = onboard(aws, stacks)
    removal = changed(asked(Kind.OFFBOARD), stack_id=stacks.start(asked(Kind.OFFBOARD)).stack_id)
    aws.end()
    aws.groups[GROUP] = []
    assert stacks.start(removal) == Started(stack.id)


@pytest.mark.parametrize("status", ["DELETE_FAILED", "ROLLBACK_COMPLETE", "UPDATE_ROLLBACK_FAILED", "CREATE_COMPLETE"])
def test_offboarding_deletes_from_any_state_at_rest(aws: StandIn, stacks: GroupStacks, status: str) -> None:
    stack = in_state(aws, stacks, status)
    assert stacks.start(asked(Kind.OFFBOARD)) == Started(stack.id)
    assert stack.status == "DELETE_IN_PROGRESS"


def test_a_group_with_members_fails_with_iams_words_and_goes_once_they_are_out(
    aws: StandIn, stacks: GroupStacks
) -> None:
    stack = onboard(aws, stacks)
    aws.groups[GROUP] = ["ada", "olli"]
    stacks.start(asked(Kind.OFFBOARD))
    aws.end()
    progress = stacks.progress(changed(asked(Kind.OFFBOARD), stack_id=stack.id))
    assert progress.outcome is not None
    assert progress.outcome.reason == "ClientGroup: Cannot delete entity, must remove users from group first."
    again = asked(Kind.OFFBOARD, attempt=2)
    stacks.start(again, stacks.leaving(again))
    aws.end()
    assert stack.status == "DELETE_COMPLETE"


# Twice


@pytest.mark.safety("An operation that has begun is not begun again", "bot/aws/cloudformation.py")
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD])
@pytest.mark.parametrize("ended", [False, True])
def test_starting_twice_is_starting_once(aws: StandIn, stacks: GroupStacks, kind: Kind, ended: bool) -> None:
    if kind is not Kind.ONBOARD:
        onboard(aws, stacks)
    first = stacks.start(asked(kind, role="renamed"))
    if ended:
        aws.end(failure="no")
    writes = [name for name, _ in aws.calls if not name.startswith("Describe")]
    assert stacks.start(asked(kind, role="renamed")) == first
    assert [name for name, _ in aws.calls if not name.startswith("Describe")] == writes


def test_a_stack_made_in_the_same_moment_is_found_at_the_next_try(aws: StandIn, stacks: GroupStacks) -> None:
    """The other Lambda's stack is not yet seen when this one looks."""
    stacks.start(asked())
    aws.faults["DescribeStacks"] = refusal("ValidationError", f"Stack with id {NAME} does not exist")
    aws.faults["CreateStack"] = refusal("AlreadyExistsException", f"Stack [{NAME}] already exists")
    with pytest.raises(TryAgain):
        stacks.start(asked())
    assert stacks.start(asked()) == Started(aws.only().id)


@pytest.mark.safety("A refusal because the stack has moved on since we looked is no failure", "bot/aws/outages.py")
def test_a_token_that_another_operation_has_taken_is_looked_at_again(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.faults["UpdateStack"] = refusal("TokenAlreadyExistsException", "The token r1-1 is used already.")
    with pytest.raises(TryAgain):
        stacks.start(asked(role="renamed"))


@pytest.mark.safety("A stack that goes away while it is looked at counts as not begun", "bot/aws/stacks.py")
def test_a_stack_that_goes_while_it_is_looked_at_has_not_begun(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.faults["DescribeStackEvents"] = refusal("ValidationError", f"Stack [{NAME}] does not exist")
    assert stacks.progress(asked(id_="r0")) == Progress(begun=False)


@pytest.mark.safety('Another refusal of an update than "No updates" is no success', "bot/aws/cloudformation.py")
@pytest.mark.safety("A refusal because the stack has moved on since we looked is no failure", "bot/aws/outages.py")
@pytest.mark.parametrize(
    "said",
    [
        f"Stack:arn:aws:cloudformation:x:stack/{NAME}/1 is in UPDATE_IN_PROGRESS state and can not be updated.",
        f"Stack [{NAME}] does not exist",
        f"Stack [{NAME}] cannot be updated while in status ROLLBACK_COMPLETE",
    ],
)
def test_a_stack_that_moved_on_since_we_looked_is_looked_at_again(aws: StandIn, stacks: GroupStacks, said: str) -> None:
    onboard(aws, stacks)
    aws.faults["UpdateStack"] = refusal("ValidationError", said)
    with pytest.raises(TryAgain):
        stacks.start(asked(role="renamed"))


# When AWS says no


@pytest.mark.safety("A refusal of CloudFormation is told in AWS's words", "bot/aws/cloudformation.py")
@pytest.mark.safety(
    "Any other refusal of CloudFormation is a failure, whatever its sentence mentions", "bot/aws/outages.py"
)
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("AccessDenied", "User: arn:aws:sts::111111111111:assumed-role/x is not authorized to perform: iam:PassRole"),
        ("ValidationError", "S3 error: The specified key does not exist."),
        ("ValidationError", "Parameter RoleArn failed to satisfy constraint: must be the ARN of exactly one role"),
        ("AccessDenied", "Not authorized for a stack in UPDATE_COMPLETE"),
        ("AccessDenied", "Stack [x] does not exist, or is not for you"),
        ("LimitExceededException", "Limit for stack has been exceeded"),
        ("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]"),
    ],
)
def test_a_refusal_is_told_in_awss_own_words(aws: StandIn, stacks: GroupStacks, code: str, said: str) -> None:
    aws.faults["CreateStack"] = refusal(code, said)
    with pytest.raises(ProvisioningFailed) as caught:
        stacks.start(asked())
    assert str(caught.value) == said


OUTAGES = [
    refusal("Throttling", "Rate exceeded"),
    refusal("ServiceUnavailable", "later", 503),
    refusal("InternalFailure", "oops", 500),
    ConnectTimeoutError(endpoint_url="https://cloudformation"),
    ReadTimeoutError(endpoint_url="https://cloudformation"),
    EndpointConnectionError(endpoint_url="https://cloudformation"),
]


@pytest.mark.safety("An outage of CloudFormation is no failure of the request", "bot/aws/cloudformation.py")
@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: type(outage).__name__ + str(outage)[-40:])
@pytest.mark.parametrize("operation", ["DescribeStacks", "CreateStack"])
def test_an_outage_is_no_failure(aws: StandIn, stacks: GroupStacks, outage: Exception, operation: str) -> None:
    aws.faults[operation] = outage
    with pytest.raises(TryAgain):
        stacks.start(asked())


@pytest.mark.safety("Not to know how far CloudFormation is, is no outcome", "bot/aws/stacks.py")
@pytest.mark.parametrize("outage", [*OUTAGES, refusal("AccessDenied", "no")], ids=str)
def test_not_knowing_how_far_it_is_is_no_outcome(aws: StandIn, stacks: GroupStacks, outage: Exception) -> None:
    stacks.start(asked())
    aws.faults["DescribeStackEvents"] = outage
    with pytest.raises(TryAgain):
        stacks.progress(asked())


# Members


@pytest.mark.safety("Not to know whose a stack is, is no outcome", "bot/aws/stacks.py")
@pytest.mark.parametrize(
    "outage", [*OUTAGES, refusal("AccessDenied", "not authorized")], ids=lambda one: str(one)[-40:]
)
def test_not_knowing_whose_the_stack_is_is_no_outcome(aws: StandIn, stacks: GroupStacks, outage: Exception) -> None:
    onboard(aws, stacks)
    aws.faults["DescribeStacks"] = outage
    with pytest.raises(TryAgain):
        stacks.progress(asked(id_="r0"))


def test_members_are_read_page_by_page(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.groups[GROUP] = [f"operator{number}" for number in range(7)]
    assert stacks.leaving(asked(Kind.OFFBOARD)) == tuple(aws.groups[GROUP])


def test_a_group_that_is_not_there_has_no_members(stacks: GroupStacks) -> None:
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ()


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_FAILED", "ROLLBACK_FAILED"])
def test_members_are_those_of_a_group_that_our_stack_has_made(aws: StandIn, stacks: GroupStacks, status: str) -> None:
    in_state(aws, stacks, status)
    aws.groups[GROUP] = ["ada"]
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ("ada",)


@pytest.mark.parametrize("status", ["CREATE_FAILED", "ROLLBACK_COMPLETE", *BUSY])
def test_a_stack_that_made_no_group_has_no_members(aws: StandIn, stacks: GroupStacks, status: str) -> None:
    """A group of that name is somebody else's, and may be why the stack failed."""
    in_state(aws, stacks, status)
    aws.groups[GROUP] = ["ada"]
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ()


@pytest.mark.parametrize("role", ["", "arn:aws:iam::111111111111:role/admin"])
def test_whose_the_stack_is_comes_before_who_is_in_the_group(aws: StandIn, stacks: GroupStacks, role: str) -> None:
    onboard(aws, stacks).role = role
    aws.groups[GROUP] = ["ada"]
    with pytest.raises(ProvisioningFailed, match="was not made by Switchyard"):
        stacks.leaving(asked(Kind.OFFBOARD))
    assert {name for name, _ in aws.calls} == {"DescribeStacks"}


def test_a_group_outside_our_path_has_no_members_of_ours(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.groups[GROUP], aws.paths[GROUP] = ["ada"], "/"
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ()


def test_who_may_not_look_at_the_stack_learns_it_and_an_outage_is_waited_out(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.faults["DescribeStacks"] = refusal("AccessDenied", "not authorized", 403)
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        stacks.leaving(asked(Kind.OFFBOARD))
    aws.faults["DescribeStacks"] = refusal("Throttling", "Rate exceeded")
    with pytest.raises(TryAgain):
        stacks.leaving(asked(Kind.OFFBOARD))


def test_a_group_whose_path_iam_cannot_know_is_not_there(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.faults["GetGroup"] = refusal("AccessDenied", "not authorized to perform: iam:GetGroup", 403)
    assert stacks.leaving(asked(Kind.OFFBOARD)) == ()


def test_members_are_taken_out_of_this_group_alone(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.groups = {GROUP: ["ada", "olli"], "other": ["ada"]}
    stacks.start(asked(Kind.OFFBOARD), ["ada"])
    assert aws.groups == {GROUP: ["olli"], "other": ["ada"]}


def test_whoever_is_out_already_stays_out(aws: StandIn, stacks: GroupStacks) -> None:
    stack = onboard(aws, stacks)
    aws.groups[GROUP] = ["olli"]
    assert stacks.start(asked(Kind.OFFBOARD), ["ada", "olli"]) == Started(stack.id)
    assert aws.groups[GROUP] == []
    del aws.groups[GROUP]
    assert stacks.start(asked(Kind.OFFBOARD), ["olli"]) == Started(stack.id)


@pytest.mark.safety(
    "Nobody is taken out of a group when its stack turns out to be gone, or another's, just before",
    "bot/aws/cloudformation.py",
)
def test_nobody_is_taken_out_once_the_stack_is_not_known_to_be_ours(aws: StandIn, stacks: GroupStacks) -> None:
    """Between the look at who is in and the start, somebody may have made a stack of that name, or deleted ours."""
    stack = onboard(aws, stacks)
    aws.groups[GROUP] = ["ada"]
    leaving = stacks.leaving(asked(Kind.OFFBOARD))
    stack.role = "arn:aws:iam::111111111111:role/admin"
    with pytest.raises(ProvisioningFailed, match="was not made by Switchyard"):
        stacks.start(asked(Kind.OFFBOARD), leaving)
    aws.stacks.clear()
    with pytest.raises(ProvisioningFailed, match="nothing shows that Switchyard made the group"):
        stacks.start(asked(Kind.OFFBOARD), leaving)
    assert aws.groups[GROUP] == ["ada"]


@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE, Kind.REPAIR])
def test_only_a_removal_takes_anybody_out(aws: StandIn, stacks: GroupStacks, kind: Kind) -> None:
    onboard(aws, stacks)
    aws.groups[GROUP] = ["ada"]
    assert stacks.leaving(asked(kind)) == ()


def test_iams_refusal_is_told_and_its_outage_waited_out(aws: StandIn, stacks: GroupStacks) -> None:
    onboard(aws, stacks)
    aws.groups[GROUP] = ["olli"]
    aws.faults["RemoveUserFromGroup"] = refusal("AccessDenied", "not authorized", 403)
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        stacks.start(asked(Kind.OFFBOARD), ["olli"])
    aws.faults["RemoveUserFromGroup"] = refusal("EntityTemporarilyUnmodifiable", "wait", 409)
    with pytest.raises(TryAgain):
        stacks.start(asked(Kind.OFFBOARD), ["olli"])
    aws.faults["GetGroup"] = refusal("Throttling", "Rate exceeded")
    with pytest.raises(TryAgain):
        stacks.leaving(asked(Kind.OFFBOARD))


# Whose stack


def test_the_client_is_read_off_the_stacks_name(aws: StandIn, stacks: GroupStacks) -> None:
    assert stacks.client_id_of(onboard(aws, stacks).id) == "caaaaaaaaaa"


@pytest.mark.safety("A stack is a client's only by its whole id", "bot/aws/client_stacks.py")
@pytest.mark.parametrize(
    "stack_id",
    [
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/switchyard-test-client-caaaaaaaaaa/1",
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/switchyard-prod/1",
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/switchyard-prod-client-caaaaaaaaaa-more/1",
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/switchyard-prod-client-caaaaaaaaa1/1",
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/xswitchyard-prod-client-caaaaaaaaaa/1",
        "arn:aws:cloudformation:eu-west-1:222222222222:stack/switchyard-prod-client-caaaaaaaaaa/1",
        "arn:aws:cloudformation:us-east-1:111111111111:stack/switchyard-prod-client-caaaaaaaaaa/1",
        "arn:aws:cloudformation:eu-west-1:111111111111:stack/switchyard-prod-client-caaaaaaaaaa/1\n",
        NAME,
        "",
    ],
)
def test_any_other_stack_is_nobodys(stacks: GroupStacks, stack_id: str) -> None:
    assert stacks.client_id_of(stack_id) is None
