"""Words with a fixed set of values, that people type, press and read, and that are stored.

Code that decides by one of them names every value in a `match` that ends in `assert_never`, so that mypy finds every
place that a new value needs. What several modules ask is a property here.
"""

from __future__ import annotations

from enum import Enum, StrEnum, auto
from typing import Literal, NamedTuple, assert_never


class AccessLevel(StrEnum):
    """What the access role may do in the client's account, by AWS managed policy."""

    ADMINISTRATOR = "Administrator"
    POWER_USER = "PowerUser"
    READ_ONLY = "ReadOnly"


DEFAULT_LEVEL = AccessLevel.READ_ONLY
"""What an invitation grants when the approver names no level: the least."""


class Kind(StrEnum):
    """What a request asks of the team. A report asks nothing: it says that the client's own stack operation failed."""

    ONBOARD = "onboard"
    UPDATE = "update"
    OFFBOARD = "offboard"
    REPAIR = "repair"
    """Restore access that was changed by hand."""
    REPORT = "report"

    @property
    def lets_in(self) -> bool:
        """Return whether approving it lets operators into the client's account on the terms that it shows."""
        match self:
            case Kind.ONBOARD | Kind.UPDATE:
                return True
            case Kind.OFFBOARD | Kind.REPAIR | Kind.REPORT:
                return False
        assert_never(self)

    @property
    def takes_away(self) -> bool:
        """Return whether approving it ends the client's access."""
        match self:
            case Kind.OFFBOARD:
                return True
            case Kind.ONBOARD | Kind.UPDATE | Kind.REPAIR | Kind.REPORT:
                return False
        assert_never(self)


class Phase(Enum):
    """Who has to act next on a request: a person, Switchyard or AWS, nobody."""

    WAITS = auto()
    UNDER_WAY = auto()
    AT_REST = auto()


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
    """The client's access is not as it was approved."""
    REPORTED = "REPORTED"

    @property
    def phase(self) -> Phase:
        """Return who has to act next."""
        match self:
            case State.PENDING | State.FAILED:
                return Phase.WAITS
            case State.APPROVED | State.PROVISIONING:
                return Phase.UNDER_WAY
            case State.DONE | State.DENIED | State.EXPIRED | State.SUPERSEDED | State.DRIFTED | State.REPORTED:
                return Phase.AT_REST
        assert_never(self)


UNDER_WAY = tuple(state for state in State if state.phase is Phase.UNDER_WAY)
"""Decided, and not yet carried out."""


class Words(NamedTuple):
    """What only approvers may; what somebody did, after their name and before "by"; how the button stands out."""

    may: str
    done: str
    pressed: str
    style: Literal["primary", "danger"] | None = None


class Verb(StrEnum):
    """What a person can press. Revoking is typed first, and pressed on the private question that answers it."""

    APPROVE = "approve"
    DENY = "deny"
    RETRY = "retry"
    REOPEN = "reopen"
    REVOKE = "revoke"
    REPAIR = "repair"

    @property
    def words(self) -> Words:
        """Return how to speak of it."""
        match self:
            case Verb.APPROVE:
                return Words("approve requests", "approved", "Approved", "primary")
            case Verb.DENY:
                return Words("deny requests", "denied", "Denied", "danger")
            case Verb.RETRY:
                return Words("retry what failed", "retried", "Retried")
            case Verb.REOPEN:
                return Words("reopen requests", "reopened", "Reopened")
            case Verb.REVOKE:
                return Words("revoke access", "revoked", "Revoked")
            case Verb.REPAIR:
                return Words("repair groups", "pressed Repair", "Repair pressed")
        assert_never(self)


class TeamVerb(StrEnum):
    """What approvers may have done to a whole team."""

    ADOPT = "adopt"
    """Put every client that has access on its pages."""
    REMOVE = "remove"
    """Take every client off its pages."""
    PREPARE = "prepare"
    """Make all ten pages of its first group ahead."""

    @property
    def doing(self) -> str:
        """Return how to say that it is under way."""
        match self:
            case TeamVerb.ADOPT:
                return "is adopting all clients"
            case TeamVerb.REMOVE:
                return "is being emptied"
            case TeamVerb.PREPARE:
                return "is being prepared"
        assert_never(self)


class Remedy(StrEnum):
    """What Repair does about something that was changed by hand."""

    PUT_BACK = "put back"
    RENEW = "renew"
    """The grant was deleted, and nobody can use it."""
    BY_HAND = "by hand"
    """Nothing, until somebody has made a change in AWS."""


class Standing(StrEnum):
    """Where a client stands, as `/clients` shows it."""

    ARRIVING = "arriving"
    WAITING = "waiting for approval"
    PROVISIONING = "being set up"
    ONBOARDED = "onboarded"
    UPDATE_WAITING = "onboarded, update waits for approval"
    DRIFTED = "onboarded, but its access was changed by hand"
    DENIED = "denied"
    STACK_FAILED = "stack failed"
    EXPIRED = "expired"
    FAILED = "failed"
    LEAVING = "leaving, removal waits for approval"
    REMOVAL_FAILED = "leaving, removal failed"
    KEPT = "left, access kept"
    WITHDRAWN = "left before approval"
    OFFBOARDED = "offboarded"
    BLOCKED = "blocked"
    """Whatever else would be so; its account's `Account` says by whom."""


class Counted(StrEnum):
    """What IAM allows an account only so many of."""

    GROUPS = "groups"
    POLICIES = "policies"
    """Customer-managed ones."""


class Measure(StrEnum):
    """What is measured, by the names that CloudWatch knows."""

    EVENTS_TAKEN = "EventsTaken"
    EVENTS_REFUSED = "EventsRefused"
    DECISIONS = "Decisions"
    EVENT_TO_MESSAGE = "EventToMessage"
    APPROVAL_TO_ACCESS = "ApprovalToAccess"
    OLDEST_UNPOSTED = "OldestUnposted"
    OLDEST_UNFINISHED = "OldestUnfinished"
    QUOTA_USED = "QuotaUsed"
