"""Checks who somebody is right now: one of our people, and then an approver.

In a shared channel, people of other companies press the same buttons. `team` and `enterprise` in a payload name our
workspace even then, so they prove nothing about the person. `user.team_id` does: it is the person's own workspace. On
Enterprise Grid it may be any workspace of the organization, so Slack is asked for the person's organization.

An approver is listed by user id, or is in a listed user group according to Slack.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.domain.answers import Actor
from bot.domain.approvers import Approvers, Workspaces
from bot.domain.errors import ApproversUnknown, PersonUnknown, SlackUnavailable, WrongWorkspace
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
class People:
    """Who counts during one press or command. Slack is asked at most once for each person and each user group."""

    approvers: Approvers
    workspaces: Workspaces
    directory: Directory
    home_team_id: str
    """The workspace in which the app is installed, according to Slack. Used only where the deployment names none."""
    _organizations: dict[str, str] = field(default_factory=dict)
    """What Slack named for each person."""
    _groups: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """The members of each user group; None where Slack did not answer."""

    def require(self, actor: Actor) -> None:
        """Raise WrongWorkspace for somebody from outside, PersonUnknown when Slack does not answer."""
        if self.are_ours(actor.user_id, actor.team_id):
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

    def are_ours(self, user_id: str, team_id: str) -> bool:
        """Return whether this person of that workspace is ours. Raises PersonUnknown when Slack does not answer."""
        if not user_id or not team_id:
            return False
        if self.workspaces.organization:
            return self._organization_of(user_id) == self.workspaces.organization
        return team_id in (self.workspaces.teams or {self.home_team_id})

    def known(self, user_id: str) -> Actor:
        """Return the person with the workspace that Slack names. Raises PersonUnknown when Slack does not answer."""
        try:
            return Actor(user_id, self.directory.workspace_of(user_id), self.home_team_id)
        except SlackUnavailable as error:
            log.warning("the workspace of %s is unknown, so they don't count: %s", user_id, error)
            raise PersonUnknown(_PERSON_UNKNOWN) from error

    def approve(self, user_id: str) -> bool:
        """Return whether this person is an approver now.

        Raises ApproversUnknown when Slack did not answer for a user group that might hold the person.
        """
        if user_id in self.approvers.users:
            return True
        for group in self.approvers.groups:
            if user_id in (self._members(group) or ()):
                return True
        unread = tuple(group for group in self.approvers.groups if self._members(group) is None)
        if unread:
            raise ApproversUnknown("Slack did not say who the approvers are, so nothing was changed.", unread)
        return False

    def _organization_of(self, user_id: str) -> str:
        if user_id not in self._organizations:
            try:
                self._organizations[user_id] = self.directory.organization_of(user_id)
            except SlackUnavailable as error:
                log.warning("the organization of %s is unknown, so they don't count: %s", user_id, error)
                raise PersonUnknown(_PERSON_UNKNOWN) from error
        return self._organizations[user_id]

    def _members(self, group: str) -> frozenset[str] | None:
        if group not in self._groups:
            try:
                self._groups[group] = self.directory.group_members(group)
            except SlackUnavailable as error:
                log.warning("user group %s can't be read, so it lets nobody decide: %s", group, error)
                self._groups[group] = None
        return self._groups[group]
