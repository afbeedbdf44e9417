"""CloudFormation and IAM for a flow, in two depths: the Access's calls alone, or the AWS calls behind them.

The second one is the real adapter on the stand-in that answers botocore's own clients, so that each single call of
CloudFormation and IAM can fail.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol, cast

from bot.aws.cloudformation import GroupStacks
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.ports import Access, PageStacks
from tests.fakes import PageWork
from tests.faults.injection import Counting, Injector
from tests.faults.stand_ins import MemoryStacks
from tests.unit.aws.cloudformation_stand_in import StandIn
from tests.unit.aws.page_stand_in import PageStandIn
from tests.unit.slack.samples import SETTINGS

IN_PROGRESS = "_IN_PROGRESS"


class Cloud(Protocol):
    """What a flow needs of it."""

    access: Access
    pages: PageStacks

    def fails_next(self, reason: str) -> None:
        """The next operation fails."""

    def fails_next_page(self, reason: str) -> None:
        """The next operation on a team's page fails."""

    def joins(self, user: str) -> None:
        """Somebody puts an operator into the one group."""

    def widens(self, role: str) -> None:
        """Somebody changes by hand what the one group grants."""

    def deletes_group(self) -> None:
        """Somebody deletes the one group by hand."""

    def pages_asked(self) -> int:
        """How often CloudFormation was asked for a team's page."""

    def complete(self) -> list[str]:
        """What runs ends; answers the ids of the stacks that moved."""

    def seen(self) -> dict[str, Any]:
        """What there is, and what was done."""

    def leave(self) -> None:
        """The flow is over."""


class InMemory:
    """Calls of the Access port count."""

    def __init__(self, injector: Injector) -> None:
        self.stacks = MemoryStacks()
        self.access = cast(Access, Counting("access", self.stacks, injector))
        self.page_work, self.page_failure = PageWork(), ""
        self.pages = cast(PageStacks, Counting("pages", self.page_work, injector))

    def fails_next(self, reason: str) -> None:
        self.stacks.fail_next = reason

    def fails_next_page(self, reason: str) -> None:
        self.page_failure = reason

    def joins(self, user: str) -> None:
        [group] = self.stacks.groups.values()
        group.members.add(user)

    def widens(self, role: str) -> None:
        [group] = self.stacks.groups.values()
        group.role = role

    def deletes_group(self) -> None:
        self.stacks.groups.clear()

    def pages_asked(self) -> int:
        return len(self.page_work.writes)

    def complete(self) -> list[str]:
        moved = [*self.stacks.complete(), *self.page_work.complete(self.page_failure)]
        self.page_failure = "" if any(map(self.page_work.name_of, moved)) else self.page_failure
        return moved

    def seen(self) -> dict[str, Any]:
        return {
            "groups": [(one.role, one.level.value, sorted(one.members)) for one in self.stacks.groups.values()],
            "operations of CloudFormation": self.stacks.operations,
            "still running": [*sorted(self.stacks.running), *sorted(self.page_work.running)],
            "who may assume what": sorted(
                (name.team, role) for name, roles in self.page_work.documents.items() for role in roles
            ),
        }

    def leave(self) -> None:
        """Nothing to give back."""


class FailingPageStandIn(PageStandIn):
    """The stand-in of pages' stacks, any call of which can fail."""

    def __init__(self, injector: Injector) -> None:
        self.injector = injector
        super().__init__(looks_until_deleted=0)

    def _answer(self, model: Any, params: Any, **more: Any) -> Any:
        return self.injector.call(f"aws.{model.name}", lambda: super(FailingPageStandIn, self)._answer(model, params))


class OnPageStacks(InMemory):
    """The pages' own calls of CloudFormation count; groups are made in memory."""

    def __init__(self, injector: Injector) -> None:
        super().__init__(injector)
        self.aws = FailingPageStandIn(injector)
        settings = replace(SETTINGS, region="eu-west-1")
        self.pages = PageStacksOnCloudFormation(
            settings, self.aws.cloudformation, self.aws.iam, poll_seconds=0, polls=3
        )

    def pages_asked(self) -> int:
        return sum(one.get("ResourceStatusReason") == "User Initiated" for one in self.aws.events)

    def complete(self) -> list[str]:
        everything = self.aws.stacks
        running = [one for one in everything if one.status.endswith(IN_PROGRESS)]
        for one in running:
            self.aws.stacks = [one]
            self.aws.end(self.page_failure)
            self.page_failure = ""
        self.aws.stacks = everything
        return [*self.stacks.complete(), *(one.id for one in running)]

    def seen(self) -> dict[str, Any]:
        statements = [(arn, one) for arn, said in self.aws.documents.items() for one in said["Statement"]]
        listed = [(arn, one["Resource"]) for arn, one in statements if one["Action"] == "sts:AssumeRole"]
        running = [one.name for one in self.aws.stacks if one.status.endswith(IN_PROGRESS)]
        return super().seen() | {
            "still running": [*self.stacks.running, *running],
            "who may assume what": sorted((arn.split("-")[-2], role) for arn, roles in listed for role in roles),
        }

    def leave(self) -> None:
        self.aws.leave()


class FailingStandIn(StandIn):
    """The stand-in behind botocore's clients, any call of which can fail."""

    def __init__(self, injector: Injector) -> None:
        self.injector = injector
        super().__init__(looks_until_deleted=0)

    def _answer(self, model: Any, params: Any, **more: Any) -> Any:
        return self.injector.call(f"aws.{model.name}", lambda: super(FailingStandIn, self)._answer(model, params))


class OnAws:
    """Calls of CloudFormation and IAM count."""

    def __init__(self, injector: Injector) -> None:
        self.aws, self.failure = FailingStandIn(injector), ""
        self.pages: PageStacks = PageWork()
        settings = replace(SETTINGS, region="eu-west-1")
        self.access: Access = GroupStacks(settings, self.aws.cloudformation, self.aws.iam, poll_seconds=0, polls=3)

    def fails_next(self, reason: str) -> None:
        self.failure = reason

    def fails_next_page(self, reason: str) -> None:
        raise NotImplementedError

    def joins(self, user: str) -> None:
        [members] = self.aws.groups.values()
        members.append(user)

    def widens(self, role: str) -> None:
        [group] = self.aws.groups
        self.aws.allows(group, f"arn:aws:iam::222222222222:role/{role}")

    def deletes_group(self) -> None:
        [group] = self.aws.groups
        self.aws.lose(group)

    def pages_asked(self) -> int:
        raise NotImplementedError

    def complete(self) -> list[str]:
        running = [one for one in self.aws.stacks if one.status.endswith(IN_PROGRESS)]
        for _ in running:
            self.aws.end(self.failure)
            self.failure = ""
        return [one.id for one in running]

    def seen(self) -> dict[str, Any]:
        begun = [
            one["ResourceStatus"] for one in self.aws.events if one.get("ResourceStatusReason") == "User Initiated"
        ]
        granted = [
            sorted(
                (name, value)
                for name, value in one.parameters.items()
                if name not in ("ClientId", "GroupName", "Revision")
            )
            for one in self.aws.stacks
            if not one.status.startswith("DELETE_")
        ]
        return {
            "groups": list(self.aws.groups.values()),
            "their policies": list(self.aws.policies.values()),
            "what they grant": granted,
            "operations of CloudFormation": begun,
            "still running": [one.status for one in self.aws.stacks if one.status.endswith(IN_PROGRESS)],
        }

    def leave(self) -> None:
        self.aws.leave()
