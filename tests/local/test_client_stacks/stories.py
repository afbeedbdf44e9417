"""What a client does with its stacks while Switchyard is in one state: three stacks, told as what came of each step.

Stories run side by side, because most of their time is waiting; the tests then ask what was seen.
"""

from dataclasses import dataclass, field
from typing import Any

from bot.aws.sts import StsVerifier
from tests.local.test_aws_gaps.accounts import PROVIDER, Account, eventually
from tests.local.test_client_stacks.publishing import IMPATIENT, QUICK, UNCHANGED, Bucket
from tests.local.test_client_stacks.stand_in import StandIn, State, Told, switchyard

REACHED = (State.UP, State.SLOW, State.REFUSING_THE_LAST_WORD)
CHANGED = {"RequireMfa": "false", "MaxSessionSeconds": "43200"}
"""What every update of a story asks for beside another level."""
PATIENCE = {State.DOWN: QUICK, State.FAILING: QUICK, State.HANGING: IMPATIENT}


@dataclass
class Story:
    """`statuses`: how each step ended. The other fields: what Switchyard was told of which stack."""

    kind: str
    state: State
    statuses: dict[str, str] = field(default_factory=dict)
    whole_life: list[Told] = field(default_factory=list)
    rolled_back: list[Told] = field(default_factory=list)
    recovered: list[Told] = field(default_factory=list)
    left_over: set[str] = field(default_factory=set)


def parameters(role: str, level: str = "ReadOnly", **more: str) -> list[dict[str, str]]:
    given = {"CompanyName": "Acme", "InvitationToken": "invitation", "RoleName": role, "AccessLevel": level, **more}
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def change(account: Account, stack: str, template: str, role: str, level: str, **more: str) -> str:
    return account.change(stack, template, Parameters=parameters(role, level, **more))


def already_there(name: str) -> str:
    """The name of a role that the account has, so that a stack can't make it."""
    return f"taken-{name}"


def roles_of(account: Account, name: str) -> set[str]:
    """The roles whose name holds this one, without the one that was there already."""
    pages: Any = account.client("iam").get_paginator("list_roles").paginate()
    found = {role["RoleName"] for page in pages for role in page["Roles"] if name in role["RoleName"]}
    return found - {already_there(name)}


def play(kind: str, state: State, account: Account, bucket: Bucket, verifier: StsVerifier) -> Story:
    """Play all of it, under names of this story's own."""
    story = Story(kind, state)
    name = f"{kind}-{state.name.lower().replace('_', '-')}"
    account.role(already_there(name), {"AWS": PROVIDER})
    with switchyard(state, verifier) as stand_in:
        template = bucket.publish(kind, stand_in.url, PATIENCE.get(state, UNCHANGED))
        steps = Steps(story.statuses, stand_in, account, template)
        rolled_back = steps.fail_to_create(name)
        whole_life = steps.live_and_die(name)
        recovered = steps.live_until_switchyard_is_back(f"{name}-back")
        story.rolled_back, story.whole_life, story.recovered = map(
            stand_in.told_by, (rolled_back, whole_life, recovered)
        )
    story.left_over = roles_of(account, name)
    return story


@dataclass(frozen=True)
class Steps:
    """One stack each; every method returns its id."""

    statuses: dict[str, str]
    stand_in: StandIn
    account: Account
    template: str

    def fail_to_create(self, name: str) -> str:
        stack = self._deploy(f"{name}-fails", already_there(name), "create that rolls back")
        self.statuses["delete after a rollback"] = self.account.remove(stack)
        return stack

    def live_and_die(self, name: str) -> str:
        stack = self._deploy(name, name, "create")
        self._wait_for("CREATE_COMPLETE", stack, name)
        self.statuses["update"] = self._change(stack, name)
        self._wait_for("UPDATE_COMPLETE", stack, name)
        self.statuses["update that rolls back"] = self._change(stack, already_there(name))
        self.statuses["rename"] = self._change(stack, f"{name}-2")
        self._wait_for("UPDATE_COMPLETE", stack, f"{name}-2")
        self.statuses["delete"] = self.account.remove(stack)
        return stack

    def live_until_switchyard_is_back(self, name: str) -> str:
        stack = self._deploy(name, name, "create before Switchyard is back")
        self.stand_in.recover()
        self._wait_for("CREATE_COMPLETE", stack, name)
        self.statuses["delete when Switchyard is back"] = self.account.remove(stack)
        return stack

    def _deploy(self, name: str, role: str, step: str) -> str:
        stack = self.account.deploy(name, self.template, Parameters=parameters(role))
        self.statuses[step] = self.account.settle(stack)
        return stack

    def _change(self, stack: str, role: str) -> str:
        return change(self.account, stack, self.template, role, "PowerUser", **CHANGED)

    def _wait_for(self, status: str, stack: str, role: str) -> None:
        """Until Switchyard has been told, if it can be; a client doesn't make the next change in the same second."""

        def told() -> bool:
            found = [t for t in self.stand_in.told_by(stack) if t.taken and t.completed == status]
            return any(t.event["role_name"] == role for t in found)

        if self.stand_in.state in REACHED:
            eventually(told)
