"""Handles what people do in Slack: type `/clients …`, press a button, turn the page of a list.

Plain functions make one call of the workflow and one answer of it; `app.py` ties them to Bolt. A command is answered
in the response itself. A press is answered by the request's message, which the provision Lambda updates, or privately
when it changed nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from bot.commands import Commands
from bot.domain.answers import Actor, History, SeveralToRevoke
from bot.domain.errors import ActionRefused, Replayed, SeveralNamed, SlackUnavailable, TryAgain
from bot.domain.kit import KitAsked
from bot.domain.search import Found, Search
from bot.domain.vocabulary import Verb
from bot.settings import Settings
from bot.slack.inbound import batching, finding, questions
from bot.slack.inbound.commands import (
    AskForKit,
    ChooseTeams,
    ClientVerb,
    Direct,
    Find,
    Invite,
    ListInvitations,
    ListTeams,
    OfClient,
    OfTeam,
    Open,
    parse,
)
from bot.slack.inbound.payload import text
from bot.slack.inbound.pressing import Button, Press
from bot.slack.render import (
    answers,
    blocked,
    client_text,
    clients,
    history,
    invitations,
    kit,
    regrouping,
    revoking,
    revoking_several,
    shown,
    team_choice,
    teams,
    views,
)
from bot.slack.render.blocks import Message
from bot.slack.render.card import OPEN_CONSOLE

log = logging.getLogger(__name__)


def answer_command(
    typed: str, actor: Actor, workflow: Commands, settings: Settings, mark: str, *, response_url: str = ""
) -> Message | None:
    """Do what was typed after `/clients` and return the answer. `mark` identifies the signed command.

    `response_url` is where Slack takes what is to be told about the command afterwards.
    Only lists of clients and help may be repeated; of the others a second arrival does nothing and has no answer.
    """

    def act() -> Message:
        asked = parse(typed)
        match asked:
            case Open.HELP:
                return answers.usage(settings)
            case Open.LIST:
                return finding.page(Search(), actor, workflow, settings)
            case Find():
                return finding.find(asked, actor, workflow, settings, mark)
            case AskForKit():
                wanted = KitAsked(actor.user_id, asked.team, response_url, mark)
                workflow.ask_for_kit(wanted, actor)
                return kit.on_its_way(asked.team, settings)
        return workflow.once(mark, lambda once: _answer(asked, actor, once, settings))

    return _privately(act, settings, "a command")


def _answer(asked: Direct, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    match asked:
        case Invite():
            invited = workflow.invite(asked.company, asked.level, actor, asked.accounts, asked.teams)
            return invitations.invitation(invited, settings, asked.instead)
        case ListInvitations():
            return invitations.invitations(workflow.list_invitations(actor, asked.company), company=asked.company)
        case OfClient():
            return _about_a_client(asked, actor, workflow, settings)
        case ListTeams():
            return teams.teams(workflow.list_teams(actor), settings)
        case OfTeam():
            return teams.question(workflow.ask_about_team(asked.verb, asked.team, actor), settings)
        case ChooseTeams():
            named, chosen = asked.parted(workflow.teams.names)
            return regrouping.question(workflow.ask_to_regroup(named, chosen, actor), settings)


def _about_a_client(asked: OfClient, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    match asked.verb:
        case ClientVerb.SHOW:
            return finding.show(asked.client, actor, workflow, settings)
        case ClientVerb.CARD:
            return finding.card(asked.client, actor, workflow, settings)
        case ClientVerb.HISTORY:
            return _history(workflow.history(asked.client, actor), workflow)
        case ClientVerb.REVOKE:
            whom = workflow.ask_whom_to_revoke(asked.client, actor)
            if isinstance(whom, SeveralToRevoke):
                return revoking_several.question(whom, settings)
            return revoking.question(whom, settings)
        case ClientVerb.BLOCK:
            return blocked.blocked(workflow.block(asked.client, actor))
        case ClientVerb.UNBLOCK:
            return blocked.unblocked(workflow.unblock(asked.client, actor))
    assert_never(asked.verb)


def press(pressed: Press) -> Message | None:
    """Do what the button does. Return None when the request's own message shows that; else the private answer."""
    action_id = text(pressed.action, "action_id")
    button = BUTTONS[action_id]

    def act() -> Message | None:
        if not button.once:
            return button.act(pressed)
        return pressed.workflow.once(pressed.mark, lambda once: button.act(replace(pressed, workflow=once)))

    return _privately(act, pressed.settings, f"a press on {action_id} ({pressed.value:.20})")


def _decide(pressed: Press) -> Message | None:
    """Decide. The request's own message shows that; where the client is shown privately, that is shown anew as well."""
    verb = Verb(pressed.action["action_id"])
    drawn_after = views.drawn_after(pressed.row)
    teams = team_choice.chosen(pressed.chosen, pressed.value, drawn_after)
    decided = pressed.workflow.decide(pressed.value, verb, pressed.actor, drawn_after, teams=teams)
    return finding.shown_beside(pressed, decided)


def _block(pressed: Press) -> Message | None:
    done = pressed.workflow.press_block(pressed.value, pressed.actor, views.drawn_after(pressed.row))
    return blocked.blocked(done) if pressed.private else None


def _text_for_client(pressed: Press) -> Message:
    return client_text.client_text(*pressed.workflow.text_for_client(pressed.value, pressed.actor), pressed.settings)


def _turn_history(pressed: Press) -> Message:
    found = pressed.workflow.history_page(*history.asked_for(pressed.value), pressed.actor)
    return _history(found, pressed.workflow)


def _history(found: History, workflow: Commands) -> Message:
    """Return the page with links to the messages of the requests that it names; without, where Slack does not tell."""
    named, links = {audit.request_id for audit in found.page.audits}, dict[str, str]()
    for request_id, ts in found.posted:
        if request_id in named:
            links[request_id] = workflow.channel.permalink(ts)
            if not links[request_id]:
                break
    return history.history(found, links)


BUTTONS = {
    **{verb.value: Button(_decide, replaces=True) for verb in Verb},
    **batching.BUTTONS,
    **questions.BUTTONS,
    blocked.BLOCK_ACCOUNT: Button(_block, once=True, replaces=True),
    clients.OLDER_CLIENTS: Button(finding.turn_page, replaces=True),
    clients.NEWEST_CLIENTS: Button(finding.turn_page, replaces=True),
    clients.FILTER_STATE: Button(finding.narrow, replaces=True),
    clients.FILTER_LEVEL: Button(finding.narrow, replaces=True),
    clients.SHOW_CLIENT: Button(finding.show_pressed, replaces=True),
    clients.SHOW_CARD: Button(finding.card_pressed),
    shown.POST_CARD: Button(finding.post_card, once=True),
    shown.ASK_TO_REVOKE: Button(finding.ask_to_revoke, replaces=True),
    history.OLDER_HISTORY: Button(_turn_history, replaces=True),
    history.NEWEST_HISTORY: Button(_turn_history, replaces=True),
    client_text.CLIENT_TEXT: Button(_text_for_client),
    team_choice.CHOOSE_TEAMS: Button(lambda _press: None),
    OPEN_CONSOLE: Button(lambda _press: None),
    invitations.OPEN_QUICK_CREATE: Button(lambda _press: None),
}
"""Each button by its `action_id`; the last two only open a link, and teams that are chosen count only with Approve."""


def _privately(act: Callable[[], Message | None], settings: Settings, what: str) -> Message | None:
    """Do what was asked for. Return the private answer: what `act` returns, or why nothing was changed.

    Return None, with nothing done, for something signed that has come before.
    """
    try:
        return act()
    except SeveralNamed as several:
        return clients.choice(Found(Search(several.name), several.clients), clients.SHOW)
    except ActionRefused as error:
        return answers.refusal(error, settings)
    except Replayed:
        log.warning("%s, signed, has come a second time; nothing was done or answered", what)
        return None
    except (TryAgain, SlackUnavailable) as error:
        log.warning("%s did not go through: %s", what, error)
        return answers.try_again()
