"""Decides which errors of AWS mean "not now", so that every adapter raises TryAgain for the same ones."""

from __future__ import annotations

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
