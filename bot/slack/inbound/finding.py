"""Finds clients: `/clients`, `/clients <words>`, and the presses that turn the page or narrow the list."""

from __future__ import annotations

from bot.commands import Commands
from bot.domain.answers import Actor
from bot.domain.search import Search
from bot.settings import Settings
from bot.slack.inbound.commands import Find
from bot.slack.inbound.pressing import Press
from bot.slack.render import clients
from bot.slack.render.blocks import Message


def find(asked: Find, actor: Actor, workflow: Commands, settings: Settings, mark: str) -> Message:
    """Return what is found; the only client that matches is shown itself.

    A search may come a second time, since it tells what the list tells. What shows a client may not: see `once`.
    """
    found = workflow.find(Search(asked.words), actor)
    if found.total == 1 and not found.more:
        from bot.slack.inbound.showing import show

        [client] = found.clients
        return workflow.once(mark, lambda once: show(client.id, actor, once, settings))
    return clients.clients(found, settings, asked.meant)


def page(search: Search, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Return one page of the list, or of what is found."""
    return clients.clients(workflow.find(search, actor), settings)


def turn_page(pressed: Press) -> Message:
    """Show another page."""
    return page(Search.decoded(pressed.value), pressed.actor, pressed.workflow, pressed.settings)


def narrow(pressed: Press) -> Message:
    """Show the clients that one of the menus leaves."""
    search = clients.filtered(pressed.row, pressed.name, pressed.value)
    return page(search, pressed.actor, pressed.workflow, pressed.settings)
