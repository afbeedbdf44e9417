"""Which workspace a deployment lets in, whether Slack is there or not; and a whole deployment on Slack's bad days."""

import os

import boto3
import pytest
from botocore.stub import Stubber

from deploy.cli import main
from deploy.deployment import lambda_environment
from deploy.errors import NotReady
from deploy.slack_checks import Findings
from deploy.workspace import deployed_workspace, settle_workspace
from local.slack import RunningWorkspace
from local.slack.workspace.facts import TEAM_ID
from tests.templates.endpoints import endpoint_running
from tests.unit.deploy.account import HERE, REGION, account, put_function
from tests.unit.deploy.world import World, deploy, slack, world

__all__ = ["account", "slack", "world"]

OURS = Findings(team_id="T0OURS", enterprise_id="E0OURS")


def never() -> str:
    raise AssertionError("asked what is deployed")


@pytest.mark.parametrize("listed", ["T0OURS", "T0OTHER,T0OURS", " T0OTHER , T0OURS", "E0OURS"])
def test_what_was_set_and_holds_the_workspace_of_the_token_stays(listed: str) -> None:
    assert settle_workspace(listed, OURS, never) == (listed, "")


@pytest.mark.parametrize("listed", ["T0OTHER", "T0OURS2,T0OUR", "E0OTHER"])
def test_what_was_set_stays_with_a_warning_when_the_token_is_of_another_workspace(listed: str) -> None:
    settled, warning = settle_workspace(listed, OURS, never)

    assert settled == listed
    assert listed in warning
    assert "T0OURS" in warning


def test_an_organization_that_slack_does_not_name_is_another_one() -> None:
    assert settle_workspace("E0OURS", Findings(team_id="T0OURS"), never)[1]


def test_what_was_set_stays_when_slack_says_nothing() -> None:
    assert settle_workspace("T0OTHER", Findings(), never) == ("T0OTHER", "")


@pytest.mark.parametrize("team_id", ["T0OURS", "E0OURS"])
def test_nothing_set_is_filled_in_with_whose_the_token_is(team_id: str) -> None:
    assert settle_workspace("", Findings(team_id=team_id), never) == (team_id, "")


def test_without_slack_what_is_deployed_stays() -> None:
    settled, warning = settle_workspace("", Findings(), lambda: "T0OURS,T0OTHER")

    assert settled == "T0OURS,T0OTHER"
    assert "as deployed" in warning


@pytest.mark.parametrize("deployed", ["", None])
def test_without_slack_and_with_nothing_deployed_it_stays_unset_with_a_warning(deployed: str | None) -> None:
    settled, warning = settle_workspace("", Findings(), lambda: deployed)

    assert settled == ""
    assert "SLACK_TEAM_ID is not set" in warning


def test_what_is_deployed_is_read_from_the_function(account: boto3.Session) -> None:
    functions = account.client("lambda")
    assert deployed_workspace(functions, HERE) is None

    put_function(account, {"SLACK_TEAM_ID": "T0OURS"})

    assert deployed_workspace(functions, HERE) == "T0OURS"


@pytest.mark.safety("A deployed setting that can't be read is not taken for an empty one", "deploy/workspace.py")
def test_what_can_not_be_read_is_not_taken_for_nothing() -> None:
    functions = boto3.client("lambda", REGION, aws_access_key_id="a", aws_secret_access_key="b")
    with Stubber(functions) as stubber:
        stubber.add_client_error("get_function_configuration", "AccessDeniedException", "no")
        stubber.add_response("get_function_configuration", {"Environment": {"Error": {"ErrorCode": "KMS"}}})
        for _ in range(2):
            with pytest.raises(NotReady, match="Set SLACK_TEAM_ID"):
                deployed_workspace(functions, HERE)


def test_a_deployment_fills_in_the_workspace_that_slack_names(world: World) -> None:
    deploy(world)

    assert world.variables["SLACK_TEAM_ID"] == TEAM_ID


@pytest.mark.safety("Deploying while Slack is down does not open the bot to other workspaces", "deploy/workspace.py")
def test_a_deployment_goes_on_while_slack_is_down_and_keeps_the_workspace(
    world: World, slack: RunningWorkspace, account: boto3.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    put_function(account, lambda_environment(HERE, "key", "key", {**os.environ, "SLACK_TEAM_ID": "T0OURS"}))
    slack.faults.set_outage(True)

    deploy(world)

    assert world.variables["SLACK_TEAM_ID"] == "T0OURS"
    shown = capsys.readouterr().err
    assert "Warning: Slack answered with status code 503" in shown
    assert "stays T0OURS, as deployed" in shown


def test_a_deployment_with_a_stand_in_that_knows_few_methods_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with endpoint_running() as endpoint:
        monkeypatch.setenv("SLACK_API_URL", f"{endpoint.url}/api/")
        endpoint.answer("/api/auth.test", (200, '{"ok": true, "team_id": "T0ELSE"}'))
        for method in ("conversations.info", "usergroups.list", "users.info"):
            endpoint.answer(f"/api/{method}", (200, '{"ok": false, "error": "unknown_method"}'))

        deploy(world)

    assert world.variables["SLACK_TEAM_ID"] == "T0ELSE"
    assert (
        "Warning: The channel could not be checked with Slack: it answered unknown_method." in capsys.readouterr().err
    )


@pytest.mark.safety(
    "A no of Slack to token, channel, user group or user ends a deployment before anything is changed",
    "deploy/slack_checks.py",
)
def test_a_no_of_slack_ends_the_deployment_before_anything_is_changed(
    world: World, slack: RunningWorkspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SLACK_CHANNEL_ID", "C0RANDOM")

    assert main(["--stage", "demo"]) == 1

    shown = capsys.readouterr()
    assert "Not deployed: Slack says no:\n  - The app is not in the channel C0RANDOM." in shown.err
    assert slack.bot_token not in shown.err + shown.out
    assert world.session.client("s3").list_buckets()["Buckets"] == []


def test_an_environment_that_lambda_would_refuse_ends_it_too(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APPROVERS", "U0ADA," * 700)

    assert main(["--stage", "demo"]) == 1

    assert "The largest are APPROVERS (4200 bytes)" in capsys.readouterr().err
    assert world.session.client("s3").list_buckets()["Buckets"] == []


@pytest.mark.parametrize("listed", ["T0OTHER", "E0OTHER"])
def test_who_is_shut_out_by_another_workspaces_id_is_said(listed: str) -> None:
    warning = settle_workspace(listed, OURS, never)[1]

    assert (
        "People of T0OURS can't use Switchyard then. If that is not what you want, correct SLACK_TEAM_ID or the token."
    ) in warning
