"""`make deploy STAGE=<stage>`: check, deploy, publish, verify, and say where everything is."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bot.deciding import Approvers
from bot.settings import Settings
from deploy.deployment import Deployment, lambda_environment
from deploy.errors import DeployError, NotReady
from deploy.manifest import finished_manifest, write_manifest
from deploy.osls import PROJECT, deploy_stack
from deploy.preflight import (
    check_environment_size,
    check_public_policies_allowed,
    check_secrets,
    check_settings,
    client_constants,
    find_deployment,
    function_environment,
    read_token,
)
from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, group_template, render_client_templates
from deploy.slack_api import Slack
from deploy.slack_checks import Findings, check_slack
from deploy.templates_bucket import bucket_exists, check_readable, upload
from deploy.workspace import deployed_workspace, settle_workspace

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

DeployStack = Callable[[Deployment, Mapping[str, str], Mapping[str, str], "CloudFormationClient"], Mapping[str, str]]

_EPILOG = """\
environment:
  SLACK_CHANNEL_ID   the channel where requests are decided (needed), such as C0123456789
  APPROVERS          comma-separated Slack user (U…, W…) and user group (S…) ids; empty: nobody can approve
  SLACK_TEAM_ID      whose people count: workspaces (T…, comma-separated) or one organization (E…); default the token's
  REQUIRE_TWO_PEOPLE true: whoever invited a client can't approve Administrator access for it alone; default false
  APPROVALS_NEEDED   how many different people have to approve, by level, such as Administrator=2; default 1
  ASK_DENY_REASON    true: Deny asks for a reason, which the message shows and the audit keeps; default false
  PROVIDER_NAME      your company's name, for the text that is sent to clients; default "your provider"
  REMIND_AFTER_HOURS first reminder of a request that waits, then after twice as long each time; default 4
  EXPIRE_AFTER_DAYS  after which a request expires; default 7
  SLACK_API_URL      default https://slack.com/api/
  AWS_REGION         and the usual AWS credentials; with AWS_ENDPOINT_URL set, every URL uses it
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code: 0 when the stage is deployed and clients can read the template, else 1 with the reason on stderr."""
    options = _parser().parse_args(arguments)
    try:
        addresses = run(options.stage, os.environ)
    except DeployError as error:
        print(f"\nNot deployed: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"\nNot deployed: AWS refused a step: {error}. Mend that and deploy again.", file=sys.stderr)
        return 1
    report(addresses, options.outputs_file)
    return 0


def report(addresses: Mapping[str, str], outputs_file: Path | None, project: Path = PROJECT) -> None:
    """Say where everything is: three lines for people and the app's manifest; all of it in files for programs."""
    manifest = finished_manifest(addresses["stage"], addresses["slack_url"])
    written, also_in = {}, ""
    try:
        manifest_file = write_manifest(addresses["stage"], manifest, project)
        written, also_in = {"slack_manifest": manifest_file}, f", also in {manifest_file}"
    except OSError as error:
        _warn(f"The app's manifest could not be written to a file ({error.strerror}). It is printed below.")
    if outputs_file:
        outputs_file.write_text(json.dumps({**addresses, **written}, indent=2) + "\n", encoding="utf-8")
    print(f"\nEvents URL: {addresses['events_url']}")
    print(f"Slack URL: {addresses['slack_url']}")
    print(f"Template URL: {addresses['template_url']}")
    print(f"\nThe Slack app's manifest{also_in}:\n\n{manifest}", end="")


def run(
    stage: str,
    environ: Mapping[str, str],
    *,
    deploy_stack: DeployStack = deploy_stack,
    check_readable: Callable[[str, bytes], None] = check_readable,
) -> dict[str, str]:
    """Deploy a stage and return its addresses. The two steps that leave boto3's reach can be swapped in tests."""
    session = boto3.Session(region_name=environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION"))
    deployment = find_deployment(session, stage, environ)
    group_key, group_body = group_template()
    variables = lambda_environment(deployment, group_key, environ)
    variables |= _check(session, deployment, variables)

    s3 = session.client("s3")
    group_uploaded = bucket_exists(s3, deployment)
    if group_uploaded:
        upload(s3, deployment, {group_key: group_body})
    outputs = deploy_stack(deployment, variables, environ, session.client("cloudformation"))
    if not group_uploaded:
        upload(s3, deployment, {group_key: group_body})

    api_id = outputs["HttpApiId"]
    constants = client_constants(deployment, api_id)
    templates = render_client_templates(constants)
    upload(s3, deployment, templates)
    for key in (CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY):
        check_readable(deployment.template_url(key), templates[key])
    return {
        "stage": stage,
        "account_id": deployment.account_id,
        "region": deployment.region,
        "events_url": constants.events_url,
        "slack_url": deployment.api_url(api_id, "slack/events"),
        "template_url": deployment.client_template_url,
    }


def _check(session: boto3.Session, deployment: Deployment, variables: Mapping[str, str]) -> dict[str, str]:
    """Refuse what can't work. Return what could only be found out here: the workspace and the secrets' versions."""
    settings = check_settings(deployment, variables)
    client_constants(deployment, api_id="unknown")
    if settings.approvers == Approvers():
        _warn("APPROVERS is empty, so nobody can invite or approve.")
    ssm = session.client("ssm")
    found = {"SECRETS_VERSION": check_secrets(ssm, deployment)}
    if not deployment.endpoint_url:
        check_public_policies_allowed(session.client("s3control"), deployment.account_id)
    found["SLACK_TEAM_ID"] = _check_with_slack(session, deployment, settings, variables["SLACK_TEAM_ID"])
    check_settings(deployment, {**variables, **found})
    check_environment_size(function_environment(deployment, {**variables, **found}))
    return found


def _check_with_slack(session: boto3.Session, deployment: Deployment, settings: Settings, listed: str) -> str:
    """Refuse what Slack says no to, warn of the rest. Return the SLACK_TEAM_ID to deploy."""
    token = read_token(session.client("ssm"), deployment)
    if token is None:
        findings = Findings(warnings=["These credentials may not decrypt the bot token, so Slack was not asked."])
    else:
        findings = check_slack(Slack(settings.slack_api_url, token), settings)
    for warning in findings.warnings:
        _warn(warning)
    if findings.refusals:
        raise NotReady("\n".join(["Slack says no:", *(f"  - {refusal}" for refusal in findings.refusals)]))
    team_id, warning = settle_workspace(
        listed, findings, lambda: deployed_workspace(session.client("lambda"), deployment)
    )
    if warning:
        _warn(warning)
    return team_id


def _warn(warning: str) -> None:
    print(f"Warning: {warning}", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy",
        description=__doc__,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    parser.add_argument("--outputs-file", type=Path, help="write the addresses there too, as JSON")
    return parser
