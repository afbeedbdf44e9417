"""Whether a person is one of ours, before anybody asks whether they are an approver.

In a shared channel people of other companies press the same buttons. What a payload says of `team` and `enterprise` is
then still ours, so it proves nothing about the person. Their own workspace does (`user.team_id`), and on Enterprise
Grid, where it may be any workspace of the organization, what Slack says of them when it is asked.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.domain.answers import Actor
from bot.domain.errors import PersonUnknown, SlackUnavailable, WrongWorkspace
from bot.domain.workspaces import Workspaces
from bot.ports import Directory

_APP_UNKNOWN = (
    "Slack did not say in which workspace Switchyard is installed, so nobody counts as one of its people. Whoever runs "
    "Switchyard sets SLACK_TEAM_ID."
)
_PERSON_UNKNOWN = (
    "Slack did not say whether you belong to the organization, so nothing was changed. Try again in a minute; if it "
    "stays so, whoever runs Switchyard checks that the app has the scope users:read."
)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Belonging:
    """The rules during one press or command: Slack is asked at most once for each person."""

    workspaces: Workspaces
    directory: Directory
    home_team_id: str
    """The workspace that Slack says the app is installed in. It counts only where the deployment names none."""
    _asked: dict[str, str] = field(default_factory=dict)
    """By person: the organization that Slack named."""

    def require(self, actor: Actor) -> None:
        """Raise WrongWorkspace for somebody who is none of ours, PersonUnknown when Slack does not say."""
        if self.has(actor.user_id, actor.team_id):
            return
        if not actor.user_id or not actor.team_id:
            raise WrongWorkspace("Slack did not say who did this, and in which workspace, so it does not count.")
        if not (self.workspaces.teams or self.workspaces.organization or self.home_team_id):
            raise WrongWorkspace(_APP_UNKNOWN)
        if self.workspaces.organization:
            raise WrongWorkspace(
                f"This press or command came from outside of our Slack organization (workspace {actor.team_id}), so it "
                "does not count here."
            )
        raise WrongWorkspace(
            f"This press or command came from another Slack workspace ({actor.team_id}), so it does not count here. If "
            "that one is yours too, whoever runs Switchyard adds it to SLACK_TEAM_ID."
        )

    def has(self, user_id: str, team_id: str) -> bool:
        """Return whether this person of that workspace is one of ours. Raises PersonUnknown when Slack does not say."""
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
