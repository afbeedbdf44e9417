"""What must be true before anything is changed: credentials, settings the Lambdas take, secrets, public templates.

Everything here only reads. Each refusal is NotReady and names the command or the variable that mends it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from bot.domain.errors import SettingsInvalid
from bot.settings import Settings
from deploy.deployment import SECRETS, Deployment
from deploy.errors import NotReady
from deploy.quorum import unreachable_quorum
from deploy.rendering import BadConstant, ClientConstants

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_s3control import S3ControlClient
    from mypy_boto3_ssm import SSMClient

ENVIRONMENT_LIMIT = 4096
"""Bytes. Source: AWS Lambda Developer Guide, "Lambda quotas"."""


def find_deployment(session: Session, stage: str, environ: Mapping[str, str]) -> Deployment:
    """Whose account the credentials in the environment belong to, and where this stage lives in it."""
    region = session.region_name
    if not region:
        raise NotReady("No AWS region is set. Set AWS_REGION to the region to deploy to.")
    try:
        identity = session.client("sts").get_caller_identity()
    except EndpointConnectionError as error:
        raise NotReady(
            f"AWS can't be reached: {error} Check the network, and AWS_ENDPOINT_URL if it is set."
        ) from error
    except (BotoCoreError, ClientError) as error:
        raise NotReady(
            f"AWS did not accept the credentials in the environment: {error}. Log in and deploy again."
        ) from error
    return Deployment(
        stage=stage,
        account_id=identity["Account"],
        partition=identity["Arn"].split(":")[1],
        region=region,
        endpoint_url=environ.get("AWS_ENDPOINT_URL", "").strip().rstrip("/"),
    )


def check_settings(deployment: Deployment, variables: Mapping[str, str]) -> Settings:
    """Read the Lambdas' settings exactly as they will, so that a wrong one is refused here and not in production."""
    try:
        settings = Settings.from_environment(
            {**function_environment(deployment, variables), "AWS_REGION": deployment.region}
        )
    except SettingsInvalid as error:
        raise NotReady(str(error)) from error
    if why := unreachable_quorum(settings.approvers):
        raise NotReady(why)
    return settings


def function_environment(deployment: Deployment, variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment that serverless.yml gives every function, as it will be resolved."""
    return {
        **variables,
        "STAGE": deployment.stage,
        "TABLE_NAME": deployment.stack_name,
        "PROVIDER_ACCOUNT_ID": deployment.account_id,
        "PARTITION": deployment.partition,
        "GROUP_ROLE_ARN": deployment.group_role_arn,
        "TEAM_ROLE_ARN": deployment.team_role_arn,
        "PROVISION_FUNCTION": f"{deployment.stack_name}-provision",
    }


def check_environment_size(environment: Mapping[str, str]) -> None:
    """Refuse what Lambda would refuse in the middle of the deployment, naming the variables that are large.

    Lambda measures all names and values written as JSON without blanks: its own error message quotes that string.
    """
    size = _json_bytes(environment)
    if size <= ENVIRONMENT_LIMIT:
        return
    largest = sorted(environment, key=lambda name: len(environment[name].encode()), reverse=True)[:3]
    sizes = ", ".join(f"{name} ({len(environment[name].encode())} bytes)" for name in largest)
    raise NotReady(
        f"The functions' environment takes {size} bytes, and Lambda takes {ENVIRONMENT_LIMIT}. The largest are {sizes}."
        " Shorten them: a Slack user group, say, instead of many APPROVERS."
    )


def _json_bytes(environment: Mapping[str, str]) -> int:
    return len(json.dumps(environment, ensure_ascii=False, separators=(",", ":")).encode())


def client_constants(deployment: Deployment, api_id: str) -> ClientConstants:
    """What is rendered into the clients' templates; refused before the deployment when it could not be."""
    try:
        return ClientConstants(
            provider_account=deployment.account_id,
            events_url=deployment.api_url(api_id, "events"),
            audience=deployment.audience,
            templates_url=deployment.templates_url,
        )
    except BadConstant as error:
        raise NotReady(f"{error} It follows from AWS_ENDPOINT_URL.") from error


def check_secrets(ssm: SSMClient, deployment: Deployment) -> str:
    """Both secrets of Slack are SecureStrings in SSM. Answers their versions, which count up with every rotation."""
    versions = {secret: _version(ssm, deployment.secret_name(secret)) for secret in SECRETS}
    wanting = [secret for secret, version in versions.items() if version is None]
    if wanting:
        names = " and ".join(deployment.secret_name(secret) for secret in wanting)
        raise NotReady(
            f"Of Slack's secrets, {names} {'is' if len(wanting) == 1 else 'are'} not in SSM as SecureString, in"
            f" {deployment.account_id}, {deployment.region}. Give both with: make secrets STAGE={deployment.stage}"
        )
    return "-".join(str(version) for version in versions.values())


def read_token(ssm: SSMClient, deployment: Deployment) -> str | None:
    """Return the bot token, None when it may not be decrypted. Raise NotReady for one that no HTTP call takes."""
    name = deployment.secret_name(SECRETS[0])
    try:
        token = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"].strip()
    except ClientError:
        return None
    if not re.fullmatch(r"[!-~]+", token):
        raise NotReady(
            f"{name} is empty, or holds characters that no token has. Give it again with:"
            f" make secrets STAGE={deployment.stage}"
        )
    return token


def _version(ssm: SSMClient, name: str) -> int | None:
    """Of a SecureString; None when there is none."""
    try:
        parameter = ssm.get_parameter(Name=name)["Parameter"]
    except ssm.exceptions.ParameterNotFound:
        return None
    except ClientError as error:
        raise NotReady(
            f"SSM did not let us look for {name}: {error}. Deploying needs ssm:GetParameter on it."
        ) from error
    return parameter.get("Version", 0) if parameter.get("Type") == "SecureString" else None


def check_public_policies_allowed(s3control: S3ControlClient, account_id: str) -> None:
    """The account lets buckets have public policies; otherwise the stack would fail half-way.

    Silent when that can't be found out: reading the published template at the end is the proof.
    Source: Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage".
    """
    try:
        block = s3control.get_public_access_block(AccountId=account_id)["PublicAccessBlockConfiguration"]
    except (BotoCoreError, ClientError):
        return
    forbidding = [name for name in ("BlockPublicPolicy", "RestrictPublicBuckets") if block.get(name)]
    if forbidding:
        raise NotReady(
            f"Account {account_id} forbids public bucket policies (account-level S3 Block Public Access:"
            f" {', '.join(forbidding)}), so clients could not read the template. Whoever administers the account has to"
            " switch these two off in the S3 console under 'Block Public Access settings for this account'; the"
            " template bucket opens one prefix for reading and stays closed otherwise."
        )
