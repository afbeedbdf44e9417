"""A client's history, as an approver is told privately: who did what when, and what was refused."""

from __future__ import annotations

import re

from bot.model import Audit
from bot.ports import History
from bot.slack.blocks import Message, context, header, section
from bot.slack.text import Mrkdwn, code, literal, mention, second

_LINES_IN_A_SECTION = 7
_ACTION, _DETAIL = 40, 120


def history(found: History) -> Message:
    """Oldest first, as it happened."""
    client = found.client
    lines = [_line(audit) for audit in found.audits]
    parts = [lines[at : at + _LINES_IN_A_SECTION] for at in range(0, len(lines), _LINES_IN_A_SECTION)]
    left_out = Mrkdwn("{} older lines are in the table, under `client#{}`.").format(found.left_out, client.id)
    blocks = [
        header(f"History of {client.company}"),
        context(Mrkdwn("client {} · account {}").format(code(client.id), code(client.account_id))),
        *([context(left_out)] if found.left_out else []),
        *(section(Mrkdwn("\n").join(part)) for part in parts),
        *([] if lines else [section(Mrkdwn("Nothing was decided about this client yet."))]),
    ]
    return Message(tuple(blocks), Mrkdwn("History of {}.").format(client.company))


def _line(audit: Audit) -> Mrkdwn:
    person = re.fullmatch(r"[UW][A-Z0-9]+", audit.actor)
    actor = mention(audit.actor) if person else literal(audit.actor, _DETAIL)
    request = Mrkdwn(" {}").format(code(audit.request_id)) if audit.request_id else Mrkdwn("")
    detail = Mrkdwn(": {}").format(literal(audit.detail, _DETAIL)) if audit.detail else Mrkdwn("")
    return Mrkdwn("{}  {} *{}*{}{}").format(second(audit.at), actor, literal(audit.action, _ACTION), request, detail)
