"""Hands work over to the provision Lambda, and does not wait for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bot.aws.outages import answering, sentence_of
from bot.domain.errors import TryAgain
from bot.domain.page import PageName

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaHandoff:
    """Asynchronous invocation: Lambda queues the event and answers at once.

    Every method raises TryAgain when Lambda does not take it: the work is stored, and the sweep finds it there.
    """

    def __init__(self, functions: LambdaClient, function_name: str) -> None:
        self._functions = functions
        self._function_name = function_name

    def provision(self, request_id: str) -> None:
        self._invoke({"request_id": request_id})

    def show(self, client_ids: Sequence[str]) -> None:
        self._invoke({"show": list(client_ids)})

    def pages(self, teams: Sequence[str] = (), pages: Sequence[PageName] = ()) -> None:
        self._invoke({"teams": list(teams), "pages": [list(page) for page in pages]})

    def _invoke(self, event: dict[str, Any]) -> None:
        payload = json.dumps(event).encode()
        try:
            with answering("Lambda"):
                answer: Any = self._functions.invoke(
                    FunctionName=self._function_name, InvocationType="Event", Payload=payload
                )
                answer["Payload"].read()  # empty; unread, it would keep the connection from the next call
        except ClientError as error:
            raise TryAgain(f"{self._function_name} did not take the request: {sentence_of(error)}") from error
