"""The words that have a fixed set of values: what people type, press and read, and what is stored of it."""

from __future__ import annotations

from enum import StrEnum


class AccessLevel(StrEnum):
    """What the access role may do in the client's account, by AWS managed policy."""

    ADMINISTRATOR = "Administrator"
    POWER_USER = "PowerUser"
    READ_ONLY = "ReadOnly"


DEFAULT_LEVEL = AccessLevel.READ_ONLY
"""What an invitation grants when the approver names no level: the least."""


class Kind(StrEnum):
    """What a request asks of the team. A report asks nothing: it tells that the client's own stack operation failed."""

    ONBOARD = "onboard"
    UPDATE = "update"
    OFFBOARD = "offboard"
    REPAIR = "repair"
    """Put a group back that was changed by hand."""
    REPORT = "report"


class State(StrEnum):
    """Where a request stands; `transitions.py` says how it moves."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    PROVISIONING = "PROVISIONING"
    DONE = "DONE"
    FAILED = "FAILED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"
    SUPERSEDED = "SUPERSEDED"
    DRIFTED = "DRIFTED"
    """The client's group is not as it was approved."""
    REPORTED = "REPORTED"


UNDER_WAY = (State.APPROVED, State.PROVISIONING)
"""Decided, and not yet carried out."""


class Verb(StrEnum):
    """What a person can press. Revoking is typed first, and pressed on the private question that answers it."""

    APPROVE = "approve"
    DENY = "deny"
    RETRY = "retry"
    REOPEN = "reopen"
    REVOKE = "revoke"
    REPAIR = "repair"


class Changed(StrEnum):
    """What was changed by hand about a client group or its stack."""

    STACK_GONE = "stack gone"
    STACK_FOREIGN = "another's stack"
    GROUP_GONE = "group gone"
    GROUP_LEFT = "group without a stack"
    GROUP_MOVED = "group moved"
    POLICY = "policy changed"
    ADDED = "policies added"


class Standing(StrEnum):
    """Where a client stands, as `/clients` shows it."""

    ARRIVING = "arriving"
    WAITING = "waiting for approval"
    PROVISIONING = "being set up"
    ONBOARDED = "onboarded"
    UPDATE_WAITING = "onboarded, update waits for approval"
    DRIFTED = "onboarded, but its group was changed by hand"
    DENIED = "denied"
    STACK_FAILED = "stack failed"
    EXPIRED = "expired"
    FAILED = "failed"
    LEAVING = "leaving, removal waits for approval"
    REMOVAL_FAILED = "leaving, removal failed"
    KEPT = "left, group kept"
    WITHDRAWN = "left before approval"
    OFFBOARDED = "offboarded"


class Measure(StrEnum):
    """What is measured, by the names that CloudWatch knows."""

    EVENTS_TAKEN = "EventsTaken"
    EVENTS_REFUSED = "EventsRefused"
    DECISIONS = "Decisions"
    EVENT_TO_MESSAGE = "EventToMessage"
    APPROVAL_TO_ACCESS = "ApprovalToAccess"
    OLDEST_UNPOSTED = "OldestUnposted"
    OLDEST_UNFINISHED = "OldestUnfinished"
