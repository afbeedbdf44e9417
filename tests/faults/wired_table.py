"""A world whose table and hand-off are botocore's own clients on a wire that fails."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.aws.dynamodb import DynamoStore
from bot.aws.handoff import LambdaHandoff
from bot.aws.records import from_attributes, record_in
from bot.domain.bulk import Bulk
from bot.domain.invitation import Invitation, RefusedPerson
from bot.domain.message import Message
from bot.domain.model import Audit, Client, Event, GoneStack
from bot.domain.request import Request
from bot.ports import Handoff
from bot.ports.store import Store
from tests.dynamodb_wire import Answer, WireTable
from tests.fakes import TurnableClock
from tests.faults.channels import OnBoard
from tests.faults.clouds import InMemory
from tests.faults.injection import Injector
from tests.faults.people import People
from tests.faults.wires import ShortCut, Wire
from tests.memory_store import MemoryStore


@dataclass
class OnAwsWire(People):
    """Only what is on the wire counts."""

    items: WireTable = field(default_factory=WireTable)
    whole: bool = False
    """Whether every call goes over the wire, not only those that fail."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.injector.among = ("dynamodb.", "lambda.")
        self.dynamodb = Wire("dynamodb", self.injector, self.items.answer)
        self.functions = Wire("lambda", self.injector, self._invoked)

    def table(self) -> Store:
        short_cut: Any = ShortCut(self.dynamodb, self.injector, self.items.answer)
        client = self.dynamodb.client if self.whole else short_cut
        return DynamoStore(client, "switchyard-dev", sleep=lambda _: None)

    def handoff(self) -> Handoff:
        return LambdaHandoff(self.functions.client, "switchyard-dev-provision", "switchyard-dev-kit")

    def _invoked(self, operation: str, asked: Any) -> Answer:
        assert operation == "Invoke"
        self.invokes.waiting.append(asked)
        return 202, {}

    def stored(self) -> MemoryStore:
        """The records, as the Store would read them."""
        found = MemoryStore()
        for (place, kind), item in self.items.items.items():
            record = item.get("record", {}).get("M")
            if kind == "client":
                client = from_attributes(Client, record)
                found.stored_clients[client.id] = client
            elif place.startswith("messages#"):
                message = record_in(Message, item)
                found.stored_messages[message.owner, message.place] = message
            elif place.startswith("bulks#"):
                bulk = from_attributes(Bulk, record)
                found.stored_bulks[bulk.name] = bulk
            elif kind == "gone":
                gone = from_attributes(GoneStack, record)
                found.stored_gone[gone.parent_stack_id] = gone
            elif kind == "request":
                request = from_attributes(Request, record)
                found.stored_requests[request.id] = request
            elif kind == "invitation":
                invitation = from_attributes(Invitation, record)
                found.stored_invitations[invitation.token_hash] = invitation
            elif kind.startswith("event#"):
                event = from_attributes(Event, record)
                found.stored_events[place, event.key] = event
            elif kind.startswith(("audit#", "asked#")):
                found.stored_audits.append(from_attributes(Audit, record))
            elif kind.startswith("person#"):
                found.count_refused(from_attributes(RefusedPerson, record))
        return found

    def leave(self) -> None:
        super().leave()
        self.dynamodb.leave()
        self.functions.leave()


def on_aws_wire(injector: Injector) -> People:
    """Calls of DynamoDB and Lambda count."""
    return OnAwsWire(injector, TurnableClock(), OnBoard(injector), InMemory(injector))


def wholly_on_aws_wire(injector: Injector) -> People:
    """The same, and every call goes over the wire."""
    return OnAwsWire(injector, TurnableClock(), OnBoard(injector), InMemory(injector), whole=True)
