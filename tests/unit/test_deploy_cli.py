"""The order of a deployment, and what whoever runs it sees."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import pytest
from mypy_boto3_cloudformation import CloudFormationClient

from deploy.cli import main, report, run
from deploy.deployment import Deployment
from deploy.errors import OslsFailed
from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, group_template
from tests.unit.deploy_account import ACCOUNT, HERE, account, make_bucket, put_secrets

__all__ = ["account"]


@dataclass
class World:
    """Stands in for osls and for a client's eyes, and remembers what the bucket held when each was asked."""

    session: boto3.Session
    bucket_there: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)
    held_at_deploy: list[str] = field(default_factory=list)
    read: dict[str, bytes] = field(default_factory=dict)

    def deploy_stack(
        self,
        deployment: Deployment,
        variables: Mapping[str, str],
        environ: Mapping[str, str],
        cloudformation: CloudFormationClient,
    ) -> dict[str, str]:
        self.variables = variables
        if self.bucket_there:
            self.held_at_deploy = self.held()
        else:
            make_bucket(self.session)
        return {"HttpApiId": "a1b2"}

    def check_readable(self, url: str, expected: bytes) -> None:
        self.read[url] = expected

    def held(self) -> list[str]:
        listed = self.session.client("s3").list_objects_v2(Bucket=HERE.bucket)
        return [item["Key"] for item in listed.get("Contents", [])]


@pytest.fixture
def world(account: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setenv("SLACK_CHANNEL_ID", "C0ONBOARDING")
    monkeypatch.setenv("APPROVERS", "U0ADA")
    put_secrets(account)
    return World(account)


def deploy(world: World) -> dict[str, str]:
    return run("demo", os.environ, deploy_stack=world.deploy_stack, check_readable=world.check_readable)


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
    assert {group_template()[0], CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY} < set(world.held())
    assert world.variables["GROUP_TEMPLATE_URL"] == HERE.template_url(group_template()[0])


def test_the_published_template_is_the_one_read_back_and_knows_us(world: World) -> None:
    addresses = deploy(world)

    published = world.read[HERE.client_template_url]
    assert addresses["events_url"].encode() in published
    assert f"switchyard/demo/{ACCOUNT}".encode() in published


def test_an_update_has_the_group_template_in_place_before_the_lambdas_ask_for_it(
    world: World, account: boto3.Session
) -> None:
    make_bucket(account)
    world.bucket_there = True

    deploy(world)

    assert world.held_at_deploy == [group_template()[0]]


def test_a_rotated_secret_changes_what_is_deployed(world: World, account: boto3.Session) -> None:
    deploy(world)
    before = world.variables["SECRETS_VERSION"]
    name = HERE.secret_name("slack-bot-token")
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


def test_a_failed_osls_publishes_nothing(world: World, account: boto3.Session) -> None:
    def fails(*_: object) -> dict[str, str]:
        raise OslsFailed("no")

    with pytest.raises(OslsFailed):
        run("demo", os.environ, deploy_stack=fails, check_readable=world.check_readable)

    assert account.client("s3").list_buckets()["Buckets"] == []
    assert world.read == {}


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


def test_it_ends_with_the_three_urls_and_a_file_for_programs(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    addresses = deploy(world)

    report(addresses, tmp_path / "addresses.json")

    assert json.loads((tmp_path / "addresses.json").read_text()) == addresses
    assert capsys.readouterr().out.splitlines()[-3:] == [
        f"Events URL: {addresses['events_url']}",
        f"Slack URL: {addresses['slack_url']}",
        f"Template URL: {addresses['template_url']}",
    ]
