"""The stacks of client groups: which one bears a client's name, whose it is, how far an attempt on it is; changes them.

The service role is what makes a stack ours: CloudFormation itself keeps it with the stack, and whoever creates one with
it needs `iam:PassRole` on it. Name, tags, template, parameters and token can be anybody's. A stack that is a change set
so far (REVIEW_IN_PROGRESS) is never ours, since we make none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from bot.aws.outages import answering, missing, sentence_of
from bot.aws.stack_events import newest_first, progress_of
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.ports import Progress
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_NOT_OURS = (
    "There is already a stack {} that was not made by Switchyard, whose stacks have the service role {}. Switchyard "
    "did not change it. Ask whoever runs Switchyard to delete that stack, then press Retry."
)
_WITHOUT_GROUP = {"CREATE_FAILED", "ROLLBACK_COMPLETE"}
"""States in which a group of that name is hardly the stack's own, such as one whose name made the creation fail."""
_REVISION = "Approved"
"""The `Sid` of a policy that no repair has written."""


class ClientStacks:
    """The deletion of a failed stack is waited for `polls` times `poll_seconds`.

    That leaves time to say so before a Lambda is killed: what takes longer is tried again in a minute.
    """

    def __init__(self, settings: Settings, cloudformation: CloudFormationClient, poll_seconds: int, polls: int) -> None:
        self._settings, self._cloudformation = settings, cloudformation
        self._patience: Any = {"Delay": poll_seconds, "MaxAttempts": polls}
        self._ours = re.compile(
            rf"arn:{settings.partition}:cloudformation:{settings.region}:{settings.provider_account_id}"
            rf":stack/{re.escape(settings.stack_prefix)}(?P<client>c[a-z2-7]{{10}})/[0-9A-Za-z-]+"
        )

    def client_id_of(self, stack_id: str) -> str | None:
        """Return the client whose stack this is, by its whole id; None for any other."""
        ours = self._ours.fullmatch(stack_id)
        return ours["client"] if ours else None

    def name_of(self, client_id: str) -> str:
        """Return the name of a client's stack."""
        return f"{self._settings.stack_prefix}{client_id}"

    def ours(self, client_id: str) -> StackTypeDef | None:
        """Return the stack that bears the client's name now. Raise ProvisioningFailed when it is not ours too."""
        stack = self.named(client_id)
        if stack is not None and not self.is_ours(stack):
            raise ProvisioningFailed(_NOT_OURS.format(stack["StackName"], self._settings.group_role_arn))
        return stack

    def named(self, client_id: str) -> StackTypeDef | None:
        """Return the stack that bears the client's name now, whoever made it.

        Raise ProvisioningFailed when CloudFormation refuses to tell, TryAgain when it does not answer.
        """
        stack = self._described(self.name_of(client_id), ProvisioningFailed)
        return stack if stack is not None and stack["StackStatus"] != "DELETE_COMPLETE" else None

    def is_ours(self, stack: StackTypeDef) -> bool:
        """Return whether Switchyard made it."""
        return stack.get("RoleARN") == self._settings.group_role_arn and stack["StackStatus"] != "REVIEW_IN_PROGRESS"

    def progress(self, request: Request) -> Progress:
        """Return how far its attempt is: on the stack that it worked on last, else on the one that has the name now.

        Raise TryAgain when CloudFormation does not tell.
        """
        for named in filter(None, (request.attempt.stack_id, self.name_of(request.client_id))):
            stack = self._described(named, _untold)
            if stack is not None and self.is_ours(stack):
                found = self.progress_on(named, request.token)
                if found.begun:
                    return found
        return Progress(begun=False)

    def progress_on(self, stack: str, token: str) -> Progress:
        """Return how far the operation with this token is on a stack of ours. Raise TryAgain as above."""
        try:
            with answering("CloudFormation"):
                return progress_of(newest_first(self._cloudformation, stack), token)
        except ClientError as error:
            if missing(error):
                return Progress(begun=False)
            raise _untold(sentence_of(error)) from error

    def create(self, request: Request) -> str:
        """Create the client's stack as this request wants it, and return its id. Raise ClientError, as the next two."""
        return self._cloudformation.create_stack(**self._wanted(request))["StackId"]

    def update(self, request: Request) -> None:
        """Update the client's stack to what this request wants."""
        self._cloudformation.update_stack(**self._wanted(request))

    def delete(self, stack_id: str, token: str) -> None:
        """Have a stack deleted."""
        role = self._settings.group_role_arn
        self._cloudformation.delete_stack(StackName=stack_id, RoleARN=role, ClientRequestToken=token)

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
            raise TryAgain("The client's failed stack is still being deleted. Trying again in a minute.") from error

    def _wanted(self, request: Request) -> Any:
        values = {
            "GroupName": self._settings.group_name(request.client_id),
            "GroupPath": self._settings.group_path,
            "RoleArn": self._settings.role_arn(request.stack.account_id, request.stack.role_name),
            "Revision": request.token.replace("-", "") if request.kind is Kind.REPAIR else _REVISION,
        }
        return {
            "StackName": self.name_of(request.client_id),
            "TemplateURL": self._settings.group_template_url,
            "RoleARN": self._settings.group_role_arn,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "ClientRequestToken": request.token,
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


def has_made_group(stack: StackTypeDef) -> bool:
    """Return whether the stack of ours has come so far that the group of its name is its own, and rests there."""
    status = stack["StackStatus"]
    return status not in _WITHOUT_GROUP and not status.endswith("_IN_PROGRESS")
