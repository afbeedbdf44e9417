"""Handles presses on private questions: what an approver typed is asked once more, and the press on the answer counts.

Each is judged anew when it is pressed, and its answer replaces the question.
"""

from __future__ import annotations

from bot.domain.vocabulary import TeamVerb
from bot.slack.inbound.payload import text
from bot.slack.inbound.pressing import Button, Press
from bot.slack.render import invitations, regrouping, revoking, revoking_several, teams
from bot.slack.render.blocks import Message


def _cancel(pressed: Press) -> Message:
    cancelled = pressed.workflow.cancel_invitation(pressed.value, pressed.actor)
    return invitations.invitations(pressed.workflow.list_invitations(pressed.actor), cancelled=cancelled)


def _revoke(pressed: Press) -> Message:
    removal = pressed.workflow.revoke(pressed.value, revoking.state_shown(pressed.row), pressed.actor)
    return revoking.revoked(removal, pressed.settings)


def _revoke_several(pressed: Press) -> Message:
    chosen = revoking_several.chosen(pressed.chosen)
    if not chosen:
        return revoking_several.none_chosen()
    return revoking_several.revoked(pressed.workflow.revoke_several(chosen, pressed.actor), pressed.settings)


def _begin_with_team(pressed: Press) -> Message:
    verb = TeamVerb(text(pressed.action, "action_id").removeprefix(teams.TEAM_TASK))
    state = teams.state_shown(pressed.row)
    return teams.begun(pressed.workflow.begin_with_team(verb, pressed.value, state, pressed.actor))


def _regroup(pressed: Press) -> Message:
    client_id, chosen = regrouping.asked_for(pressed.value)
    state = regrouping.state_shown(pressed.row)
    return regrouping.regrouped(pressed.workflow.regroup(client_id, chosen, state, pressed.actor), pressed.settings)


BUTTONS = {
    invitations.CANCEL_INVITATION: Button(_cancel, once=True, replaces=True),
    revoking.REVOKE_ACCESS: Button(_revoke, once=True, replaces=True),
    revoking_several.REVOKE_CHOSEN: Button(_revoke_several, once=True, replaces=True),
    revoking_several.CHOOSE_ACCOUNTS: Button(lambda _press: None),
    revoking.KEEP_ACCESS: Button(lambda _press: revoking.kept(), replaces=True),
    **{f"{teams.TEAM_TASK}{verb}": Button(_begin_with_team, once=True, replaces=True) for verb in TeamVerb},
    teams.NOT_THE_TEAM: Button(lambda _press: teams.kept(), replaces=True),
    regrouping.CHANGE_TEAMS: Button(_regroup, once=True, replaces=True),
    regrouping.KEEP_TEAMS: Button(lambda _press: teams.kept(), replaces=True),
}
"""Each button by its `action_id`."""
