"""Handles presses on private questions: what an approver typed is asked once more, and the press on the answer counts.

Each is judged anew when it is pressed, and its answer replaces the question.
"""

from __future__ import annotations

from bot.domain.vocabulary import TeamVerb
from bot.slack.ids import TEAM_TASK
from bot.slack.inbound.pressing import Press
from bot.slack.render import invitations, regrouping, revoking, revoking_several, teams
from bot.slack.render.blocks import Message


def cancel_invitation(pressed: Press) -> Message:
    """Cancel an invitation. Return the list without it."""
    cancelled = pressed.workflow.cancel_invitation(pressed.value, pressed.actor)
    return invitations.invitations(pressed.workflow.list_invitations(pressed.actor), cancelled=cancelled)


def revoke(pressed: Press) -> Message:
    """Revoke the access of one client."""
    removal = pressed.workflow.revoke(pressed.value, revoking.state_shown(pressed.row), pressed.actor)
    return revoking.revoked(removal, pressed.settings)


def revoke_several(pressed: Press) -> Message:
    """Revoke the access of the clients that are chosen in the message."""
    chosen = revoking_several.chosen(pressed.chosen)
    if not chosen:
        return revoking_several.none_chosen()
    return revoking_several.revoked(pressed.workflow.revoke_several(chosen, pressed.actor), pressed.settings)


def begin_with_team(pressed: Press) -> Message:
    """Begin with what was asked for a whole team."""
    verb = TeamVerb(pressed.name.removeprefix(TEAM_TASK))
    state = teams.state_shown(pressed.row)
    return teams.begun(pressed.workflow.begin_with_team(verb, pressed.value, state, pressed.actor))


def regroup(pressed: Press) -> Message:
    """Change which teams get in at a client."""
    client_id, chosen = regrouping.asked_for(pressed.value)
    state = regrouping.state_shown(pressed.row)
    return regrouping.regrouped(pressed.workflow.regroup(client_id, chosen, state, pressed.actor), pressed.settings)


def keep_access(_: Press) -> Message:
    """Revoke nothing."""
    return revoking.kept()


def keep_team(_: Press) -> Message:
    """Change nothing about a team or a client's teams."""
    return teams.kept()
