"""App Home: published when somebody opens it, and anew after a press in it. Whoever it is for is checked each time.

The event names only a user id, so Slack is asked for the person's workspace. Slack sends an event again when it got no
answer; publishing twice does no harm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from slack_sdk import WebClient

from bot.commands import Commands
from bot.domain.answers import AtHome
from bot.domain.errors import ActionRefused, SlackUnavailable, TryAgain, WrongWorkspace
from bot.domain.search import Search
from bot.settings import Settings
from bot.slack.client import ask
from bot.slack.inbound import finding
from bot.slack.inbound.payload import Body, part, text
from bot.slack.inbound.pressing import Press
from bot.slack.inbound.windows import open_window, reading
from bot.slack.render import answers, clients
from bot.slack.render.blocks import Block, Message
from bot.slack.render.home import SEARCH_HOME, home, not_for_you, view

OPENED = "app_home_opened"
_SHOWS = {clients.SHOW_CLIENT}
_TURNS = {clients.OLDER_CLIENTS, clients.NEWEST_CLIENTS}
_NARROWS = {clients.FILTER_STATE, clients.FILTER_LEVEL}
PRESSED = (*_SHOWS, *_TURNS, *_NARROWS, SEARCH_HOME)
"""By `action_id` what Home does something about; it shares all but the field with messages."""
log = logging.getLogger(__name__)


def is_at_home(body: Body) -> bool:
    """Return whether something was pressed in Home."""
    return text(part(body, "view"), "type") == "home"


def opened(body: Body, workflow: Commands, settings: Settings, client: WebClient) -> None:
    """Publish Home for whoever opened it."""
    event = part(body, "event")
    user, home_team = text(event, "user"), text(body, "team_id")
    if not user or text(event, "tab") != "home":
        return
    drawn = _drawn(lambda: workflow.at_home(Search(), workflow.person(user, home_team)), workflow, settings)
    _publish(client, user, drawn)


def press(pressed: Press, body: Body, client: WebClient) -> Message | None:
    """Do what was pressed in Home: show a client in a window, or publish Home anew. Return what is told beside that."""
    if pressed.name in _SHOWS:
        return _show(pressed, body, client)
    search = _search(pressed)
    if search is not None:
        drawn = _drawn(lambda: pressed.workflow.at_home(search, pressed.actor), pressed.workflow, pressed.settings)
        _publish(client, pressed.actor.user_id, drawn)
    return None


def _search(pressed: Press) -> Search | None:
    """Return what Home is to show after the press; None where it stays."""
    if pressed.name == SEARCH_HOME:
        return Search(pressed.value)
    if pressed.name in _TURNS:
        return Search.decoded(pressed.value)
    if pressed.name in _NARROWS:
        return clients.filtered(pressed.row, pressed.name, pressed.value)
    return None


def _show(pressed: Press, body: Body, client: WebClient) -> Message | None:
    """Open the client in a window. Its buttons stay out: what is pressed in a window has no answer beside it."""
    try:
        message = finding.show_pressed(pressed)
    except ActionRefused as error:
        message = answers.refusal(error, pressed.settings)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("a client was not shown in a window: %s", error)
        message = answers.try_again()
    return open_window(client, body, reading("Client", message), clients.SHOW.label)


def _drawn(read: Callable[[], AtHome], workflow: Commands, settings: Settings) -> Block:
    try:
        shown = read()
        return home(shown, settings, _links(shown, workflow))
    except WrongWorkspace:
        return view(not_for_you().blocks)
    except ActionRefused as error:
        return view(answers.refusal(error, settings).blocks)
    except (TryAgain, SlackUnavailable) as error:
        log.warning("Home was not drawn: %s", error)
        return view(answers.try_again().blocks)


def _publish(client: WebClient, user: str, view: Block) -> None:
    """Publish a Home. Where Slack does not take it, the last one stays, and opening it again publishes anew."""
    try:
        ask(client.views_publish, user_id=user, view=view)
    except SlackUnavailable as error:
        log.warning("Home was not published: %s", error)


def _links(shown: AtHome, workflow: Commands) -> dict[str, str]:
    """Return what opens the messages of requests, by the request's id; nothing where Slack does not tell."""
    links: dict[str, str] = {}
    for request_id, ts in shown.posted:
        links[request_id] = workflow.channel.permalink(ts)
        if not links[request_id]:
            break
    return links
