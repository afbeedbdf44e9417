"""What the demo takes of a real Slack: from the environment, with what is missing said, and no token anywhere."""

from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from deploy import manifest
from local.demo.guided_real import link_in
from local.demo.real_settings import take_from
from local.demo.real_workspace import RealWorkspace
from local.demo.transcript import Transcript
from local.demo.workspace import PlacesNotReady
from local.slack import RunningWorkspace, running_workspace
from local.slack.workspace import facts
from local.slack.workspace.manifest import Manifest

GIVEN = {
    "SLACK_APP_TOKEN": facts.APP_TOKEN,
    "SLACK_BOT_TOKEN": facts.BOT_TOKEN,
    "SLACK_CHANNEL_ID": "C0ONBOARDING",
    "APPROVERS": "U0ADA,S0APPROVERS",
}


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    with running_workspace(manifest=Manifest(socket_mode=True)) as workspace:
        yield workspace


def nowhere(name: str, _text: str) -> str:
    return f"build/{name}.yml"


def test_what_is_given_is_taken_and_the_tokens_leave_the_environment() -> None:
    environ = {**GIVEN, "PATH": "/bin"}
    real = take_from(environ)
    assert (real.channel_id, real.approvers, real.is_slack) == ("C0ONBOARDING", "U0ADA,S0APPROVERS", True)
    assert environ == {"SLACK_CHANNEL_ID": "C0ONBOARDING", "APPROVERS": "U0ADA,S0APPROVERS", "PATH": "/bin"}
    assert facts.APP_TOKEN not in repr(real)
    assert facts.BOT_TOKEN not in repr(real)


def test_all_that_is_missing_is_said_at_once_with_where_it_is_and_the_manifest() -> None:
    with pytest.raises(PlacesNotReady) as wanting:
        take_from({}, nowhere)
    said = str(wanting.value)
    for name in GIVEN:
        assert f"{name} is missing. It is " in said
    assert "connections:write" in said
    assert "docs/developing-with-slack.md" in said
    assert manifest.socket_mode_manifest() in said


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SLACK_APP_TOKEN", "xoxb-1-secret"),
        ("SLACK_BOT_TOKEN", "xapp-1-secret"),
        ("SLACK_BOT_TOKEN", "xoxp-1-secret"),
        ("SLACK_CHANNEL_ID", "#secret"),
        ("APPROVERS", "xoxb-1-secret"),
        ("APPROVERS", "U0ADA,"),
    ],
)
def test_what_is_of_another_form_is_said_and_not_quoted(name: str, value: str) -> None:
    with pytest.raises(PlacesNotReady, match=f"{name} is of another form") as wrong:
        take_from({**GIVEN, name: value}, nowhere)
    assert "secret" not in str(wrong.value)
    assert str(wrong.value).count("is of another form") == 1


@pytest.mark.parametrize("address", ["http://slack.example.com/api/", "https://slack.com/api", "ftp://127.0.0.1/"])
def test_the_tokens_leave_this_machine_by_https_alone(address: str) -> None:
    with pytest.raises(PlacesNotReady, match="SLACK_API_URL gets both tokens"):
        take_from({**GIVEN, "SLACK_API_URL": address}, nowhere)


def workspace(ws: RunningWorkspace, **given: str) -> RealWorkspace:
    return RealWorkspace(Transcript(), take_from({**GIVEN, "SLACK_API_URL": ws.api_url, **given}))


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-unknown"}, r"Slack refuses SLACK_BOT_TOKEN \(invalid_auth\)"),
        ({"SLACK_APP_TOKEN": "xapp-unknown"}, "Slack does not know SLACK_APP_TOKEN"),
    ],
)
def test_a_token_that_slack_refuses_ends_it_before_anything_is_deployed(
    ws: RunningWorkspace, given: dict[str, str], sentence: str
) -> None:
    with pytest.raises(PlacesNotReady, match=sentence) as refused:
        workspace(ws, **given).ask()
    assert "unknown" not in str(refused.value)


def test_a_slack_that_is_silent_ends_it_too(ws: RunningWorkspace) -> None:
    ws.faults.fail("auth.test")
    with pytest.raises(PlacesNotReady, match=r"status code 500\. Is this machine online"):
        workspace(ws).ask()


def test_each_run_has_a_signing_secret_of_its_own(ws: RunningWorkspace) -> None:
    made = {workspace(ws).signing_secret for _ in range(3)}
    assert len(made) == 3
    assert all(len(secret) == 32 for secret in made)


def test_the_address_of_a_stand_in_is_deployed_and_slacks_own_is_not(ws: RunningWorkspace) -> None:
    assert workspace(ws).settings()["SLACK_API_URL"] == ws.api_url
    assert "SLACK_API_URL" not in RealWorkspace(Transcript(), take_from({**GIVEN})).settings()


def test_the_manifest_for_socket_mode_is_ours_without_addresses() -> None:
    ours: Any = yaml.safe_load(manifest.SOURCE.read_text(encoding="utf-8"))
    made: Any = yaml.safe_load(manifest.socket_mode_manifest())
    assert made["settings"].pop("socket_mode_enabled") is True
    assert ours["settings"].pop("socket_mode_enabled") is False
    for part in (ours["settings"]["event_subscriptions"], ours["settings"]["interactivity"]):
        del part["request_url"]
    for command in ours["features"]["slash_commands"]:
        del command["url"]
    assert made == ours
    assert "REPLACE-ME" not in manifest.socket_mode_manifest()


LINK = (
    "https://us-east-1.console.aws.amazon.com/cloudformation/home?region=us-east-1#/stacks/create/review"
    "?templateURL=http%3A%2F%2F127.0.0.1%3A4566%2Ftemplates%2Fclient.yaml&stackName=switchyard-access&param_InvitationToken=x"
)


@pytest.mark.parametrize("pasted", [LINK, f"  {LINK}\n", f"Open <{LINK}>.", f"`{LINK}`", LINK.replace("&", "&amp;")])
def test_the_link_is_found_in_whatever_is_pasted(pasted: str) -> None:
    assert link_in(pasted) == LINK


@pytest.mark.parametrize(
    "pasted", ["", "InvitationToken = x", "https://example.com/", LINK.partition("?templateURL")[0]]
)
def test_where_there_is_no_link_nothing_happens(pasted: str) -> None:
    assert link_in(pasted) == ""
