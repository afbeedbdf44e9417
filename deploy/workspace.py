"""SLACK_TEAM_ID, whose people count: as set, else the workspace of the bot's token, else what is deployed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from deploy.deployed import deployed_environment
from deploy.deployment import Deployment
from deploy.errors import DeployedUnreadable, NotReady
from deploy.slack_checks import Findings

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def settle_workspace(listed: str, findings: Findings, deployed: Callable[[], str | None]) -> tuple[str, str]:
    """Return the SLACK_TEAM_ID to deploy, and a warning or nothing.

    `listed` is what was set. `deployed` returns what is deployed now, None at a first deployment; it is asked only when
    nothing was set and Slack did not name the token's workspace.
    """
    if listed:
        return listed, _warning_about(listed, findings)
    if findings.team_id:
        return findings.team_id, ""
    kept = deployed()
    if kept:
        return kept, f"Slack did not name the token's workspace, so SLACK_TEAM_ID stays {kept}, as deployed."
    return "", (
        "SLACK_TEAM_ID is not set, and Slack did not name the token's workspace. Until you deploy again"
        " (with it set, or when Slack answers), presses are checked against the workspace that Slack's payload names."
    )


def deployed_workspace(functions: LambdaClient, deployment: Deployment) -> str | None:
    """Return the deployed SLACK_TEAM_ID, None at a first deployment. Raise NotReady when it can't be read.

    Going on without it could let more people in than before.
    """
    try:
        deployed = deployed_environment(functions, deployment)
    except DeployedUnreadable as error:
        raise NotReady(
            f"The deployed SLACK_TEAM_ID is not known: {error} Set SLACK_TEAM_ID and deploy again."
        ) from error
    return None if deployed is None else deployed.get("SLACK_TEAM_ID", "")


def _warning_about(listed: str, findings: Findings) -> str:
    """Say that the token belongs to none of the listed workspaces; nothing where Slack did not say whose it is."""
    ids = [one.strip() for one in listed.split(",") if one.strip()]
    own = [one for one in (findings.team_id, findings.enterprise_id) if one]
    if not own or set(ids) & set(own):
        return ""
    return (
        f"SLACK_TEAM_ID is {listed}, but the bot's token is of {' in '.join(own)}. People of {own[0]} can't use"
        " Switchyard then. If that is not what you want, correct SLACK_TEAM_ID or the token."
    )
