"""The Lambdas as deployed, on counted ports: real handlers in, one fresh process for each invocation."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from bot.aws.http_event import PROOF_HEADERS
from bot.commands import Commands
from bot.domain.approvers import Approvers, Workspaces
from bot.domain.page import Teams
from bot.kit.renewing import KitRenewal, Shelf
from bot.ports import Handoff, Identity, Verifier
from bot.ports.store import Store
from handlers import ingest, kit, outcome
from tests.fakes import TurnableClock
from tests.faults.channels import Channel
from tests.faults.clouds import Cloud
from tests.faults.injection import Counting, Injector
from tests.faults.stand_ins import AsyncInvokes, ClaimBelievingSts, KitShelf
from tests.memory_store import MemoryStore
from tests.unit.slack.samples import SETTINGS

APPROVERS = Approvers(("U0BEA",), ("S0APPROVERS",))
REFUSED, UNAVAILABLE = 400, 500


def nobody_sends() -> Any:
    raise AssertionError("no flow here asks for a kit")


@dataclass
class Lambdas:
    """What they stand on, and how they are called."""

    injector: Injector
    clock: TurnableClock
    channel: Channel
    cloud: Cloud
    invokes: AsyncInvokes = field(default_factory=AsyncInvokes)
    sts: ClaimBelievingSts = field(default_factory=ClaimBelievingSts)
    store: MemoryStore = field(default_factory=MemoryStore)
    shelf: KitShelf = field(default_factory=KitShelf)
    approvers: Approvers = APPROVERS
    workspaces: Workspaces = field(default_factory=Workspaces)
    teams: Teams = field(default_factory=Teams)
    compares: bool = False
    """Whether the sweep looks for what was changed by hand; only in flows that are about that, as it asks a lot."""
    lost: list[str] = field(default_factory=list)
    """What was given up for good, or refused."""

    def workflow(self) -> Commands:
        """As a fresh process builds it."""
        self.injector.fresh_process()
        return Commands(
            store=self.table(),
            verifier=self.verifier(),
            channel=self.channel.channel,
            directory=self.channel.directory,
            homes=self.channel.homes,
            access=self.cloud.access,
            pages=self.cloud.pages,
            teams=self.teams,
            handoff=self.handoff(),
            clock=self.clock,
            approvers=self.approvers,
            partition="aws",
            provider_account_id="111111111111",
            compares=self.compares,
            workspaces=self.workspaces,
        )

    def table(self) -> Store:
        return cast(Store, self._counted("store", self.store))

    def verifier(self) -> Verifier:
        return cast(Verifier, self._counted("verifier", self.sts))

    def handoff(self) -> Handoff:
        return cast(Handoff, self._counted("handoff", self.invokes))

    def stored(self) -> MemoryStore:
        """What is in the table."""
        return self.store

    def renewal(self) -> KitRenewal:
        """As a fresh process builds it."""
        self.injector.fresh_process()
        shelf = cast(Shelf, self._counted("shelf", self.shelf))
        return KitRenewal(self.table(), shelf, SETTINGS, self.clock)

    def _counted(self, name: str, port: object) -> Counting:
        return Counting(name, port, self.injector)

    def ingest(self, body: bytes) -> bool:
        claims = json.loads(body)
        self.sts.identity = Identity(claims["account_id"], claims["role_name"])
        headers = dict.fromkeys(PROOF_HEADERS, "x")
        headers["x-switchyard-region"] = claims["parent_stack_id"].split(":")[3]
        answer = ingest.create_handler(self.workflow)({"body": body.decode(), "headers": headers}, None)
        if REFUSED <= answer["statusCode"] < UNAVAILABLE:
            self.lost.append(f"an event was refused: {answer['body']}")
        return bool(answer["statusCode"] < UNAVAILABLE)

    def kit(self, event: dict[str, Any]) -> None:
        kit.create_handler(nobody_sends, self.renewal)(event, None)

    def outcome(self, stack_id: str) -> bool:
        outcome.create_handler(self.workflow)({"detail": {"stack-id": stack_id}}, None)
        return True
