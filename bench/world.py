"""What the Lambdas find outside of themselves: the table, CloudFormation, IAM, Lambda, the parameter store and Slack.

Each answers just what the measured paths ask, from a state that can be saved and put back, so that one step can be
measured many times.
"""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bench.wire import Asked, Refused
from bot.domain.message import stamp
from local.slack.workspace import facts
from tests.dynamodb_wire import Answer, WireTable

SIGNING_SECRET = facts.SIGNING_SECRET
_SECRETS = {"slack-signing-secret": SIGNING_SECRET, "slack-bot-token": facts.BOT_TOKEN}
_STAMP = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_ARN = "arn:aws:cloudformation:eu-west-1:111111111111:stack"


@dataclass
class Cloud:
    """CloudFormation's stacks of client groups, by name, and what it says happened to each; IAM's groups."""

    stacks: dict[str, dict[str, Any]] = field(default_factory=dict)
    events: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """By stack name, newest first, as DescribeStackEvents lists them."""

    def complete(self, name: str) -> str:
        """End the creation well. Return the stack's id."""
        self._tell(name, "CREATE_COMPLETE", "ClientGroup")
        self._tell(name, "CREATE_COMPLETE")
        return str(self.stacks[name]["StackId"])

    def answer(self, operation: str, asked: Asked) -> dict[str, Any]:
        """Return the answer as botocore would read it. Raise Refused."""
        match operation:
            case "CreateStack":
                return self._create(asked)
            case "DescribeStacks":
                stack = self._found(asked["StackName"])
                shown = ("StackId", "StackName", "StackStatus", "RoleARN", "CreationTime")
                return {"Stacks": [{name: stack[name] for name in shown}]}
            case "DescribeStackEvents":
                return {"StackEvents": self.events[self._found(asked["StackName"])["StackName"]]}
            case "GetGroup":
                self._grant(asked["GroupName"])
                path = f"/switchyard/clients/{asked['GroupName'].split('-')[1]}/"
                return {"Group": {"Path": path}, "Users": [], "IsTruncated": False}
            case "ListGroupPolicies":
                self._grant(asked["GroupName"])
                return {"PolicyNames": ["switch-into-client"], "IsTruncated": False}
            case "GetGroupPolicy":
                statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": self._grant(asked["GroupName"])}
                return {"PolicyDocument": json.dumps({"Version": "2012-10-17", "Statement": [statement]})}
            case "ListAttachedGroupPolicies":
                return {"AttachedPolicies": [], "IsTruncated": False}
        raise Refused("InvalidAction", operation)

    def _create(self, asked: Asked) -> dict[str, Any]:
        name = asked["StackName"]
        given = {one["ParameterKey"]: one["ParameterValue"] for one in asked["Parameters"]}
        self.stacks[name] = {
            "StackId": f"{_ARN}/{name}/{len(self.stacks):08}-uuid",
            "StackName": name,
            "RoleARN": asked["RoleARN"],
            "CreationTime": "2026-11-23T00:00:00Z",
            "token": asked["ClientRequestToken"],
            "given": given,
        }
        self.events[name] = []
        self._tell(name, "CREATE_IN_PROGRESS")
        self._tell(name, "CREATE_IN_PROGRESS", "ClientGroup")
        return {"StackId": self.stacks[name]["StackId"]}

    def _tell(self, name: str, status: str, about: str = "") -> None:
        stack, told = self.stacks[name], self.events[name]
        if not about:
            stack["StackStatus"] = status
        event = {
            "StackId": stack["StackId"],
            "StackName": name,
            "EventId": str(len(told)),
            "LogicalResourceId": about or name,
            "PhysicalResourceId": about or stack["StackId"],
            "ResourceType": "AWS::IAM::Group" if about else "AWS::CloudFormation::Stack",
            "ResourceStatus": status,
            "Timestamp": f"2026-11-23T00:00:{len(told):02}Z",
            "ClientRequestToken": stack["token"],
        }
        self.events[name] = [event, *told]

    def _found(self, name: str) -> dict[str, Any]:
        for stack in self.stacks.values():
            if name in (stack["StackName"], stack["StackId"]):
                return stack
        raise Refused("ValidationError", f"Stack with id {name} does not exist")

    def _grant(self, group: str) -> str:
        for stack in self.stacks.values():
            if stack["given"].get("GroupName") == group and stack["StackStatus"] == "CREATE_COMPLETE":
                return str(stack["given"]["RoleArn"])
        raise Refused("NoSuchEntity", f"The group with name {group} cannot be found.", 404)


@dataclass
class Workspace:
    """Slack: the messages of the channel, by ts."""

    messages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def answer(self, method: str, asked: Asked) -> dict[str, Any]:
        """Return Slack's answer to a Web API method."""
        match method:
            case "chat.postMessage":
                ts = f"{1790000000 + len(self.messages)}.000100"
                self.messages[ts] = asked | {"ts": ts}
                return {"ok": True, "channel": asked["channel"], "ts": ts, "message": {"ts": ts}}
            case "chat.update":
                self.messages[asked["ts"]] |= asked
                return {"ok": True, "channel": asked["channel"], "ts": asked["ts"], "text": "", "message": {}}
            case "chat.getPermalink":
                address = (
                    f"https://switchyard.slack.com/archives/{asked['channel']}/p{asked['message_ts'].replace('.', '')}"
                )
                return {"ok": True, "channel": asked["channel"], "permalink": address}
            case "usergroups.users.list":
                return {"ok": True, "users": [facts.ADA.id, facts.BEA.id]}
            case "users.info":
                return {"ok": True, "user": {"id": facts.ADA.id, "deleted": False, "is_bot": False}}
            case "auth.test":
                return {"ok": True, "user_id": facts.BOT_USER_ID, "bot_id": facts.BOT_ID}
            case "conversations.history" | "conversations.replies":
                return {"ok": True, "messages": [], "has_more": False}
            case "views.open":
                return {"ok": True, "view": {"id": "V0"}}
        return {"ok": False, "error": "unknown_method"}

    def message(self, word: str) -> dict[str, Any]:
        """Return the newest message in the channel itself that holds this word."""
        ours = [one for one in self.messages.values() if word in json.dumps(one) and not one.get("thread_ts")]
        return ours[-1]


@dataclass
class World:
    """All of it. `invoked` holds the payloads of what was invoked."""

    table: WireTable = field(default_factory=WireTable)
    cloud: Cloud = field(default_factory=Cloud)
    slack: Workspace = field(default_factory=Workspace)
    invoked: list[dict[str, Any]] = field(default_factory=list)

    def read_or_write(self, operation: str, asked: Asked) -> Answer:
        """Return DynamoDB's answer, status and body."""
        return self.table.answer(operation, asked)

    def copy(self) -> World:
        """Return a world that goes its own way. Items of the table are never changed in place."""
        return World(self.table.copy(), deepcopy(self.cloud), deepcopy(self.slack), list(self.invoked))

    def older(self, by: timedelta) -> World:
        """Return this world as if all that the table holds had happened so much earlier."""
        text = json.dumps([(*place, item) for place, item in self.table.items.items()])
        text = _STAMP.sub(lambda found: stamp(datetime.fromisoformat(found[0]) - by), text)
        table = WireTable({(pk, sk): item for pk, sk, item in json.loads(text)}, dict(self.table.done))
        return replace(self.copy(), table=table)

    def secret(self, name: str) -> dict[str, Any]:
        """Return SSM's GetParameter."""
        value = _SECRETS[name.rpartition("/")[2]]
        return {"Parameter": {"Name": name, "Type": "SecureString", "Value": value, "Version": 1}}
