"""Hands an approved request to the provision Lambda, and does not wait for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering, sentence_of
from bot.domain.errors import TryAgain

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


class LambdaHandoff:
    """Asynchronous invocation: Lambda queues the request id and answers at once."""

    def __init__(self, functions: LambdaClient, function_name: str) -> None:
        self._functions = functions
        self._function_name = function_name

    def provision(self, request_id: str) -> None:
        """Raise TryAgain whatever went wrong: the request is stored, and the sweep hands it over again."""
        payload = json.dumps({"request_id": request_id}).encode()
        try:
            with answering("Lambda"):
                self._functions.invoke(FunctionName=self._function_name, InvocationType="Event", Payload=payload)
        except ClientError as error:
            raise TryAgain(f"{self._function_name} did not take the request: {sentence_of(error)}") from error
