"""The one table: what is read of it, what one step saves in it, and the loop around a save."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol, TypeVar

from bot.domain.answers import AuditPage, ClientPage
from bot.domain.errors import Conflict, TryAgain
from bot.domain.invitation import Invitation, RefusedAttempts, RefusedPerson
from bot.domain.message import Message, Raise, each_once
from bot.domain.model import Account, Audit, Client, Event, GoneStack
from bot.domain.page import Page, PageChange, Team
from bot.domain.record import Record
from bot.domain.request import Request, SharedIn
from bot.domain.team_kit import KitChange, TeamKit
from bot.domain.vocabulary import AccessLevel, Standing
from bot.domain.words import words_of
from bot.ports.app_home import AppHomes

if TYPE_CHECKING:
    from bot.domain.bulk import Bulk, BulkName


class Located(Record):
    """The client that an event may belong to.

    `client` was found by parent StackId if `by_stack`, else by (account, role name). `role_owner` is the client id in
    the (account, role name) entry at this moment. `Claim` hands it back, so that two first events can't both make a
    client.
    """

    client: Client | None
    by_stack: bool
    role_owner: str | None
    account: Account
    """The event's, read before the client."""


class Claim(Record):
    """Makes `client_id` the one found by this parent StackId and this (account, role name)."""

    client_id: str
    parent_stack_id: str
    account_id: str
    role_name: str
    role_owner: str | None


Several = TypeVar("Several")
MOST_WRITES = 100
"""Most items that one transaction writes."""
ATTEMPTS = 5
"""How often a save is planned again after a conflict."""


class Command(Record):
    """One signed command of Slack. `mark` identifies it; `at` is when it came."""

    mark: str
    at: datetime


class Turn(Record):
    """How far the sweep has come in the list of clients. An empty cursor is the start."""

    cursor: str = ""
    """After which client it compares the next one."""
    words_cursor: str = ""
    """After which client it looks whether the next ones are listed in the index of words."""
    words_form: int = 0
    """The form of words in which all of them are."""
    version: int = 0


class WordHits(Record):
    """Clients with a word that begins as asked: those whose word is no longer come first.

    Of one word, whose name it is comes first, then whose name begins with it, then the others, each time the newest.
    """

    ids: tuple[str, ...]
    more: bool
    """Whether the table lists more."""


class Indexed(Record):
    """A client as a save stores it, with the words under which the table lists it from then on, and no longer.

    A word that is nearer to the name than before, or less near, is listed anew in its place.
    """

    client: Client
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


class Concerned(Record):
    """The records that some changes of pages concern, by id, as far as they are stored."""

    requests: dict[str, Request]
    clients: dict[str, Client]
    invitations: dict[str, Invitation]


class Change(Record):
    """Everything that one step stores, all of it or nothing. Records with version 0 are new."""

    client: Client | None = None
    requests: tuple[Request, ...] = ()
    invitations: tuple[Invitation, ...] = ()
    event: Event | None = None
    event_client_id: str = ""
    claim: Claim | None = None
    gone: GoneStack | None = None
    """Only together with its client, whose version guards it against concurrent changes."""
    audits: tuple[Audit, ...] = ()
    turn: Turn | None = None
    command: Command | None = None
    """The command that makes this change, where it must count only once."""
    messages: tuple[Message, ...] = ()
    """New messages."""
    raises: tuple[Raise, ...] = ()
    """Stored messages that have something new to show."""
    account: Account | None = None
    others: tuple[Client, ...] = ()
    """More clients that change in the same step, such as all of that account."""
    teams: tuple[Team, ...] = ()
    pages: tuple[Page, ...] = ()
    asked: tuple[PageChange, ...] = ()
    """Changes that wait for their page from now on. One that waits already is replaced, and keeps its place."""
    packed: tuple[PageChange, ...] = ()
    """Changes that wait no longer; each must still be stored."""
    bulks: tuple[Bulk, ...] = ()
    kits: tuple[KitChange, ...] = ()
    """Teams' kits that show something else from now on, each team once."""

    @property
    def raised(self) -> tuple[Raise, ...]:
        """Return one raise for each message: requests that share one raise it together."""
        return each_once(self.raises)

    @property
    def to_show(self) -> tuple[str, ...]:
        """Return the owners of the messages that must not wait for the sweep."""
        raised = [one.owner for one in self.raises if not one.lazily]
        return tuple(dict.fromkeys([one.owner for one in self.messages] + raised))

    @property
    def clients(self) -> tuple[Client, ...]:
        """Return all clients that change."""
        return self.others if self.client is None else (self.client, *self.others)

    @property
    def indexed(self) -> tuple[Indexed, ...]:
        """Return its clients as they are stored. Words that one transaction has no room for are left to the sweep."""
        room = MOST_WRITES - self.records
        found = []
        for client in self.clients:
            one = _indexed(client)
            changes = len(one.added) + len(one.gone)
            found.append(one if changes <= room else Indexed(client))
            room -= changes if changes <= room else 0
        return tuple(found)

    @property
    def weight(self) -> int:
        """Return how many items it writes, at most; a client takes two, and one for each word that changes."""
        words = sum(len(one.added) + len(one.gone) for one in map(_indexed, self.clients))
        return self.records + words

    @property
    def records(self) -> int:
        """Return how many items it writes, at most, besides words."""
        several = (self.requests, self.invitations, self.audits, self.messages, self.raised, self.bulks)
        alone = sum(one is not None for one in (self.turn, self.command, self.account, self.gone))
        alone += 2 * (self.event is not None) + 3 * (self.claim is not None)
        return (
            alone
            + 2 * len(self.clients)
            + sum(map(len, (*several, self.teams, self.pages, self.asked, self.packed, self.kits)))
        )

    @property
    def holds_twice(self) -> bool:
        """Return whether it stores a client or an invitation more than once, which no transaction may."""
        stored = [one.id for one in self.clients]
        stored += [one.token_hash for one in self.invitations]
        return len(stored) > len(set(stored))


def _indexed(client: Client) -> Indexed:
    words, before = words_of(client), client.known_by.words
    stored = replace(client, known_by=replace(client.known_by, words=words))
    now = {word[1:] for word in words}
    gone = tuple(word for word in before if word[1:] not in now)
    return Indexed(stored, tuple(word for word in words if word not in before), gone)


def together(changes: Sequence[Change]) -> Change:
    """Return one change that stores all of these, which may hold no record twice, events or commands."""
    return Change(
        others=_all(change.clients for change in changes),
        requests=_all(change.requests for change in changes),
        invitations=_all(change.invitations for change in changes),
        audits=_all(change.audits for change in changes),
        messages=_all(change.messages for change in changes),
        raises=_all(change.raises for change in changes),
        teams=_all(change.teams for change in changes),
        pages=_all(change.pages for change in changes),
        asked=_all(change.asked for change in changes),
        packed=_all(change.packed for change in changes),
        kits=tuple({one.team: one for change in changes for one in change.kits}.values()),
        bulks=_all(change.bulks for change in changes),
    )


def _all(several: Iterable[Sequence[Several]]) -> tuple[Several, ...]:
    return tuple(one for some in several for one in some)


class Store(AppHomes, Protocol):
    """The one table. Reads by id are strongly consistent; lists are not."""

    def client(self, client_id: str) -> Client | None: ...

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located: ...

    def account(self, account_id: str) -> Account:
        """Return the stored account, or a new one without clients."""

    def role_holders(self, account_id: str, role_name: str) -> Sequence[str]:
        """Return the ids of all clients that ever claimed this role, whoever has it now."""

    def gone(self, parent_stack_id: str) -> GoneStack | None:
        """Return what is known of this stack's deletion; None where no deletion was reported."""

    def invitation(self, token_hash: str) -> Invitation | None: ...

    def invitations(self, since: datetime, limit: int) -> Sequence[Invitation]:
        """Return the `listed` invitations made since then, newest first."""

    def refused_attempts(self, since: datetime, limit: int, *, invited: bool) -> Sequence[RefusedAttempts]:
        """Return the attempts refused since then, last first: with one of our invitations if `invited`, else without.

        The two are read apart, so that attempts without an invitation, which anybody can make, can't hide the others.
        """

    def request(self, request_id: str) -> Request | None: ...

    def requests(self, request_ids: Iterable[str]) -> Mapping[str, Request]:
        """Return those of at most 100 requests that are stored, by id, in the order that is asked for."""

    def bulk(self, name: BulkName) -> Bulk | None: ...

    def bulks(self, home: SharedIn) -> Sequence[Bulk]:
        """Return the presses on several requests at once under this shared message, oldest first."""

    def events(self, client_id: str) -> Sequence[Event]:
        """Return the client's stored events, oldest first by their own timestamps; at most the newest 100."""

    def clients(
        self,
        limit: int,
        cursor: str | None = None,
        *,
        standing: Standing | None = None,
        level: AccessLevel | None = None,
    ) -> ClientPage:
        """Return clients, newest first: all, or those that stand so, or else those whose access is of this level.

        A cursor that is foreign, or of another of these lists, counts as none.
        """

    def clients_by_id(self, ids: Sequence[str]) -> Sequence[Client]:
        """Return those of these clients that are stored. No id may come twice; 100 are one call."""

    def with_word(self, beginning: str, limit: int) -> WordHits:
        """Return clients that are listed under a word that begins so, by at most so many of their words.

        The list may be late, and name a client that has such a word no longer.
        """

    def namesakes(self, company: str, limit: int) -> Sequence[Client]:
        """Return clients with this company name, whatever its case and spacing, newest first."""

    def turn(self) -> Turn:
        """Return how far the sweep has come; the start of the list when none was stored yet."""

    def due(self, now: datetime, limit: int, *, newest_first: bool = False) -> Sequence[Request]:
        """Return so many of the requests whose `due_at` has passed, longest overdue first unless `newest_first`."""

    def message(self, owner: str, place: str) -> Message | None: ...

    def messages(self, owner: str, limit: int) -> Sequence[Message]:
        """Return the owner's messages, newest first."""

    def due_messages(self, now: datetime) -> Iterable[Message]:
        """Return messages whose `due_at` has passed, longest overdue first; they are read as they are asked for."""

    def claim(self, message: Message, now: datetime, until: datetime) -> Message | None:
        """Take the lease on it until then. The message as it was before; None while somebody else has the lease."""

    def keep(self, message: Message, lease: datetime) -> bool:
        """Store how far it is shown, while the lease is still this one and nothing newer is wanted than was drawn."""

    def asked_of(self, team: str, limit: int) -> tuple[Team, Sequence[PageChange]]:
        """Return the stored team, or a new one without pages, and so many of the changes that wait, oldest first."""

    def pages(self, team: str, numbers: Iterable[int]) -> Mapping[int, Page]:
        """Return those of the team's pages that are stored, by number."""

    def concerned(self, changes: Iterable[PageChange]) -> Concerned:
        """Return the requests, clients and invitations of so many changes as one page may have in its batch."""

    def due_work(self, now: datetime, limit: int) -> Sequence[Page | PageChange | Team | Bulk]:
        """Return so many pages, teams and bulks whose `due_at` has passed, then as many of the changes that wait.

        Of both the longest overdue come first. However many changes wait, they never hide the page they wait for.
        """

    def kit(self, team: str) -> TeamKit:
        """Return the stored kit of a team, or a new one that shows nothing."""

    def claim_kit(self, team: str, now: datetime, until: datetime) -> TeamKit | None:
        """Take the lease on a team's kit until then. Return the kit as it was before.

        None while somebody else has the lease, and where the kit is renewed already.
        """

    def keep_kit(self, kit: TeamKit, lease: datetime) -> bool:
        """Store how far it is renewed, while the lease is still this one and nothing newer is wanted."""

    def due_kits(self, now: datetime, limit: int) -> Sequence[str]:
        """Return so many of the teams whose kit should have been renewed by now, longest overdue first."""

    def audits(self, client_id: str, limit: int, cursor: str | None = None) -> AuditPage:
        """Return one page of a client's audit; invitations are audited under the client id `invitation`.

        The page has at most `limit` lines about people and Switchyard, and as many about the client's own stack. A
        foreign cursor counts as none.
        """

    def refused_people(self, client_id: str, limit: int) -> Sequence[RefusedPerson]:
        """Return who was refused something about this client, last first."""

    def count_refused(self, refused: RefusedAttempts | RefusedPerson) -> None:
        """Add it to what the same account was refused with that invitation, or the same person about that client."""

    def save(self, change: Change) -> None:
        """Store all of it in one transaction, each record's version raised by one.

        Raises Replayed when the command is stored already, whatever else is so; Conflict when a record's version has
        moved, the event is already stored, or the claim is taken; TryAgain when the table does not answer.
        """


Planned = TypeVar("Planned", bound=Change | None)


def saved(store: Store, plan: Callable[[], Planned], too_busy: str, attempts: int = ATTEMPTS) -> Planned:
    """Save what `plan` makes of the stored records, and return it. After a conflict, plan again.

    `plan` reads the records again each time; None means that there is nothing to save. Raises what `plan` raises,
    Replayed, Conflict for an event that is stored already, and TryAgain with `too_busy` after ATTEMPTS conflicts.
    """
    for _ in range(attempts):
        change = plan()
        try:
            if change is not None:
                store.save(change)
        except Conflict as conflict:
            if conflict.duplicate:
                raise
        else:
            return change
    raise TryAgain(too_busy)
