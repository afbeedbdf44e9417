"""The stacks of client groups: which client's one is, how far an attempt on it is; changes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.aws.stacks import Stacks
from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.ports import Progress
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

_WITHOUT_GROUP = {"CREATE_FAILED", "ROLLBACK_COMPLETE"}
"""States in which a group of that name is hardly the stack's own, such as one whose name made the creation fail."""
_REVISION = "Approved"
"""The `Sid` of a policy that no repair has written."""


class ClientStacks(Stacks):
    """One stack for each client with a group of its own."""

    def __init__(self, settings: Settings, cloudformation: CloudFormationClient, poll_seconds: int, polls: int) -> None:
        super().__init__(cloudformation, settings.group_template_url, settings.group_role_arn, poll_seconds, polls)
        self._settings = settings
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

    def progress(self, request: Request) -> Progress:
        """Return how far its attempt is: on the stack that it worked on last, else on the one that has the name now.

        Raise TryAgain when CloudFormation does not tell.
        """
        for named in filter(None, (request.attempt.stack_id, self.name_of(request.client_id))):
            if self.told_of_ours(named) is not None:
                found = self.progress_on(named, request.token)
                if found.begun:
                    return found
        return Progress(begun=False)

    def create_for(self, request: Request) -> str:
        """Create the client's stack as this request wants it, and return its id. Raise ClientError, as the next."""
        return self.create(self.name_of(request.client_id), self._parameters(request), request.token)

    def update_for(self, request: Request) -> None:
        """Update the client's stack to what this request wants."""
        self.update(self.name_of(request.client_id), self._parameters(request), request.token)

    def _parameters(self, request: Request) -> dict[str, str]:
        return {
            "GroupName": self._settings.group_name(request.client_id),
            "GroupPath": self._settings.group_path,
            "RoleArn": self._settings.role_arn(request.stack.account_id, request.stack.role_name),
            "Revision": request.token.replace("-", "") if request.kind is Kind.REPAIR else _REVISION,
        }


def has_made_group(stack: StackTypeDef) -> bool:
    """Return whether the stack of ours has come so far that the group of its name is its own, and rests there."""
    status = stack["StackStatus"]
    return status not in _WITHOUT_GROUP and not status.endswith("_IN_PROGRESS")
