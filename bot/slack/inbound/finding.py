"""Finds and shows clients: `/clients <words>`, `show`, `card`, and the presses on what these answer."""

from __future__ import annotations

import logging

from bot.commands import Commands
from bot.domain.answers import Actor, ClientShown
from bot.domain.errors import ActionRefused, SlackUnavailable, TryAgain
from bot.domain.request import Request
from bot.domain.search import Found, Search
from bot.settings import Settings
from bot.slack.inbound.commands import Find
from bot.slack.inbound.pressing import Press
from bot.slack.render import clients, revoking, shown
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card

log = logging.getLogger(__name__)


def find(asked: Find, actor: Actor, workflow: Commands, settings: Settings, mark: str) -> Message:
    """Return what is found; the only client that matches is shown itself.

    A search may come a second time, since it tells what the list tells. What shows a client may not: see `once`.
    """
    found = workflow.find(Search(asked.words), actor)
    if found.total == 1 and not found.more:
        [client] = found.clients
        return workflow.once(mark, lambda once: show(client.id, actor, once, settings))
    return clients.clients(found, settings, asked.meant)


def page(search: Search, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Return one page of the list, or of what is found."""
    return clients.clients(workflow.find(search, actor), settings)


def show(named: str, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Return the client that is named, or the choice where several may be meant."""
    found = workflow.show_client(named, actor)
    return clients.choice(found, clients.SHOW) if isinstance(found, Found) else drawn(found, workflow, settings)


def show_anew(client_id: str, actor: Actor, workflow: Commands, settings: Settings) -> Message | None:
    """Return the client as it is shown after a change; None where it can't be shown now. The change has counted."""
    try:
        return show(client_id, actor, workflow, settings)
    except (ActionRefused, TryAgain, SlackUnavailable) as error:
        log.warning("client %s was changed, but is not shown anew: %s", client_id, error)
        return None


def shown_beside(pressed: Press, decided: Request) -> Message | None:
    """Return the client anew where the press was on it; None where the request's own message shows the decision."""
    if not pressed.private:
        return None
    return show_anew(decided.client_id, pressed.actor, pressed.workflow, pressed.settings)


def drawn(found: ClientShown, workflow: Commands, settings: Settings) -> Message:
    """Return the client as it is shown, with a link to its request's message."""
    posted = found.message.ts if found.message else None
    return shown.shown(found, settings, workflow.channel.permalink(posted) if posted else "")


def card(named: str, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Return the card of the client that is named, or the choice where several may be meant."""
    found = workflow.card(named, actor)
    return clients.choice(found, clients.CARD) if isinstance(found, Found) else switch_role_card(found, settings)


def turn_page(pressed: Press) -> Message:
    """Show another page."""
    return page(Search.decoded(pressed.value), pressed.actor, pressed.workflow, pressed.settings)


def narrow(pressed: Press) -> Message:
    """Show the clients that one of the menus leaves."""
    search = clients.filtered(pressed.row, pressed.name, pressed.value)
    return page(search, pressed.actor, pressed.workflow, pressed.settings)


def show_pressed(pressed: Press) -> Message:
    """Show the client that was chosen."""
    return show(pressed.value, pressed.actor, pressed.workflow, pressed.settings)


def card_pressed(pressed: Press) -> Message:
    """Show the card of the client that was chosen."""
    return card(pressed.value, pressed.actor, pressed.workflow, pressed.settings)


def post_card(pressed: Press) -> Message:
    """Have the card posted in the channel."""
    pressed.workflow.post_card(pressed.value, pressed.actor)
    return shown.posting_card(pressed.settings)


def ask_to_revoke(pressed: Press) -> Message:
    """Ask what `/clients revoke` asks."""
    return revoking.question(pressed.workflow.ask_to_revoke(pressed.value, pressed.actor), pressed.settings)
