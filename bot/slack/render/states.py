"""Where a request stands, in words: its title, and the line that says what happened and who did it."""

from __future__ import annotations

from bot.domain.advice import advice
from bot.domain.approvers import Approvers
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, Kind, State
from bot.settings import Settings
from bot.slack.render import presses
from bot.slack.render.choices import OPEN_SESSIONS, grants_the_same, how_to_end, keeps_role
from bot.slack.render.outdated import outdated_line, outdated_title
from bot.slack.render.text import Mrkdwn, code, mention, mention_group, moment, one_line, preformatted, sentence

_TITLES = {
    Kind.ONBOARD: {
        State.PENDING: "Onboard {}?",
        State.APPROVED: "Onboarding {}",
        State.PROVISIONING: "Onboarding {}",
        State.DONE: "✅ {} is onboarded",
        State.FAILED: "Onboarding {} failed",
        State.DENIED: "{} was denied",
        State.EXPIRED: "Onboard {}? Nobody decided",
        State.SUPERSEDED: "Onboard {}? No longer asked",
    },
    Kind.UPDATE: {
        State.PENDING: "Update {}?",
        State.APPROVED: "Updating {}",
        State.PROVISIONING: "Updating {}",
        State.DONE: "✅ {} is updated",
        State.FAILED: "Updating {} failed",
        State.DENIED: "Update of {} was denied",
        State.EXPIRED: "Update {}? Nobody decided",
        State.SUPERSEDED: "Update {}? No longer asked",
    },
    Kind.OFFBOARD: {
        State.PENDING: "Remove {}?",
        State.APPROVED: "Removing {}",
        State.PROVISIONING: "Removing {}",
        State.DONE: "✅ {} is removed",
        State.FAILED: "Removing {} failed",
        State.DENIED: "Removal of {} was denied",
        State.EXPIRED: "Remove {}? Nobody decided",
        State.SUPERSEDED: "Remove {}? No longer asked",
    },
    Kind.REPAIR: {
        State.DRIFTED: "{}: group changed by hand",
        State.APPROVED: "Repairing the group of {}",
        State.PROVISIONING: "Repairing the group of {}",
        State.DONE: "✅ The group of {} is repaired",
        State.FAILED: "Repairing the group of {} failed",
        State.SUPERSEDED: "{}: group changed by hand. No longer asked",
    },
    Kind.REPORT: {State.REPORTED: "{}: client stack failed"},
}
_WORKING = {
    Kind.ONBOARD: "CloudFormation is making the group",
    Kind.UPDATE: "CloudFormation is updating the group",
    Kind.OFFBOARD: "CloudFormation is deleting the group",
    Kind.REPAIR: "CloudFormation is putting the group back as it was approved",
    Kind.REPORT: "",
}
_LINES = {
    State.PENDING: Mrkdwn("🟡 *Waiting for approval* by {approvers}{needed}{lapsed}{reopened}"),
    State.APPROVED: Mrkdwn("🔵 {pressed} It starts in a moment; one change per client at a time.{lapsed}"),
    State.PROVISIONING: Mrkdwn("🔵 *In progress:* {working}.\n{pressed}{lapsed}"),
    State.DONE: Mrkdwn("✅ {done}\n{pressed}{lapsed}"),
    State.FAILED: Mrkdwn("🔴 *Failed.* {reason}{advice}\n{pressed}{lapsed}{retried_so_far}"),
    State.DENIED: Mrkdwn("⛔ {pressed} {left_alone}{denied_for}"),
    State.EXPIRED: Mrkdwn("⌛ *Nobody decided until {expiry}.* {left_alone}"),
    State.SUPERSEDED: Mrkdwn("⚪ *Superseded.* {why}"),
    State.DRIFTED: Mrkdwn(
        "🟠 *Not as it was approved.* {approvers}: somebody has changed this by hand in AWS.\n{differences}"
    ),
    State.REPORTED: Mrkdwn("🔴 {status} in the client's account, for the client to mend. Nothing to decide.\n{reason}"),
}
_WAITING = Mrkdwn("⏳ *Waiting.* {why}\n{pressed}")
_KEPT = Mrkdwn(
    "The IAM group {} stays as it is. The client deleted the role {}; if it makes that role again, the group's members "
    "can switch into it."
)
_KEPT_UNCONFIRMED = Mrkdwn("The IAM group {} stays as it is: while {} is there, its members can switch into it.")
_COMPANY_IN_TITLE = 100
_MENTIONS = 50
_NAMED_MEMBERS = 20
_REASON_LIMIT = 1500


def title(request: Request, outdated: Kind | None = None) -> str:
    """The header. Plain text, with the company as it is."""
    company = request.company[:_COMPANY_IN_TITLE]
    form = outdated_title(request) if outdated else _TITLES[request.kind][request.state]
    return form.format(company)


def state_line(request: Request, settings: Settings, outdated: Kind | None = None) -> Mrkdwn:
    """What happened to the request so far, and who did it."""
    if outdated:
        return outdated_line(request, outdated)
    line = _WAITING if request.state in UNDER_WAY and request.reason else _LINES[request.state]
    group = code(settings.group_name(request.client_id))
    return line.format(
        approvers=who_may(settings.approvers),
        pressed=presses.pressed(request),
        needed=presses.needed(request, settings.approvers),
        lapsed=presses.lapsed(request),
        retried_so_far=presses.retried_so_far(request, settings.approvers),
        reopened=presses.reopened(request),
        working=_WORKING[request.kind],
        done=_done(request, group),
        expiry=moment(request.expiry),
        left_alone=_left_alone(request, group),
        denied_for=presses.denied_for(request),
        status=code(request.stack_status),
        why=sentence(request.reason),
        reason=_reason(request),
        differences=_differences(request),
        advice=_advice(request),
    )


def who_may(approvers: Approvers) -> Mrkdwn:
    """The approvers, mentioned; a new message with it notifies them."""
    everybody = [*map(mention_group, approvers.groups), *map(mention, approvers.users)]
    if not everybody:
        return Mrkdwn("nobody: no approvers are configured. Whoever runs Switchyard sets `APPROVERS` and deploys again")
    named = Mrkdwn(", ").join(everybody[:_MENTIONS])
    more = len(everybody) - _MENTIONS
    return Mrkdwn("{} and {} more").format(named, more) if more > 0 else named


def members_taken_out(request: Request) -> Mrkdwn:
    """Whom a removal took out of the group, which counts whether or not it succeeded after that."""
    named = Mrkdwn(", ").join(map(code, request.removed_members[:_NAMED_MEMBERS]))
    more = len(request.removed_members) - _NAMED_MEMBERS
    rest = Mrkdwn(" and {} more").format(more) if more > 0 else Mrkdwn("")
    return Mrkdwn("*Members taken out of the group:* {}{}").format(named, rest)


def _done(request: Request, group: Mrkdwn) -> Mrkdwn:
    if request.kind is not Kind.OFFBOARD:
        text = Mrkdwn("Members of {} may switch into {}, as the {} says.")
        card = "earlier card" if grants_the_same(request) else "card in the thread"
        anew = Mrkdwn(" The group was made anew: nobody is in it until somebody puts them there.")
        return Mrkdwn("{}{}").format(
            text.format(group, code(request.role_name), card), anew if request.makes_anew else Mrkdwn("")
        )
    role_may_stand = (request.revoked or request.unconfirmed) and request.previous
    sessions = Mrkdwn("\n{}").format(OPEN_SESSIONS) if role_may_stand else Mrkdwn("")
    return Mrkdwn("{}{}").format(_removed(request).format(group), sessions)


def _removed(request: Request) -> Mrkdwn:
    """Return a form for what became of the group, if there was one."""
    if request.removed_members:
        return Mrkdwn("The IAM group {} is gone.")
    if request.previous is None:
        return Mrkdwn("Nothing had to be taken away: there is no IAM group {}.")
    if request.stack_id is None:
        return Mrkdwn("The IAM group {} was gone already.")
    return Mrkdwn("The IAM group {} is gone. It had no members.")


def _left_alone(request: Request, group: Mrkdwn) -> Mrkdwn:
    if request.kind is Kind.ONBOARD:
        return Mrkdwn("No group was made.")
    if request.previous is None:
        return Mrkdwn("Nothing was changed.")
    role = code(request.previous.role_name)
    if keeps_role(request):
        text = Mrkdwn("Nothing was taken away: members of the IAM group {} can switch into {}. {}")
        return text.format(group, role, how_to_end(request))
    if request.kind is Kind.OFFBOARD:
        return (_KEPT_UNCONFIRMED if request.unconfirmed else _KEPT).format(group, role)
    return Mrkdwn("The IAM group {} stays as it is: its members may assume {}.").format(group, role)


def _reason(request: Request) -> Mrkdwn:
    if not request.reason.strip():
        return Mrkdwn("CloudFormation gave no reason.")
    whose = "CloudFormation says" if request.kind is Kind.REPORT else "The reason"
    return Mrkdwn("{}:\n{}").format(whose, preformatted(one_line(request.reason), _REASON_LIMIT))


def _differences(request: Request) -> Mrkdwn:
    """What was found changed by hand, a line each."""
    lines = "\n".join(f"• {one_line(difference.told)}" for difference in request.differences)
    return preformatted(lines, _REASON_LIMIT) if lines else Mrkdwn("")


def _advice(request: Request) -> Mrkdwn:
    text = advice(request.reason)
    return Mrkdwn("\n👉 {}").format(text) if text else Mrkdwn("")
