"""Access by client groups: one IAM group per client, made by one CloudFormation stack of ours.

`start` may run again at any point of an attempt. It looks at the stack as it is, not at what the last run meant to do:

| the stack is                                          | onboard, update               | offboard      |
|-------------------------------------------------------|-------------------------------|---------------|
| not there                                             | create                        | finished (*)  |
| made without our service role                         | fails, it is not ours         | same          |
| worked on, or done, with this attempt's token         | nothing, it has begun         | same          |
| *_IN_PROGRESS for anything else                       | not now                       | not now       |
| ROLLBACK_COMPLETE, *_FAILED that allow nothing else   | delete, wait, create          | delete        |
| UPDATE_ROLLBACK_FAILED                                | fails, for an engineer        | delete        |
| anything else                                         | update                        | delete        |

(*) Unless a group of the name is there all the same: that fails, since nothing says whose group it is.

A repair is an update that writes the policy though the template has not changed, by another `Revision`. Where the group
is gone its stack is deleted first, as CloudFormation believes that it is there. What a repair can't take away, such as
policies that were added, makes it fail before anything is touched: a green message would not be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, assert_never

from botocore.exceptions import ClientError

from bot.aws.client_stacks import ClientStacks, has_made_group
from bot.aws.comparing import differences, group_differences
from bot.aws.entrance import entrance_by
from bot.aws.groups import Groups
from bot.aws.outages import answering, moved_on, sentence_of, unchanged
from bot.aws.quotas import Quotas
from bot.aws.stacks import ONLY_DELETABLE, stuck
from bot.domain.entrance import Entrance
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.limits import Limit
from bot.domain.model import Difference, Grant, Place
from bot.domain.request import Request
from bot.domain.vocabulary import Counted, Kind, Remedy
from bot.ports import Progress, Started
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_iam import IAMClient

KEPT_GROUPS = 20
"""So many groups below the account's quota, clients get none of their own any more."""
_GROUP_WITHOUT_STACK = (
    "The group {} exists, but its stack {} does not, so nothing shows that Switchyard made the group. Switchyard did "
    "not change it or its members. Ask whoever runs Switchyard to delete the group, then press Retry."
)
_STACK_WITHOUT_GROUP = (
    "The group {} no longer exists; perhaps it was deleted by hand. Ask whoever runs Switchyard to delete the stack {} "
    "too, then press Retry. Afterwards put operators into the new group."
)


class GroupStacks:
    """Keeps to `ports.Access`: decides what to do about the stack that it finds."""

    def __init__(
        self,
        settings: Settings,
        cloudformation: CloudFormationClient,
        iam: IAMClient,
        *,
        poll_seconds: int = 2,
        polls: int = 10,
    ) -> None:
        self._settings = settings
        self._stacks = ClientStacks(settings, cloudformation, poll_seconds, polls)
        self._groups = Groups(iam, settings.group_path, never_there=settings.group_name("nobody"))
        self._quotas = Quotas(iam)

    def entrance(self, client_id: str, places: Sequence[Place]) -> Entrance:
        return entrance_by(self._settings, client_id, places)

    def client_id_of(self, stack_id: str) -> str | None:
        return self._stacks.client_id_of(stack_id)

    def has_room_for_groups(self) -> bool:
        return all(one.left >= KEPT_GROUPS for one in self.limits() if one.kind is Counted.GROUPS)

    def limits(self) -> tuple[Limit, ...]:
        return self._quotas.limits()

    def progress(self, request: Request) -> Progress:
        return self._stacks.progress(request)

    def members(self, client_id: str) -> tuple[str, ...]:
        return self._groups.members(self._settings.group_name(client_id)) or ()

    def leaving(self, request: Request) -> tuple[str, ...]:
        stack = self._stacks.ours(self._stacks.name_of(request.client_id)) if request.kind is Kind.OFFBOARD else None
        if stack is None or not has_made_group(stack):
            return ()
        return self._groups.members(self._settings.group_name(request.client_id)) or ()

    def differences(self, client_id: str, account_id: str, grant: Grant) -> Sequence[Difference]:
        role_arn = self._settings.role_arn(account_id, grant.role_name)
        return tuple(differences(self._settings, self._stacks, self._groups, client_id, role_arn))

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        match request.kind:
            case Kind.REPORT:
                raise ValueError("a report asks for nothing")
            case Kind.ONBOARD | Kind.UPDATE | Kind.OFFBOARD | Kind.REPAIR:
                pass
            case _:
                assert_never(request.kind)
        try:
            with answering("CloudFormation"):
                return self._start(request, leaving)
        except ClientError as error:
            if moved_on(error):
                raise TryAgain("The client's stack is changing at the moment. Trying again in a minute.") from error
            raise ProvisioningFailed(sentence_of(error)) from error

    def _start(self, request: Request, leaving: Sequence[str]) -> Started:
        stack = self._stacks.ours(self._stacks.name_of(request.client_id))
        if stack is None:
            return self._without_stack(request)
        self._groups.remove(self._settings.group_name(request.client_id), leaving)
        stack_id, status = stack["StackId"], stack["StackStatus"]
        if self._stacks.progress_on(stack_id, request.token).begun:
            return Started(stack_id)
        if status.endswith("_IN_PROGRESS"):
            raise TryAgain(f"The client's stack is in {status}. Trying again in a minute.")
        if request.kind is Kind.OFFBOARD:
            self._stacks.delete(stack_id, request.token)
            return Started(stack_id)
        if status in ONLY_DELETABLE:
            return self._renew(stack_id, request)
        if status == "UPDATE_ROLLBACK_FAILED":
            raise stuck(stack)
        return self._repair(stack_id, request) if request.kind is Kind.REPAIR else self._change(stack_id, request)

    def _create(self, request: Request) -> Started:
        return Started(self._stacks.create_for(request))

    def _without_stack(self, request: Request) -> Started:
        """Return the end of a removal that finds no stack; make what else is asked for.

        Without its stack nothing says that a group is ours, so it is left alone; but while it is there, its members may
        be able to switch, so a removal is not done; and a repair could not make another. Raise ProvisioningFailed then.
        """
        group = self._settings.group_name(request.client_id)
        if request.kind is Kind.OFFBOARD and request.attempt.stack_id and self._stacks.progress(request).begun:
            return Started(request.attempt.stack_id)
        left = request.kind is Kind.OFFBOARD and self._groups.members(group) is not None
        if left or (request.kind is Kind.REPAIR and self._groups.where(group) is not None):
            raise ProvisioningFailed(_GROUP_WITHOUT_STACK.format(group, self._stacks.name_of(request.client_id)))
        return Started(None, finished=True) if request.kind is Kind.OFFBOARD else self._create(request)

    def _repair(self, stack_id: str, request: Request) -> Started:
        role_arn = self._settings.role_arn(request.stack.account_id, request.stack.role_name)
        found = list(group_differences(self._settings, self._groups, request.client_id, role_arn))
        if any(one.remedy is Remedy.RENEW for one in found):
            return self._renew(stack_id, request)
        left = [one.told for one in found if one.remedy is Remedy.BY_HAND]
        if left:
            raise ProvisioningFailed(" ".join(left))
        self._stacks.update_for(request)
        return Started(stack_id)

    def _change(self, stack_id: str, request: Request) -> Started:
        """Update the stack. CloudFormation compares templates only, so a group deleted by hand is "no update" to it."""
        try:
            self._stacks.update_for(request)
        except ClientError as error:
            if not unchanged(error):
                raise
            group = self._settings.group_name(request.client_id)
            if self._groups.members(group) is None:
                raise ProvisioningFailed(
                    _STACK_WITHOUT_GROUP.format(group, self._stacks.name_of(request.client_id))
                ) from error
            return Started(stack_id, finished=True)
        return Started(stack_id)

    def _renew(self, stack_id: str, request: Request) -> Started:
        self._stacks.clear(stack_id, f"{request.token}-clear")
        return self._create(request)
