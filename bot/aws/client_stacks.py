"""The stacks of client groups: which one bears a client's name, whose it is, and how far an attempt on it is.

The service role is what makes a stack ours: CloudFormation itself keeps it with the stack, and whoever creates one with
it needs `iam:PassRole` on it. Name, tags, template, parameters and token can be anybody's. A stack that is a change set
so far (REVIEW_IN_PROGRESS) is never ours, since we make none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering, missing, sentence_of
from bot.aws.stack_events import newest_first, progress_of
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.request import Request
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


class ClientStacks:
    """Looks at stacks, and changes nothing."""

    def __init__(self, settings: Settings, cloudformation: CloudFormationClient) -> None:
        self._settings, self._cloudformation = settings, cloudformation
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
