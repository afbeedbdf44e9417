"""Accounts of one invitation that share a message, in any state, with any names: by hand or by hypothesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from bot.aws.entrance import entrance_by
from bot.domain.answers import Actor
from bot.domain.bulk import Bulk, Covered, LeftOut
from bot.domain.limits import Limit
from bot.domain.message import Message, Shows
from bot.domain.model import OWN_GROUP, Client, ClientStack, Given, Place, Terms
from bot.domain.request import Attempt, Decision, InvitedAs, LetsIn, Request, RoleHolder, SharedIn, Warnings
from bot.domain.vocabulary import AccessLevel, Counted, Kind, Standing, State, Verb
from bot.ports import Batched, Picture
from tests.changed import changed
from tests.unit.slack.samples import CLIENT, ENTRANCE, NOW, SETTINGS, request

HOME = SharedIn("f" * 64, "2026-11-23T06:00:00.000000Z#001")
ADA, BEA = Actor("U0ADA", "T1", "T1"), Actor("U0BEA", "T1", "T1")
PEOPLE = st.sampled_from(["U0ADA", "U0BEA", "U" + "9" * 20, "not an id <!channel>"])
LONG = st.sampled_from(["&" * 4000, "<" * 4000, "\U0001f600" * 4000, "a b" * 1400, "*_~`:x:" * 600, "Acme", "", "  "])
FOREIGN = LONG | st.text(max_size=80)
STATES = [state for state in State if state not in (State.REPORTED, State.DRIFTED)]


def account(number: int, state: State = State.PENDING, **changes: Any) -> Batched:
    """One account, in any state; `client` and `request` facts are changed by name."""
    stack = ClientStack(f"{200_000_000_000 + number:012}", "switchyard-access", AccessLevel.READ_ONLY, _stack(number))
    stack = replace(stack, terms=Terms(require_mfa=True, max_session_seconds=3600))
    one = replace(
        request(Kind.ONBOARD, state),
        id=f"r{number:016}".translate(_BASE32),
        client_id=f"c{number:010}".translate(_BASE32),
        stack=stack,
        created_at=NOW + timedelta(seconds=number),
        invited=InvitedAs(AccessLevel.READ_ONLY, "U0ADA", shared=HOME),
        lets_in=LetsIn(("operators",)),
    )
    if one.decision and one.decision.verb is Verb.APPROVE:
        one = replace(one, approvals=(one.decision,))
    one = changed(one, **changes)
    given = Given(one.stack, (one.id,), ("operators",)) if state is State.DONE else None
    client = replace(CLIENT, id=one.client_id, stack=one.stack, given=given, current_request=one.id)
    return Batched(one, client, entrance_by(SETTINGS, one.client_id, (Place("operators", 1), OWN_GROUP)))


_BASE32 = str.maketrans("0189", "abcd")


def _stack(number: int) -> str:
    return f"arn:aws:cloudformation:eu-west-1:{200_000_000_000 + number:012}:stack/switchyard-access/0a1b2c3d"


def shared(batch: Sequence[Batched], *bulks: Bulk, shows: Shows = Shows.REQUEST) -> Picture:
    """What the message of these accounts shows, or their card."""
    place = HOME.place + ("#card" if shows is Shows.CARD else "")
    ids = tuple(one.request.id for one in batch)
    message = Message(HOME.owner, place, shows, ids, NOW, NOW)
    first = batch[0]
    return Picture(message, first.request, first.entrance, first.client, batch=tuple(batch), bulks=bulks)


def bulk(batch: Sequence[Batched], verb: Verb = Verb.APPROVE, actor: Actor = ADA, **changes: Any) -> Bulk:
    """A press for all of these accounts, which is applied."""
    covers = tuple(Covered(one.request.id, 0) for one in batch)
    made = Bulk(HOME, 1, verb, actor, NOW + timedelta(minutes=3), len(batch), covers, NOW, taken=len(covers))
    return replace(made, **changes)


@st.composite
def batched(draw: st.DrawFn, number: int) -> Batched:
    """Draw any account: hostile, warned, decided by anybody, changed since, blocked."""
    state = draw(st.sampled_from(STATES))
    people = draw(st.lists(PEOPLE, max_size=3))
    verb = {State.DENIED: Verb.DENY, State.PENDING: Verb.REOPEN}.get(state, draw(st.sampled_from([*Verb])))
    decision = Decision(verb, draw(PEOPLE), NOW, draw(FOREIGN))
    made = account(
        number,
        state,
        company=draw(FOREIGN),
        role_name=draw(st.sampled_from(["switchyard-access", "r" * 64, "a=b,c@d", "&" * 64])),
        access_level=draw(st.sampled_from([*AccessLevel])),
        terms=draw(st.none() | st.builds(Terms, st.booleans(), st.integers(900, 43_200))),
        reason=draw(FOREIGN),
        warnings=draw(WARNINGS),
        claimed_company=draw(st.just("") | FOREIGN),
        approvals=tuple(Decision(Verb.APPROVE, each, NOW) for each in people),
        lapsed=draw(st.just(()) | st.just((decision,))),
        decision=draw(st.none() | st.just(decision)),
        attempt=Attempt(1, near_limits=tuple(Limit(kind, 10**9, 10**9) for kind in Counted)),
        teams=draw(st.sampled_from([(), ("operators",), tuple(f"team-{n:020}" for n in range(9))])),
    )
    client = draw(
        st.none()
        | st.just(made.client)
        | st.just(_named(made.client))
        | st.just(_blocked(made.client))
        | st.just(_left(made.client))
    )
    return replace(made, client=client)


WARNINGS = st.builds(
    Warnings,
    st.booleans(),
    st.just(False),
    st.booleans(),
    st.sampled_from([(), tuple(RoleHolder(f"c{n:010}", "&" * 4000, True) for n in range(20))]),
    st.sampled_from([(), tuple(f"{n:012}" for n in range(150))]),
)


def _named(client: Client | None) -> Client | None:
    return client and changed(client, label="<&>" * 20)


def _blocked(client: Client | None) -> Client | None:
    return client and replace(client, standing=Standing.BLOCKED)


def _left(client: Client | None) -> Client | None:
    return client and replace(client, given=None)


class Drawn(NamedTuple):
    """What a message shows. Its full text would be long, and hypothesis writes it for every example."""

    picture: Picture

    def __repr__(self) -> str:
        requests = [one.request for one in self.picture.batch]
        return (
            f"{len(requests)} accounts, {[one.state.value for one in requests[:4]]}, {len(self.picture.bulks)} presses"
        )


@st.composite
def batches(draw: st.DrawFn, shows: Shows = Shows.REQUEST) -> Drawn:
    """Draw what any shared message shows: 2 to 100 accounts of a few sorts, and presses for all of them."""
    sorts = draw(st.lists(batched(0), min_size=1, max_size=4))
    many = draw(st.integers(2, 100))
    accounts = [_numbered(sorts[number % len(sorts)], number) for number in range(many)]
    presses = [
        bulk(
            accounts[: draw(st.integers(1, many))],
            draw(st.sampled_from([Verb.APPROVE, Verb.DENY])),
            Actor(draw(PEOPLE), "T1", "T1"),
            shown=draw(st.integers(0, 100)),
            reason=draw(FOREIGN),
            taken=draw(st.integers(0, 1)),
            refused=draw(st.just("") | FOREIGN),
            left_out=tuple(LeftOut(one.request.id, draw(FOREIGN)) for one in accounts[:3]),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]
    return Drawn(shared(accounts, *presses, shows=shows))


def _numbered(one: Batched, number: int) -> Batched:
    """Return the same account under another number."""
    new = account(number).request
    stack = replace(one.request.stack, account_id=new.stack.account_id)
    again: Request = replace(one.request, id=new.id, client_id=new.client_id, stack=stack)
    client = one.client
    if client is not None:
        given = client.given and replace(client.given, by=(new.id,))
        client = replace(client, id=new.client_id, given=given)
    return Batched(again, client, one.entrance if number % 2 else ENTRANCE)
