"""Renders a request's state: its title, and the line that says what happened and who did it."""

from __future__ import annotations

from typing import NamedTuple, assert_never

from bot.domain.advice import advice
from bot.domain.approvers import Approvers
from bot.domain.entrance import Entrance
from bot.domain.request import Request
from bot.domain.spelling import one_line
from bot.domain.vocabulary import UNDER_WAY, Kind, State
from bot.settings import Settings
from bot.slack.render import presses
from bot.slack.render.choices import OPEN_SESSIONS, after_denied_removal, grants_the_same, how_to_end, keeps_role
from bot.slack.render.limits import near_limits
from bot.slack.render.text import Mrkdwn, code, listed, mention, moment, preformatted, sentence

_REMOVED_SINCE = Mrkdwn(
    "⚪ *No longer valid.* The access was removed later. A session that was open then lasts until it expires, unless "
    "the client has deleted the role."
)
_CHANGED_SINCE = Mrkdwn("⚪ *No longer valid.* The access was changed later. A newer message says how it is now.")
_MENTIONS = 50
_NAMED_MEMBERS = 20
_REASON_LIMIT = 1500
_COMPANY = 100


class Titles(NamedTuple):
    """The words of one kind, which `title` puts together; `{}` is the company.

    A kind needs none for a state that it never has."""

    asked: str
    doing: str = "{}"
    whose: str = "{}"
    done: str = ""
    denied: str = "{}"
    working: str = ""


def titles(kind: Kind) -> Titles:
    """Return the words of this kind."""
    match kind:
        case Kind.ONBOARD:
            return Titles("Onboard {}?", "Onboarding {}", "{}", "onboarded", "{}", "granting the access")
        case Kind.UPDATE:
            return Titles("Update {}?", "Updating {}", "{}", "updated", "Update of {}", "changing the access")
        case Kind.OFFBOARD:
            return Titles("Remove {}?", "Removing {}", "{}", "removed", "Removal of {}", "removing the access")
        case Kind.REPAIR:
            asked, doing, whose = "{}: access changed by hand", "Repairing the access of {}", "The access of {}"
            return Titles(asked, doing, whose, "repaired", working="restoring the access as it was approved")
        case Kind.REPORT:
            return Titles("{}: client stack failed")
    assert_never(kind)


def title(request: Request, outdated: Kind | None = None) -> str:
    """Return the header: plain text, with the company's name unchanged."""
    words = titles(request.kind)
    form = f"{words.whose} was {words.done}" if outdated else _title(request.state, words)
    return form.format(request.company[:_COMPANY])


def _title(state: State, words: Titles) -> str:
    """Return the header with a gap for the company's name."""
    match state:
        case State.PENDING | State.DRIFTED | State.REPORTED:
            return words.asked
        case State.APPROVED | State.PROVISIONING:
            return words.doing
        case State.DONE:
            return f"✅ {words.whose} is {words.done}"
        case State.FAILED:
            return f"{words.doing} failed"
        case State.DENIED:
            return f"{words.denied} was denied"
        case State.EXPIRED:
            return f"{words.asked} Nobody decided"
        case State.SUPERSEDED:
            return f"{words.asked}{'' if words.asked.endswith('?') else '.'} No longer open"
    assert_never(state)


def state_line(request: Request, settings: Settings, entrance: Entrance, outdated: Kind | None = None) -> Mrkdwn:
    """Return what happened to the request so far, and who did it."""
    if outdated:
        return Mrkdwn("{}\n{}").format(no_longer_valid(outdated), presses.pressed(request))
    if request.state in UNDER_WAY and request.reason:
        return Mrkdwn("⏳ *Waiting.* {}\n{}").format(sentence(request.reason), presses.pressed(request))
    return _line(request, settings, entrance)


def _line(request: Request, settings: Settings, entrance: Entrance) -> Mrkdwn:
    pressed, lapsed, approvers = presses.pressed(request), presses.lapsed(request), who_may(settings.approvers)
    match request.state:
        case State.PENDING:
            needed = presses.needed(request, settings.approvers)
            text = Mrkdwn("🟡 *Waiting for approval* by {}{}{}{}")
            return text.format(approvers, needed, lapsed, Mrkdwn("\n{}").around(pressed))
        case State.APPROVED:
            return Mrkdwn("🔵 {} Starting soon; only one change per client runs at a time.{}").format(pressed, lapsed)
        case State.PROVISIONING:
            working = titles(request.kind).working
            return Mrkdwn("🔵 *In progress:* CloudFormation is {}.\n{}{}").format(working, pressed, lapsed)
        case State.DONE:
            limits = near_limits(request, settings, lacks_group=bool(entrance.lack))
            return Mrkdwn("✅ {}\n{}{}{}").format(_done(request, entrance), pressed, lapsed, limits)
        case State.FAILED:
            text = Mrkdwn("🔴 *Failed.* {}{}\n{}{}{}")
            retried = presses.retried_so_far(request, settings.approvers)
            advised = Mrkdwn("\n👉 {}").around(advice(request.reason))
            return text.format(_reason(request), advised, pressed, lapsed, retried)
        case State.DENIED:
            return Mrkdwn("⛔ {} {}{}").format(pressed, _left_alone(request, entrance), presses.denied_for(request))
        case State.EXPIRED:
            text = Mrkdwn("⌛ *Nobody decided before {}.* {}")
            return text.format(moment(request.expiry), _left_alone(request, entrance))
        case State.SUPERSEDED:
            return Mrkdwn("⚪ *Superseded.* {}").format(sentence(request.reason))
        case State.DRIFTED:
            text = Mrkdwn("🟠 *Different from what was approved.* {}: somebody has changed this by hand in AWS.\n{}")
            return text.format(approvers, _differences(request))
        case State.REPORTED:
            text = Mrkdwn("🔴 {} in the client's account. The client must fix it. Nothing to decide.\n{}")
            return text.format(code(request.stack_status), _reason(request))
    assert_never(request.state)


def no_longer_valid(outdated: Kind) -> Mrkdwn:
    """Return what has ended a grant since: an update, or its removal."""
    return _CHANGED_SINCE if outdated is Kind.UPDATE else _REMOVED_SINCE


def who_may(approvers: Approvers) -> Mrkdwn:
    """Return the approvers as mentions, which notify them when the message is new."""
    nobody = Mrkdwn("nobody: no approvers are configured. Ask whoever runs Switchyard to set `APPROVERS` and deploy")
    return listed([*map(mention, approvers.groups), *map(mention, approvers.users)], _MENTIONS) or nobody


def members_taken_out(request: Request) -> Mrkdwn:
    """Return whom a removal took out, whether or not the removal succeeded after that; empty for nobody."""
    members = [*map(code, request.attempt.removed_members)]
    return Mrkdwn("*Members removed:* {}").around(listed(members, _NAMED_MEMBERS))


def _done(request: Request, entrance: Entrance) -> Mrkdwn:
    if not request.kind.takes_away:
        text = Mrkdwn("Now {} may switch into {}. The {} shows how.{}")
        card = "earlier card" if grants_the_same(request) else "card in the thread"
        renewed = Mrkdwn(" {}").around(request.makes_anew and sentence(entrance.renewed))
        lack = Mrkdwn("\n⚠️ {}").around(request.kind.lets_in and sentence(entrance.lack))
        told = text.format(sentence(entrance.people), code(request.stack.role_name), card, renewed)
        return Mrkdwn("{}{}").format(told, lack)
    role_may_stand = (request.revoked or request.warnings.unconfirmed) and request.previous
    sessions = Mrkdwn("\n{}").around(role_may_stand and OPEN_SESSIONS)
    return Mrkdwn("{}{}").format(_removed(request, entrance), sessions)


def _removed(request: Request, entrance: Entrance) -> Mrkdwn:
    """Return what became of the grant, if there was one."""
    removed, missing = sentence(entrance.removed), sentence(entrance.missing)
    if request.attempt.removed_members:
        return Mrkdwn("The access is removed: {}.").format(removed)
    if request.previous is None:
        return Mrkdwn("There was no access to remove: {}.").format(missing)
    if request.teams:
        return Mrkdwn("The access is removed: {}.").format(removed)
    if request.attempt.stack_id is None:
        return Mrkdwn("There was no access to remove: {} any more.").format(missing)
    return Mrkdwn("The access is removed: {}. Nobody was in it.").format(removed)


def _left_alone(request: Request, entrance: Entrance) -> Mrkdwn:
    if request.kind is Kind.ONBOARD:
        return Mrkdwn("Nobody was given access.")
    if request.previous is None:
        return Mrkdwn("Nothing was changed.")
    if request.regrouping:
        return Mrkdwn("The same teams get in as before.")
    people, role = sentence(entrance.people), code(request.previous.role_name)
    if keeps_role(request):
        text = Mrkdwn("No access was taken away: {} can still switch into {}. {}")
        return text.format(people, role, how_to_end(request))
    if request.kind.takes_away:
        kept = after_denied_removal(request).format(people=people, role=role)
        return Mrkdwn("No access was taken away: {}").format(kept)
    return Mrkdwn("Nothing was changed: {} may still switch into {}.").format(people, role)


def _reason(request: Request) -> Mrkdwn:
    if not request.reason.strip():
        return Mrkdwn("CloudFormation gave no reason.")
    whose = "CloudFormation says" if request.kind is Kind.REPORT else "Reason"
    return Mrkdwn("{}:\n{}").format(whose, preformatted(one_line(request.reason), _REASON_LIMIT))


def _differences(request: Request) -> Mrkdwn:
    """Return what was found changed by hand, one line each."""
    lines = "\n".join(f"• {one_line(difference.told)}" for difference in request.differences)
    return preformatted(lines, _REASON_LIMIT) if lines else Mrkdwn("")
