"""App Home: published when somebody opens it, and anew after a press in it. Whoever it is for is checked each time.

The event names only a user id, so Slack is asked for the person's workspace. Slack sends an event again when it got no
answer; publishing twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from slack_sdk import WebClient

from bot.commands import Commands
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, SlackUnavailable, TryAgain, WrongWorkspace
from bot.domain.search import Search
from bot.settings import Settings
from bot.slack import ids
from bot.slack.homes import digest_of, for_person, publish
from bot.slack.inbound.payload import Body, objects, part, text
from bot.slack.inbound.pressing import Press
from bot.slack.inbound.showing import show_elsewhere
from bot.slack.inbound.windows import open_window, reading
from bot.slack.render import answers, clients
from bot.slack.render.blocks import Block, Message
from bot.slack.render.home import view

log = logging.getLogger(__name__)


def opened(body: Body, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Publish Home for whoever opened it."""
    event = part(body, "event")
    user, home_team = text(event, "user"), text(body, "team_id")
    if user and text(event, "tab") == "home":
        _Showing(workflow, settings, client, Actor(user, "", home_team)).show(
            Search(), lambda: workflow.person(user, home_team)
        )


def press(pressed: Press, body: Body, client: WebClient) -> Message | None:
    """Do what was pressed in Home: show a client in a window, or publish Home anew. Return what is told beside that."""
    search = _search(pressed, part(body, "view"))
    if search is not None:
        showing = _Showing(pressed.workflow, pressed.settings, client, pressed.actor)
        showing.show(search, lambda: pressed.actor)
        return None
    told = _show(pressed, body, client) if pressed.name == ids.SHOW_CLIENT else None
    pressed.workflow.note_presence(pressed.actor.user_id)
    return told


def _search(pressed: Press, view: Body) -> Search | None:
    """Return what Home is to show after the press; None where it stays. Filters stay when something is searched for."""
    if pressed.name == ids.SEARCH_HOME:
        return replace(_narrowed(view), words=pressed.value)
    if pressed.name in (ids.OLDER_CLIENTS, ids.NEWEST_CLIENTS):
        return Search.decoded(pressed.value)
    if pressed.name in (ids.FILTER_STATE, ids.FILTER_LEVEL):
        return clients.filtered(pressed.row, pressed.name, pressed.value)
    return None


def _narrowed(view: Body) -> Search:
    """Return the search that the menus of this Home were drawn for; an empty one where it has none."""
    for block in objects(view, "blocks"):
        if any(text(one, "action_id") == ids.FILTER_STATE for one in objects(block, "elements")):
            return Search.decoded(text(block, "block_id")).first
    return Search()


def _show(pressed: Press, body: Body, client: WebClient) -> Message | None:
    """Open the client in a window. Its buttons stay out: what is pressed in a window has no answer beside it."""
    try:
        message = show_elsewhere(pressed)
    except ActionRefused as error:
        message = answers.refusal(error, pressed.settings)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a client was not shown in a window: %s", error)
        message = answers.try_again()
    return open_window(client, body, reading("Client", message), clients.SHOW.label)


class _Showing(NamedTuple):
    """What it takes to publish Home for one person. `user` says for whom, not who that is."""

    workflow: Commands
    settings: Settings
    client: WebClient
    user: Actor

    def show(self, search: Search, who: Callable[[], Actor]) -> None:
        """Publish the Home that shows this search, and note that, so that it is refreshed.

        Nobody waits for the note. What a guest is told is not refreshed.
        """
        try:
            shown = self.workflow.at_home(search, who())
            drawn = for_person(shown, self.settings, self.workflow.channel)
        except WrongWorkspace:
            self._publish(for_person(None, self.settings, self.workflow.channel))
            return
        except ActionRefused as error:
            drawn = view(answers.refusal(error, self.settings).blocks)
        except (TryAgain, SlackUnavailable) as error:
            log.warning("Home was not drawn: %s", error)
            drawn = view(answers.try_again().blocks)
        if slacks_hash := self._publish(drawn):
            self.workflow.note_home(self.user, search, digest_of(drawn), slacks_hash)

    def _publish(self, drawn: Block) -> str:
        """Publish a Home. Where Slack does not take it, the last one stays, and opening it again publishes anew."""
        try:
            return publish(self.client, self.user.user_id, drawn)
        except SlackUnavailable as error:
            log.warning("Home was not published: %s", error)
            return ""
