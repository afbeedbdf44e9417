"""Stacks of one kind that Switchyard makes: which one bears a name, whose it is, how far an operation on it is.

The service role is what makes a stack ours: CloudFormation itself keeps it with the stack, and whoever creates one with
it needs `iam:PassRole` on it. Name, tags, template, parameters and token can be anybody's. A stack that is a change set
so far (REVIEW_IN_PROGRESS) is never ours, since we make none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from bot.aws.outages import answering, missing, sentence_of
from bot.aws.stack_events import newest_first, progress_of
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.model import Difference
from bot.domain.vocabulary import Remedy
from bot.ports import Progress

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

ONLY_DELETABLE = {"CREATE_FAILED", "DELETE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_NOT_OURS = (
    "There is already a stack {} that was not made by Switchyard, whose stacks have the service role {}. Switchyard "
    "did not change it. Ask whoever runs Switchyard to delete that stack, then press Retry."
)


class Stacks:
    """Stacks with one template and one service role, by name or id.

    The deletion of a failed stack is waited for `polls` times `poll_seconds`. That leaves time to say so before a
    Lambda is killed: what takes longer is tried again in a minute.
    """

    def __init__(
        self, cloudformation: CloudFormationClient, template_url: str, role_arn: str, poll_seconds: int, polls: int
    ) -> None:
        self._cloudformation, self._template_url, self.role_arn = cloudformation, template_url, role_arn
        self._patience: Any = {"Delay": poll_seconds, "MaxAttempts": polls}

    def ours(self, name: str) -> StackTypeDef | None:
        """Return the stack that bears the name now. Raise ProvisioningFailed when it is not ours too."""
        stack = self.named(name)
        if stack is not None and not self.is_ours(stack):
            raise ProvisioningFailed(_NOT_OURS.format(stack["StackName"], self.role_arn))
        return stack

    def told_of_ours(self, stack: str) -> StackTypeDef | None:
        """Return a stack of ours; None for any other. Raise TryAgain when CloudFormation does not tell."""
        found = self._described(stack, _untold)
        return found if found is not None and self.is_ours(found) else None

    def not_ours(self, stack: StackTypeDef) -> Difference:
        """Return the difference that a stack of our name makes which is not ours."""
        return Difference(
            Remedy.BY_HAND,
            f"The stack {stack['StackName']} was not made by Switchyard, whose stacks have the service role "
            f"{self.role_arn}. Delete that stack first.",
        )

    def named(self, name: str) -> StackTypeDef | None:
        """Return the stack that bears the name now, whoever made it.

        Raise ProvisioningFailed when CloudFormation refuses to tell, TryAgain when it does not answer.
        """
        stack = self._described(name, ProvisioningFailed)
        return stack if stack is not None and stack["StackStatus"] != "DELETE_COMPLETE" else None

    def is_ours(self, stack: StackTypeDef) -> bool:
        """Return whether Switchyard made it."""
        return stack.get("RoleARN") == self.role_arn and stack["StackStatus"] != "REVIEW_IN_PROGRESS"

    def progress_on(self, stack: str, token: str, earlier: Callable[[str], bool] = lambda _: False) -> Progress:
        """Return how far the operation with this token is on a stack of ours.

        `earlier` says which tokens are of operations before it, so that no more events are read than needed. Raise
        TryAgain when CloudFormation does not tell.
        """
        try:
            with answering("CloudFormation"):
                events = newest_first(self._cloudformation, stack)
                return progress_of(takewhile(lambda one: not earlier(one.get("ClientRequestToken", "")), events), token)
        except ClientError as error:
            if missing(error):
                return Progress(begun=False)
            raise _untold(sentence_of(error)) from error

    def create(self, name: str, parameters: Mapping[str, str], token: str) -> str:
        """Create a stack, and return its id. Raise ClientError, as the next two."""
        return self._cloudformation.create_stack(**self._wanted(name, parameters, token))["StackId"]

    def update(self, stack: str, parameters: Mapping[str, str], token: str) -> None:
        """Update a stack."""
        self._cloudformation.update_stack(**self._wanted(stack, parameters, token))

    def delete(self, stack_id: str, token: str) -> None:
        """Have a stack deleted."""
        self._cloudformation.delete_stack(StackName=stack_id, RoleARN=self.role_arn, ClientRequestToken=token)

    def clear(self, stack_id: str, token: str) -> None:
        """Delete what can only be deleted, and wait for it. The token is not the attempt's, as this is not its end.

        Raise ProvisioningFailed when it can't be deleted, TryAgain when that takes longer.
        """
        if not self.progress_on(stack_id, token).begun:
            self.delete(stack_id, token)
        try:
            waiter = self._cloudformation.get_waiter("stack_delete_complete")
            waiter.wait(StackName=stack_id, WaiterConfig=self._patience)
        except WaiterError as error:
            outcome = self.progress_on(stack_id, token).outcome
            if outcome is not None and not outcome.succeeded:
                raise ProvisioningFailed(f"The failed stack could not be deleted. {outcome.reason}") from error
            raise TryAgain("The failed stack is still being deleted. Trying again in a minute.") from error

    def _wanted(self, stack: str, parameters: Mapping[str, str], token: str) -> Any:
        return {
            "StackName": stack,
            "TemplateURL": self._template_url,
            "RoleARN": self.role_arn,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "ClientRequestToken": token,
        }

    def _described(self, stack: str, refused: Callable[[str], Exception]) -> StackTypeDef | None:
        try:
            with answering("CloudFormation"):
                [found] = self._cloudformation.describe_stacks(StackName=stack)["Stacks"]
        except ClientError as error:
            if missing(error):
                return None
            raise refused(sentence_of(error)) from error
        return found


def _untold(said: str) -> TryAgain:
    return TryAgain(f"CloudFormation does not tell how far the stack is: {said}")


def stuck(stack: StackTypeDef) -> ProvisioningFailed:
    """Return the error for a stack that only a person can bring back."""
    return ProvisioningFailed(
        f"The stack {stack['StackName']} is stuck in UPDATE_ROLLBACK_FAILED. Ask whoever runs Switchyard to continue "
        "its rollback in the CloudFormation console, then press Retry."
    )
