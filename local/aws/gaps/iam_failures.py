"""Groups and managed policies of stacks that can't be made, changed or deleted: "CloudFormation fails".

No gap, but a bad day of AWS's that a person may call for. A creation meets the account's quota (IAM User Guide, "IAM
and AWS STS quotas": 300 groups, 1,500 customer managed policies), a change or a deletion an IAM that breaks down (IAM
API Reference, "Common Errors": InternalFailure). It fails before anything is changed, so that a rollback has nothing to
do.
"""

import threading

from local.aws.gaps.handler_errors import HandlerError

_failing = threading.Event()


def fail(on: bool) -> None:
    """Let every group and managed policy of a stack fail from now on, or no longer."""
    _failing.set() if on else _failing.clear()


def failing() -> bool:
    """Whether they fail now."""
    return _failing.is_set()


def refuse_creation(quota: str) -> None:
    """Raise what IAM answers in an account that is full, where the quota is named as IAM names it, with its size."""
    if failing():
        raise HandlerError(f"Cannot exceed quota for {quota}", 409, "LimitExceeded")


def refuse_change() -> None:
    """Raise what IAM answers on a bad day."""
    if failing():
        sentence = "The request processing has failed because of an unknown error, exception or failure."
        raise HandlerError(sentence, 500, "InternalFailure")
