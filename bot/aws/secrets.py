"""Slack's secrets, from SSM Parameter Store, read again every few minutes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering, code_of
from bot.domain.errors import SettingsInvalid, TryAgain

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


KEPT_SECONDS = 200
"""How long a secret is kept. A container that is kept warm may live for days, and must notice a rotated secret. Shorter
than the warming schedule's 4 minutes, so that the schedule reads the secret again, and no press waits for that."""
log = logging.getLogger(__name__)


class ParameterSecrets:
    """SecureString parameters, decrypted and kept for a few minutes, or for as long as the parameter store is down."""

    def __init__(self, ssm: SSMClient, now: Callable[[], float] = time.monotonic) -> None:
        self._ssm, self._now = ssm, now
        self._read: dict[str, tuple[str, float]] = {}

    def get(self, name: str) -> str:
        """Raise SettingsInvalid, with the command that mends it, when there is none, TryAgain when SSM is silent."""
        known, until = self._read.get(name, ("", 0.0))
        if known and self._now() < until:
            return known
        try:
            found = self._fetch(name)
        except TryAgain as error:
            if not known:
                raise
            log.warning("%s could not be read again: %s", name, error)
            found = known
        self._read[name] = found, self._now() + KEPT_SECONDS
        return found

    def _fetch(self, name: str) -> str:
        command = f"Store it: make secrets STAGE={name.split('/')[2]}"  # such as /switchyard/prod/slack-bot-token
        try:
            with answering("The parameter store"):
                answer = self._ssm.get_parameter(Name=name, WithDecryption=True)
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                raise SettingsInvalid(f"There is no parameter {name}. {command}") from error
            if code_of(error) == "AccessDeniedException":
                raise SettingsInvalid(f"Switchyard may not read the parameter {name}. Deploy again.") from error
            raise
        value = answer["Parameter"].get("Value", "").strip()
        if not value:
            raise SettingsInvalid(f"The parameter {name} is empty. {command}")
        return value
