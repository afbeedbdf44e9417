"""A client's history, as an approver is told privately: who did what when, and what was refused."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.model import Audit
from bot.ports import History
from bot.slack.blocks import Message, context, header, section
from bot.slack.text import Mrkdwn, code, literal, mention, second
from bot.vocabulary import Verb

_SECTION = 2900
_ACTOR, _ACTION = 40, 40
_REFUSED = "refused: "
_DONE: dict[str, str] = {
    Verb.APPROVE: "approved",
    Verb.DENY: "denied",
    Verb.RETRY: "retried",
    Verb.REOPEN: "reopened",
    Verb.REVOKE: "revoked",
    "expire": "expired",
}
_DETAIL, _DETAILS = 500, 6000
"""Most characters of one detail, and of all together: a message takes 13,200."""


def history(found: History) -> Message:
    """Oldest first, as it happened."""
    client = found.client
    room = min(_DETAIL, _DETAILS // max(len(found.audits), 1))
    lines = [_line(audit, room) for audit in found.audits]
    left_out = Mrkdwn("{} older lines are in the table, under `client#{}`.").format(found.left_out, client.id)
    blocks = [
        header(f"History of {client.company}"),
        context(Mrkdwn("client {} · account {}").format(code(client.id), code(client.account_id))),
        *([context(left_out)] if found.left_out else []),
        *map(section, _sections(lines)),
        *([] if lines else [section(Mrkdwn("Nothing was decided about this client yet."))]),
    ]
    return Message(tuple(blocks), Mrkdwn("History of {}.").format(client.company))


def _sections(lines: Sequence[Mrkdwn]) -> list[Mrkdwn]:
    """As many lines in one as Slack takes."""
    sections: list[Mrkdwn] = []
    for line in lines:
        longer = Mrkdwn("\n").join([sections[-1], line]) if sections else line
        sections[-1:] = [longer] if len(longer) <= _SECTION else [*sections[-1:], line]
    return sections


def _line(audit: Audit, room: int) -> Mrkdwn:
    person = re.fullmatch(r"[UW][A-Z0-9]+", audit.actor)
    actor = mention(audit.actor) if person else literal(audit.actor, _ACTOR)
    request = Mrkdwn(" {}").format(code(audit.request_id)) if audit.request_id else Mrkdwn("")
    detail = Mrkdwn(": {}").format(literal(audit.detail, room)) if audit.detail else Mrkdwn("")
    return Mrkdwn("{}  {} *{}*{}{}").format(
        second(audit.at), actor, literal(_did(audit.action), _ACTION), request, detail
    )


def _did(action: str) -> str:
    """What was done, so that nobody takes who was refused for who refused."""
    return f"was {action}" if action.startswith(_REFUSED) else _DONE.get(action, action)
