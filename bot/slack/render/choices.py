"""What a press on a request's buttons would change, and what it would not.

A client group lets its members assume a role by name. What that role may do is up to the client's stack, so only an
update that names another role waits for us; any other has happened already, and Deny could not take it back.
"""

from __future__ import annotations

from typing import assert_never

from bot.domain.request import Request
from bot.domain.vocabulary import Changed, Kind, State
from bot.settings import Settings
from bot.slack.render.text import Mrkdwn, code

OPEN_SESSIONS = Mrkdwn(
    "Sessions that are open stay open until they expire: at most the `MaxSessionSeconds` of the client's stack, 1 to "
    "12 hours. Only the client can end them sooner."
)
"""AWS asks whether somebody may switch when the session begins, and not again (IAM User Guide, "Disabling permissions
for temporary security credentials"). What a deleted role allowed is over with the role."""
_ONBOARD = Mrkdwn("*Approve* makes the IAM group {group}, whose members may switch into {role}. *Deny* makes nothing.")
_REMOVAL = Mrkdwn(
    "The client deleted its stack, and the role with it. *Approve* takes all members out of the IAM group {group} "
    "and deletes it. *Deny* leaves the group as it is: should the client make {role} again, its members could "
    "switch into it at once."
)
_UPDATE_OF_UNKNOWN = Mrkdwn(
    "*Approve* lets the members of {group} switch into {role}. *Deny* leaves the group as it is."
)
_UPDATE_TO_OTHER_ROLE = Mrkdwn(
    "*Approve* lets the members of {group} switch into {role} instead of {before}. "
    "*Deny* leaves the group as it is, on {before}."
)
_UPDATE_OF_SAME_ROLE = Mrkdwn(
    "Members of {group} can already switch into {role}, with the access shown above. *Approve* records that this is "
    "fine{card}. *Deny* takes nothing away. {to_end}"
)
_REMOVAL_UNCONFIRMED = Mrkdwn(
    "*Approve* takes all members out of the IAM group {group} and deletes it. *Deny* leaves the group as it is: while "
    "{role} is there, its members can switch into it."
)
_RETRY_REMOVAL = Mrkdwn(
    "*Retry* tries the same again. Until it succeeds, expect that whoever is in {group} can still switch in."
)
_REPAIR = Mrkdwn(
    "*Repair* puts back what was approved: members of {group} may switch into {role}, and nothing else. "
    "Its members stay."
)
_REPAIR_ANEW = Mrkdwn(
    "*Repair* makes the group {group} anew, for {role} and nothing else. Nobody is in it then: whoever was in it has "
    "to be put there again."
)
_REPAIR_LATER = Mrkdwn(
    "First do in AWS what is said above; until then *Repair* fails. Then it puts back what was approved: members of "
    "{group} may switch into {role}, and nothing else."
)
_REPAIR_ANEW_LATER = Mrkdwn(
    "First do in AWS what is said above; until then *Repair* fails. Then it makes the group anew, with nobody in it."
)
_RETRY = Mrkdwn("*Retry* tries the same again.")
_REOPEN = Mrkdwn("*Reopen* asks again.")


def what_buttons_do(request: Request, settings: Settings) -> Mrkdwn | None:
    """What a press would change; None when there is nothing to press."""
    form = _form(request)
    return form and form.format(
        group=code(settings.group_name(request.client_id)),
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
    found = {one.what for one in request.differences}
    by_hand = any(one.by_hand_first for one in found)
    if request.makes_anew or Changed.GROUP_LEFT in found:
        return _REPAIR_ANEW_LATER if by_hand else _REPAIR_ANEW
    return _REPAIR_LATER if by_hand else _REPAIR


def how_to_end(request: Request) -> Mrkdwn:
    """Return how an approver ends the access of a client whose stack still stands, and what that leaves open."""
    command = code(f"/clients revoke {request.client_id}")
    return Mrkdwn("To end the access, type {}. {}").format(command, OPEN_SESSIONS)


def grants_the_same(request: Request) -> bool:
    """Whether the group gives all of it already, so that the earlier card still tells the truth."""
    return request.previous == request.stack.grant


def keeps_role(request: Request) -> bool:
    """Whether it is an update of the very role that the group's members can switch into already."""
    previous = request.previous
    return request.kind is Kind.UPDATE and previous is not None and previous.role_name == request.stack.role_name
