"""Warnings on a request that an approver should read before deciding. A settled request has none."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import transitions
from bot.domain.request import Request, RoleHolder
from bot.domain.vocabulary import UNDER_WAY, Kind, State
from bot.slack.render.text import Mrkdwn, code, listed, literal

_SHOWN = 10
_COMPANY = 100
_UNCONFIRMED = Mrkdwn(
    "⚠️ *The deletion is not confirmed by the gate.* Only an SNS notification reports it, and anybody who may publish "
    "to the client's SNS topic can send one. Ask the client whether it has deleted its stack."
)
_DENIED = Mrkdwn("⚠️ *An approver has denied this client before*, and its stack has asked again since.")
_CONTRADICTED = Mrkdwn(
    "⚠️ *The client's stack was reported as deleted, but it has completed an operation since.* The gate never confirmed "
    "the deletion. One of the two reports may be forged by somebody in the client's account: ask the client."
)


def warnings(request: Request) -> list[Mrkdwn]:
    """Return the warnings on an open request; on a settled one only that another client's group grants the role."""
    found, warned = [], request.warnings
    open_still = bool(transitions.buttons(request.state)) or request.state in UNDER_WAY
    if warned.shared_with and (open_still or request.state is State.DONE):
        found += _shared_role(request, open_still=open_still)
    if open_still and warned.unconfirmed:
        found.append(_UNCONFIRMED)
    if open_still and warned.contradicted:
        found.append(_CONTRADICTED)
    if open_still and warned.denied:
        found.append(_DENIED)
    if open_still and warned.known_as:
        text = Mrkdwn(
            "⚠️ *This client has asked as “{}” before*; now its account is called {}. Make sure that it is theirs."
        )
        found.append(text.format(literal(warned.known_as, _COMPANY), literal(request.company, _COMPANY)))
    if open_still and request.kind.lets_in and (request.kind is not Kind.UPDATE or warned.recreated):
        found += _differences_from_the_invitation(request)
    return found


def _shared_role(request: Request, *, open_still: bool) -> list[Mrkdwn]:
    """Return which other clients have the role; after a removal too, which ended only one of the accesses."""
    if request.kind.takes_away:
        return [still_granted(request.stack.role_name, request.warnings.shared_with)]
    if not open_still:
        return []
    text = Mrkdwn("⚠️ *Another client of this account uses the role {} too:* {}. {}")
    granting = any(one.grants for one in request.warnings.shared_with)
    means = Mrkdwn("It lets people switch in already.") if granting else Mrkdwn("It may be approved as well.")
    return [text.format(code(request.stack.role_name), _named(request.warnings.shared_with), means)]


def still_granted(role_name: str, holders: Sequence[RoleHolder]) -> Mrkdwn:
    """Render which clients still give access to the role when the access of another client ends."""
    text = Mrkdwn("⚠️ *Another client still gives access to the role {}:* {}. To end that too, revoke that client.")
    return text.format(code(role_name), _named(holders))


def _named(holders: Sequence[RoleHolder]) -> Mrkdwn:
    one_of_them = Mrkdwn("{} (client {})")
    return listed([one_of_them.format(literal(one.company, _COMPANY), code(one.client_id)) for one in holders], _SHOWN)


def _differences_from_the_invitation(request: Request) -> list[Mrkdwn]:
    found = []
    if request.invited.level not in (None, request.stack.access_level):
        text = Mrkdwn("⚠️ *Access level differs from the invitation:* invited for *{}*, the client's stack says *{}*.")
        found.append(text.format(request.invited.level, request.stack.access_level))
    if request.invited.claimed_company:
        text = Mrkdwn("⚠️ *The client calls itself “{}”*; the invitation was for {}.")
        found.append(text.format(request.invited.claimed_company, request.company))
    namesakes = request.warnings.namesakes
    if namesakes:
        subject, accounts = ("Other clients are", "accounts") if namesakes[1:] else ("Another client is", "account")
        named = Mrkdwn(", ").join(map(code, namesakes[:_SHOWN]))
        more = Mrkdwn(" and more") if len(namesakes) > _SHOWN else ""
        text = Mrkdwn("⚠️ *{} called {} too:* {} {}{}. Make sure that this is the one you expect.")
        found.append(text.format(subject, request.company, accounts, named, more))
    return found
