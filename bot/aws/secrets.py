"""Slack's secrets, from SSM Parameter Store, read once per Lambda container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from bot.aws.outages import answering, code_of
from bot.domain.errors import SettingsInvalid

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


class ParameterSecrets:
    """SecureString parameters, decrypted and kept. A rotated secret counts from the next cold start on."""

    def __init__(self, ssm: SSMClient) -> None:
        self._ssm = ssm
        self._read: dict[str, str] = {}

    def get(self, name: str) -> str:
        """Raise SettingsInvalid, with the command that mends it, when there is none, TryAgain when SSM is silent."""
        if name not in self._read:
            self._read[name] = self._fetch(name)
        return self._read[name]

    def _fetch(self, name: str) -> str:
        try:
            with answering("The parameter store"):
                answer = self._ssm.get_parameter(Name=name, WithDecryption=True)
        except ClientError as error:
            if code_of(error) == "ParameterNotFound":
                raise SettingsInvalid(f"There is no parameter {name}. {_command(name)}") from error
            if code_of(error) == "AccessDeniedException":
                raise SettingsInvalid(f"Switchyard may not read the parameter {name}. Deploy again.") from error
            raise
        value = answer["Parameter"].get("Value", "").strip()
        if not value:
            raise SettingsInvalid(f"The parameter {name} is empty. {_command(name)}")
        return value


def _command(name: str) -> str:
    """Say how to store it, for a name such as /switchyard/prod/slack-bot-token."""
    return f"Store it: make secrets STAGE={name.split('/')[2]}"
