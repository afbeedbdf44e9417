"""A client's history, shown to one approver privately: who did what and when, who invited, and who was refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from bot.decisions.block import BLOCK, UNBLOCK
from bot.decisions.decide import LAPSED
from bot.decisions.rename import LABEL, RENAME
from bot.domain.answers import History
from bot.domain.invitation import Invitation, RefusedPerson
from bot.domain.model import Audit
from bot.domain.vocabulary import Verb
from bot.slack.ids import NEWEST_HISTORY, OLDER_HISTORY
from bot.slack.render.blocks import Message, actions, button, context, header, section
from bot.slack.render.text import Mrkdwn, code, link, literal, mention, moment, packed, second

_SECTION = 2900
_ACTOR, _ACTION = 40, 50
_DONE: dict[str, str] = {
    **{verb: verb.words.done for verb in Verb},
    LAPSED: "had approved, but was no longer an approver",
    BLOCK: "blocked",
    UNBLOCK: "unblocked",
    RENAME: "renamed",
    LABEL: "labelled",
    "expire": "expired",
    "onboard done": "onboarded",
    "update done": "updated",
    "offboard done": "removed the access",
    "repair done": "repaired the access",
}
_DETAIL, _DETAILS = 500, 4500
"""Most characters of one detail, and of all together: a message takes 13,200."""
_LEFT_OUT = Mrkdwn(
    "This page leaves out some events of the client's own stack. The table holds all of them, under `client#{}`."
)
_NOTHING = Mrkdwn("Nothing has been decided about this client yet.")


def history(found: History, links: Mapping[str, str] = MappingProxyType({})) -> Message:
    """Render one page, newest first; the newest page also says who invited and who was refused.

    `links` open the messages of requests, by the request's id.
    """
    client, page = found.client, found.page
    room = min(_DETAIL, _DETAILS // max(len(page.audits), 1))
    lines = [line(audit, room, links.get(audit.request_id, "")) for audit in page.audits]
    blocks = [
        header(f"History of {client.company}{'' if found.newest else ', older'}"),
        context(Mrkdwn("client {} · account {}").format(code(client.id), code(client.stack.account_id))),
        *([section(_invited(found.invitation))] if found.newest else []),
        *map(section, packed(lines, Mrkdwn("\n"), _SECTION)),
        *([] if page.audits else [section(_NOTHING)]),
        *([context(_LEFT_OUT.format(client.id))] if page.left_out else []),
        *map(section, packed(_people(found), Mrkdwn("\n"), _SECTION)),
        *actions(
            None if found.newest else button("Newest", NEWEST_HISTORY, value=client.id),
            button("Older", OLDER_HISTORY, value=f"{client.id} {page.cursor}") if page.cursor is not None else None,
        ),
    ]
    return Message(tuple(blocks), Mrkdwn("History of {}.").format(client.company))


def asked_for(value: str) -> tuple[str, str]:
    """Return the client id and the cursor that a button's value holds."""
    client_id, _, cursor = value.partition(" ")
    return client_id, cursor


def _invited(invitation: Invitation | None) -> Mrkdwn:
    if invitation is None:
        return Mrkdwn("It is not known who invited this client.")
    text = Mrkdwn("*Invited* by {}, {}, for {} access.")
    return text.format(mention(invitation.invited_by), moment(invitation.created_at), invitation.access_level)


def _people(found: History) -> list[Mrkdwn]:
    """Return one line for each person who was refused."""
    lines = [_refused(one) for one in found.refused]
    more = [Mrkdwn("• and more people")] if found.more_refused else []
    return [Mrkdwn("*Refused*"), *lines, *more] if lines else []


def _refused(one: RefusedPerson) -> Mrkdwn:
    times = "once" if one.count == 1 else f"{one.count} times"
    about = _about(one.request_id, one.detail, _ACTOR)
    text = Mrkdwn("• {} was refused {}, last {}: {}{}")
    return text.format(_person(one.actor), times, moment(one.last_at), literal(one.action, _ACTION), about)


def line(audit: Audit, room: int, request_link: str = "") -> Mrkdwn:
    """Render who did what, and when; its detail takes at most so many characters.

    `request_link` opens the message of the request that it is about, where that is known.
    """
    about = _about(audit.request_id, audit.detail, room, request_link)
    done = literal(_DONE.get(audit.action, audit.action), _ACTION)
    return Mrkdwn("{}  {} *{}*{}").format(second(audit.at), _person(audit.actor), done, about)


def _about(request_id: str, detail: str, room: int, request_link: str = "") -> Mrkdwn:
    """Return the request and the detail, as far as there are any."""
    named = link(request_link, literal(request_id)) if request_link and request_id else request_id and code(request_id)
    request = Mrkdwn(" {}").around(named)
    return Mrkdwn("{}{}").format(request, Mrkdwn(": {}").around(literal(detail, room)))


def _person(actor: str) -> Mrkdwn:
    """Mention a person; show a client's account or Switchyard as it is written."""
    if re.fullmatch(r"[UW][A-Z0-9]+", actor):
        return mention(actor)
    return literal(actor, _ACTOR) if actor else Mrkdwn("somebody without an id")
