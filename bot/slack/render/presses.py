"""Render who has decided and whose approval is still missing."""

from __future__ import annotations

from bot.domain.approvers import Approvers
from bot.domain.request import Decision, Request
from bot.domain.vocabulary import Verb
from bot.slack.render.choices import keeps_role
from bot.slack.render.text import Mrkdwn, literal, mention, moment

_REASON_LIMIT = 1500


def pressed(request: Request) -> Mrkdwn:
    """Render the last press that counted; for a Retry, after the approval that it carries out."""
    decision = request.decision
    if decision is None:
        return Mrkdwn("")
    people = _who_approved(request) if decision.verb is Verb.APPROVE else Mrkdwn("")
    text = Mrkdwn("{}*{}* by {}, {}.{}")
    return text.format(
        _approved_before(request, decision),
        decision.verb.words.pressed,
        people or mention(decision.actor),
        moment(decision.at),
        _revoked(request, decision),
    )


def denied_for(request: Request) -> Mrkdwn:
    """Render the reason of a denial; empty where none was given."""
    reason = request.decision.reason if request.decision else ""
    return Mrkdwn("\n*Reason:* {}").around(literal(reason, _REASON_LIMIT))


def needed(request: Request, approvers: Approvers) -> Mrkdwn:
    """Return in one sentence how many approvals it takes and whose alone is not enough, then who has approved so far.

    Empty where any one approver may decide.
    """
    number = approvers.approvals_for(request)
    two_people = approvers.need_two_people(request)
    if number == 1 and not two_people:
        return Mrkdwn("")
    text = Mrkdwn("\n👥 Needs {}{}.{}{}")
    already = Mrkdwn(" This access is in effect already.")
    return text.format(
        Mrkdwn("an approval") if number == 1 else Mrkdwn("{} approvals").format(number),
        _from_whom(request, number) if two_people else Mrkdwn(", from different people"),
        already if two_people and keeps_role(request) and not request.regrouping else "",
        Mrkdwn(" So far: {}.").around(_who_approved(request)),
    )


def _from_whom(request: Request, number: int) -> Mrkdwn:
    inviter = mention(request.asker) if request.asker else Mrkdwn("whoever invited the client")
    return Mrkdwn("{} not from {}").format(Mrkdwn(" that is" if number == 1 else ", one of them"), inviter)


def lapsed(request: Request) -> Mrkdwn:
    """Render whose approvals did not count, because these people were no longer approvers."""
    text = Mrkdwn("\n⚠️ {} approved earlier but is no longer an approver; that approval does not count.")
    return Mrkdwn("").join(text.format(mention(one.actor)) for one in request.lapsed)


def retried_so_far(request: Request, approvers: Approvers) -> Mrkdwn:
    """Render how many approvals still count after a failure, where these are too few."""
    needed, found = approvers.approvals_for(request), len(request.approvals)
    if not request.lapsed or found >= needed:
        return Mrkdwn("")
    text = Mrkdwn("\n👥 {} of {} approvals still count. A Retry by another approver counts as one more.")
    return text.format(found, needed)


def _who_approved(request: Request) -> Mrkdwn:
    return Mrkdwn(" and ").join(mention(one.actor) for one in request.approvals)


def _approved_before(request: Request, decision: Decision) -> Mrkdwn:
    if decision.verb is not Verb.RETRY or not request.approvals:
        return Mrkdwn("")
    return Mrkdwn("*Approved* by {}, {}. ").format(_who_approved(request), moment(request.approvals[-1].at))


def _revoked(request: Request, decision: Decision) -> Mrkdwn:
    """Render that an approver revoked the access, and not the client; empty where that is not so."""
    if not request.revoked:
        return Mrkdwn("")
    stands = Mrkdwn(" The client's stack still exists.")
    return stands if decision.verb is Verb.REVOKE else Mrkdwn(" The access was revoked.{}").format(stands)
