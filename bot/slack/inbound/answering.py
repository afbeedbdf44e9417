"""Carries out each command that counts only once, and answers it."""

from __future__ import annotations

from typing import assert_never

from bot.commands import Commands
from bot.domain.answers import Actor, SeveralToRevoke
from bot.settings import Settings
from bot.slack.inbound import showing
from bot.slack.inbound.commands import (
    ChooseTeams,
    ClientVerb,
    Direct,
    Invite,
    ListInvitations,
    ListTeams,
    OfClient,
    OfTeam,
)
from bot.slack.render import blocked, invitations, regrouping, revoking, revoking_several, teams
from bot.slack.render.blocks import Message


def answer(asked: Direct, actor: Actor, workflow: Commands, settings: Settings) -> Message:
    """Do what the command asks for, and return its answer. Raises what the workflow raises."""
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
            return showing.show(asked.client, actor, workflow, settings)
        case ClientVerb.CARD:
            return showing.card(asked.client, actor, workflow, settings)
        case ClientVerb.HISTORY:
            return showing.history_of(workflow.history(asked.client, actor), workflow)
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
