"""The channel that tests put in Slack's place: what people see, what was asked of it, and a script for its moods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from bot.domain import policy
from bot.domain.bulk import Bulk
from bot.domain.errors import MessageGone, SlackUnavailable
from bot.domain.message import Message, Shows
from bot.domain.model import Client, Event
from bot.domain.request import Request
from bot.domain.vocabulary import Kind
from bot.ports import Batched, Picture


@dataclass
class Interruption:
    """What somebody else does at that point, once."""

    meanwhile: Callable[[], object] | None = None

    def let_in(self) -> None:
        step, self.meanwhile = self.meanwhile, None
        if step is not None:
            step()


def _mark(message: Message) -> tuple[str, ...]:
    """The kind of message, its request, and what tells apart those of one request."""
    again = message.place if message.shows is Shows.AGAIN else ""
    return message.shows, message.request_id, str(message.due or ""), again


@dataclass
class Shown:
    """A message, card or reminder as a person sees it now. `thread` is the ts of the message it replies to."""

    ts: str
    request: Request
    timeline: list[Event]
    client: Client | None
    thread: str | None = None
    outdated: Kind | None = None
    edits: int = 0
    mark: tuple[str, ...] = ()
    """The metadata by which it is found again, as the adapter sends it."""
    message: Message | None = None
    batch: tuple[Batched, ...] = ()
    bulks: tuple[Bulk, ...] = ()

    def draw(self, picture: Picture) -> None:
        """Show the picture."""
        self.request, self.timeline, self.client = picture.request, list(picture.timeline), picture.client
        self.mark = _mark(picture.message)
        self.message, self.batch, self.bulks = picture.message, picture.batch, picture.bulks


@dataclass(frozen=True)
class Call:
    """One thing that was asked of Slack: `post`, `edit` or `find`; `members` or `organization`, which draw nothing."""

    name: str
    drawn: Picture | None = None
    thread: str | None = None

    def shows(self, *what: Shows) -> bool:
        """Return whether it is about a message of one of these sorts."""
        return self.drawn is not None and self.drawn.message.shows in what

    @property
    def request(self) -> Request:
        assert self.drawn is not None
        return self.drawn.request


@dataclass
class Channel(Interruption):
    """The ports Channel and Directory. `meanwhile` happens before the next post or edit takes effect.

    The order: `calls`, `down`, `rule`, `fails`, `meanwhile`, `posting`, the effect, `witness`, `answering`, `loses`.
    """

    messages: list[Shown] = field(default_factory=list)
    cards: list[Shown] = field(default_factory=list)
    reminders: list[Shown] = field(default_factory=list)
    groups: dict[str, frozenset[str]] = field(default_factory=dict)
    unreadable: set[str] = field(default_factory=set)
    workspaces: dict[str, str] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    """By person: the organization of Enterprise Grid they are of."""
    calls: list[Call] = field(default_factory=list)
    """Everything that was asked for, also what failed."""
    down: bool = False
    rule: Callable[[Call], object] | None = None
    """Sees each call before it takes effect, and may raise what Slack answers instead."""
    fails: defaultdict[str, list[SlackUnavailable | None]] = field(default_factory=lambda: defaultdict(list))
    """By a call's name: what the next ones fail with."""
    witness: Callable[[Call], object] | None = None
    """Sees each post and edit that has taken effect, whether its answer arrives or not."""
    posting: defaultdict[Shows, Interruption] = field(default_factory=lambda: defaultdict(Interruption))
    """Happens before the next post of that sort takes effect."""
    answering: Interruption = field(default_factory=Interruption)
    """Happens before the answer to the next post or edit arrives."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    loses: set[str] = field(default_factory=set)
    """Names of calls, `post` or `edit`: the next one takes effect, but its answer is lost."""

    def asked(self, name: str) -> int:
        """Return how often this was asked for."""
        return sum(call.name == name for call in self.calls)

    def post(self, picture: Picture, thread: str | None) -> str:
        call = Call("post", picture, thread)
        self._arrives(call)
        self.let_in()
        self.posting[picture.message.shows].let_in()
        if thread is not None:
            _there(thread, self.messages)
        shown = Shown(f"{next(self.numbers)}.0", picture.request, list(picture.timeline), picture.client, thread)
        shown.draw(picture)
        self._all(picture).append(shown)
        self._answers(call)
        return shown.ts

    def edit(self, picture: Picture) -> None:
        call = Call("edit", picture)
        self._arrives(call)
        self.let_in()
        shown = _there(str(picture.message.ts), self._all(picture))
        shown.draw(picture)
        shown.edits += 1
        shown.outdated = policy.outdated(picture.request, picture.client) if picture.client else None
        self._answers(call)

    def find(self, picture: Picture, thread: str | None) -> str | None:
        self._arrives(Call("find", picture, thread))
        mark = _mark(picture.message)
        return next((one.ts for one in self._all(picture) if one.mark == mark), None)

    def permalink(self, ts: str) -> str:
        self.calls.append(Call("permalink"))
        return "" if self.down else f"https://slack.test/archives/C0/p{ts.replace('.', '')}"

    def group_members(self, group_id: str) -> frozenset[str]:
        self._arrives(Call("members"))
        self._readable(group_id)
        return self.groups.get(group_id, frozenset())

    def organization_of(self, user_id: str) -> str:
        self._arrives(Call("organization"))
        self._readable(user_id)
        return self.organizations.get(user_id, "")

    def workspace_of(self, user_id: str) -> str:
        self._arrives(Call("workspace"))
        self._readable(user_id)
        return self.workspaces.get(user_id, "T0SWITCHYARD")

    def _readable(self, whom: str) -> None:
        if whom in self.unreadable:
            raise SlackUnavailable("missing_scope")

    def _all(self, picture: Picture) -> list[Shown]:
        match picture.message.shows:
            case Shows.REQUEST:
                return self.messages
            case Shows.CARD | Shows.AGAIN:
                return self.cards
            case Shows.REMINDER:
                return self.reminders

    def _arrives(self, call: Call) -> None:
        self.calls.append(call)
        if self.down:
            raise SlackUnavailable("Slack is down")
        if self.rule is not None:
            self.rule(call)
        failure = self.fails[call.name].pop(0) if self.fails[call.name] else None
        if failure is not None:
            raise failure

    def _answers(self, call: Call) -> None:
        if self.witness is not None:
            self.witness(call)
        self.answering.let_in()
        if call.name in self.loses:
            self.loses.remove(call.name)
            raise SlackUnavailable("the answer was lost")


def _there(ts: str, among: list[Shown]) -> Shown:
    """Return the message of this ts; raise what Slack answers where nothing can be edited or replied to."""
    found = next((one for one in among if one.ts == ts), None)
    if found is None:
        raise MessageGone
    return found
