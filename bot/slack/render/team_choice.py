"""The choice of teams beside Approve, where there are several teams.

Choosing stores nothing: Slack sends what is chosen in the message along with the press on Approve, and until then each
viewer has a choice of their own. A drawing has an id of its own, so that what was chosen on an older one doesn't count.

Sources: docs.slack.dev, "Multi-select menus" (they stand in a section) and "block_actions payload" (`state`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.request import Request
from bot.domain.vocabulary import State
from bot.slack.ids import CHOOSE_TEAMS, row_of_teams
from bot.slack.inbound.payload import Body, part, text
from bot.slack.render.blocks import Block, choice
from bot.slack.render.text import Mrkdwn

_MEANS = Mrkdwn("*Other teams?* Choose them before you press *Approve*: exactly the teams that are chosen then get in.")


def offered(request: Request, teams: Sequence[str]) -> bool:
    """Return whether an approver chooses which teams get in."""
    return request.state is State.PENDING and request.kind.lets_in and len(teams) > 1


def menu(request: Request, teams: Sequence[str]) -> list[Block]:
    """Return the menu, with the request's own teams chosen; nothing where there is no choice."""
    if not offered(request, teams):
        return []
    row = row_of_teams(request.id, request.presses)
    return [
        choice(
            _MEANS,
            "Choose teams",
            CHOOSE_TEAMS,
            options=[(one, one) for one in teams],
            chosen=request.teams,
            block_id=row,
        )
    ]


def chosen(values: Body, request_id: str, drawn_after: int) -> tuple[str, ...] | None:
    """Return the teams chosen on this drawing of the request; None where Slack sent no choice along."""
    options = part(part(values, row_of_teams(request_id, drawn_after)), CHOOSE_TEAMS).get("selected_options")
    if not isinstance(options, list):
        return None
    return tuple(text(option, "value") if isinstance(option, dict) else "" for option in options)
