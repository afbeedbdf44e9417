"""Renders the list of clients, and what a search finds: ten rows, menus that narrow them down, and the way through.

A press replaces the list by what it asks for. The menus carry their search in the id of their row, and what turns
the page in its value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from slack_sdk.models.blocks import StaticSelectElement

from bot.domain.model import Client
from bot.domain.search import Found, Search
from bot.domain.vocabulary import AccessLevel, Standing
from bot.kit.entries import switch_role_url
from bot.settings import Settings
from bot.slack.ids import (
    FILTER_LEVEL,
    FILTER_STATE,
    NEWEST_CLIENTS,
    OLDER_CLIENTS,
    OPEN_CONSOLE,
    SHOW_CARD,
    SHOW_CLIENT,
)
from bot.slack.render.blocks import Block, Message, actions, beside, button, context, header, menu, paragraph, section
from bot.slack.render.standings import symbol
from bot.slack.render.text import Mrkdwn, code, day, literal, mention, plain

_ALL = "all"
_WORDS, _COMPANY, _CHOSEN = 100, 200, 60
_NO_CLIENTS = Mrkdwn(
    "*No clients yet.* Type `/clients invite &lt;company&gt;` to get a link that you send to your first client. When "
    "the client has created its stack, the request appears in {}. `/clients help` lists all commands."
)
_MEANT = Mrkdwn("Did you mean {}?")
_NOT_MEANT = Mrkdwn(
    "Type how words of its name begin, or its account number. `/clients` lists all clients, "
    "its menu *State* only those that wait or failed, `/clients invitations` who is invited, `/clients help` all "
    "commands."
)
_NOT_ALL = Mrkdwn("Too many come near to look at all of them: add a word that few clients have.")
_CHOOSE = Mrkdwn(
    "Newest first. *Show* has the buttons of one. Or type your command again, with an account number for the name."
)
_NEWEST_FIRST = Mrkdwn(
    "Newest first. `/clients acme` finds Acme, `/clients kit` sends you files for all clients, `/clients help` lists "
    "all commands."
)


def clients(found: Found, settings: Settings, meant: str = "") -> Message:
    """Render one page. `meant` is the command that may have been meant, where nothing is found."""
    search, narrowed = found.search, bool(found.search.standing or found.search.level)
    if not found.clients and not narrowed and found.first is None:
        return _nothing(found, settings, meant)
    rows = [_row(client, settings) for client in found.clients]
    blocks = [
        header(_title(search)),
        *(rows or [section(_none(found))]),
        *actions(*_menus(found), block_id=search.first.encoded),
        *_paging(found),
        *([context(_where(found))] if rows else []),
    ]
    named = Mrkdwn(", ").join(client.company for client in found.clients)
    return Message(tuple(blocks), Mrkdwn("Clients: {}.").format(named or Mrkdwn("none")))


class Chooses(NamedTuple):
    """What a choice among several clients is for: the button of each, and its action."""

    label: str
    action_id: str


SHOW, CARD = Chooses("Show", SHOW_CLIENT), Chooses("Card", SHOW_CARD)


def choice(found: Found, chooses: Chooses) -> Message:
    """Render clients that may be meant, each with a button that chooses it."""
    text = Mrkdwn("*Which client?* Several match *{}*.").format(literal(found.search.words, _WORDS))
    rows = [beside(line(client), button(*chooses, value=client.id)) for client in found.clients]
    where = _CHOOSE if found.total is None else _where(found)
    return Message((section(text), *rows, *_paging(found), context(where)), text)


def filtered(row: str, action_id: str, chosen: str) -> Search:
    """Return the search of the row of menus with this id, narrowed down by what was chosen in one of them."""
    search = Search.decoded(row).first
    if action_id == FILTER_STATE:
        return replace(search, standing=Standing.__members__.get(chosen))
    return replace(search, level=AccessLevel.__members__.get(chosen))


def named(client: Client) -> Mrkdwn:
    """Return the client's name in bold, with its label."""
    return Mrkdwn("*{}*{}").format(literal(client.company, _COMPANY), Mrkdwn(" ({})").around(client.label))


def named_plainly(client: Client) -> str:
    """Return the client's name with its label, for text without markup."""
    return f"{client.company} ({client.label})" if client.label else client.company


def _nothing(found: Found, settings: Settings, meant: str) -> Message:
    if not found.search.words:
        return paragraph(_NO_CLIENTS.format(mention(settings.channel_id)))
    instead = _MEANT.format(code(f"/clients {meant}")) if meant else _NOT_MEANT
    return paragraph(Mrkdwn("{}\n{}").format(_none(found), instead))


def _none(found: Found) -> Mrkdwn:
    """Return that nothing is found, with what was searched for; or that it could be among more than is looked at."""
    search = found.search
    words = Mrkdwn(" *{}*").around(search.words and literal(search.words, _WORDS))
    state = Mrkdwn(" with the state *{}*").around(search.standing)
    level = Mrkdwn(" with *{}* access").around(search.level)
    none = Mrkdwn("No client{}{}{}.").format(Mrkdwn(" matches{}").around(words), state, level)
    return Mrkdwn("{} {}").format(none, _NOT_ALL) if found.more else none


def _title(search: Search) -> str:
    if search.words:
        return f"Clients: {search.words}"
    return "Clients, older" if search.cursor else "Clients"


def _paging(found: Found) -> list[Block]:
    first, following = ("First page", "Next page") if found.total is not None else ("Newest", "Older")
    return actions(
        button(first, NEWEST_CLIENTS, value=found.first.encoded) if found.first else None,
        button(following, OLDER_CLIENTS, value=found.next.encoded) if found.next else None,
    )


def _row(client: Client, settings: Settings) -> Block:
    """Render one client, with the link that switches into its role; without access, with a button that shows it."""
    if client.given is None:
        return beside(line(client), button(*SHOW, value=client.id))
    url = switch_role_url(client.company, client.given.stack, settings, client.label)
    return beside(line(client), button("Switch role", OPEN_CONSOLE, url=url))


def line(client: Client) -> Mrkdwn:
    """Return how a client stands, its account, role and level."""
    return Mrkdwn("{} {} · {}\n{} · {} · {} · first seen {}").format(
        symbol(client.standing),
        named(client),
        client.standing.value,
        code(client.stack.account_id),
        code(client.gives.role_name),
        client.gives.access_level,
        day(client.created_at),
    )


def _menus(found: Found) -> list[StaticSelectElement | None]:
    search = found.search
    states = [("Every state", _ALL), *((f"{symbol(one)} {one}", one.name) for one in Standing)]
    levels = [("Every level", _ALL), *((one.value, one.name) for one in AccessLevel)]
    shown = [
        (f"{plain(named_plainly(client), _CHOSEN)} · {client.stack.account_id}", client.id) for client in found.clients
    ]
    return [
        menu("State", FILTER_STATE, states, search.standing.name if search.standing else None),
        menu("Level", FILTER_LEVEL, levels, search.level.name if search.level else None),
        menu("Show one of these …", SHOW_CLIENT, shown),
    ]


def _where(found: Found) -> Mrkdwn:
    """Render which of all results these are; of a plain list, which nobody counts, only its order."""
    if found.total is None:
        return _NEWEST_FIRST
    first = found.search.start + 1
    total = Mrkdwn("more than {}" if found.more else "{}").format(found.total)
    return Mrkdwn("{} to {} of {}. Best first.").format(first, first + len(found.clients) - 1, total)
