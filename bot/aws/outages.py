"""Decides which errors of AWS mean "not now", so that every adapter raises TryAgain for the same ones.

It also reads what CloudFormation means by a ValidationError: one code stands for many things, so its sentence decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError

from bot.domain.errors import TryAgain

_PASSING = {
    "ConcurrentModification",
    "EntityTemporarilyUnmodifiable",
    "InternalFailure",
    "InternalServerError",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "ServiceUnavailable",
    "SlowDown",
    "Throttling",
    "ThrottlingError",
    "ThrottlingException",
    "ThrottledException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}
_TAKEN = {"AlreadyExistsException", "TokenAlreadyExistsException"}
_GONE = re.compile(r"Stack .* does not exist", re.DOTALL)
_STATUS = re.compile(r"\b[A-Z]+(_[A-Z]+)*_(IN_PROGRESS|COMPLETE|FAILED)\b")
_NOT_NOW = "{} {} just now. Nothing was lost; it can be tried again in a minute."
_SERVER_ERROR = 500
_TOO_MANY = 429


def code_of(error: ClientError) -> str:
    """Return AWS's error code."""
    return error.response.get("Error", {}).get("Code", "")


def sentence_of(error: ClientError) -> str:
    """Return AWS's own sentence, or its code where there is none."""
    return error.response.get("Error", {}).get("Message") or code_of(error)


def passes(code: str, status: int) -> bool:
    """Return whether this error code, or HTTP status, means throttling or an outage."""
    return code in _PASSING or status == _TOO_MANY or status >= _SERVER_ERROR


@contextmanager
def answering(service: str) -> Iterator[None]:
    """Raise TryAgain, naming the service, for throttling, 5xx, timeouts and a broken network; let the rest through."""
    try:
        yield
    except ClientError as error:
        if passes(code_of(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)):
            raise TryAgain(_NOT_NOW.format(service, "does not answer")) from error
        raise
    except (ConnectionError, HTTPClientError) as error:
        raise TryAgain(_NOT_NOW.format(service, "can't be reached")) from error


def missing(error: ClientError) -> bool:
    """Return whether there is no such stack."""
    return code_of(error) == "ValidationError" and bool(_GONE.match(sentence_of(error)))


def unchanged(error: ClientError) -> bool:
    """Return whether the stack is already as the update wants it."""
    return "No updates are to be performed" in sentence_of(error)


def moved_on(error: ClientError) -> bool:
    """Return whether it was refused because the stack has changed since we looked at it."""
    if code_of(error) in _TAKEN or missing(error):
        return True
    return code_of(error) == "ValidationError" and bool(_STATUS.search(sentence_of(error)))
