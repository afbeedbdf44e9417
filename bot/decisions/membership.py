"""Checks who is an approver right now: listed by user id, or in a listed user group according to Slack."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from bot.domain.approvers import Approvers
from bot.domain.errors import ApproversUnknown, SlackUnavailable
from bot.ports import Directory

log = logging.getLogger(__name__)


@dataclass(eq=False, repr=False)
class Membership:
    """The approvers during one press or command. Each user group is read from Slack at most once."""

    approvers: Approvers
    directory: Directory
    _read: dict[str, frozenset[str] | None] = field(default_factory=dict)
    """The members of each group; None where Slack did not answer."""

    def has(self, user_id: str) -> bool:
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

    def _members(self, group: str) -> frozenset[str] | None:
        if group not in self._read:
            try:
                self._read[group] = self.directory.group_members(group)
            except SlackUnavailable as error:
                log.warning("user group %s can't be read, so it lets nobody decide: %s", group, error)
                self._read[group] = None
        return self._read[group]
