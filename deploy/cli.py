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

from bot.domain.approvers import Approvers
from bot.settings import Settings
from deploy.adopting import adopt, adopted_text
from deploy.changes import confirm_settings, confirm_workspace, read_deployed
from deploy.deployment import Deployment, lambda_environment
from deploy.errors import DeployError, NotReady
from deploy.halting import stopped_text
from deploy.handout import write_handout
from deploy.leftovers import bucket_exists
from deploy.manifest import finished_manifest, manifest_news, manifest_version, write_manifest
from deploy.osls import deploy_stack, stack_outputs
from deploy.packaging import PROJECT
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
from deploy.rendering import (
    CLIENT_TEMPLATE_KEY,
    FLAT_TEMPLATE_KEY,
    group_template,
    page_template,
    render_client_templates,
)
from deploy.setting_texts import help_on_settings
from deploy.settle_table import settle_new_table
from deploy.slack_api import Slack
from deploy.slack_checks import Findings, check_slack
from deploy.stage_file import STAGES, region, stage_environment
from deploy.teams import check_dropped_teams
from deploy.templates_bucket import check_readable, upload
from deploy.unsettled import is_unsettled
from deploy.workspace import deployed_workspace, settle_workspace

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_s3 import S3Client

StackOutputs = Callable[[Deployment, "CloudFormationClient"], Mapping[str, str]]
DeployStack = Callable[[Deployment, Mapping[str, str], Mapping[str, str], "CloudFormationClient"], Mapping[str, str]]


Adopt = Callable[[boto3.Session, Deployment], tuple[str, ...]]


def main(arguments: Sequence[str] | None = None, stages: Path = STAGES) -> int:
    """Return 0 when the stage is deployed and clients can read the template, else 1 with the reason on stderr."""
    options = _parser().parse_args(arguments)
    try:
        environ, notice = stage_environment(options.stage, os.environ, stages)
        _say(notice)
        addresses = run(options.stage, environ)
    except DeployError as error:
        print(f"\nNot deployed: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"\nNot deployed: AWS refused a step: {error}. Fix that and deploy again.", file=sys.stderr)
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
    adopt: Adopt = adopt,
    deploy_stack: DeployStack = deploy_stack,
    stack_outputs: StackOutputs = stack_outputs,
    check_readable: Callable[[str, bytes], None] = check_readable,
    project: Path = PROJECT,
) -> dict[str, str]:
    """Deploy a stage and return its addresses. What tests can't do in memory can be swapped.

    What a client's security officer is sent is written into `project`.
    """
    session = boto3.Session(region_name=region(environ))
    deployment = find_deployment(session, stage, environ)
    (group_key, group_body), (page_key, page_body) = group_template(), page_template()
    variables = lambda_environment(deployment, group_key, page_key, environ)
    variables |= _check(session, deployment, variables, environ)

    cloudformation, noted = session.client("cloudformation"), {"SLACK_MANIFEST_VERSION": manifest_version()}
    news = manifest_news(stack_outputs(deployment, cloudformation), noted["SLACK_MANIFEST_VERSION"])
    _warn(news)
    s3, pinned = session.client("s3"), {group_key: group_body, page_key: page_body}
    adopted = adopt(session, deployment)
    _say(adopted_text(adopted))
    uploaded = bucket_exists(s3, deployment, deployment.bucket)
    if uploaded:
        upload(s3, deployment, pinned)
    outputs = deploy_stack(deployment, variables, {**environ, **noted}, cloudformation)
    if not uploaded:
        upload(s3, deployment, pinned)

    if is_unsettled(session.client("ssm"), deployment):
        _say(settle_new_table(session, deployment))
    templates = _publish_client_templates(s3, deployment, outputs["HttpApiId"], check_readable)
    _say(_hand_out(stage, templates, project))
    _warn(news)
    return _addresses(deployment, outputs["HttpApiId"])


def _publish_client_templates(
    s3: S3Client, deployment: Deployment, api_id: str, check_readable: Callable[[str, bytes], None]
) -> dict[str, bytes]:
    """Upload what clients deploy, read it as a client would, and return it by its keys."""
    templates = render_client_templates(client_constants(deployment, api_id))
    upload(s3, deployment, templates)
    for key in (CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY):
        check_readable(deployment.template_url(key), templates[key])
    return templates


def _hand_out(stage: str, templates: Mapping[str, bytes], project: Path) -> str:
    """Write what a client's security officer is sent, and say where it is."""
    try:
        return f"To send to a client's security officer: {write_handout(stage, templates, project)}/"
    except OSError as error:
        return f"Warning: What a client's security officer is sent could not be written ({error.strerror})."


def _addresses(deployment: Deployment, api_id: str) -> dict[str, str]:
    """Return where the stage is, by the names that programs read."""
    return {
        "stage": deployment.stage,
        "account_id": deployment.account_id,
        "region": deployment.region,
        "events_url": client_constants(deployment, api_id).events_url,
        "slack_url": deployment.api_url(api_id, "slack/events"),
        "template_url": deployment.client_template_url,
    }


def _check(
    session: boto3.Session, deployment: Deployment, variables: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """Refuse settings that can't work, and changes that weaken without a confirmation.

    Return what only AWS and Slack know: the workspace and the secrets' versions.
    """
    settings = check_settings(deployment, variables)
    client_constants(deployment, api_id="unknown")
    if settings.approvers == Approvers():
        _warn("APPROVERS is empty, so nobody can invite or approve.")
    if settings.provider_name == Settings.provider_name:
        _warn("PROVIDER_NAME is not set, so the text for clients calls you 'your provider'.")
    found = {"SECRETS_VERSION": check_secrets(session.client("ssm"), deployment)}
    if not deployment.endpoint_url:
        check_public_policies_allowed(session.client("s3control"), deployment.account_id)
    deployed, warning = read_deployed(session.client("lambda"), deployment, environ)
    _warn(warning)
    _warn(stopped_text(session.client("lambda"), deployment))
    check_dropped_teams(session.client("dynamodb"), deployment, deployed, variables)
    _say(confirm_settings(deployed, variables, environ))
    found["SLACK_TEAM_ID"] = _check_with_slack(session, deployment, settings, variables["SLACK_TEAM_ID"])
    _say(confirm_workspace(deployed, variables["SLACK_TEAM_ID"], found["SLACK_TEAM_ID"], environ))
    check_settings(deployment, {**variables, **found})
    check_environment_size(function_environment(deployment, {**variables, **found}))
    return found


def _check_with_slack(session: boto3.Session, deployment: Deployment, settings: Settings, listed: str) -> str:
    """Refuse what Slack refuses, and warn of what it could not answer. Return the SLACK_TEAM_ID to deploy."""
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
    _warn(warning)
    return team_id


def _warn(warning: str) -> None:
    _say(f"Warning: {warning}" if warning else "")


def _say(words: str) -> None:
    """Print a message to stderr, since stdout holds the addresses. An empty one prints nothing."""
    if words:
        print(words, file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m deploy",
        description=__doc__,
        epilog=help_on_settings(),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    parser.add_argument("--outputs-file", type=Path, help="write the addresses there too, as JSON")
    return parser
