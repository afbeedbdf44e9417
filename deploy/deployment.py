"""Where a stage lives: the names, keys and URLs that follow from stage, account, region and endpoint.

With `endpoint_url` set (AWS_ENDPOINT_URL: a local AWS), every URL uses it; without, they are AWS's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain.variables import GIVEN
from deploy.errors import NotReady
from deploy.rendering import CLIENT_TEMPLATE_KEY

SECRETS = ("slack-bot-token", "slack-signing-secret")

_DNS_SUFFIXES = {"aws": "amazonaws.com", "aws-us-gov": "amazonaws.com", "aws-cn": "amazonaws.com.cn"}


def check_stage(stage: str) -> None:
    """Raise NotReady for a stage that the names of its resources, or of its file, can't carry."""
    if not re.fullmatch(r"[a-z0-9]{1,12}", stage):
        raise NotReady(f"The stage is {stage!r}; it must be 1 to 12 lower-case letters and digits.")


@dataclass(frozen=True)
class Deployment:
    """One stage in one account and region."""

    stage: str
    account_id: str
    partition: str
    region: str
    endpoint_url: str = ""

    def __post_init__(self) -> None:
        check_stage(self.stage)
        if self.partition not in _DNS_SUFFIXES:
            raise NotReady(
                f"The partition {self.partition!r} is not supported; deploy to one of {', '.join(_DNS_SUFFIXES)}."
            )

    @property
    def stack_name(self) -> str:
        """Our own CloudFormation stack."""
        return f"switchyard-{self.stage}"

    @property
    def bucket(self) -> str:
        """The template bucket."""
        return f"switchyard-{self.stage}-templates-{self.account_id}-{self.region}"

    @property
    def kit_bucket(self) -> str:
        """The bucket of teams' kits."""
        return f"switchyard-{self.stage}-kits-{self.account_id}-{self.region}"

    @property
    def failed_queue(self) -> str:
        """Where failed asynchronous invocations wait to be replayed."""
        return f"switchyard-{self.stage}-failed"

    @property
    def group_role_arn(self) -> str:
        """The service role of client-group stacks."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.service_roles['ClientGroupsRole']}"

    @property
    def team_role_arn(self) -> str:
        """The service role of teams' stacks."""
        return f"arn:{self.partition}:iam::{self.account_id}:role/{self.service_roles['TeamPagesRole']}"

    @property
    def service_roles(self) -> Mapping[str, str]:
        """Names of the two service roles, by their logical ids in our stack."""
        return {
            "ClientGroupsRole": f"switchyard-{self.stage}-client-groups",
            "TeamPagesRole": f"switchyard-{self.stage}-team-pages",
        }

    @property
    def audience(self) -> str:
        """What a forwarder signs its proof for."""
        return f"switchyard/{self.stage}/{self.account_id}"

    @property
    def client_template_url(self) -> str:
        """What clients deploy. It is handed out in quick-create links, so it never changes."""
        return self.template_url(CLIENT_TEMPLATE_KEY)

    def secret_name(self, secret: str) -> str:
        """SSM name of one of SECRETS."""
        return f"/switchyard/{self.stage}/{secret}"

    @property
    def templates_url(self) -> str:
        """The template bucket; path-style, the one form that AWS and a local AWS share."""
        return f"{self.endpoint_url or f'https://s3.{self.region}.{self._dns_suffix}'}/{self.bucket}"

    def template_url(self, key: str) -> str:
        """A template in the bucket."""
        return f"{self.templates_url}/{key}"

    def api_url(self, api_id: str, path: str) -> str:
        """URL of a route of the HTTP API; `path` without a leading slash."""
        if self.endpoint_url:
            return f"{self.endpoint_url}/_aws/execute-api/{api_id}/$default/{path}"
        return f"https://{api_id}.execute-api.{self.region}.{self._dns_suffix}/{path}"

    @property
    def _dns_suffix(self) -> str:
        return _DNS_SUFFIXES[self.partition]


def lambda_environment(
    deployment: Deployment, group_template_key: str, page_template_key: str, environ: Mapping[str, str]
) -> dict[str, str]:
    """What serverless.yml takes from the environment, by the names it uses there."""
    return {
        **{one.name: one.given_in(environ) or one.default for one in GIVEN},
        "CLIENT_TEMPLATE_URL": deployment.client_template_url,
        "GROUP_TEMPLATE_URL": deployment.template_url(group_template_key),
        "TEAM_PAGE_TEMPLATE_URL": deployment.template_url(page_template_key),
        "PUBLIC_ENDPOINT_URL": deployment.endpoint_url,
    }
