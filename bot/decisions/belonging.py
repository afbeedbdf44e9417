"""Checks that a person belongs to our Slack workspace or organization, before the check that they are an approver.

In a shared channel, people of other companies press the same buttons. `team` and `enterprise` in a payload name our
workspace even then, so they prove nothing about the person. `user.team_id` does: it is the person's own workspace. On
Enterprise Grid it may be any workspace of the organization, so Slack is asked for the person's organization.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.domain.answers import Actor
from bot.domain.approvers import Workspaces
from bot.domain.errors import PersonUnknown, SlackUnavailable, WrongWorkspace
from bot.ports import Directory

_APP_UNKNOWN = (
    "Slack did not say in which workspace Switchyard is installed, so nobody may use it. Ask whoever runs Switchyard "
    "to set SLACK_TEAM_ID."
)
_PERSON_UNKNOWN = (
    "Slack did not say whether you belong to the organization, so nothing was changed. Try again in a minute. If that "
    "does not help, ask whoever runs Switchyard to check that the app has the scope users:read."
)
log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Belonging:
    """The rules during one press or command. Slack is asked at most once for each person."""

    workspaces: Workspaces
    directory: Directory
    home_team_id: str
    """The workspace in which the app is installed, according to Slack. Used only where the deployment names none."""
    _asked: dict[str, str] = field(default_factory=dict)
    """The organization that Slack named for each person."""

    def require(self, actor: Actor) -> None:
        """Raise WrongWorkspace for somebody from outside, PersonUnknown when Slack does not answer."""
        if self.has(actor.user_id, actor.team_id):
            return
        if not actor.user_id or not actor.team_id:
            raise WrongWorkspace("Slack did not say who did this and in which workspace, so it does not count.")
        if not (self.workspaces.teams or self.workspaces.organization or self.home_team_id):
            raise WrongWorkspace(_APP_UNKNOWN)
        if self.workspaces.organization:
            raise WrongWorkspace(
                f"This press or command came from outside our Slack organization (workspace {actor.team_id}), so it "
                "does not count."
            )
        raise WrongWorkspace(
            f"This press or command came from another Slack workspace ({actor.team_id}), so it does not count. If that "
            "workspace is yours too, ask whoever runs Switchyard to add it to SLACK_TEAM_ID."
        )

    def has(self, user_id: str, team_id: str) -> bool:
        """Return whether this person of that workspace is ours. Raises PersonUnknown when Slack does not answer."""
        if not user_id or not team_id:
            return False
        if self.workspaces.organization:
            return self._organization_of(user_id) == self.workspaces.organization
        return team_id in (self.workspaces.teams or {self.home_team_id})

    def _organization_of(self, user_id: str) -> str:
        if user_id not in self._asked:
            try:
                self._asked[user_id] = self.directory.organization_of(user_id)
            except SlackUnavailable as error:
                log.warning("the organization of %s is unknown, so they don't count: %s", user_id, error)
                raise PersonUnknown(_PERSON_UNKNOWN) from error
        return self._asked[user_id]
