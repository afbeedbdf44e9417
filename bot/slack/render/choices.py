"""Says what a press on a request's buttons would change, and what it would not.

A grant lets people assume a role by name. The client's stack decides what that role may do. So only an update that
names another role waits for an approval; any other is in effect already, and Deny can't undo it.
"""

from __future__ import annotations

from typing import assert_never

from bot.domain.entrance import Entrance
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Remedy, State
from bot.slack.render.text import Mrkdwn, code, sentence

OPEN_SESSIONS = Mrkdwn(
    "Open sessions last until they expire, which takes at most the `MaxSessionSeconds` of the client's stack (1 to 12 "
    "hours). Only the client can end them sooner."
)
"""AWS checks whether somebody may switch only when the session begins (IAM User Guide, "Disabling permissions for
temporary security credentials"). Sessions of a deleted role end with the role."""
_WHOSE_ACCOUNT = Mrkdwn(
    "AWS proves the account's number, not whose account it is: compare the number with the one that the client "
    "told you."
)
_UPDATE_OF_SAME_ROLE = Mrkdwn(
    "This is in effect already: {people} can switch into {role}, with the access shown above. *Approve* confirms "
    "this{card}. *Deny* does not take the access away. {to_end}"
)
_REPAIR_LATER = Mrkdwn("First make the change in AWS that is described above; until then *Repair* fails. Then it {}")


def what_buttons_do(request: Request, entrance: Entrance) -> Mrkdwn | None:
    """Return what a press would change; None when there is nothing to press."""
    form = _form(request)
    return form and form.format(
        people=sentence(entrance.people),
        removal=sentence(entrance.removal),
        renewal=sentence(entrance.renewal),
        role=code(request.stack.role_name),
        before=code(request.previous.role_name) if request.previous else "",
        to_end=how_to_end(request),
        card=Mrkdwn("" if grants_the_same(request) else " and posts a new card"),
    )


def _form(request: Request) -> Mrkdwn | None:
    """Return what a press would change, with gaps for the names."""
    match request.state:
        case State.PENDING:
            return _asked(request)
        case State.FAILED:
            risk = Mrkdwn("Until it succeeds, assume that {people} can still switch in.")
            give_up = Mrkdwn("To take all access away instead, type {}.").format(_revoke(request))
            return Mrkdwn("*Retry* tries the same again. {}").format(risk if request.kind.takes_away else give_up)
        case State.DENIED | State.EXPIRED:
            return Mrkdwn("*Reopen* asks the approvers again.")
        case State.DRIFTED:
            return _repair(request)
        case State.APPROVED | State.PROVISIONING | State.DONE | State.SUPERSEDED | State.REPORTED:
            return None
    assert_never(request.state)


def _asked(request: Request) -> Mrkdwn | None:
    match request.kind:
        case Kind.ONBOARD:
            undone = Mrkdwn("{} ends the access again, *Reopen* takes a denial back.").format(_revoke(request))
            text = Mrkdwn("*Approve* lets {{people}} switch into {{role}}. *Deny* gives nobody access. {} {}")
            return text.format(undone, _WHOSE_ACCOUNT)
        case Kind.UPDATE if request.regrouping:
            return Mrkdwn("*Approve* lets {people} switch into {role}, and no other team. *Deny* changes nothing.")
        case Kind.UPDATE if request.previous is None:
            return Mrkdwn("*Approve* lets {people} switch into {role}. *Deny* leaves everything as it is.")
        case Kind.UPDATE if keeps_role(request):
            return _UPDATE_OF_SAME_ROLE
        case Kind.UPDATE:
            return Mrkdwn("*Approve* lets {people} switch into {role} instead of {before}. *Deny* keeps {before}.")
        case Kind.OFFBOARD:
            choice = Mrkdwn("*Approve* {removal}. *Deny* takes no access away: ")
            gone = Mrkdwn("The client deleted its stack, and the role with it. ")
            known = [] if request.warnings.unconfirmed else [gone]
            return Mrkdwn("").join([*known, choice, after_denied_removal(request)])
        case Kind.REPAIR | Kind.REPORT:
            return None
    assert_never(request.kind)


def after_denied_removal(request: Request) -> Mrkdwn:
    """Return who can still switch in when a removal is denied, with gaps for the names."""
    if request.warnings.unconfirmed:
        return Mrkdwn("as long as {role} exists, {people} can switch into it.")
    return Mrkdwn("if the client creates {role} again, {people} can switch into it at once.")


def _repair(request: Request) -> Mrkdwn:
    """Return what Repair does and what has to be done in AWS before it, with gaps for the names."""
    anew, nobody = Mrkdwn("{renewal}. It gives what was approved and nothing else."), Mrkdwn(" Nobody is removed.")
    again = Mrkdwn("restores what was approved: {people} may switch into {role}, and nothing else.")
    does = anew if request.makes_anew else again
    if any(one.remedy is Remedy.BY_HAND for one in request.differences):
        return _REPAIR_LATER.format(does)
    return Mrkdwn("*Repair* {}{}").format(does, "" if request.makes_anew else nobody)


def how_to_end(request: Request) -> Mrkdwn:
    """Return how an approver ends the access of a client whose stack still stands, and what that leaves open."""
    return Mrkdwn("To end the access, type {}. {}").format(_revoke(request), OPEN_SESSIONS)


def _revoke(request: Request) -> Mrkdwn:
    return code(f"/clients revoke {request.client_id}")


def grants_the_same(request: Request) -> bool:
    """Return whether the grant already equals what is asked for, so that the earlier card is still right."""
    return request.previous == request.stack.grant


def keeps_role(request: Request) -> bool:
    """Return whether this updates the same role that people can already switch into."""
    previous = request.previous
    return request.kind is Kind.UPDATE and previous is not None and previous.role_name == request.stack.role_name
