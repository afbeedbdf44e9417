"""A deployment that weakens or drops what is deployed shows it and stops, unless this very command says it is meant."""

import os

import boto3
import pytest
from botocore.stub import Stubber

from bot.domain.variables import GIVEN, VARIABLES, Weakened
from deploy.changes import COMPARED, find_changes, read_deployed
from deploy.cli import main
from deploy.deployment import lambda_environment
from deploy.errors import NotReady
from local.slack import RunningWorkspace
from local.slack.workspace.facts import TEAM_ID
from tests.unit.deploy.account import HERE, REGION, account, put_function
from tests.unit.deploy.world import World, deploy, slack, world

__all__ = ["account", "slack", "world"]

DEPLOYED = lambda_environment(
    HERE,
    "key",
    "key",
    {
        "SLACK_CHANNEL_ID": "C0ONBOARDING",
        "APPROVERS": "U0ADA,S0TEAM",
        "SLACK_TEAM_ID": "T0OURS",
        "REQUIRE_TWO_PEOPLE": "true",
        "APPROVALS_NEEDED": "Administrator=2,PowerUser=3",
        "ASK_DENY_REASON": "true",
        "PROVIDER_NAME": "Northwind",
        "EXPIRE_AFTER_DAYS": "5",
    },
)


@pytest.mark.safety(
    "A deployment that weakens or drops what is deployed stops until this very command says `ACCEPT_CHANGES=true`",
    "deploy/changes.py",
)
def test_a_deployment_from_another_shell_does_not_turn_the_second_person_off(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APPROVERS", "U0ADA,U0BEA")
    monkeypatch.setenv("REQUIRE_TWO_PEOPLE", "true")
    deploy(world)
    deployed = world.variables
    monkeypatch.delenv("REQUIRE_TWO_PEOPLE")

    with pytest.raises(NotReady) as refused:
        deploy(world)

    assert "⚠ REQUIRE_TWO_PEOPLE  true → false" in str(refused.value)
    assert "ACCEPT_CHANGES=true" in str(refused.value)
    assert world.variables is deployed
    capsys.readouterr()

    monkeypatch.setenv("ACCEPT_CHANGES", "true")
    deploy(world)

    assert world.variables["REQUIRE_TWO_PEOPLE"] == "false"
    assert "REQUIRE_TWO_PEOPLE  true → false" in capsys.readouterr().err


def test_the_same_again_changes_nothing_and_says_nothing(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    deploy(world)
    capsys.readouterr()

    deploy(world)

    assert "→" not in capsys.readouterr().err


def test_what_is_stricter_is_shown_and_deployed(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("APPROVERS", "U0ADA,S0APPROVERS")
    deploy(world)
    monkeypatch.setenv("APPROVERS", "S0APPROVERS")
    monkeypatch.setenv("REQUIRE_TWO_PEOPLE", "true")

    deploy(world)

    shown = capsys.readouterr().err
    assert "APPROVERS           U0ADA,S0APPROVERS → S0APPROVERS" in shown
    assert "⚠" not in shown
    assert world.variables["REQUIRE_TWO_PEOPLE"] == "true"


@pytest.mark.safety(
    "The bot's token is not sent to another Slack address before somebody said that it is meant", "deploy/cli.py"
)
def test_the_token_is_not_sent_to_another_address_before_somebody_said_that_it_is_meant(
    world: World, monkeypatch: pytest.MonkeyPatch, slack: RunningWorkspace
) -> None:
    put_function(
        world.session, lambda_environment(HERE, "key", "key", {**os.environ, "SLACK_API_URL": "https://slack.com/api/"})
    )

    with pytest.raises(NotReady, match=r"SLACK_API_URL +https://slack.com/api/ → http://127"):
        deploy(world)

    assert slack.calls == ()


def test_another_workspace_of_the_token_needs_a_word_too(world: World) -> None:
    put_function(world.session, lambda_environment(HERE, "key", "key", {**os.environ, "SLACK_TEAM_ID": "T0OTHER"}))

    with pytest.raises(NotReady, match=f"SLACK_TEAM_ID +T0OTHER → {TEAM_ID}"):
        deploy(world)

    assert world.variables == {}


def test_where_no_workspace_was_deployed_that_of_the_token_is_filled_in(world: World) -> None:
    put_function(world.session, lambda_environment(HERE, "key", "key", os.environ))

    deploy(world)

    assert world.variables["SLACK_TEAM_ID"] == TEAM_ID


@pytest.mark.safety("A setting that an older version does not know is not dropped in silence", "deploy/changes.py")
def test_a_setting_that_this_version_does_not_know_is_not_dropped_in_silence(world: World) -> None:
    put_function(world.session, {**lambda_environment(HERE, "key", "key", os.environ), "NEWER_SAFETY": "s3cret"})

    with pytest.raises(NotReady) as refused:
        deploy(world)

    assert "⚠ NEWER_SAFETY  (set) → (nothing)" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_a_refusal_shows_the_table_and_changes_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put_function(world.session, lambda_environment(HERE, "key", "key", os.environ))
    monkeypatch.setenv("SLACK_CHANNEL_ID", "C0EVE")

    assert main(["--stage", "demo"]) == 1

    assert "Not deployed: it would weaken" in (shown := capsys.readouterr().err)
    assert "⚠ SLACK_CHANNEL_ID  C0ONBOARDING → C0EVE" in shown
    assert world.session.client("s3").list_buckets()["Buckets"] == []


WEAKER = [
    ("SLACK_CHANNEL_ID", "C0OTHER"),
    ("APPROVERS", "U0ADA,S0TEAM,U0EVE"),
    ("APPROVERS", "U0EVE"),
    ("APPROVERS", ""),
    ("APPROVERS", " , "),
    ("SLACK_TEAM_ID", "T0OURS,T0OTHER"),
    ("SLACK_TEAM_ID", "E0ORG"),
    ("SLACK_TEAM_ID", ""),
    ("SLACK_TEAM_ID", ","),
    ("REQUIRE_TWO_PEOPLE", "false"),
    ("REQUIRE_TWO_PEOPLE", "FALSE"),
    ("APPROVALS_NEEDED", "Administrator=2,PowerUser=2"),
    ("APPROVALS_NEEDED", "PowerUser=3"),
    ("APPROVALS_NEEDED", "Administrator=2,PowerUser=3,Administrator=1"),
    ("APPROVALS_NEEDED", "ReadOnly=9"),
    ("APPROVALS_NEEDED", ""),
    ("ASK_DENY_REASON", "false"),
    ("TEAMS", "operators,data"),
    ("TEAMS", "data"),
    ("TEAMS", ""),
    ("CLIENT_GROUPS", ""),
    ("PROVIDER_NAME", ""),
    ("REMIND_AFTER_HOURS", "5"),
    ("WARM", ""),
    ("EXPIRE_AFTER_DAYS", "10"),
    ("SLACK_API_URL", "https://slack.example.com/api/"),
    ("PUBLIC_ENDPOINT_URL", "https://aws.example.com"),
]


@pytest.mark.safety(
    "A deployment that weakens or drops what is deployed stops until this very command says `ACCEPT_CHANGES=true`",
    "deploy/changes.py",
)
@pytest.mark.parametrize(("name", "value"), WEAKER)
def test_what_lets_more_happen_or_is_gone_needs_a_word(name: str, value: str) -> None:
    [change] = find_changes(DEPLOYED, {**DEPLOYED, name: value}, DEPLOYED, COMPARED)

    assert (change.name, change.new, bool(change.why)) == (name, value.strip(), True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("APPROVERS", "S0TEAM"),
        ("APPROVERS", "S0TEAM, U0ADA"),
        ("REQUIRE_TWO_PEOPLE", "True"),
        ("APPROVALS_NEEDED", "PowerUser=3,Administrator=3,ReadOnly=2"),
        ("TEAMS", "none"),
        ("CLIENT_GROUPS", "off"),
        ("PROVIDER_NAME", "Northwind Operations"),
        ("REMIND_AFTER_HOURS", "1"),
        ("EXPIRE_AFTER_DAYS", "4"),
        ("WARM", "false"),
    ],
)
def test_what_lets_less_happen_is_only_shown(name: str, value: str) -> None:
    [change] = find_changes(DEPLOYED, {**DEPLOYED, name: value}, DEPLOYED, COMPARED)

    assert (change.name, change.new, change.why) == (name, value, "")


def test_teams_where_there_were_none_need_a_word_whatever_empty_means_there() -> None:
    among = [one for one in COMPARED if one.name == "TEAMS"]
    [change] = find_changes({"TEAMS": "none"}, {"TEAMS": "operators"}, {"TEAMS"}, among)
    assert change.why == "operators would be added"


def test_every_direction_is_tried() -> None:
    tried = {one.weakened for one in VARIABLES if one.name in {name for name, _ in WEAKER}}

    assert tried == set(Weakened)
    assert {one.name for one in COMPARED} == {name for name, _ in WEAKER}


@pytest.mark.safety("A default that a new version changes is not deployed in silence", "deploy/changes.py")
@pytest.mark.parametrize("name", [one.name for one in GIVEN if one.default])
def test_a_default_that_has_changed_needs_a_word_even_where_it_would_be_stricter(name: str) -> None:
    deployed = {**DEPLOYED, name: "true" if DEPLOYED[name] in ("true", "false") else "1"}
    new = {**DEPLOYED, name: "false" if DEPLOYED[name] in ("true", "false") else "2"}

    [change] = find_changes(deployed, new, set(DEPLOYED) - {name}, COMPARED)

    assert change.why == "it is not set, so this is the default"


def test_without_a_deployed_variable_its_default_was_in_force() -> None:
    without = {name: value for name, value in DEPLOYED.items() if name not in ("REMIND_AFTER_HOURS", "SLACK_API_URL")}

    assert find_changes(without, DEPLOYED, DEPLOYED, COMPARED) == []


def test_a_value_that_would_draw_on_the_terminal_is_written_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    put_function(
        world.session, lambda_environment(HERE, "key", "key", {**os.environ, "APPROVERS": "U0ADA\x1b[2K\u202e"})
    )
    monkeypatch.setenv("APPROVERS", "U0BEA")

    with pytest.raises(NotReady) as refused:
        deploy(world)

    assert r"U0ADA\x1b[2K\u202e → U0BEA" in str(refused.value)


@pytest.mark.safety("Settings that are deployed and can't be read are not deployed over", "deploy/changes.py")
def test_what_can_not_be_read_is_deployed_over_only_on_a_word(account: boto3.Session) -> None:
    functions = boto3.client("lambda", REGION, aws_access_key_id="a", aws_secret_access_key="b")
    for accepted in ({}, {"ACCEPT_CHANGES": "yes"}):
        for answer in ("denied", "not decrypted"):
            with Stubber(functions) as stubber:
                if answer == "denied":
                    stubber.add_client_error("get_function_configuration", "AccessDeniedException", "no")
                else:
                    stubber.add_response("get_function_configuration", {"Environment": {"Error": {"ErrorCode": "K"}}})
                with pytest.raises(NotReady, match=r"lambda:GetFunctionConfiguration.*ACCEPT_CHANGES=true"):
                    read_deployed(functions, HERE, accepted)
    with Stubber(functions) as stubber:
        stubber.add_client_error("get_function_configuration", "AccessDeniedException", "no")
        deployed, warning = read_deployed(functions, HERE, {"ACCEPT_CHANGES": "true"})
    assert deployed is None
    assert "were not compared" in warning


def test_a_first_deployment_has_nothing_to_compare(account: boto3.Session) -> None:
    assert read_deployed(account.client("lambda"), HERE, {}) == (None, "")
