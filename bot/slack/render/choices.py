"""What a press on a request's buttons would change, and what it would not.

What is granted is to assume a role by name. What that role may do is up to the client's stack, so only an
update that names another role waits for us; any other has happened already, and Deny could not take it back.
"""

from __future__ import annotations

from typing import assert_never

from bot.domain.entrance import Entrance
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Remedy, State
from bot.slack.render.text import Mrkdwn, code, sentence

OPEN_SESSIONS = Mrkdwn(
    "Sessions that are open stay open until they expire: at most the `MaxSessionSeconds` of the client's stack, 1 to "
    "12 hours. Only the client can end them sooner."
)
"""AWS asks whether somebody may switch when the session begins, and not again (IAM User Guide, "Disabling permissions
for temporary security credentials"). What a deleted role allowed is over with the role."""
_ONBOARD = Mrkdwn("*Approve* lets {people} switch into {role}. *Deny* gives nobody access.")
_REMOVAL = Mrkdwn(
    "The client deleted its stack, and the role with it. *Approve* {removal}. *Deny* takes nothing away: "
    "should the client make {role} again, {people} could switch into it at once."
)
_UPDATE_OF_UNKNOWN = Mrkdwn("*Approve* lets {people} switch into {role}. *Deny* leaves everything as it is.")
_UPDATE_TO_OTHER_ROLE = Mrkdwn(
    "*Approve* lets {people} switch into {role} instead of {before}. *Deny* leaves them {before}."
)
_UPDATE_OF_SAME_ROLE = Mrkdwn(
    "Already {people} can switch into {role}, with the access shown above. *Approve* records that this is fine{card}. "
    "*Deny* takes nothing away. {to_end}"
)
_REMOVAL_UNCONFIRMED = Mrkdwn(
    "*Approve* {removal}. *Deny* takes nothing away: while {role} is there, {people} can switch into it."
)
_RETRY_REMOVAL = Mrkdwn("*Retry* tries the same again. Until it succeeds, expect that {people} can still switch in.")
_REPAIR = Mrkdwn(
    "*Repair* puts back what was approved: {people} may switch into {role}, and nothing else. Nobody is taken out."
)
_REPAIR_ANEW = Mrkdwn("*Repair* {renewal}. It gives {role} and nothing else.")
_REPAIR_LATER = Mrkdwn(
    "First do in AWS what is said above; until then *Repair* fails. Then it puts back what was approved: {people} may "
    "switch into {role}, and nothing else."
)
_REPAIR_ANEW_LATER = Mrkdwn("First do in AWS what is said above; until then *Repair* fails. Then it {renewal}.")
_RETRY = Mrkdwn("*Retry* tries the same again.")
_REOPEN = Mrkdwn("*Reopen* asks again.")


def what_buttons_do(request: Request, entrance: Entrance) -> Mrkdwn | None:
    """What a press would change; None when there is nothing to press."""
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
    match request.state:
        case State.PENDING:
            return _asked(request)
        case State.FAILED:
            return _RETRY_REMOVAL if request.kind.takes_away else _RETRY
        case State.DENIED | State.EXPIRED:
            return _REOPEN
        case State.DRIFTED:
            return _repair(request)
        case State.APPROVED | State.PROVISIONING | State.DONE | State.SUPERSEDED | State.REPORTED:
            return None
    assert_never(request.state)


def _asked(request: Request) -> Mrkdwn | None:
    match request.kind:
        case Kind.ONBOARD:
            return _ONBOARD
        case Kind.UPDATE if request.previous is None:
            return _UPDATE_OF_UNKNOWN
        case Kind.UPDATE:
            return _UPDATE_OF_SAME_ROLE if keeps_role(request) else _UPDATE_TO_OTHER_ROLE
        case Kind.OFFBOARD:
            return _REMOVAL_UNCONFIRMED if request.warnings.unconfirmed else _REMOVAL
        case Kind.REPAIR | Kind.REPORT:
            return None
    assert_never(request.kind)


def _repair(request: Request) -> Mrkdwn:
    """Return a form for what Repair does, and what somebody has to do in AWS before it."""
    by_hand = any(one.remedy is Remedy.BY_HAND for one in request.differences)
    if request.makes_anew:
        return _REPAIR_ANEW_LATER if by_hand else _REPAIR_ANEW
    return _REPAIR_LATER if by_hand else _REPAIR


def how_to_end(request: Request) -> Mrkdwn:
    """Return how an approver ends the access of a client whose stack still stands, and what that leaves open."""
    command = code(f"/clients revoke {request.client_id}")
    return Mrkdwn("To end the access, type {}. {}").format(command, OPEN_SESSIONS)


def grants_the_same(request: Request) -> bool:
    """Whether all of it is given already, so that the earlier card still tells the truth."""
    return request.previous == request.stack.grant


def keeps_role(request: Request) -> bool:
    """Whether it is an update of the very role that people can switch into already."""
    previous = request.previous
    return request.kind is Kind.UPDATE and previous is not None and previous.role_name == request.stack.role_name
