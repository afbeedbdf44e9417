"""What a green message says about limits of AWS that the account is near, and what to do about each.

Source of the numbers: IAM User Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from typing import assert_never

from bot.domain.limits import Limit
from bot.domain.request import Request
from bot.domain.vocabulary import Counted
from bot.settings import Settings
from bot.slack.render.text import Mrkdwn

_GROUPS = Mrkdwn(
    "\n⚠️ The AWS account has used {} of its {} IAM groups. Ask whoever runs Switchyard to raise the quota (500 at "
    "most), or to {}."
)
_POLICIES = Mrkdwn(
    "\n⚠️ The AWS account has used {} of its {} customer-managed IAM policies. Ask whoever runs Switchyard to raise the "
    "quota (5,000 at most), or to delete policies that nobody needs."
)
_TEAMS_ALONE = Mrkdwn("set `CLIENT_GROUPS=off`")
_TEAMS_FIRST = Mrkdwn("let teams in instead: `TEAMS=operators` with `CLIENT_GROUPS=off`")


def near_limits(request: Request, settings: Settings, *, lacks_group: bool) -> Mrkdwn:
    """Return a line for each limit; none for groups where the message says already that the client got none."""
    told = [one for one in request.attempt.near_limits if not (lacks_group and one.kind is Counted.GROUPS)]
    return Mrkdwn("").join(_line(one, settings) for one in told)


def _line(limit: Limit, settings: Settings) -> Mrkdwn:
    used, quota = f"{limit.used:,}", f"{limit.quota:,}"
    match limit.kind:
        case Counted.GROUPS:
            return _GROUPS.format(used, quota, _TEAMS_ALONE if settings.teams else _TEAMS_FIRST)
        case Counted.POLICIES:
            return _POLICIES.format(used, quota)
    assert_never(limit.kind)
