"""What a client can be told about a request: which outcome, and what to do where its own stack failed. Pure.

The text itself is `bot/templates/text-for-client.txt.j2`. It names the account, the role and the level, which the
client knows, and nothing of ours: no Slack ids, no ids of requests or clients, no groups, teams or people.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.domain import policy
from bot.domain.model import Client
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State

_MENTION = re.compile(r"<[@#!][^>]*>")
_ADVICE = {
    r"\broles?\b.*already exists|already exists.*\brole|AccessRole: .*already exists": (
        "Your account already has a role of this name, perhaps from an earlier stack. If nothing needs it any more, "
        "delete that stack or role. Otherwise enter another name in the field RoleName."
    ),
    r"already exists": (
        "Your account already has something of this name, perhaps from an earlier stack. Delete that stack, or what "
        "AWS names, if nothing needs it any more."
    ),
    r"S3 error|TemplateURL": (
        "Your organization does not let you read the template from our bucket. Download it in your browser, as our "
        "first message describes, and create the stack from the file."
    ),
    r"explicit deny|service control policy|organizations": (
        "A policy of your organization forbids what the stack makes: one IAM role, and one Lambda function with its "
        "role. Ask whoever manages your organization to allow it for this account."
    ),
    r"capabilit(y|ies)": "Tick the boxes about IAM at the bottom of the form before you create the stack.",
    r"not authorized|AccessDenied|Access Denied": (
        "Whoever created the stack may not make IAM roles or Lambda functions. Create it as somebody who may, such as "
        "an administrator of the account."
    ),
    r"quota|limit ?exceeded|maximum number": (
        "Your account has as many of these as AWS allows. Delete what you no longer need, or ask AWS for more in the "
        "Service Quotas console."
    ),
    r"Status Code: 5\d\d|Internal ?(Failure|Error)|Service ?Unavailable": "AWS itself had a problem. Try again.",
}
_DEFAULT = "Mend what AWS names. If you don't know how, send us this text and we will look at it together."


class Outcome(StrEnum):
    """What can be told."""

    GRANTED = "granted"
    CHANGED = "changed"
    REMOVED = "removed"
    REVOKED = "revoked"
    DENIED = "denied"
    CHANGE_DENIED = "change denied"
    DELAYED = "delayed"
    """It is approved, but setting it up has failed on our side."""
    FAILED = "failed"
    """The client's own stack has failed."""


def outcome(request: Request, client: Client | None) -> Outcome | None:
    """Return what there is to tell a client; None while nothing is decided, and for what is no longer so."""
    lets_in, asked_by_client = request.kind.lets_in, request.regrouping is None
    match request.state:
        case State.DONE if lets_in and asked_by_client and client and policy.outdated(request, client) is None:
            return Outcome.GRANTED if request.kind is Kind.ONBOARD else Outcome.CHANGED
        case State.DONE if request.kind is Kind.OFFBOARD and client and client.grant is None:
            return Outcome.REVOKED if request.revoked else Outcome.REMOVED
        case State.DENIED if request.kind is Kind.ONBOARD:
            return Outcome.DENIED
        case State.DENIED if request.kind is Kind.UPDATE and asked_by_client:
            return Outcome.CHANGE_DENIED
        case State.FAILED if lets_in and asked_by_client:
            return Outcome.DELAYED
        case State.REPORTED:
            return Outcome.FAILED
    return None


def reason_for_client(request: Request) -> str:
    """Return the reason of a denial where the approver wants it told, without mentions; else an empty text."""
    decision = request.decision
    return _MENTION.sub("…", decision.reason) if decision and decision.tells_client else ""


def advice_for_client(reason: str) -> str:
    """Return what the client can do about CloudFormation's reason."""
    return next((text for words, text in _ADVICE.items() if re.search(words, reason, re.IGNORECASE)), _DEFAULT)
