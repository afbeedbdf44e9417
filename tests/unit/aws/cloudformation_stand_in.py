"""CloudFormation and IAM behind the product's own botocore clients, as far as client-group stacks need them.

Operations stay in progress until a test ends them. Parameters are checked, pages turned and waiters run by botocore
itself. A group with members can't be deleted (IAM's DeleteConflict).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError

from bot.aws.clients import AwsClients

PAGE = 3
HIDDEN = "hidden"
"""The path of a group that may not be looked at."""
_CLIENTS = AwsClients("eu-west-1")


def refusal(code: str, message: str, status: int = 400) -> ClientError:
    """AWS's error as botocore raises it."""
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, "Operation")


@dataclass
class Stack:
    name: str
    id: str
    parameters: dict[str, str] = field(default_factory=dict)
    status: str = ""
    token: str | None = None
    wanted: dict[str, str] = field(default_factory=dict)
    role: str = ""


@dataclass
class StandIn:
    """`stacks`, `events` (oldest first), `groups` (members by group), their policies: to be looked at and changed."""

    stacks: list[Stack] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    groups: dict[str, list[str]] = field(default_factory=dict)
    paths: dict[str, str] = field(default_factory=dict)
    """By group, where it is when that is not where ours are; HIDDEN for a path that we may not look at."""
    policies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By group: what its inline policies say."""
    attached: dict[str, list[str]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    """Raised instead of an answer, once, by operation."""
    looks_until_deleted: int | None = None
    """After how many looks at it a deletion ends by itself; None leaves it to the test."""
    counts: dict[str, int] = field(default_factory=lambda: {"GroupsQuota": 300})
    """What IAM counts in the account, beside the groups that are here."""

    def __post_init__(self) -> None:
        self.cloudformation, self.iam = _CLIENTS.cloudformation, _CLIENTS.iam
        for client in (self.cloudformation, self.iam):
            client.meta.events.register("before-call", self._answer)

    def leave(self) -> None:
        """Answer the clients no longer; making clients is slow, so all tests share them."""
        for client in (self.cloudformation, self.iam):
            client.meta.events.unregister("before-call", self._answer)

    def made(self, operation: str) -> list[dict[str, Any]]:
        """The parameters of every call of this operation."""
        return [parameters for name, parameters in self.calls if name == operation]

    def named(self, name: str) -> Stack | None:
        """The live stack of this name."""
        live = (one for one in self.stacks if one.name == name and one.status != "DELETE_COMPLETE")
        return next(live, None)

    def only(self) -> Stack:
        """The one live stack."""
        [stack] = [one for one in self.stacks if one.status != "DELETE_COMPLETE"]
        return stack

    def allows(self, group: str, *resources: str, action: str = "sts:AssumeRole") -> None:
        """Make the group's policy say this."""
        statement = {"Sid": "Any", "Effect": "Allow", "Action": action, "Resource": list(resources)}
        if len(resources) == 1:
            statement["Resource"] = resources[0]
        document = {"Version": "2012-10-17", "Statement": [statement]}
        self.policies.setdefault(group, {})["switch-into-client"] = document

    def lose(self, group: str) -> None:
        """Somebody deletes the group by hand."""
        for of_groups in (self.groups, self.policies, self.attached, self.paths):
            of_groups.pop(group, None)

    def end(self, failure: str = "") -> None:
        """Let the operation of the one live stack end, well or with this failure and its rollback."""
        stack = self.only()
        verb = stack.status.removesuffix("_IN_PROGRESS")
        group = stack.parameters.get("GroupName", "") or stack.wanted.get("GroupName", "")
        if verb == "UPDATE" and group not in self.groups:
            failure = f"The group with name {group} cannot be found."
        elif verb == "CREATE" and group in self.groups and not failure:
            failure = f"{group} already exists."
        if verb == "DELETE":
            self._end_deletion(stack, group, failure)
        elif failure:
            self.tell(stack, f"{verb}_FAILED", failure, about="ClientGroup")
            self.tell(stack, f"{verb}_FAILED", "Resource creation cancelled", about="Other")
            rollback = "ROLLBACK" if verb == "CREATE" else "UPDATE_ROLLBACK"
            self.tell(stack, f"{rollback}_IN_PROGRESS", "The following resource(s) failed: [ClientGroup].")
            self.tell(stack, f"{rollback}_COMPLETE")
        else:
            self.groups.setdefault(group, [])
            if stack.parameters != stack.wanted:
                self.allows(group, stack.wanted["RoleArn"])
            stack.parameters = stack.wanted
            self.tell(stack, f"{verb}_COMPLETE", about="ClientGroup")
            self.tell(stack, f"{verb}_COMPLETE")

    def tell(self, stack: Stack, status: str, reason: str = "", about: str = "") -> None:
        """Record an event; one about the stack itself changes its status."""
        if not about:
            stack.status = status
        event = {
            "StackId": stack.id,
            "StackName": stack.name,
            "EventId": str(len(self.events)),
            "PhysicalResourceId": f"physical-{about}" if about else stack.id,
            "LogicalResourceId": about or stack.name,
            "ResourceType": "AWS::IAM::Group" if about else "AWS::CloudFormation::Stack",
            "ResourceStatus": status,
            "Timestamp": datetime(2026, 11, 23, tzinfo=UTC) + timedelta(seconds=len(self.events)),
        }
        extras = {"ResourceStatusReason": reason, "ClientRequestToken": stack.token}
        self.events.append(event | {name: value for name, value in extras.items() if value})

    def _end_deletion(self, stack: Stack, group: str, failure: str) -> None:
        if self.groups.get(group):
            failure = "Cannot delete entity, must remove users from group first."
        if self.attached.get(group):
            failure = "Cannot delete entity, must detach all policies first."
        if failure:
            self.tell(stack, "DELETE_FAILED", failure, about="ClientGroup")
            self.tell(stack, "DELETE_FAILED", "The following resource(s) failed to delete: [ClientGroup].")
            return
        self.lose(group)
        self.tell(stack, "DELETE_COMPLETE")

    def _answer(self, model: Any, params: Any, **_: Any) -> Any:
        given = {key: value for key, value in params["body"].items() if key not in ("Action", "Version")}
        self.calls.append((model.name, given))
        if model.name in self.faults:
            raise self.faults.pop(model.name)
        answer = getattr(self, f"_{xform_name(model.name)}")(given)
        return SimpleNamespace(status_code=200), {**answer, "ResponseMetadata": {"HTTPStatusCode": 200}}

    def _find(self, name: str) -> Stack:
        stack = next((one for one in self.stacks if one.id == name), None) or self.named(name)
        if stack is None:
            raise refusal("ValidationError", f"Stack with id {name} does not exist")
        return stack

    def _begin(self, stack: Stack, status: str, given: dict[str, Any]) -> None:
        stack.token = given.get("ClientRequestToken")
        self.tell(stack, status, "User Initiated")
        self.tell(stack, status, about="ClientGroup")

    def _create_stack(self, given: dict[str, Any]) -> dict[str, Any]:
        there = self.named(given["StackName"])
        if there is not None and there.token == given["ClientRequestToken"]:
            return {"StackId": there.id}
        if there is not None:
            raise refusal("AlreadyExistsException", f"Stack [{there.name}] already exists")
        name, number = given["StackName"], len(self.stacks)
        stack = Stack(name, f"arn:aws:cloudformation:eu-west-1:111111111111:stack/{name}/{number:08}-uuid")
        stack.wanted, stack.role = _parameters(given), given.get("RoleARN", "")
        self.stacks.append(stack)
        self._begin(stack, "CREATE_IN_PROGRESS", given)
        return {"StackId": stack.id}

    def _update_stack(self, given: dict[str, Any]) -> dict[str, Any]:
        stack = self._find(given["StackName"])
        if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
            raise refusal("ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        if _parameters(given) == stack.parameters:
            raise refusal("ValidationError", "No updates are to be performed.")
        stack.wanted = _parameters(given)
        self._begin(stack, "UPDATE_IN_PROGRESS", given)
        return {"StackId": stack.id}

    def _delete_stack(self, given: dict[str, Any]) -> dict[str, Any]:
        stack = self._find(given["StackName"])
        self._begin(stack, "DELETE_IN_PROGRESS", given)
        return {}

    def _describe_stacks(self, given: dict[str, Any]) -> dict[str, Any]:
        stack = self._find(given["StackName"])
        if stack.status == "DELETE_IN_PROGRESS" and self.looks_until_deleted is not None:
            self.looks_until_deleted -= 1
            if self.looks_until_deleted < 0:
                self.end()
        shown = {"StackId": stack.id, "StackName": stack.name, "StackStatus": stack.status}
        shown |= {"RoleARN": stack.role} if stack.role else {}
        return {"Stacks": [{**shown, "CreationTime": datetime(2026, 11, 23, tzinfo=UTC)}]}

    def _describe_stack_events(self, given: dict[str, Any]) -> dict[str, Any]:
        stack = self._find(given["StackName"])
        newest = [event for event in reversed(self.events) if event["StackId"] == stack.id]
        start = int(given.get("NextToken", 0))
        more = {"NextToken": str(start + PAGE)} if len(newest) > start + PAGE else {}
        return {"StackEvents": newest[start : start + PAGE], **more}

    def _get_group(self, given: dict[str, Any]) -> dict[str, Any]:
        members = self._group(given["GroupName"])
        path = self.paths.get(given["GroupName"], f"/switchyard/clients/{given['GroupName'].split('-')[1]}/")
        if path == HIDDEN:
            raise refusal("AccessDenied", "not authorized to perform: iam:GetGroup", 403)
        start = int(given.get("Marker", 0))
        more = {"IsTruncated": True, "Marker": str(start + PAGE)} if len(members) > start + PAGE else {}
        return {"Group": {"Path": path}, "Users": [{"UserName": one} for one in members[start : start + PAGE]], **more}

    def _list_group_policies(self, given: dict[str, Any]) -> dict[str, Any]:
        self._group(given["GroupName"])
        return {"PolicyNames": list(self.policies.get(given["GroupName"], {})), "IsTruncated": False}

    def _get_group_policy(self, given: dict[str, Any]) -> dict[str, Any]:
        document = self.policies.get(given["GroupName"], {}).get(given["PolicyName"])
        if document is None:
            raise refusal("NoSuchEntity", f"The group policy with name {given['PolicyName']} cannot be found.", 404)
        return {"PolicyDocument": json.dumps(document)}

    def _list_attached_group_policies(self, given: dict[str, Any]) -> dict[str, Any]:
        arns = self.attached.get(given["GroupName"], [])
        return {"AttachedPolicies": [{"PolicyArn": arn} for arn in arns], "IsTruncated": False}

    def _get_account_summary(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"SummaryMap": {"Groups": len(self.groups), **self.counts}}

    def _remove_user_from_group(self, given: dict[str, Any]) -> dict[str, Any]:
        members = self._group(given["GroupName"])
        if given["UserName"] not in members:
            raise refusal("NoSuchEntity", f"The user with name {given['UserName']} cannot be found.", 404)
        members.remove(given["UserName"])
        return {}

    def _group(self, name: str) -> list[str]:
        if name not in self.groups:
            raise refusal("NoSuchEntity", f"The group with name {name} cannot be found.", 404)
        return self.groups[name]


def _parameters(given: dict[str, Any]) -> dict[str, str]:
    return dict(_pairs(given))


def _pairs(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    number = 1
    while f"Parameters.member.{number}.ParameterKey" in given:
        member = f"Parameters.member.{number}."
        yield given[f"{member}ParameterKey"], given[f"{member}ParameterValue"]
        number += 1
