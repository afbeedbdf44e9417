"""A CloudFormation that forgives nothing, and an STS and a Lambda beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.aws.entrance import entrance_by
from bot.domain.bulk import BulkName
from bot.domain.entrance import Entrance
from bot.domain.errors import ProvisioningFailed, TryAgain
from bot.domain.kit import KitAsked
from bot.domain.limits import Limit
from bot.domain.model import Difference, Grant, Place
from bot.domain.page import PageName
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Kind, Remedy
from bot.kit.files import KitFile
from bot.ports import Identity, Progress, Proof, StackOutcome, Started
from tests.unit.slack.samples import SETTINGS


@dataclass
class Group:
    """A client group: what its policy grants, and who is in it."""

    role: str
    level: AccessLevel
    members: set[str] = field(default_factory=set)


@dataclass
class MemoryStacks:
    """The Access port: one operation per stack at a time and per token, no deletion of a group that has members."""

    groups: dict[str, Group] = field(default_factory=dict)
    running: dict[str, Request] = field(default_factory=dict)
    """By token."""
    ended: dict[str, StackOutcome] = field(default_factory=dict)
    operations: list[tuple[Kind, str]] = field(default_factory=list)
    """What CloudFormation was made to do, and to which role."""
    fail_next: str = ""
    """Why the next operation fails."""

    def has_room_for_groups(self) -> bool:
        return True

    def limits(self) -> tuple[Limit, ...]:
        return ()

    def entrance(self, client_id: str, places: Sequence[Place]) -> Entrance:
        return entrance_by(SETTINGS, client_id, places)

    def members(self, client_id: str) -> tuple[str, ...]:
        return tuple(sorted(self.groups[client_id].members)) if client_id in self.groups else ()

    def leaving(self, request: Request) -> tuple[str, ...]:
        there = request.kind is Kind.OFFBOARD and request.client_id in self.groups
        return tuple(sorted(self.groups[request.client_id].members)) if there else ()

    def differences(self, client_id: str, account_id: str, grant: Grant) -> tuple[Difference, ...]:
        group = self.groups.get(client_id)
        if group is None:
            return (Difference(Remedy.RENEW, "The group is gone."),)
        return () if group.role == grant.role_name else (Difference(Remedy.PUT_BACK, f"It grants {group.role}."),)

    def start(self, request: Request, leaving: Sequence[str] = ()) -> Started:
        stack_id = f"stack-{request.client_id}"
        if leaving:
            self.groups[request.client_id].members.difference_update(leaving)
        if self.progress(request).begun:
            return Started(stack_id)
        if any(one.client_id == request.client_id for one in self.running.values()):
            raise TryAgain("The client's stack is changing at the moment.")
        group = self.groups.get(request.client_id)
        if request.kind is Kind.OFFBOARD and group is None:
            return Started(None, finished=True)
        if request.kind is Kind.REPORT:
            raise ProvisioningFailed("a report asks for nothing")
        self.running[request.token] = request
        self.operations.append((request.kind, request.stack.role_name))
        return Started(stack_id)

    def progress(self, request: Request) -> Progress:
        return Progress(
            begun=request.token in self.running or request.token in self.ended, outcome=self.ended.get(request.token)
        )

    def client_id_of(self, stack_id: str) -> str | None:
        return stack_id.removeprefix("stack-") if stack_id.startswith("stack-") else None

    def complete(self) -> list[str]:
        """CloudFormation finishes what runs; answers the ids of the stacks that moved."""
        finished, self.running = self.running, {}
        for token, request in finished.items():
            reason, self.fail_next = self.fail_next, ""
            if request.kind is Kind.OFFBOARD and self.groups[request.client_id].members:
                reason = "Cannot delete entity, must remove users from group first."
            self.ended[token] = StackOutcome(succeeded=not reason, reason=reason)
            if not reason:
                self._carry_out(request)
        return [f"stack-{request.client_id}" for request in finished.values()]

    def _carry_out(self, request: Request) -> None:
        if request.kind is Kind.OFFBOARD:
            del self.groups[request.client_id]
            return
        before = self.groups.get(request.client_id)
        members = before.members if before else set()
        self.groups[request.client_id] = Group(request.stack.role_name, request.stack.access_level, members)


@dataclass
class AsyncInvokes:
    """The Handoff: invocations that Lambda has taken and not begun yet."""

    waiting: list[dict[str, Any]] = field(default_factory=list)
    """Their events."""

    def provision(self, request_id: str) -> None:
        self.waiting.append({"request_id": request_id})

    def show(self, owners: Sequence[str]) -> None:
        self.waiting.append({"show": list(owners)})

    def bulk(self, name: BulkName) -> None:
        self.waiting.append({"bulk": list(name)})

    def pages(self, teams: Sequence[str] = (), pages: Sequence[PageName] = ()) -> None:
        self.waiting.append({"teams": list(teams), "pages": [list(page) for page in pages]})

    def kit(self, asked: KitAsked) -> None:
        self.waiting.append({"send": vars(asked)})

    def renew(self, teams: Sequence[str]) -> None:
        self.waiting.append({"renew": list(teams)})


@dataclass
class KitShelf:
    """The Shelf: what lies in the bucket, by team and name."""

    files: dict[tuple[str, str], str] = field(default_factory=dict)
    written: list[tuple[str, str]] = field(default_factory=list)
    """Every file that was written, in order."""

    def put(self, team: str, file: KitFile) -> None:
        self.files[team, file.name] = file.text
        self.written.append((team, file.name))


class ClaimBelievingSts:
    """The Verifier: the proof always holds for what the event claims."""

    def __init__(self) -> None:
        self.identity = Identity("", "")

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        return self.identity
