"""Companies with several accounts, invited together."""

from __future__ import annotations

from typing import Any

from bot.domain.answers import Actor
from bot.domain.bulk import Bulk, Drawn, as_drawn, batchable
from bot.domain.ids import token_hash
from bot.domain.message import Shows, home_of
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import AccessLevel, State, Verb
from tests.channel import Shown
from tests.fakes import ADA, World


def account(number: int) -> str:
    """A made-up account number."""
    return f"{number:012}"


class Batch:
    """One invitation for several accounts, which deploy one after the other."""

    def __init__(self, world: World, accounts: int = 3, *, arrive: int | None = None, company: str = "Acme") -> None:
        self.world, self.company = world, company
        self.token = world.workflow.invite(company, AccessLevel.READ_ONLY, ADA, accounts).token
        for number in range(1, (accounts if arrive is None else arrive) + 1):
            self.arrives(number)

    def arrives(self, number: int, **fields: Any) -> None:
        """The account of this number deploys its stack."""
        told: dict[str, Any] = {"parent": number, "company": self.company, **fields}
        self.world.happens("CREATE_COMPLETE", token=self.token, account=account(number), **told)

    @property
    def requests(self) -> list[Request]:
        """All requests of these accounts, as they are stored, in the order in which they were made."""
        found = [self.world.store.request(one) for one in self.asked]
        return sorted((one for one in found if one is not None), key=lambda one: one.created_at)

    @property
    def asked(self) -> list[str]:
        """The ids of these requests, in all shared messages."""
        owner = token_hash(self.token)
        return [
            one
            for message in self.world.store.messages(owner, 99)
            if message.shows is Shows.REQUEST
            for one in message.request_ids
        ]

    def request(self, number: int) -> Request:
        """The newest request of the account of this number."""
        return [one for one in self.requests if one.stack.account_id == account(number)][-1]

    @property
    def home(self) -> SharedIn:
        """The newest shared message."""
        return home_of(self.requests[-1])

    @property
    def states(self) -> list[State]:
        return [one.state for one in self.requests]

    @property
    def shown(self) -> Shown:
        """The newest shared message in the channel."""
        return [one for one in self.world.channel.messages if one.batch][-1]

    @property
    def drawn(self) -> Drawn:
        """What the buttons of the newest shared message are drawn for, in the channel."""
        message = self.shown.message
        assert message is not None
        return as_drawn(message.request_ids, [one.request for one in self.shown.batch if batchable(one.request)])

    def press(
        self, verb: Verb = Verb.APPROVE, actor: Actor = ADA, drawn: Drawn | None = None, reason: str = ""
    ) -> Bulk:
        """Press the button for all, as it was drawn then; as it is drawn now, where nothing else is said."""
        return self.world.workflow.press_all(
            self.home, self.drawn if drawn is None else drawn, verb, actor, reason
        ).bulk

    def decide(self, number: int, verb: Verb = Verb.APPROVE, actor: Actor = ADA) -> Request:
        """Press a button on one account alone."""
        return self.world.workflow.decide(self.request(number).id, verb, actor)

    def stored(self) -> Bulk:
        """The newest press on all, as it is stored now."""
        return list(self.world.store.stored_bulks.values())[-1]
