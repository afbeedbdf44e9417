"""Who pressed what on a request, and who has to press yet."""

from __future__ import annotations

from bot.deciding import Approvers, grants_administrator
from bot.request import Decision, Request
from bot.slack.choices import keeps_role
from bot.slack.text import Mrkdwn, literal, mention, moment
from bot.vocabulary import Verb

_PRESSED = {
    Verb.APPROVE: "Approved",
    Verb.DENY: "Denied",
    Verb.RETRY: "Retried",
    Verb.REOPEN: "Reopened",
    Verb.REVOKE: "Revoked",
}
_REASON_LIMIT = 1500


def pressed(request: Request) -> Mrkdwn:
    """The last press that counted, and for a Retry what it carries out."""
    decision = request.decision
    if decision is None:
        return Mrkdwn("")
    people = _who_approved(request) if decision.verb is Verb.APPROVE else Mrkdwn("")
    text = Mrkdwn("{}*{}* by {}, {}.{}")
    return text.format(
        _approved_before(request, decision),
        _PRESSED[decision.verb],
        people or mention(decision.actor),
        moment(decision.at),
        _revoked(request, decision),
    )


def reopened(request: Request) -> Mrkdwn:
    """On a line of its own, for a request that waits again."""
    return Mrkdwn("\n{}").format(pressed(request)) if request.decision else Mrkdwn("")


def denied_for(request: Request) -> Mrkdwn:
    """The reason of a denial, where one was given."""
    reason = request.decision.reason if request.decision else ""
    return Mrkdwn("\n*Reason:* {}").format(literal(reason, _REASON_LIMIT)) if reason else Mrkdwn("")


def second_person(request: Request, approvers: Approvers) -> Mrkdwn:
    """That whoever invited can't approve this, where that is so."""
    if not (approvers.two_people and grants_administrator(request)):
        return Mrkdwn("")
    text = Mrkdwn("\n👥 {} access takes two people: somebody other than {}, who invited the client, has to approve.{}")
    already = Mrkdwn(" The members of the group have it already.") if keeps_role(request) else Mrkdwn("")
    return text.format(request.access_level, mention(request.invited_by), already)


def so_far(request: Request, approvers: Approvers) -> Mrkdwn:
    """How many have to approve, and who has, where it takes more than one."""
    needed = approvers.approvals_for(request)
    if needed == 1:
        return Mrkdwn("")
    if not request.approvals:
        return Mrkdwn("\n👥 {} different people have to approve it.").format(needed)
    text = Mrkdwn("\n👥 Approved so far by {}: {} of {}. Somebody else has to approve as well.")
    return text.format(_who_approved(request), len(request.approvals), needed)


def lapsed(request: Request) -> Mrkdwn:
    """Whose approvals do not count, because they were no approvers any more when it was decided."""
    text = Mrkdwn("\n⚠️ {} approved earlier but is no approver any more; that approval does not count.")
    return Mrkdwn("").join(text.format(mention(one.actor)) for one in request.lapsed)


def retried_so_far(request: Request, approvers: Approvers) -> Mrkdwn:
    """How many more have to press Retry, where too few approvals of what has failed still count."""
    needed, found = approvers.approvals_for(request), len(request.approvals)
    if not request.lapsed or found >= needed:
        return Mrkdwn("")
    text = Mrkdwn("\n👥 {} of {} approvals still count. Each Retry of somebody else counts as one.")
    return text.format(found, needed)


def _who_approved(request: Request) -> Mrkdwn:
    return Mrkdwn(" and ").join(mention(one.actor) for one in request.approvals)


def _approved_before(request: Request, decision: Decision) -> Mrkdwn:
    if decision.verb is not Verb.RETRY or not request.approvals:
        return Mrkdwn("")
    return Mrkdwn("*Approved* by {}, {}. ").format(_who_approved(request), moment(request.approvals[-1].at))


def _revoked(request: Request, decision: Decision) -> Mrkdwn:
    """That it was not the client who left."""
    if not request.revoked:
        return Mrkdwn("")
    stands = Mrkdwn(" The client's stack still stands.")
    return stands if decision.verb is Verb.REVOKE else Mrkdwn(" The access was revoked.{}").format(stands)
