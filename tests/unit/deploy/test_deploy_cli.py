"""The order of a deployment, and what whoever runs it sees."""

import json
import os
from pathlib import Path

import boto3
import pytest
import yaml

from deploy.cli import main, report, run
from deploy.deployment import Deployment
from deploy.errors import DeployError, OslsFailed
from deploy.manifest import SOURCE
from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, group_template, page_template
from deploy.unsettled import note_unsettled
from tests.unit.deploy.account import ACCOUNT, HERE, account, make_bucket
from tests.unit.deploy.world import World, deploy, slack, world

__all__ = ["account", "slack", "world"]


def test_a_first_deployment_publishes_all_templates_and_says_where(world: World) -> None:
    addresses = deploy(world)

    assert addresses == {
        "stage": "demo",
        "account_id": ACCOUNT,
        "region": "eu-central-1",
        "events_url": "https://a1b2.execute-api.eu-central-1.amazonaws.com/events",
        "slack_url": "https://a1b2.execute-api.eu-central-1.amazonaws.com/slack/events",
        "template_url": HERE.client_template_url,
    }
    assert {group_template()[0], page_template()[0], CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY} < set(world.held())
    assert world.variables["GROUP_TEMPLATE_URL"] == HERE.template_url(group_template()[0])
    assert world.variables["TEAM_PAGE_TEMPLATE_URL"] == HERE.template_url(page_template()[0])


def test_the_published_template_is_the_one_read_back_and_knows_us(world: World) -> None:
    addresses = deploy(world)

    published = world.read[HERE.client_template_url]
    assert addresses["events_url"].encode() in published
    assert f"switchyard/demo/{ACCOUNT}".encode() in published


def test_an_update_has_the_pinned_templates_in_place_before_the_lambdas_ask_for_it(
    world: World, account: boto3.Session
) -> None:
    make_bucket(account)
    world.bucket_there = True

    deploy(world)

    assert sorted(world.held_at_deploy) == sorted([group_template()[0], page_template()[0]])


def test_a_rotated_secret_changes_what_is_deployed(world: World, account: boto3.Session) -> None:
    deploy(world)
    before = world.variables["SECRETS_VERSION"]
    name = HERE.secret_name("slack-signing-secret")
    account.client("ssm").put_parameter(Name=name, Type="SecureString", Value="new", Overwrite=True)
    world.bucket_there = True

    deploy(world)

    assert world.variables["SECRETS_VERSION"] != before


def test_nobody_to_approve_is_a_warning(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APPROVERS", "")

    deploy(world)

    assert "nobody can invite or approve" in capsys.readouterr().err


@pytest.mark.parametrize(("name", "warned"), [(None, True), ("Northwind Operations", False)])
def test_a_provider_without_a_name_is_a_warning(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str | None,
    warned: bool,
) -> None:
    monkeypatch.delenv("PROVIDER_NAME", raising=False)
    if name is not None:
        monkeypatch.setenv("PROVIDER_NAME", name)

    deploy(world)

    assert ("PROVIDER_NAME is not set" in capsys.readouterr().err) is warned


def test_a_failed_osls_publishes_nothing(world: World, account: boto3.Session) -> None:
    def fails(*_: object) -> dict[str, str]:
        raise OslsFailed("no")

    with pytest.raises(OslsFailed):
        run(
            "demo",
            os.environ,
            adopt=world.adopt,
            deploy_stack=fails,
            stack_outputs=lambda *_: {},
            check_readable=world.check_readable,
        )

    assert account.client("s3").list_buckets()["Buckets"] == []
    assert world.read == {}


@pytest.mark.safety("A new table is told of old pages, though a deployment failed before", "deploy/cli.py")
def test_a_deployment_settles_the_table_that_the_one_before_has_left_unsettled(
    world: World, account: boto3.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given
    asked: list[Deployment] = []

    def fails(_session: boto3.Session, deployment: Deployment) -> str:
        asked.append(deployment)
        raise DeployError("its new table could not be told")

    monkeypatch.setattr("deploy.cli.settle_new_table", fails)
    deploy(world)
    assert asked == []
    note_unsettled(account.client("ssm"), HERE)

    # Then each deployment tries, and none succeeds without
    for _ in range(2):
        with pytest.raises(DeployError, match="could not be told"):
            deploy(world)
    assert asked == [HERE, HERE]


def test_a_refusal_is_one_readable_line_and_exit_code_1(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_CHANNEL_ID")

    assert main(["--stage", "demo"]) == 1

    shown = capsys.readouterr()
    assert shown.err.startswith("\nNot deployed: SLACK_CHANNEL_ID")
    assert "Traceback" not in shown.err
    assert shown.out == ""


def test_the_stage_has_to_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([])

    assert "--stage" in capsys.readouterr().err


def test_it_ends_with_the_three_urls_the_manifest_and_files_for_programs(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = deploy(world)
    capsys.readouterr()

    report(addresses, tmp_path / "addresses.json", tmp_path)

    manifest_file = "build/slack-manifest-demo.yml"
    assert json.loads((tmp_path / "addresses.json").read_text()) == {**addresses, "slack_manifest": manifest_file}
    before, _, manifest = capsys.readouterr().out.partition(f"The Slack app's manifest, also in {manifest_file}:\n\n")
    assert before.split("\n") == [
        "",
        f"Events URL: {addresses['events_url']}",
        f"Slack URL: {addresses['slack_url']}",
        f"Template URL: {addresses['template_url']}",
        "",
        "",
    ]
    assert manifest == (tmp_path / manifest_file).read_text()


def test_a_stage_is_deployed_though_its_manifest_can_not_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "build").write_text("in the way")
    addresses = {"stage": "demo", "slack_url": "https://slack.example.com", "events_url": "e", "template_url": "t"}

    report(addresses, tmp_path / "addresses.json", tmp_path)

    assert json.loads((tmp_path / "addresses.json").read_text()) == addresses
    shown = capsys.readouterr()
    assert "Warning: The app's manifest could not be written" in shown.err
    assert "request_url: https://slack.example.com" in shown.out


def test_the_manifest_is_ready_to_paste(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slack_url = "http://127.0.0.1:4566/_aws/execute-api/a1b2/$default/slack/events"
    addresses = {"stage": "demo", "slack_url": slack_url, "events_url": "e", "template_url": "t"}

    report(addresses, None, tmp_path)

    source = yaml.safe_load(SOURCE.read_text())
    finished = yaml.safe_load(capsys.readouterr().out.partition(":\n\n")[2])
    assert finished["features"]["slash_commands"][0].pop("url") == slack_url
    for place in ("interactivity", "event_subscriptions"):
        assert finished["settings"][place].pop("request_url") == slack_url
    assert "REPLACE-ME" in source["features"]["slash_commands"][0].pop("url")
    for place in ("interactivity", "event_subscriptions"):
        assert "REPLACE-ME" in source["settings"][place].pop("request_url")
    assert finished == source
    assert "REPLACE-ME" not in (tmp_path / "build" / "slack-manifest-demo.yml").read_text()


def test_a_stage_whose_functions_were_stopped_is_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world)
    assert "are stopped" not in capsys.readouterr().err
    functions = world.session.client("lambda")
    functions.put_function_concurrency(FunctionName=f"{HERE.stack_name}-slack", ReservedConcurrentExecutions=0)
    deploy(world)
    assert "Warning: The functions of stage demo are stopped" in capsys.readouterr().err
