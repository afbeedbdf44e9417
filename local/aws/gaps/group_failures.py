"""Groups that can't be made, changed or deleted, as long as somebody wants it so: "CloudFormation fails".

No gap, but a bad day of AWS's that a person may call for. A creation meets the quota of groups (IAM User Guide, "IAM
and AWS STS quotas": 300 in an account), a change or a deletion an IAM that breaks down (IAM API Reference, "Common
Errors": InternalFailure). It fails before anything is changed, so that a rollback has nothing to do.
"""

import threading

from local.aws.gaps.handler_errors import HandlerError

_failing = threading.Event()


def fail(on: bool) -> None:
    """Let every group of a stack fail from now on, or no longer."""
    _failing.set() if on else _failing.clear()


def failing() -> bool:
    """Whether groups fail now."""
    return _failing.is_set()


def refuse_creation() -> None:
    """Raise what CreateGroup answers in an account that is full."""
    if failing():
        raise HandlerError("Cannot exceed quota for GroupsPerAccount: 300", 409, "LimitExceeded")


def refuse_change() -> None:
    """Raise what IAM answers on a bad day."""
    if failing():
        sentence = "The request processing has failed because of an unknown error, exception or failure."
        raise HandlerError(sentence, 500, "InternalFailure")
