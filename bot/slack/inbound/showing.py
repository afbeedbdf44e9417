"""Shows one client: `/clients show`, `card` and `history`, and the presses on what these answer."""

from __future__ import annotations

import logging

from bot.commands import Commands
from bot.domain.answers import Actor, ClientShown, History
from bot.domain.errors import ActionRefused, SlackUnavailable, TryAgain
from bot.domain.search import Found
from bot.settings import Settings
from bot.slack.inbound.pressing import Press
from bot.slack.render import clients, history, revoking, shown
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card

log = logging.getLogger(__name__)


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


def drawn(found: ClientShown, workflow: Commands, settings: Settings) -> Message:
    """Return the client as it is shown, with a link to its request's message."""
    return shown.shown(found, settings, _link(found, workflow))


def _link(found: ClientShown, workflow: Commands) -> str:
    """Return what opens the message of the client's request; empty where there is none, or Slack does not tell."""
    posted = found.message.ts if found.message else None
    return workflow.channel.permalink(posted) if posted else ""


def card(named: str, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Return the card of the client that is named, or the choice where several may be meant."""
    found = workflow.card(named, actor)
    return clients.choice(found, clients.CARD) if isinstance(found, Found) else switch_role_card(found, settings)


def history_of(found: History, workflow: Commands) -> Message:
    """Return the page with links to the messages of the requests that it names; without, where Slack does not tell."""
    named, links = {audit.request_id for audit in found.page.audits}, dict[str, str]()
    for request_id, ts in found.posted:
        if request_id in named:
            links[request_id] = workflow.channel.permalink(ts)
            if not links[request_id]:
                break
    return history.history(found, links)


def show_pressed(pressed: Press) -> Message:
    """Show the client that was chosen."""
    return show(pressed.value, pressed.actor, pressed.workflow, pressed.settings)


def show_elsewhere(pressed: Press) -> Message:
    """Show the client that was chosen where nothing can be pressed, and where an approver finds the buttons."""
    found = pressed.workflow.show_client(pressed.value, pressed.actor)
    if isinstance(found, Found):
        return clients.choice(found, clients.SHOW)
    return shown.to_look_at(found, pressed.settings, _link(found, pressed.workflow))


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


def turn_history(pressed: Press) -> Message:
    """Show another page of a history."""
    found = pressed.workflow.history_page(*history.asked_for(pressed.value), pressed.actor)
    return history_of(found, pressed.workflow)
