"""Every view of `bot/slack/render`, and arguments for it that hypothesis makes of the types in its signature.

A view is a public function there that returns a `Message`, or one that draws a window: a function of
`bot/slack/inbound` that calls `window(...)`. A new one needs nothing here as long as its
arguments are records, texts, numbers, times, enums, or tuples of those. For a type of another kind, and for a field
whose values have a form or a bound, there is a line in one of the three tables: `BY_TYPE`, `BY_FIELD`, `MOST`.
"""

from __future__ import annotations

import inspect
import json
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from importlib import import_module
from typing import Any

from hypothesis import strategies as st

from bot.aws.entrance import entrance_by
from bot.decisions.rename import LABEL_LENGTH
from bot.domain import errors
from bot.domain.approvers import Approvers
from bot.domain.bulk import Bulk
from bot.domain.entrance import Entrance
from bot.domain.message import Shows, message_about
from bot.domain.model import OWN_GROUP, Place
from bot.domain.record import Record
from bot.domain.request import Request
from bot.domain.search import MOST_FOUND, TYPED_LENGTH
from bot.domain.spelling import COMPANY_LENGTH
from bot.domain.vocabulary import AccessLevel, Kind, State
from bot.ports import Picture
from bot.settings import MOST_TEAMS, Settings
from bot.slack import inbound, render
from bot.slack.ids import LABEL_CLIENT, RENAME_CLIENT
from bot.slack.inbound import windows
from bot.slack.render.clients import CARD, SHOW, Chooses
from bot.slack.render.text import Mrkdwn, literal
from tests.unit.slack.batches import HOME, batches
from tests.unit.slack.samples import OF_A_REPAIR, SETTINGS, STACK, request

View = Callable[..., Any]
NO_VIEWS = {"bot.slack.render.blocks"}
"""What views are made of."""
TEAMS = tuple(f"t{n:019}" for n in range(MOST_TEAMS))
HOSTILE = (
    "*Acme* `x` <!channel> <https://evil.example|Approve>\n✅ Done\u202e :tada: & _b_",
    "&" * 4000,
    "a" * 4000,
    "`" * 4000,
    ">" * 4000,
    "\N{COMBINING ACUTE ACCENT}" * 4000,
    "e\N{COMBINING ACUTE ACCENT}" * 2000,
    "\N{ARABIC LIGATURE BISMILLAH AR-RAHMAN AR-RAHEEM}" * 4000,
    "word " * 800,
    "\n" * 4000,
    "\u202e\u200b\u2066" * 1300,
    "👩‍💻" * 1300,
    "{} {0} {name} %s",
    "=1+1|x",
)
TEXT = st.one_of(st.sampled_from(("", "Acme", *HOSTILE)), st.text(max_size=60))
NAME = TEXT.map(lambda name: name if name.strip() else "Acme")
"""A company's name is never blank."""
_SLACK_ID = st.sampled_from(("U0ADA", "W012345678", "", "not an id <!channel>"))
_TIME = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
_ROLE = st.sampled_from(("switchyard-access", "r" * 64, "a=b,c+d.e@f_g-h"))
_TEAMS = st.sampled_from(((), ("operators",), ("operators", "data"), TEAMS))
_ID = st.integers(0, 10**16 - 1).map(lambda number: f"c{number:016}")
BY_FIELD: dict[str, st.SearchStrategy[Any]] = {
    "id": _ID,
    "client_id": _ID,
    "request_id": st.sampled_from(("", "rabcdefghijklmnop")),
    "account_id": st.sampled_from(("222222222222", "999999999999")),
    "namesakes": st.sampled_from(((), ("333333333333",), tuple(f"{n:012}" for n in range(100)))),
    "token_hash": st.just("0" * 64),
    "token": st.just("t" * 43),
    "role_name": _ROLE,
    "parent_stack_id": st.just(STACK),
    "company": NAME,
    "team": st.sampled_from(TEAMS),
    "teams": _TEAMS,
    "before": _TEAMS,
    "waits_for": _TEAMS,
    "cursor": st.sampled_from((None, "Y3Vyc29y" * 30)),
    "removed_members": st.sampled_from(((), tuple(f"{n:064}" for n in range(100)))),
    "in_client_groups": st.sampled_from(((), tuple(f"{n:064}" for n in range(100)))),
    "busy": st.sampled_from(((), tuple(f"c{n:016}" for n in range(100)))),
    "filled": st.sampled_from(((), (5000,) * 100)),
    "groups": st.integers(0, 20),
    "request_link": st.sampled_from(("", "https://acme.slack.com/archives/C0ONBOARDING/p1795413602000100")),
    "reference": st.just("0123abcd"),
    "state": st.just("0123456789abcdef"),
    **dict.fromkeys(("by", "actor", "invited_by", "blocked_by", "user_id", "team_id"), _SLACK_ID),
}
"""By a field's or an argument's name: its values, where text or tuples of it have a form."""
UNSEEN = {"Bulk": Bulk}
"""What modules import for type checking alone."""
BY_ARGUMENT: dict[str, Callable[[], st.SearchStrategy[Any]]] = {
    "together": lambda: batches().map(lambda drawn: drawn.picture),
    "batch": lambda: batches().map(lambda drawn: drawn.picture.batch),
}
"""By a view's argument: what several accounts share, which is never empty."""
INVITED = NAME.map(lambda name: name[:COMPANY_LENGTH])
"""Whoever invites is refused a longer name."""
BY_RECORD: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Invitation", "company"): INVITED,
    ("Invite", "company"): INVITED,
    ("KnownBy", "label"): TEXT.map(lambda label: label[:LABEL_LENGTH]),
    ("Search", "words"): TEXT.map(lambda words: words[:TYPED_LENGTH]),
    ("Search", "start"): st.integers(0, MOST_FOUND),
    ("Search", "cursor"): st.sampled_from(("", "Y3Vyc29y" * 13)),
    ("Team", "name"): st.sampled_from(TEAMS),
    ("SharedIn", "owner"): st.just(HOME.owner),
    ("SharedIn", "place"): st.just(HOME.place),
}
"""By a record's and a field's name, where the same name means something else in another record."""
SENT = {
    "action": st.one_of(
        st.just({"value": "rabcdefghijklmnop", "block_id": "presses-1"}),
        st.tuples(st.sampled_from((RENAME_CLIENT, LABEL_CLIENT)), NAME).map(lambda drawn: _to_name(*drawn)),
    ),
    "body": TEXT.map(lambda text: {"message": {"blocks": [{"type": "header", "text": {"text": text[:150]}}]}}),
}
"""What Slack sends along with a press: the message, whose header is at most as long as we draw one."""
MOST = {"clients": 10, "invitations": 15, "audits": 30, "refused": 10, "approvals": 5, "lapsed": 5, "timeline": 100}
MOST |= {"several": 100, "revoked": 100, "found": 100}
"""By name: how many there are at most, as whoever makes the record takes care of; 30 of anything else."""
LEAST = {"several": 2, "revoked": 1, "found": 1}
"""By name: how many there are at least, where that is more than none."""


def _to_name(action_id: str, name: str) -> dict[str, str]:
    """A press on Rename or Label, whose value names the client."""
    named = {"client": "cabcdefghij", "state": "0" * 16, "company": name[:COMPANY_LENGTH], "now": name[:LABEL_LENGTH]}
    return {"action_id": action_id, "block_id": "x", "value": json.dumps(named)}


def views() -> dict[str, View]:
    """Every view by its module and name."""
    return {f"{one.__module__.rpartition('.')[2]}.{one.__name__}": one for one in _functions()}


def _functions() -> Iterator[View]:
    for function in _own_functions(render):
        returns = function.__annotations__.get("return")
        if returns == "Message" and not function.__name__.startswith("_") and function.__module__ not in NO_VIEWS:
            yield function
    for function in _own_functions(inbound):
        if "window" in function.__code__.co_names and function.__module__ != windows.__name__:
            yield function


def _own_functions(package: types.ModuleType) -> Iterator[View]:
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for function in vars(import_module(module.name)).values():
            if inspect.isfunction(function) and function.__module__ == module.name:
                yield function


def arguments_of(view: View) -> st.SearchStrategy[dict[str, Any]]:
    """Return what the view may be called with. Raises LookupError for a type that nothing here can make."""
    hints = typing.get_type_hints(view, localns=UNSEEN)
    names = inspect.signature(view).parameters
    makers = {name: BY_ARGUMENT[name]() if name in BY_ARGUMENT else made(hints[name], name) for name in names}
    return st.fixed_dictionaries(makers)


def made(of: Any, name: str = "") -> st.SearchStrategy[Any]:
    """Return values of a type for the field or argument of this name. Raises LookupError for an unknown type."""
    origin, parts = typing.get_origin(of), typing.get_args(of)
    if name in BY_FIELD and (of is str or {str, int} & set(parts)):
        return BY_FIELD[name]
    if origin in (typing.Union, types.UnionType):
        return st.one_of(*(st.none() if one is types.NoneType else made(one, name) for one in parts))
    if of == dict[str, Any]:
        return SENT[name]
    if of in BY_TYPE:
        return BY_TYPE[of]()
    if origin is tuple and parts[-1] is not Ellipsis:
        return st.tuples(*(made(one, name) for one in parts))
    if origin in (tuple, Sequence, list):
        return _several(made(parts[0], name), LEAST.get(name, 0), MOST.get(name, 30))
    if inspect.isclass(of) and issubclass(of, Enum):
        return st.sampled_from(of)
    if inspect.isclass(of) and issubclass(of, Record):
        return _record(of)  # type: ignore[arg-type]
    raise LookupError(f"nothing here makes a {of} for {name!r}: add a line to one of the tables")


@cache
def _record(of: type[Any]) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(of, localns=UNSEEN)
    of_its_own = {name: values for (record, name), values in BY_RECORD.items() if record == of.__name__}
    given = {one.name: _later(hints[one.name], one.name) for one in fields(of) if one.init} | of_its_own
    needed = {one.name for one in fields(of) if one.default is MISSING and one.default_factory is MISSING}
    usual = {name: values for name, values in given.items() if name in needed}
    return st.one_of(st.builds(of, **usual), st.builds(of, **given))


def _later(of: Any, name: str) -> st.SearchStrategy[Any]:
    """Return the same as `made`, for records that hold records of their own type."""
    return st.deferred(lambda: made(of, name))


def _several(one: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    """Return none, a few different ones, or as many as there may be, made of a few."""
    few = st.lists(one, min_size=least, max_size=2).map(tuple)
    return st.one_of(few, few.map(lambda some: tuple(_numbered(some[n % len(some)], n) for n in range(most) if some)))


def _numbered(one: Any, number: int) -> Any:
    """Return the same with an id of its own, where it has an id."""
    return replace(one, id=f"c{number:016}") if isinstance(one, Record) and hasattr(one, "id") else one


def _requests() -> st.SearchStrategy[Request]:
    """Return requests of every kind in every state that such a request may have."""
    decidable = (Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD)
    states = [state for state in State if state not in (State.REPORTED, State.DRIFTED)]
    forms: list[tuple[Kind, State]] = [(kind, state) for kind in decidable for state in states]
    forms += [(Kind.REPORT, State.REPORTED), *((Kind.REPAIR, state) for state in OF_A_REPAIR)]
    ordinary = st.sampled_from(forms).map(lambda form: request(*form))
    return st.one_of(ordinary, st.builds(_as_in, ordinary, _record(Request)))


def _as_in(ordinary: Request, wild: Request) -> Request:
    """Return the wild one with the ordinary one's kind and state, and what must be so in these."""
    repair, update = ordinary.kind is Kind.REPAIR, ordinary.kind is Kind.UPDATE
    return replace(
        wild,
        kind=ordinary.kind,
        state=ordinary.state,
        decision=wild.decision or ordinary.decision,
        differences=wild.differences if repair else (),
        lets_in=wild.lets_in if update else replace(wild.lets_in, regrouping=None),
        revoked=wild.revoked and ordinary.kind is Kind.OFFBOARD,
        presses=abs(wild.presses) % 10**6,
    )


def _settings_given() -> st.SearchStrategy[Settings]:
    many = Approvers(
        tuple(f"U{n:010}" for n in range(80)),
        tuple(f"S{n:010}" for n in range(80)),
        two_people=True,
        needed=((AccessLevel.ADMINISTRATOR, 3),),
    )
    approvers = st.sampled_from((SETTINGS.approvers, many, Approvers()))
    return st.builds(replace, st.just(SETTINGS), approvers=approvers, teams=_TEAMS, ask_deny_reason=st.booleans())


def _entrances() -> st.SearchStrategy[Entrance]:
    ten = tuple(Place(team, 1000) for team in TEAMS[:10])
    places = st.sampled_from(((OWN_GROUP,), (Place("operators", 1),), (Place("operators", 1), OWN_GROUP), ten))
    return places.map(lambda some: entrance_by(SETTINGS, "cabcdefghij", some))


def _pictures() -> st.SearchStrategy[Picture]:
    """Return pictures whose message is of their request."""

    def fitting(picture: Picture) -> Picture:
        message = message_about(picture.request, picture.request.created_at, Shows.REQUEST)
        return replace(picture, message=message)

    return _record(Picture).map(fitting)


def _refusals() -> st.SearchStrategy[errors.ActionRefused]:
    """Return every sort of refusal; the sentences are ours, and quote at most 40 characters."""
    said = TEXT.map(lambda text: f"There is no client called `{text[:40].replace('`', chr(39))}`.")
    groups = st.sampled_from((("S0APPROVERS",), tuple(f"S{n:010}" for n in range(80))))
    plain = st.builds(lambda kind, text: kind(text), st.sampled_from(_plain_refusals()), said)
    unknown = st.builds(errors.ApproversUnknown, said, groups)
    return st.one_of(plain, unknown, st.builds(errors.AlreadyDecided, said, _requests()))


def _plain_refusals() -> list[type[errors.ActionRefused]]:
    several = [errors.ActionRefused]
    for one in several:
        several += one.__subclasses__()
    return [one for one in several if one not in (errors.ApproversUnknown, errors.AlreadyDecided, errors.SeveralNamed)]


_LINKS = st.sampled_from(({}, {"rabcdefghijklmnop": "https://acme.slack.com/archives/C0ONBOARDING/p1795413602000100"}))
BY_TYPE: dict[Any, Callable[[], st.SearchStrategy[Any]]] = {
    str: lambda: TEXT,
    bool: st.booleans,
    int: lambda: st.integers(0, 10**9),
    datetime: lambda: _TIME,
    timedelta: lambda: st.timedeltas(timedelta(0), timedelta(days=365)),
    Mrkdwn: lambda: TEXT.map(literal),
    Mapping[str, str]: lambda: _LINKS,
    Request: _requests,
    Settings: _settings_given,
    Entrance: _entrances,
    Picture: _pictures,
    Chooses: lambda: st.sampled_from((SHOW, CARD)),
    errors.ActionRefused: _refusals,
}
"""By type: what makes values of it."""
