"""AWS's wire: botocore's own clients, as the product makes them, whose HTTP requests are answered, or fail, here.

botocore signs, sends, reads and tries again by itself; only its waiting between two attempts is left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from http import HTTPStatus
from io import BytesIO
from typing import Any, NoReturn
from uuid import uuid4

from boto3.session import Session
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.retries import quota, standard

from bot.aws.clients import WAITED_FOR
from tests.dynamodb_wire import Answer, cancelled, refusal
from tests.faults.injection import Fault, Injector

REGION = "eu-west-1"
_FIRST = re.compile(r"\battempt=1\b")


class Wire:
    """Answers one client's requests through `answered` (operation, body), until `leave`."""

    def __init__(self, service: str, injector: Injector, answered: Callable[[str, Any], Answer]) -> None:
        self.client: Any = client_of(service)
        self._service, self._injector, self._answered = service, injector, answered
        self._retry: Callable[[], AWSResponse] | None = None
        self.client.meta.events.register(f"before-send.{service}", self._send)

    def leave(self) -> None:
        self.client.meta.events.unregister(f"before-send.{self._service}", self._send)

    def _send(self, event_name: str, request: Any, **_: Any) -> AWSResponse:
        operation = event_name.rpartition(".")[2]
        asked = json.loads(request.body or b"{}")

        def effect() -> AWSResponse:
            return _response(request.url, *self._answered(operation, asked))

        if not _FIRST.search(_text(request.headers["amz-sdk-request"])):
            return (self._retry or effect)()
        self._retry = None
        failing = {
            Fault.REFUSED: lambda: _unanswered(ConnectTimeoutError),
            Fault.ANSWER_LOST: lambda: (effect(), _unanswered(ReadTimeoutError))[0],
            Fault.HICCUP: lambda: (effect(), _unanswered(ReadTimeoutError))[0],
            Fault.THROTTLED: lambda: _response(request.url, *_throttled(operation, asked)),
            Fault.BROKEN: lambda: _response(request.url, *refusal("InternalServerError", status=500)),
        }

        def fails(fault: Fault) -> Callable[[], AWSResponse]:
            self._retry = effect if fault is Fault.HICCUP else failing[fault]
            return failing[fault]

        answer: AWSResponse = self._injector.call(f"{self._service}.{operation}", effect, fails)
        return answer


class ShortCut:
    """A client whose calls take the wire only when they fail, since botocore costs ten times what it asks for.

    `test_the_end_is_the_same_on_the_wire` sends every call over it.
    """

    def __init__(self, wire: Wire, injector: Injector, answered: Callable[[str, Any], Answer]) -> None:
        self._wire, self._injector, self._answered = wire, injector, answered

    def __getattr__(self, method: str) -> Callable[..., Any]:
        operation = "".join(map(str.title, method.split("_")))

        def call(**asked: Any) -> Any:
            if self._injector.next_fails:
                return getattr(self._wire.client, method)(**asked)
            return self._injector.call(f"dynamodb.{operation}", lambda: self._direct(operation, asked))

        return call

    def _direct(self, operation: str, asked: dict[str, Any]) -> dict[str, Any]:
        status, body = self._answered(operation, asked | {"ClientRequestToken": uuid4().hex})
        if status < HTTPStatus.BAD_REQUEST:
            return body
        error = {"Code": body["__type"].partition("#")[2], "Message": body["message"]}
        answer: Any = {**body, "Error": error, "ResponseMetadata": {"HTTPStatusCode": status}}
        raise ClientError(answer, operation)


@cache
def client_of(service: str) -> Any:
    """Made once, as that is slow."""
    session = Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name=REGION)
    client = session.client(service, config=WAITED_FOR)  # type: ignore[call-overload]
    attempts = client.meta.config.retries["total_max_attempts"]
    at_once = standard.RetryHandler(
        retry_policy=standard.RetryPolicy(standard.StandardRetryConditions(attempts), _NoPause()),
        retry_event_adapter=standard.RetryEventAdapter(),
        retry_quota=standard.RetryQuotaChecker(quota.RetryQuota(initial_capacity=10**9)),  # type: ignore[arg-type]
    )
    client.meta.events.register_first(f"needs-retry.{service}", at_once.needs_retry)
    return client


class _NoPause(standard.BaseRetryBackoff):
    def delay_amount(self, context: Any) -> int:
        return 0


class _Raw(BytesIO):
    def stream(self, **_: Any) -> Any:
        yield self.read()


def _response(url: str, status: int, body: dict[str, Any]) -> AWSResponse:
    sent = json.dumps(body).encode()
    headers = HTTPHeaders.from_dict({"content-type": "application/x-amz-json-1.0", "content-length": str(len(sent))})
    return AWSResponse(url, status, headers, _Raw(sent))


def _throttled(operation: str, asked: dict[str, Any]) -> Answer:
    """A transaction is cancelled for it, everything else refused."""
    if operation == "TransactWriteItems":
        return cancelled("ThrottlingError", *(["None"] * (len(asked["TransactItems"]) - 1)))
    return refusal("ThrottlingException")


def _unanswered(error: type[ConnectTimeoutError | ReadTimeoutError]) -> NoReturn:
    raise error(endpoint_url=f"https://{REGION}.amazonaws.com")


def _text(header: str | bytes) -> str:
    return header.decode() if isinstance(header, bytes) else header
