"""Whose people are ours: `SLACK_TEAM_ID` lists Slack workspaces, or names one Enterprise Grid organization."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.domain.errors import SettingsInvalid


@dataclass(frozen=True)
class Workspaces:
    """Either `teams` or `organization` is set, or neither: then the workspace counts in which Slack says the app is."""

    teams: frozenset[str] = frozenset()
    organization: str = ""

    @classmethod
    def parse(cls, text: str) -> Workspaces:
        """From comma-separated ids. Raise SettingsInvalid for anything but workspaces (T…) or one organization (E…)."""
        ids = [part.strip() for part in text.split(",") if part.strip()]
        if all(re.fullmatch(r"T[A-Z0-9]{2,}", one) for one in ids):
            return cls(teams=frozenset(ids))
        if len(ids) == 1 and re.fullmatch(r"E[A-Z0-9]{2,}", ids[0]):
            return cls(organization=ids[0])
        raise SettingsInvalid(
            f"SLACK_TEAM_ID is {text.strip()!r}. It must be one or more Slack workspace ids (T…), divided by commas, "
            "or one Enterprise Grid organization id (E…). Set it and deploy again."
        )
