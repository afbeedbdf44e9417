"""Records to store, each valid by itself; a test changes only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.answers import Actor
from bot.domain.app_home import AppHome
from bot.domain.bulk import Bulk, Covered, LeftOut
from bot.domain.invitation import Invitation
from bot.domain.limits import Limit
from bot.domain.message import Message, message_about
from bot.domain.model import (
    Account,
    Asked,
    Audit,
    Client,
    ClientStack,
    Difference,
    Event,
    Given,
    GoneStack,
    Grant,
    KnownBy,
    Place,
    Terms,
)
from bot.domain.page import Entry, Page, PageChange, Team, TeamTask
from bot.domain.request import Attempt, Deadlines, Decision, InvitedAs, Regrouping, Request, RoleHolder, SharedIn
from bot.domain.vocabulary import AccessLevel, Counted, Kind, Remedy, State, TeamVerb, Verb
from bot.domain.words import words_of
from tests.changed import changed

NEAR = Limit(Counted.GROUPS, 243, 300)
NOW = datetime(2026, 11, 23, 6, 5, 54, 123456, tzinfo=UTC)
PARENT = "arn:aws:cloudformation:eu-west-1:222222222222:stack/switchyard-access/11111111-1111-1111-1111-111111111111"
CHILD = (
    "arn:aws:cloudformation:eu-west-1:222222222222:stack/switchyard-access-Role/22222222-2222-2222-2222-222222222222"
)
ROLE_ARN = "arn:aws:iam::222222222222:role/switchyard-access"
STACK = ClientStack("222222222222", "switchyard-access", AccessLevel.READ_ONLY, PARENT)

HOME = SharedIn("a" * 64, "2026-11-23T06:05:54.123456Z#000001")


def a_client(**changes: Any) -> Client:
    """As it is stored: with its words, unless the test says others."""
    facts: dict[str, Any] = {
        "id": "caaaaaaaaaa",
        "company": "Acme",
        "stack": STACK,
        "token_hash": "a" * 64,
        "created_at": NOW,
    }
    client = changed(Client(**facts), **changes)
    return client if "words" in changes else changed(client, words=words_of(client))


def a_full_client(**changes: Any) -> Client:
    """Every field differs from its default."""
    facts: dict[str, Any] = {
        "terms": Terms(require_mfa=False, max_session_seconds=7200),
        "given": Given(
            replace(STACK, access_level=AccessLevel.POWER_USER, terms=Terms(True, 3600)),
            ("r0", "r1"),
            teams=("operators",),
            by_group=False,
        ),
        "may_have_group": True,
        "offboarded": True,
        "provisioning": "r1",
        "current_request": "r2",
        "open_report": "r3",
        "decided_by_event_at": NOW - timedelta(microseconds=1),
        "asked": Asked((NOW,), NOW),
        "known_by": KnownBy("production"),
        "stack_gone": True,
        "places": (Place(), Place("operators", 1)),
    }
    return changed(a_client(**facts), **changes)


def a_full_account() -> Account:
    return Account("222222222222", ("caaaaaaaaaa", "cbbbbbbbbbb"), "U0ADA", NOW)


def a_request(**changes: Any) -> Request:
    facts: dict[str, Any] = {
        "id": "r1",
        "client_id": "caaaaaaaaaa",
        "kind": Kind.ONBOARD,
        "state": State.PENDING,
        "company": "Acme",
        "stack": STACK,
        "stack_status": "CREATE_COMPLETE",
        "event_at": NOW,
        "created_at": NOW,
        "updated_at": NOW,
        "deadlines": Deadlines(NOW),
    }
    return changed(Request(**facts), **changes)


def a_full_request(**changes: Any) -> Request:
    """Every field differs from its default."""
    facts: dict[str, Any] = {
        "invited": InvitedAs(AccessLevel.ADMINISTRATOR, "U0ADA", "Acme <Ltd>", HOME),
        "previous": Grant("old-role", AccessLevel.ADMINISTRATOR, Terms(require_mfa=True, max_session_seconds=3600)),
        "terms": Terms(require_mfa=False, max_session_seconds=43200),
        "recreated": True,
        "unconfirmed": True,
        "shared_with": (RoleHolder("cbbbbbbbbbb", "Globex", grants=True),),
        "contradicted": True,
        "denied": True,
        "known_as": "Evil & Co",
        "namesakes": ("333333333333",),
        "decision": Decision(Verb.APPROVE, "U0ADA", NOW, "no contract", "T0", tells_client=True),
        "reason": "because\n'quoted' ünïcode",
        "attempt": Attempt(
            3, CHILD, NOW, NOW, ("olli", "ada"), ("operators",), paged=True, without_group=True, near_limits=(NEAR,)
        ),
        "teams": ("operators",),
        "regrouping": Regrouping(("data",), "U0BEA"),
        "posted_again": 2,
        "approvals": (Decision(Verb.APPROVE, "U0ADA", NOW),),
        "lapsed": (Decision(Verb.APPROVE, "U0BEA", NOW),),
        "differences": (Difference(Remedy.BY_HAND, "The policy admin was attached."),),
        "revoked": True,
        "presses": 7,
        "reminded_of": NOW,
        "remind_at": NOW,
        "expires_at": NOW,
    }
    return changed(a_request(**facts), **changes)


def a_bulk(**changes: Any) -> Bulk:
    covers = Covered("r1", 7), Covered("caaaaaaaaaa", 0, "0123456789abcdef")
    return replace(Bulk(HOME, 1, Verb.APPROVE, Actor("U0ADA", "T0HOME", "T0HOME"), NOW, 2, covers, NOW), **changes)


def a_full_bulk() -> Bulk:
    """Every field differs from its default."""
    return a_bulk(
        reason="because",
        tells_client=True,
        taken=1,
        left_out=(LeftOut("r1", "it has changed since"),),
        refused="No.",
    )


def an_app_home(**changes: Any) -> AppHome:
    """Every field has a value."""
    return replace(AppHome("U0ADA", "T0HOME", NOW, "||||acme", "0" * 64, "1795413602.abc"), **changes)


def a_message(**changes: Any) -> Message:
    about = message_about(a_request(), NOW)
    return replace(about, **changes)


def a_full_message(**changes: Any) -> Message:
    """Every field differs from its default."""
    facts: dict[str, Any] = {
        "wanted": 3,
        "shown": 2,
        "ts": "1.2",
        "lease_until": NOW,
        "held_until": NOW,
        "retry_at": NOW,
        "refused": 3,
    }
    return a_message(**{**facts, **changes})


def an_event(**changes: Any) -> Event:
    facts: dict[str, Any] = {
        "key": f"{CHILD}|e1",
        "stack": STACK,
        "child_stack_id": CHILD,
        "company": "Acme",
        "timestamp": NOW,
        "status": "CREATE_COMPLETE",
        "reason": "",
        "resource_type": "AWS::CloudFormation::Stack",
        "logical_id": "switchyard-access-Role",
        "about_stack": True,
    }
    return changed(Event(**facts), **changes)


def a_gone_stack(**changes: Any) -> GoneStack:
    facts: dict[str, Any] = {"parent_stack_id": PARENT, "client_id": "caaaaaaaaaa", "at": NOW, "confirmed": False}
    return GoneStack(**{**facts, **changes})


def an_invitation(**changes: Any) -> Invitation:
    facts: dict[str, Any] = {
        "token_hash": "a" * 64,
        "company": "Acme",
        "access_level": AccessLevel.READ_ONLY,
        "invited_by": "U0ADA",
        "created_at": NOW,
        "expires_at": NOW + timedelta(days=7),
    }
    return Invitation(**{**facts, **changes})


def a_full_invitation() -> Invitation:
    """Every field differs from its default."""
    return an_invitation(
        token_hash="b" * 64,
        account_id="222222222222",
        client_id="caaaaaaaaaa",
        spent_at=NOW,
        accounts=3,
        seats_taken=2,
        seat_of="a" * 64,
        cancelled_at=NOW,
    )


def an_audit(**changes: Any) -> Audit:
    facts: dict[str, Any] = {"at": NOW, "actor": "U0ADA", "action": "approve", "client_id": "caaaaaaaaaa"}
    return Audit(**{**facts, **changes})


def a_team(**changes: Any) -> Team:
    return replace(Team("operators", (49, 0), groups=1), **changes)


def a_full_team() -> Team:
    """Every field differs from its default."""
    task = TeamTask(
        TeamVerb.ADOPT, "U0ADA", NOW, NOW, "cursor", True, ("cbbbbbbbbbb",), 3, (AccessLevel.ADMINISTRATOR,)
    )
    return a_team(task=task, in_client_groups=("ada", "olli"))


def a_page_change(**changes: Any) -> PageChange:
    return replace(PageChange("operators", "caaaaaaaaaa", NOW), **changes)


def a_full_page_change(**changes: Any) -> PageChange:
    """Every field differs from its default."""
    facts: dict[str, Any] = {
        "role_arn": ROLE_ARN,
        "number": 1,
        "leaves": 2,
        "request_id": "r1",
        "token": "r1-3",
        "key": "operators",
        "token_hash": "a" * 64,
        "anew": True,
        "was": f"{ROLE_ARN}-before",
        "takes_off": True,
        "more": True,
    }
    return a_page_change(**{**facts, **changes})


def a_page(**changes: Any) -> Page:
    return replace(Page("operators", 1), **changes)


def a_full_page(**changes: Any) -> Page:
    """Every field differs from its default."""
    facts: dict[str, Any] = {
        "entries": (Entry("caaaaaaaaaa", ROLE_ARN),),
        "revision": 7,
        "batch": (a_full_page_change(),),
        "changed_at": NOW,
        "sent_at": NOW,
        "owed": (Entry("cbbbbbbbbbb", f"{ROLE_ARN}-owed"),),
        "again": True,
        "stack_id": PARENT,
    }
    return a_page(**{**facts, **changes})
