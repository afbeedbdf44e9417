"""Reads and checks a Lambda's environment, once, and derives every name and address from it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta

from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.errors import SettingsInvalid
from bot.domain.page import PageName
from bot.domain.record import Record
from bot.domain.spelling import is_plain
from bot.domain.variables import NO_TEAM, VARIABLES, Variable

NAME_LENGTH = 64
MOST_TEAMS = 90
"""So many names, of 20 characters each, fit into the value of a Slack button."""
_CONSOLES = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}
"""By partition: the domain of the console's pages."""


class Settings(Record):
    """A Lambda's settings. Build them with `from_environment`."""

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
    page_template_url: str
    team_role_arn: str
    provision_function: str
    teams: tuple[str, ...] = ()
    """The teams that may be let in, in the order given; empty for none."""
    client_groups: bool = True
    """Whether approving makes a group for the client alone."""
    waiting: Waiting = field(default_factory=Waiting)
    ask_deny_reason: bool = False
    """Whether Deny opens a window that asks for a reason, instead of denying at once."""
    workspaces: Workspaces = field(default_factory=Workspaces)
    """Whose people count. When it names none, those of the workspace in which Slack says the app is installed."""
    provider_name: str = "your provider"
    """The provider's name in the text for a client."""
    public_endpoint_url: str = ""
    """Address of AWS for people, where it differs from AWS's own; empty in production."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Raise SettingsInvalid, naming the variable, when one is missing or has the wrong form."""
        values = {variable.name: _value(variable, environment) for variable in VARIABLES}
        teams, client_groups = teams_in(values["TEAMS"]), values["CLIENT_GROUPS"].lower() == "on"
        if not (teams or client_groups):
            raise SettingsInvalid(
                f"TEAMS is {NO_TEAM} and CLIENT_GROUPS is off, so that approving would let nobody in. Set one of them "
                "and deploy again."
            )
        return cls(
            stage=values["STAGE"],
            table_name=values["TABLE_NAME"],
            provider_account_id=values["PROVIDER_ACCOUNT_ID"],
            partition=values["PARTITION"],
            region=values["AWS_REGION"],
            channel_id=values["SLACK_CHANNEL_ID"],
            approvers=Approvers.parse(
                values["APPROVERS"],
                two_people=values["REQUIRE_TWO_PEOPLE"].lower() == "true",
                needed=values["APPROVALS_NEEDED"],
            ),
            slack_api_url=values["SLACK_API_URL"],
            client_template_url=values["CLIENT_TEMPLATE_URL"],
            group_template_url=values["GROUP_TEMPLATE_URL"],
            group_role_arn=values["GROUP_ROLE_ARN"],
            page_template_url=values["TEAM_PAGE_TEMPLATE_URL"],
            team_role_arn=values["TEAM_ROLE_ARN"],
            provision_function=values["PROVISION_FUNCTION"],
            teams=teams,
            client_groups=client_groups,
            waiting=Waiting(
                first_reminder=timedelta(hours=int(values["REMIND_AFTER_HOURS"])),
                expiry=timedelta(days=int(values["EXPIRE_AFTER_DAYS"])),
            ),
            ask_deny_reason=values["ASK_DENY_REASON"].lower() == "true",
            workspaces=Workspaces.parse(values["SLACK_TEAM_ID"]),
            provider_name=_readable("PROVIDER_NAME", values["PROVIDER_NAME"]),
            public_endpoint_url=values["PUBLIC_ENDPOINT_URL"].rstrip("/"),
        )

    @property
    def flat_template_url(self) -> str:
        """Return the URL of the clients' template as one flat stack, published beside the other."""
        return f"{self.client_template_url.rpartition('/')[0]}/switchyard-client-flat.yaml"

    @property
    def audience(self) -> str:
        """Return the audience that a proof must be signed for, so that it counts only at this deployment."""
        return f"switchyard/{self.stage}/{self.provider_account_id}"

    @property
    def bot_token_parameter(self) -> str:
        """Return the SSM name of the Slack bot token."""
        return f"/switchyard/{self.stage}/slack-bot-token"

    @property
    def signing_secret_parameter(self) -> str:
        """Return the SSM name of the Slack signing secret."""
        return f"/switchyard/{self.stage}/slack-signing-secret"

    @property
    def kit_function(self) -> str:
        """Return the name of the function that sends kits."""
        return f"switchyard-{self.stage}-kit"

    @property
    def group_path(self) -> str:
        """Return the IAM path of this stage's client groups."""
        return f"/switchyard/clients/{self.stage}/"

    @property
    def stack_prefix(self) -> str:
        """Return the name of a client-group stack up to the client id."""
        return f"switchyard-{self.stage}-client-"

    def group_name(self, client_id: str) -> str:
        """Return the name of a client's IAM group."""
        return f"switchyard-{self.stage}-{client_id}"

    @property
    def team_path(self) -> str:
        """Return the IAM path of this stage's team groups and pages."""
        return f"/switchyard/teams/{self.stage}/"

    @property
    def page_stack_prefix(self) -> str:
        """Return the name of a page's stack up to the team."""
        return f"switchyard-{self.stage}-page-"

    def page_stack_name(self, page: PageName) -> str:
        """Return the name of a page's stack."""
        return f"{self.page_stack_prefix}{page.team}-{page.number}"

    def page_policy_arn(self, page: PageName) -> str:
        """Return the ARN of the managed policy of a team's page."""
        policy = f"policy{self.team_path}{self.page_policy_name(page)}"
        return f"arn:{self.partition}:iam::{self.provider_account_id}:{policy}"

    def team_group_name(self, team: str, number: int = 1) -> str:
        """Return the name of a team's IAM group: there is one for each ten pages, the first without a number."""
        return f"switchyard-{self.stage}-team-{team}" + (f"-{number}" if number > 1 else "")

    def page_policy_name(self, page: PageName) -> str:
        """Return the name of the managed policy of a team's page."""
        return f"switchyard-{self.stage}-team-{page.team}-{page.number}"

    @property
    def kit_bucket(self) -> str:
        """Return the name of the bucket that holds each team's kit, under the team's name."""
        return f"switchyard-{self.stage}-kits-{self.provider_account_id}-{self.region}"

    def role_arn(self, account_id: str, role_name: str) -> str:
        """Return the ARN of the client's access role."""
        return f"arn:{self.partition}:iam::{account_id}:role/{role_name}"

    @property
    def console_url(self) -> str:
        """Return the address of the AWS console."""
        region = "" if self.partition == "aws-us-gov" else f"{self.region}."
        return self.public_endpoint_url or f"https://{region}console.{_CONSOLES[self.partition]}"

    @property
    def sign_in_url(self) -> str:
        """Return the address of the console's Switch Role page."""
        return self.public_endpoint_url or f"https://signin.{_CONSOLES[self.partition]}"


def _value(variable: Variable, environment: Mapping[str, str]) -> str:
    """Return a variable's value, or its default. Raise SettingsInvalid when it is missing or has the wrong form."""
    value = variable.given_in(environment)
    if not value and not variable.needed:
        return variable.default
    if not re.fullmatch(variable.form, value, re.DOTALL):
        found = f"is {value!r:.200}" if value else "is not set"
        raise SettingsInvalid(f"{variable.name} {found}. It must be {variable.in_words}. Set it and deploy again.")
    return value


def teams_in(value: str) -> tuple[str, ...]:
    """Return the names that a value of TEAMS holds, in their order, each once.

    Raise SettingsInvalid for more than a menu of Slack's can offer.
    """
    names = () if value == NO_TEAM else tuple(dict.fromkeys(name.strip() for name in value.split(",")))
    if len(names) > MOST_TEAMS:
        raise SettingsInvalid(f"TEAMS names {len(names)} teams. At most {MOST_TEAMS} are possible: deploy with fewer.")
    return names


def _readable(name: str, value: str) -> str:
    """Return a name that people are to read. `${` would be filled in when the Lambdas are packaged."""
    if not is_plain(value) or len(value.splitlines()) > 1 or len(value) > NAME_LENGTH or "${" in value:
        raise SettingsInvalid(
            f"{name} is {value!r:.200}. It must be at most {NAME_LENGTH} characters that can be seen, on one "
            "line, without `${`. Set it and deploy again."
        )
    return value
