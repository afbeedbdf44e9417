"""The environment of a Lambda, read once and checked, and every name and address that follows from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot.deciding import Approvers, Waiting
from bot.errors import SettingsInvalid
from bot.spelling import can_be_seen, is_hidden
from bot.workspaces import Workspaces

NAME_LENGTH = 64
_CONSOLES = {
    "aws": "https://{region}.console.aws.amazon.com",
    "aws-cn": "https://{region}.console.amazonaws.cn",
    "aws-us-gov": "https://console.amazonaws-us-gov.com",
}
_SIGN_IN = {
    "aws": "https://signin.aws.amazon.com",
    "aws-cn": "https://signin.amazonaws.cn",
    "aws-us-gov": "https://signin.amazonaws-us-gov.com",
}
_FORMS = {
    "STAGE": (r"[a-z0-9]{1,12}", "1 to 12 lower-case letters and digits"),
    "TABLE_NAME": (r"[A-Za-z0-9_.-]{3,255}", "the name of the table"),
    "PROVIDER_ACCOUNT_ID": (r"\d{12}", "an AWS account id of 12 digits"),
    "PARTITION": ("|".join(_CONSOLES), f"one of {', '.join(_CONSOLES)}"),
    "AWS_REGION": (r"[a-z]{2}(-[a-z]+)+-\d", "an AWS region such as eu-central-1"),
    "SLACK_CHANNEL_ID": (r"[CG][A-Z0-9]{2,}", "a channel's id (C…), to be found at the end of its details in Slack"),
    "SLACK_API_URL": (r"https?://[^\s/]+/(\S+/)?", "a URL that ends with /, such as https://slack.com/api/"),
    "CLIENT_TEMPLATE_URL": (r"https?://\S+", "the URL of the clients' template"),
    "GROUP_TEMPLATE_URL": (r"https?://\S+", "the URL of the client-group template"),
    "GROUP_ROLE_ARN": (r"arn:\S+:iam::\d{12}:role/\S+", "the ARN of the service role of client-group stacks"),
    "PROVISION_FUNCTION": (r"\S+", "the name of the provision function"),
}
"""By variable: the form it must have, and that form in words."""


@dataclass(frozen=True)
class Settings:
    """What every Lambda is told. Build it with `from_environment`."""

    stage: str
    table_name: str
    provider_account_id: str
    partition: str
    region: str
    channel_id: str
    approvers: Approvers
    slack_api_url: str
    client_template_url: str
    group_template_url: str
    group_role_arn: str
    provision_function: str
    waiting: Waiting = field(default_factory=Waiting)
    ask_deny_reason: bool = False
    """Whether Deny opens a window that asks for a reason, instead of denying at once."""
    workspaces: Workspaces = field(default_factory=Workspaces)
    """Whose people count; when it names none, those of the workspace that Slack says the app is installed in."""
    provider_name: str = "your provider"
    """What the text for a client calls whoever runs this."""
    public_endpoint_url: str = ""
    """Address of AWS for people, when it is not AWS's own; empty in production."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raise SettingsInvalid, naming the variable, when one is missing or has the wrong form."""
        values = {}
        for name, (form, meaning) in _FORMS.items():
            value = environment.get(name, "").strip()
            if not re.fullmatch(form, value):
                found = f"is {value!r}" if value else "is not set"
                raise SettingsInvalid(f"{name} {found}. It must be {meaning}. Set it and deploy again.")
            values[name] = value
        waiting = Waiting(
            first_reminder=timedelta(hours=_number(environment, "REMIND_AFTER_HOURS", 4)),
            expiry=timedelta(days=_number(environment, "EXPIRE_AFTER_DAYS", 7)),
        )
        return cls(
            stage=values["STAGE"],
            table_name=values["TABLE_NAME"],
            provider_account_id=values["PROVIDER_ACCOUNT_ID"],
            partition=values["PARTITION"],
            region=values["AWS_REGION"],
            channel_id=values["SLACK_CHANNEL_ID"],
            approvers=Approvers.parse(
                environment.get("APPROVERS", ""),
                two_people=_switch(environment, "REQUIRE_TWO_PEOPLE"),
                needed=environment.get("APPROVALS_NEEDED", ""),
            ),
            slack_api_url=values["SLACK_API_URL"],
            client_template_url=values["CLIENT_TEMPLATE_URL"],
            group_template_url=values["GROUP_TEMPLATE_URL"],
            group_role_arn=values["GROUP_ROLE_ARN"],
            provision_function=values["PROVISION_FUNCTION"],
            waiting=waiting,
            ask_deny_reason=_switch(environment, "ASK_DENY_REASON"),
            workspaces=Workspaces.parse(environment.get("SLACK_TEAM_ID", "")),
            provider_name=_name(environment, "PROVIDER_NAME") or cls.provider_name,
            public_endpoint_url=environment.get("PUBLIC_ENDPOINT_URL", "").rstrip("/"),
        )

    @property
    def flat_template_url(self) -> str:
        """The clients' template as one flat stack, published beside the other."""
        return f"{self.client_template_url.rpartition('/')[0]}/switchyard-client-flat.yaml"

    @property
    def audience(self) -> str:
        """What a proof must have been signed for, so that it counts at this deployment alone."""
        return f"switchyard/{self.stage}/{self.provider_account_id}"

    @property
    def bot_token_parameter(self) -> str:
        """SSM name of the Slack bot token."""
        return f"/switchyard/{self.stage}/slack-bot-token"

    @property
    def signing_secret_parameter(self) -> str:
        """SSM name of the Slack signing secret."""
        return f"/switchyard/{self.stage}/slack-signing-secret"

    @property
    def group_path(self) -> str:
        """IAM path of this stage's client groups."""
        return f"/switchyard/clients/{self.stage}/"

    @property
    def stack_prefix(self) -> str:
        """Name of a client-group stack, up to the client id."""
        return f"switchyard-{self.stage}-client-"

    def group_name(self, client_id: str) -> str:
        """IAM group of a client."""
        return f"switchyard-{self.stage}-{client_id}"

    def role_arn(self, account_id: str, role_name: str) -> str:
        """The client's access role."""
        return f"arn:{self.partition}:iam::{account_id}:role/{role_name}"

    @property
    def console_url(self) -> str:
        """Where the AWS console is."""
        return self.public_endpoint_url or _CONSOLES[self.partition].format(region=self.region)

    @property
    def sign_in_url(self) -> str:
        """Where the console's Switch Role page is."""
        return self.public_endpoint_url or _SIGN_IN[self.partition]


def _switch(environment: Mapping[str, str], name: str) -> bool:
    """Off unless said otherwise."""
    value = environment.get(name, "").strip().lower() or "false"
    if value not in ("true", "false"):
        raise SettingsInvalid(f"{name} is {value!r}. It must be true or false.")
    return value == "true"


def _name(environment: Mapping[str, str], name: str) -> str:
    """Return a name that people are to read, or nothing. `${` would be filled in when the Lambdas are packaged."""
    value = environment.get(name, "").strip()
    hidden = any(is_hidden(value, index) for index in range(len(value))) or len(value.splitlines()) > 1
    if hidden or len(value) > NAME_LENGTH or "${" in value or (value and not can_be_seen(value)):
        raise SettingsInvalid(
            f"{name} is {value!r:.200}. It must be at most {NAME_LENGTH} characters that can be seen, on one "
            "line, without `${`. Set it and deploy again."
        )
    return value


def _number(environment: Mapping[str, str], name: str, otherwise: int) -> int:
    value = environment.get(name, "").strip() or str(otherwise)
    if not re.fullmatch(r"[1-9][0-9]{0,3}", value):
        raise SettingsInvalid(
            f"{name} is {value!r}. It must be a whole number from 1 to 9999. Set it and deploy again."
        )
    return int(value)
