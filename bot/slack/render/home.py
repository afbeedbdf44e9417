"""Renders App Home: what waits for an approver, the button that invites, and clients with search and filters."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from slack_sdk.models.blocks import InputBlock, PlainTextInputElement, PlainTextObject
from slack_sdk.models.blocks.basic_components import DispatchActionConfig
from slack_sdk.models.views import View

from bot.domain.answers import AtHome
from bot.domain.model import Client
from bot.domain.search import TYPED_LENGTH
from bot.settings import Settings
from bot.slack.ids import INVITE_CLIENT, SEARCH_HOME
from bot.slack.render.blocks import Block, Message, actions, beside, button, context, header, paragraph, section
from bot.slack.render.clients import SHOW, clients, line, named
from bot.slack.render.standings import symbol
from bot.slack.render.text import Mrkdwn, day, link, mention

_TITLE = Mrkdwn("Waits for you")
_NOTHING = Mrkdwn("Nothing waits for an approver. Requests appear here and in {}.")
_MORE = Mrkdwn("And more: the menu *State* below lists them. Decide in {}, or type `/clients show &lt;client&gt;`.")
_WHERE = Mrkdwn("Newest first. Decide in {}, or type `/clients show &lt;client&gt;`.")
_UNKNOWN = Mrkdwn(
    "⏳ Slack did not say whether you are an approver, so what only approvers see is left out. Open Home "
    "again in a minute."
)
_NOT_FOR_YOU = Mrkdwn(
    "⛔ Home is for people of the workspace that Switchyard is installed in. If yours belongs to it, ask whoever runs "
    "Switchyard to add it to `SLACK_TEAM_ID`."
)
_EVERYBODY = Mrkdwn("Requests are decided in {}. `/clients help` lists all commands.")


def not_for_you() -> Message:
    """Render the whole Home of somebody from another workspace."""
    return paragraph(_NOT_FOR_YOU)


def waiting(shown: AtHome, settings: Settings, links: Mapping[str, str] = MappingProxyType({})) -> Message:
    """Render what waits for this person, for everybody what else they can do.

    `links` open the messages of requests, by the request's id.
    """
    channel = mention(settings.channel_id)
    if shown.approves is None:
        return Message((context(_UNKNOWN),), _UNKNOWN)
    if not shown.approves:
        text = _EVERYBODY.format(channel)
        return Message((context(text),), text)
    together = dict(shown.together)
    rows = [_row(client, together.get(client.id, 1), links) for client in shown.waiting]
    where = (_MORE if shown.more else _WHERE).format(channel)
    blocks = [
        header("Waits for you"),
        *(rows or [section(_NOTHING.format(channel))]),
        *([context(where)] if rows else []),
        *actions(button("Invite a client", INVITE_CLIENT)),
    ]
    return Message(tuple(blocks), _TITLE)


def home(shown: AtHome, settings: Settings, links: Mapping[str, str]) -> Block:
    """Return the whole Home of one of our people. `links` open the messages of requests."""
    found = shown.found
    listed = clients(found, settings)
    return view(
        (*waiting(shown, settings, links).blocks, {"type": "divider"}, _field(found.search.words), *listed.blocks)
    )


def _field(words: str) -> Block:
    """Return the field that is searched by when Enter is pressed."""
    element = PlainTextInputElement(
        action_id=SEARCH_HOME,
        initial_value=words or None,
        max_length=TYPED_LENGTH,
        placeholder=_plain("Company, account, role, label or team"),
        dispatch_action_config=DispatchActionConfig(trigger_actions_on=["on_enter_pressed"]),
    )
    block: Block = InputBlock(
        block_id=SEARCH_HOME, label=_plain("Search"), element=element, dispatch_action=True, optional=True
    ).to_dict()
    return block


def view(blocks: tuple[Block, ...]) -> Block:
    """Return a Home of these blocks, once slack_sdk has checked Slack's limits."""
    found: Block = View(type="home", blocks=list(blocks)).to_dict()
    return found


def _plain(words: str) -> PlainTextObject:
    return PlainTextObject(text=words, emoji=False)


def _row(client: Client, accounts: int, links: Mapping[str, str]) -> Block:
    """Return the client's lines, or those of several accounts, with a link to their message."""
    words = line(client) if accounts == 1 else _several(client, accounts)
    url = links.get(client.current_request or "", "")
    linked = Mrkdwn("{} · {}").format(words, link(url, Mrkdwn("Its message"))) if url else words
    return beside(linked, button(*SHOW, value=client.id)) if accounts == 1 else section(linked)


def _several(newest: Client, accounts: int) -> Mrkdwn:
    return Mrkdwn("{} {} · {} accounts {}\nIn one message · newest first seen {}").format(
        symbol(newest.standing), named(newest), accounts, newest.standing.value, day(newest.created_at)
    )
