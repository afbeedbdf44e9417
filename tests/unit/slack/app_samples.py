"""The Bolt app with a workflow that only keeps what it is asked, and the way to it through an HTTP API."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest
from slack_bolt import App

from bot.commands import Commands, Done
from bot.domain.answers import (
    Actor,
    AtHome,
    AuditPage,
    Blocked,
    Cancelled,
    ClientShown,
    History,
    Invited,
    OpenInvitations,
    Revocation,
    SeveralRevoked,
    SeveralToRevoke,
    TeamQuestion,
    TeamsChoice,
    TeamShown,
)
from bot.domain.bulk import Drawn, Pressed
from bot.domain.errors import WrongWorkspace
from bot.domain.message import Shows
from bot.domain.model import Account, Client, Grant
from bot.domain.page import Team, Teams, TeamTask
from bot.domain.request import Regrouping, Request, SharedIn
from bot.domain.search import Found, Search
from bot.domain.telling import Outcome
from bot.domain.vocabulary import AccessLevel, Kind, State, TeamVerb, Verb
from bot.ports import Picture, Reviewed
from bot.settings import Settings
from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.inbound.door import Door
from local.slack.app.link import AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace import facts
from tests.unit.slack.batches import account, bulk
from tests.unit.slack.samples import CLIENT, ENTRANCE, INVITED, NOW, SETTINGS, SHOWN, pictured, request

MINUTE = 60
GRANT = Grant("switchyard-access", AccessLevel.READ_ONLY)
Answering = Callable[[SignedRequest, dict[str, Any]], dict[str, Any]]
"""Answers a signed request, which the event brings."""


@dataclass
class Recorder:
    """The workflow's part in these tests: keeps what it is asked, answers or raises what it is told."""

    asked: list[tuple[Any, ...]] = field(default_factory=list)
    trouble: Exception | None = None
    several: SeveralToRevoke | None = None
    """What is asked about a company with several accounts."""
    open: OpenInvitations = field(default_factory=lambda: OpenInvitations((), ()))
    drawn_after: list[int | None] = field(default_factory=list)
    found: dict[Search, Found] = field(default_factory=dict)
    shown: ClientShown | Found = field(default_factory=lambda: SHOWN)
    waiting: tuple[Client, ...] = ()
    """What waits for an approver, as Home shows it."""
    posted: tuple[tuple[str, str], ...] = ()
    histories: dict[str, AuditPage] = field(default_factory=dict)
    teams: Teams = field(default_factory=lambda: Teams(("operators", "data")))
    pressed: Pressed = field(default_factory=lambda: Pressed(bulk([account(number) for number in range(20)])))
    noted: list[tuple[Any, ...]] = field(default_factory=list)
    """What was noted of published Homes."""
    present: list[str] = field(default_factory=list)
    """Who was noted as being at Home."""
    reviews: list[Reviewed] = field(default_factory=list)
    """What Review shows next."""

    @property
    def as_workflow(self) -> Commands:
        return cast(Commands, self)

    def once(self, mark: str, act: Callable[[Commands], Done]) -> Done:
        return act(self.as_workflow)

    def invite(
        self, company: str, level: AccessLevel, actor: Actor, accounts: int = 1, teams: tuple[str, ...] = ()
    ) -> Invited:
        self._ask("invite", company, level, actor, *([accounts] if accounts > 1 else []), *([teams] if teams else []))
        made = replace(INVITED.invitation, company=company, access_level=level, accounts=accounts, teams=teams)
        return replace(INVITED, invitation=made, teams=teams)

    def list_invitations(self, actor: Actor, company: str = "") -> OpenInvitations:
        self._ask("invitations", actor, *([company] if company else []))
        return self.open

    def cancel_invitation(self, token_hash: str, actor: Actor) -> Cancelled:
        self._ask("cancel", token_hash, actor)
        cancelled = next(one for one in self.open.invitations if one.token_hash == token_hash)
        self.open = replace(self.open, invitations=tuple(one for one in self.open.invitations if one != cancelled))
        return Cancelled(cancelled)

    def block(self, named: str, actor: Actor) -> Blocked:
        self._ask("block", named, actor)
        return Blocked(Account(CLIENT.stack.account_id), (CLIENT,))

    def press_block(self, request_id: str, actor: Actor, drawn_after: int | None = None) -> Blocked:
        self.drawn_after.append(drawn_after)
        self._ask("press block", request_id, actor)
        return Blocked(Account(CLIENT.stack.account_id), (CLIENT,))

    def unblock(self, named: str, actor: Actor) -> Blocked:
        self._ask("unblock", named, actor)
        return Blocked(Account(CLIENT.stack.account_id), (CLIENT,))

    def require_ours(self, actor: Actor) -> None:
        if actor.team_id != actor.home_team_id:
            raise WrongWorkspace("This came from another workspace.")

    def find(self, search: Search, actor: Actor) -> Found:
        self.require_ours(actor)
        self._ask("find", search)
        return self.found.get(search, Found(search, (), None if search == search.first == Search() else 0))

    def person(self, user_id: str, home_team_id: str) -> Actor:
        return Actor(user_id, facts.PEOPLE[user_id].team_id, home_team_id)

    def at_home(self, search: Search, actor: Actor) -> AtHome:
        self.require_ours(actor)
        self._ask("home", search, actor)
        found = self.found.get(search, Found(search, (CLIENT,)))
        return AtHome(found, approves=actor.user_id == "U0ADA", waiting=self.waiting, posted=self.posted)

    def note_home(self, actor: Actor, search: Search, digest: str, hash: str) -> None:
        self.noted.append((actor.user_id, search, hash))

    def note_presence(self, user_id: str) -> None:
        self.present.append(user_id)

    def show_client(self, named: str, actor: Actor) -> ClientShown | Found:
        self._ask("show", named, actor)
        return self.shown

    def card(self, named: str, actor: Actor) -> Picture | Found:
        self._ask("card", named, actor)
        return self.shown if isinstance(self.shown, Found) else pictured(request(), shows=Shows.CARD, client=CLIENT)

    def post_card(self, client_id: str, actor: Actor) -> None:
        self._ask("post card", client_id, actor)

    def rename(self, client_id: str, company: str, actor: Actor, state: str) -> Client:
        self._ask("rename", client_id, company, actor, state)
        return CLIENT

    def label(self, client_id: str, label: str, actor: Actor, state: str) -> Client:
        self._ask("label", client_id, label, actor, state)
        return CLIENT

    @property
    def channel(self) -> Recorder:
        return self

    def permalink(self, ts: str) -> str:
        return f"https://switchyard.slack.com/archives/C0/p{ts}"

    def history(self, named: str, actor: Actor) -> History:
        self._ask("history", named, actor)
        return History(CLIENT, self.histories.get("", AuditPage(())))

    def history_page(self, client_id: str, cursor: str, actor: Actor) -> History:
        self._ask("history page", client_id, cursor, actor)
        return History(CLIENT, self.histories.get(cursor, AuditPage(())), newest=not cursor)

    def text_for_client(self, request_id: str, actor: Actor) -> tuple[Request, Outcome]:
        self._ask("text for client", request_id, actor)
        return request(state=State.DONE), Outcome.GRANTED

    def ask_to_revoke(self, named: str, actor: Actor) -> Revocation:
        self._ask("ask to revoke", named, actor)
        return Revocation(CLIENT, GRANT, ENTRANCE, "0123456789abcdef")

    def revoke(self, client_id: str, state: str, actor: Actor) -> Request:
        self._ask("revoke", client_id, state, actor)
        return request(Kind.OFFBOARD, State.APPROVED, revoked=True)

    def ask_whom_to_revoke(self, named: str, actor: Actor) -> Revocation | SeveralToRevoke:
        return self.ask_to_revoke(named, actor) if self.several is None else self.several

    def revoke_several(self, chosen: Sequence[tuple[str, str]], actor: Actor) -> SeveralRevoked:
        self._ask("revoke several", list(chosen), actor)
        return SeveralRevoked((CLIENT,) * len(chosen))

    def list_teams(self, actor: Actor) -> tuple[TeamShown, ...]:
        self._ask("list teams", actor)
        return tuple(TeamShown(Team(name), ()) for name in self.teams.names)

    def ask_about_team(self, verb: TeamVerb, team: str, actor: Actor) -> TeamQuestion:
        self._ask("ask about team", verb, team, actor)
        return TeamQuestion(verb, team, "0123456789abcdef", 12)

    def begin_with_team(self, verb: TeamVerb, team: str, state: str, actor: Actor) -> Team:
        self._ask("begin with team", verb, team, state, actor)
        return Team(team, task=TeamTask(verb, actor.user_id, NOW, NOW))

    def ask_to_regroup(self, named: str, teams: tuple[str, ...], actor: Actor) -> TeamsChoice:
        self._ask("ask to regroup", named, teams, actor)
        return TeamsChoice(CLIENT, GRANT, ("operators",), teams, "0123456789abcdef")

    def regroup(self, client_id: str, teams: tuple[str, ...], state: str, actor: Actor) -> Request:
        self._ask("regroup", client_id, teams, state, actor)
        return request(Kind.UPDATE, State.APPROVED, teams=teams, regrouping=Regrouping(("operators",), actor.user_id))

    def decide(
        self,
        request_id: str,
        verb: Verb,
        actor: Actor,
        drawn_after: int | None = None,
        reason: str = "",
        *,
        teams: tuple[str, ...] | None = None,
        tells_client: bool = False,
    ) -> Request:
        told = ["tells the client"] if tells_client else []
        chosen = [] if teams is None else [teams]
        self._ask("decide", request_id, verb, actor, *([reason] if reason else []), *chosen, *told)
        self.drawn_after.append(drawn_after)
        return request(state=State.APPROVED)

    def press_all(
        self, home: SharedIn, drawn: Drawn, verb: Verb, actor: Actor, reason: str = "", *, tells_client: bool = False
    ) -> Pressed:
        told = ["tells the client"] if tells_client else []
        self._ask("press all", home, drawn, verb, actor, *([reason] if reason else []), *told)
        return self.pressed

    def review(self, home: SharedIn, after: str, actor: Actor) -> Reviewed | None:
        self._ask("review", home, after, actor)
        return self.reviews.pop(0) if self.reviews else None

    def _ask(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.trouble is not None:
            raise self.trouble


def http_event(signed: SignedRequest, *, encoded: bool = False) -> dict[str, Any]:
    """As API Gateway's payload format 2.0 has it, header names in lower case."""
    body = base64.b64encode(signed.body).decode() if encoded else signed.body.decode()
    headers = {name.lower(): value for name, value in signed.headers.items()}
    return {"version": "2.0", "headers": headers, "body": body, "isBase64Encoded": encoded}


def door_of(app: App) -> Door:
    """The way in to this app, for what the local Slack signs."""
    return Door(lambda: facts.SIGNING_SECRET, lambda: app)


def answered_in_time(door: Door, signed: SignedRequest, event: dict[str, Any]) -> dict[str, Any]:
    """What the door answers, however busy this machine is: after a signature of this minute no time passes."""
    now = time.time()
    signed_at = float(signed.headers.get("X-Slack-Request-Timestamp", now))
    return replace(door, now=lambda: signed_at if abs(now - signed_at) < MINUTE else now).answer(event)


def through_http_api(app: App, signed: SignedRequest) -> AppAnswer:
    answered = answered_in_time(door_of(app), signed, http_event(signed, encoded=True))
    return AppAnswer(answered["statusCode"], answered["body"].encode(), answered["headers"])


def over_http(
    workspace: RunningWorkspace, workflow: Recorder, settings: Settings = SETTINGS
) -> Callable[[SignedRequest], AppAnswer]:
    """The Bolt app of this workspace, as an HTTP API calls it."""
    app = create_app(
        workflow.as_workflow, settings, web_client(lambda: workspace.bot_token, workspace.api_url, timeout_seconds=30)
    )
    return lambda signed: through_http_api(app, signed)


@pytest.fixture
def workflow() -> Recorder:
    return Recorder()


@pytest.fixture
def slack(workflow: Recorder) -> Iterator[RunningWorkspace]:
    """The local Slack, with the app at its commands and presses."""
    with running_workspace() as workspace:
        workspace.connect(over_http(workspace, workflow))
        yield workspace
