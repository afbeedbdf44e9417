"""Records as the workflow would hand them to the Slack adapter, and a look at blocks as a reader has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.aws.entrance import entrance_by
from bot.domain.answers import ClientShown, Invited
from bot.domain.approvers import Approvers
from bot.domain.entrance import Entrance
from bot.domain.invitation import Invitation
from bot.domain.message import Shows, message_about
from bot.domain.model import OWN_GROUP, Client, ClientStack, Difference, Event, Given, Grant, Place, Terms
from bot.domain.request import Attempt, Deadlines, Decision, InvitedAs, Request
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, Standing, State, Verb
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.render.blocks import Message
from tests.changed import changed

NOW = datetime(2026, 11, 23, 6, 5, 54, tzinfo=UTC)
TERMS = Terms(require_mfa=True, max_session_seconds=3600)
STACK = "arn:aws:cloudformation:eu-west-1:222222222222:stack/switchyard-access/0a1b2c3d"
SETTINGS = Settings(
    stage="dev",
    table_name="switchyard-dev",
    provider_account_id="111111111111",
    partition="aws",
    region="eu-central-1",
    channel_id="C0ONBOARDING",
    approvers=Approvers(users=("U0ADA",), groups=("S0APPROVERS",)),
    slack_api_url="https://slack.com/api/",
    client_template_url="https://s3.eu-central-1.amazonaws.com/templates/clients/switchyard-client.yaml",
    group_template_url="https://s3.eu-central-1.amazonaws.com/templates/provider/client-group.yaml",
    group_role_arn="arn:aws:iam::111111111111:role/switchyard-dev-client-groups",
    page_template_url="https://templates.example/page.yaml",
    team_role_arn="arn:aws:iam::111111111111:role/switchyard-dev-team-pages",
    provision_function="switchyard-dev-provision",
)
REQUEST = Request(
    id="rabcdefghijklmnop",
    client_id="cabcdefghij",
    kind=Kind.ONBOARD,
    state=State.PENDING,
    company="Acme",
    stack=ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, STACK, TERMS),
    stack_status="CREATE_COMPLETE",
    event_at=NOW,
    created_at=NOW,
    updated_at=NOW,
    deadlines=Deadlines(NOW),
    invited=InvitedAs(AccessLevel.READ_ONLY, "U0ADA"),
)
CLIENT = Client(
    id="cabcdefghij",
    company="Acme",
    stack=ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, STACK, TERMS),
    token_hash="0" * 64,
    created_at=NOW,
    standing=Standing.ONBOARDED,
    given=Given(ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, STACK, TERMS)),
)
ENTRANCE = entrance_by(SETTINGS, "cabcdefghij", (OWN_GROUP,))
BY_TEAM = entrance_by(SETTINGS, "cabcdefghij", (Place("operators", 1),))
INVITED = Invited(
    Invitation(
        token_hash="0" * 64,
        company="Acme",
        access_level=AccessLevel.READ_ONLY,
        invited_by="U0ADA",
        created_at=NOW,
        expires_at=NOW + timedelta(days=7),
    ),
    token="t0ken-of-32-characters-0123456789",
    namesakes=(),
)
SHOWN = ClientShown(CLIENT, ENTRANCE, ENTRANCE, None, None, approves=False)
OF_A_REPAIR = (
    State.DRIFTED,
    State.APPROVED,
    State.PROVISIONING,
    State.DONE,
    State.FAILED,
    State.SUPERSEDED,
)
DIFFERENCES = (Difference(Remedy.PUT_BACK, "The group's policy switch-into-client was changed. Now it says: * on *"),)
_VERBS = {State.DENIED: Verb.DENY, State.PENDING: Verb.REOPEN}


def request(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Request:
    """A request in any state, decided upon where it must have been."""
    decided = state in (State.APPROVED, State.PROVISIONING, State.DONE, State.FAILED, State.DENIED)
    decision = Decision(_VERBS.get(state, Verb.APPROVE), "U0ADA", NOW + timedelta(minutes=3)) if decided else None
    previous = None if kind in (Kind.ONBOARD, Kind.REPORT) else Grant("switchyard-access", AccessLevel.READ_ONLY, TERMS)
    made = replace(REQUEST, kind=kind, state=state, decision=decision, previous=previous)
    if state is State.FAILED:
        made = replace(made, reason="ClientGroup: The limit of 300 groups per account is reached.", attempt=Attempt(1))
    if state is State.SUPERSEDED:
        made = replace(made, reason="The client's stack has changed since. A newer request has replaced this one.")
    if kind is Kind.REPAIR:
        made = replace(made, differences=DIFFERENCES)
    if kind is Kind.REPORT:
        made = replace(made, stack_status="ROLLBACK_COMPLETE", reason="AccessRole: switchyard-access already exists")
    return changed(made, **changes)


def event(status: str, seconds: int = 0, logical_id: str = "", reason: str = "") -> Event:
    """An event of the client's stack, or of one of its resources."""
    return Event(
        key=f"{status}-{seconds}-{logical_id}",
        stack=ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, STACK),
        child_stack_id=f"{STACK}-child",
        company="Acme",
        timestamp=NOW + timedelta(seconds=seconds),
        status=status,
        reason=reason,
        resource_type="AWS::IAM::Role" if logical_id else "AWS::CloudFormation::Stack",
        logical_id=logical_id or "AccessStack",
        about_stack=not logical_id,
    )


def texts(message: Message) -> Iterator[dict[str, Any]]:
    """Every text object of a message."""
    yield from _texts_in(list(message.blocks))


def _texts_in(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, list):
        for item in node:
            yield from _texts_in(item)
    elif isinstance(node, dict):
        if node.get("type") in ("mrkdwn", "plain_text") and isinstance(node.get("text"), str):
            yield node
        for value in node.values():
            yield from _texts_in(value)


def words(message: Message) -> str:
    """All text of a message, in order."""
    return "\n".join(text["text"] for text in texts(message))


def buttons(message: Message) -> list[dict[str, Any]]:
    """All buttons of a message, in order."""
    rows = [block.get("elements", [block.get("accessory", {})]) for block in message.blocks]
    return [element for row in rows for element in row if element.get("type") == "button"]


def menus(message: Message) -> dict[str, dict[str, Any]]:
    """The menus of one choice, by what they say at first."""
    elements = [element for block in message.blocks for element in block.get("elements", ())]
    return {one["placeholder"]["text"]: one for one in elements if one["type"] == "static_select"}


def labels(message: Message) -> list[str]:
    """What the buttons say."""
    return [button["text"]["text"] for button in buttons(message)]


def pictured(
    one: Request,
    timeline: Sequence[Event] = (),
    *,
    shows: Shows = Shows.REQUEST,
    client: Client | None = None,
    ts: str | None = None,
    entrance: Entrance = ENTRANCE,
) -> Picture:
    """What a message about this request shows; `ts` is where Slack has it."""
    made = one.created_at if shows is Shows.REQUEST else NOW
    return Picture(replace(message_about(one, made, shows), ts=ts), one, entrance, client, tuple(timeline))


def granting(one: Request) -> Client:
    """The client whose group gives what this request asked for."""
    return replace(CLIENT, given=Given(one.stack, (one.id,)))
