"""Hands work over to the provision Lambda and the kit Lambda, and does not wait for it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from bot.aws.outages import answering, sentence_of
from bot.domain.errors import TryAgain
from bot.domain.kit import KitAsked
from bot.domain.page import PageName

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from bot.domain.bulk import BulkName


class LambdaHandoff:
    """Asynchronous invocation: Lambda queues the event and answers at once.

    Every method raises TryAgain when Lambda does not take it: the work is stored, and the sweep finds it there.
    """

    def __init__(self, functions: LambdaClient, provision: str, kit: str) -> None:
        self._functions, self._provision, self._kit = functions, provision, kit

    def provision(self, request_id: str) -> None:
        self._invoke(self._provision, {"request_id": request_id})

    def show(self, owners: Sequence[str]) -> None:
        self._invoke(self._provision, {"show": list(owners)})

    def bulk(self, name: BulkName) -> None:
        self._invoke(self._provision, {"bulk": list(name)})

    def pages(self, teams: Sequence[str] = (), pages: Sequence[PageName] = ()) -> None:
        self._invoke(self._provision, {"teams": list(teams), "pages": [list(page) for page in pages]})

    def kit(self, asked: KitAsked) -> None:
        self._invoke(self._kit, {"send": vars(asked)})

    def renew(self, teams: Sequence[str]) -> None:
        self._invoke(self._kit, {"renew": list(teams)})

    def _invoke(self, function: str, event: dict[str, Any]) -> None:
        payload = json.dumps(event).encode()
        try:
            with answering("Lambda"):
                answer: Any = self._functions.invoke(FunctionName=function, InvocationType="Event", Payload=payload)
                answer["Payload"].read()  # empty; unread, it would keep the connection from the next call
        except ClientError as error:
            raise TryAgain(f"{function} did not take the request: {sentence_of(error)}") from error
