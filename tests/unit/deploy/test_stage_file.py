"""stages/<stage>.env: read and never run, without anything secret; the environment wins."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from deploy import replay, slack_secrets
from deploy.cli import main
from deploy.errors import NotReady
from deploy.stage_file import read_stage_file, stage_environment
from tests.unit.deploy.account import account
from tests.unit.deploy.world import World, slack, world

__all__ = ["account", "slack", "world"]


def stage_file(folder: Path, *lines: str) -> Path:
    path = folder / "prod.env"
    path.write_text("\n".join([*lines, ""]))
    return path


def test_a_file_is_read_as_it_stands(tmp_path: Path) -> None:
    path = stage_file(
        tmp_path,
        "\ufeff# of the operations team",
        "SLACK_CHANNEL_ID=C0123456789",
        "export APPROVERS='U0ADA,S0TEAM'",
        'PROVIDER_NAME="Northwind $HOME $(id) `id`"  # as clients know us',
        "REQUIRE_TWO_PEOPLE = true",
        "ASK_DENY_REASON=",
    )

    assert read_stage_file(path) == {
        "SLACK_CHANNEL_ID": "C0123456789",
        "APPROVERS": "U0ADA,S0TEAM",
        "PROVIDER_NAME": "Northwind $HOME $(id) `id`",
        "REQUIRE_TWO_PEOPLE": "true",
        "ASK_DENY_REASON": "",
    }


def test_the_environment_wins_and_that_is_said(tmp_path: Path) -> None:
    stage_file(tmp_path, "APPROVERS=U0ADA", "REQUIRE_TWO_PEOPLE=true", "SLACK_CHANNEL_ID=C0SAME")
    environ = {"APPROVERS": "U0BEA", "REQUIRE_TWO_PEOPLE": "", "SLACK_CHANNEL_ID": "C0SAME", "HOME": "/"}

    environment, notice = stage_environment("prod", environ, tmp_path)

    assert environment == {"APPROVERS": "U0BEA", "REQUIRE_TWO_PEOPLE": "", "SLACK_CHANNEL_ID": "C0SAME", "HOME": "/"}
    assert notice == "From the environment, not from stages/prod.env: APPROVERS, REQUIRE_TWO_PEOPLE."


def test_a_stage_without_a_file_takes_the_environment_alone(tmp_path: Path) -> None:
    stage_file(tmp_path, "APPROVERS=U0ADA")

    assert stage_environment("test", {"A": "b"}, tmp_path) == ({"A": "b"}, "")


@pytest.mark.parametrize("stage", ["../prod", "prod/../prod", "", "PROD", "example"])
def test_a_stage_that_is_none_reads_no_file(tmp_path: Path, stage: str) -> None:
    with pytest.raises(NotReady):
        stage_environment(stage, {}, tmp_path)


# Put together here, so that no scanner of repositories takes them for real ones.
BOT_TOKEN, APP_TOKEN, ROTATING = "xox" + "b-1-abc", "xap" + "p-1-A0-abc", "xox" + "e.xoxp-1-abc"
ACCESS_KEY, SESSION_KEY, SECRET_KEY = "AKI" + "A" + "Z" * 16, "ASI" + "A" + "Z" * 16, "aB3/" * 10
SIGNING_SECRET = "0123456789abcdef" * 2


@pytest.mark.safety("A secret in a stage's file is refused, in comments too, and not printed", "deploy/stage_file.py")
@pytest.mark.parametrize(
    "secret", [BOT_TOKEN, APP_TOKEN, ROTATING, ACCESS_KEY, SESSION_KEY, SECRET_KEY, SIGNING_SECRET]
)
@pytest.mark.parametrize("line", ["PROVIDER_NAME={}", "# the old one: {}", "SLACK_BOT_TOKEN={}", "{}", "export X='{}'"])
def test_a_secret_is_refused_wherever_it_stands_and_not_printed(tmp_path: Path, secret: str, line: str) -> None:
    path = stage_file(tmp_path, "APPROVERS=U0ADA", line.format(secret))

    with pytest.raises(NotReady) as refused:
        read_stage_file(path)

    assert "stages/prod.env, line 2, holds" in str(refused.value)
    assert secret not in str(refused.value)


@pytest.mark.safety(
    "A stage's file can't say that changes are meant, nor name another AWS, and a misspelt setting in it is refused",
    "deploy/stage_file.py",
)
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("REQUIRE_TWO_PERSONS=true", "there is no setting 'REQUIRE_TWO_PERSONS'"),
        ("require_two_people=true", "there is no setting 'require_two_people'"),
        ("CLIENT_TEMPLATE_URL=https://evil.example/t", "there is no setting 'CLIENT_TEMPLATE_URL'"),
        ("PATH=/tmp", "there is no setting 'PATH'"),
        ("AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_ENDPOINT_URL says which AWS"),
        ("AWS_ENDPOINT_URL_LAMBDA=http://127.0.0.1:1", "AWS_ENDPOINT_URL_LAMBDA says which AWS"),
        ("AWS_SECRET_ACCESS_KEY=x", "AWS_SECRET_ACCESS_KEY is one person's"),
        ("AWS_SESSION_TOKEN=x", "AWS_SESSION_TOKEN is one person's"),
        ("AWS_ACCESS_KEY_ID=x", "AWS_ACCESS_KEY_ID is one person's"),
        ("AWS_PROFILE=prod", "AWS_PROFILE is one person's"),
        ("ACCEPT_CHANGES=true", "ACCEPT_CHANGES belongs before a single command"),
        ("APPROVERS=U0EVE", "APPROVERS is set twice"),
        ("REQUIRE_TWO_PEOPLE", "REQUIRE_TWO_PEOPLE has no '='"),
        ("REQUIRE_TWO_PEOPLE: true", "is not NAME=value"),
        ("PROVIDER_NAME='Northwind", "is not NAME=value"),
        ("PROVIDER_NAME=${HOME}", "nothing is filled in"),
        ('PROVIDER_NAME="Northwind\nREQUIRE_TWO_PEOPLE=true"', "must be one line"),
    ],
)
def test_what_does_not_belong_there_is_refused_by_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = stage_file(tmp_path, "APPROVERS=U0ADA", "", "  ", f"  {line}")

    with pytest.raises(NotReady) as refused:
        read_stage_file(path)

    assert "stages/prod.env, line 4" in str(refused.value)
    assert said in str(refused.value)


def test_what_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "prod.env").write_bytes(b"APPROVERS=\xff")
    with pytest.raises(NotReady, match="can't be read as text"):
        read_stage_file(tmp_path / "prod.env")

    (tmp_path / "test.env").mkdir()
    with pytest.raises(NotReady, match="can't be read"):
        stage_environment("test", {}, tmp_path)


def test_a_deployment_reads_its_stage_s_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SLACK_CHANNEL_ID")
    (tmp_path / "demo.env").write_text("SLACK_CHANNEL_ID=C0RANDOM\n")

    assert main(["--stage", "demo"], tmp_path) == 1

    assert "The app is not in the channel C0RANDOM" in capsys.readouterr().err
    assert "SLACK_CHANNEL_ID" not in os.environ


@pytest.mark.parametrize("command", [main, slack_secrets.main, replay.main])
def test_every_command_goes_to_the_region_of_the_file_and_refuses_what_is_wrong_in_it(
    command: object,
    account: object,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert callable(command)
    monkeypatch.delenv("AWS_REGION")
    monkeypatch.setattr("sys.stdin", io.StringIO())
    assert command(["--stage", "demo"], stages=tmp_path) == 1
    assert "No AWS region is set" in capsys.readouterr().err

    (tmp_path / "demo.env").write_text("AWS_REGION=eu-west-3\n")
    assert command(["--stage", "demo"], stages=tmp_path) == 1
    assert "No AWS region is set" not in capsys.readouterr().err

    (tmp_path / "demo.env").write_text("REGION=eu-west-3\n")
    assert command(["--stage", "demo"], stages=tmp_path) == 1
    assert "there is no setting 'REGION'" in capsys.readouterr().err
