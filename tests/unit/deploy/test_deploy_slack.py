"""What is asked of Slack before a deployment, over HTTP: each no of Slack refuses, and nothing else does."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.domain.approvers import Approvers, Workspaces
from deploy.manifest import scopes_asked_for
from deploy.slack_api import Slack
from deploy.slack_checks import Findings, check_slack
from local.slack import RunningWorkspace, running_workspace
from local.slack.workspace.facts import ADA, APPROVERS_GROUP_ID, BEA, BOT_USER_ID, SCOPES
from tests.unit.deploy.world import SCOPES as ALL_SCOPES
from tests.unit.deploy.world import slack
from tests.unit.slack.samples import SETTINGS

__all__ = ["slack"]

APPROVERS = Approvers(users=(ADA.id, BEA.id), groups=(APPROVERS_GROUP_ID,))
METHODS = ("auth.test", "conversations.info", "usergroups.list", "users.info")
OF_THE_TOKEN = ("invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive")


def found(
    workspace: RunningWorkspace, *, token: str = "", channel: str = "", approvers: Approvers = APPROVERS
) -> Findings:
    settings = replace(SETTINGS, channel_id=channel or workspace.channel, approvers=approvers)
    return check_slack(Slack(workspace.api_url, token or workspace.bot_token), settings)


def refusal(findings: Findings) -> str:
    [only] = findings.refusals
    return only


def asked(workspace: RunningWorkspace) -> list[str]:
    return [call.method for call in workspace.calls]


def test_where_all_is_well_nothing_is_said_and_the_workspace_is_known(slack: RunningWorkspace) -> None:
    findings = found(slack)

    assert findings == Findings(team_id="T0SWITCHYARD", scopes=frozenset(ALL_SCOPES))
    assert asked(slack) == [*METHODS, "users.info"]


def test_a_token_that_slack_does_not_know_is_refused(slack: RunningWorkspace) -> None:
    findings = found(slack, token="xoxb-another")

    assert "make secrets STAGE=dev" in refusal(findings)
    assert "xoxb-another" not in refusal(findings)
    assert asked(slack) == ["auth.test"]


@pytest.mark.parametrize("error", OF_THE_TOKEN)
@pytest.mark.parametrize("method", METHODS)
def test_each_no_to_the_token_refuses_wherever_it_is_said(slack: RunningWorkspace, method: str, error: str) -> None:
    slack.faults.refuse(method, error)

    assert f"({error}: " in refusal(found(slack))


@pytest.mark.parametrize("channel", ["C0NOWHERE", "C0BOARD"])
def test_a_channel_that_slack_does_not_show_is_refused(slack: RunningWorkspace, channel: str) -> None:
    said = refusal(found(slack, channel=channel))

    assert f"{channel} (channel_not_found). Check SLACK_CHANNEL_ID" in said
    assert "/invite @Switchyard" in said


def test_an_unknown_channel_may_be_private_to_an_app_that_does_not_see_those() -> None:
    scopes = tuple(scope for scope in ALL_SCOPES if scope != "groups:read")
    with running_workspace(scopes=scopes) as workspace:
        findings = found(workspace, channel="C0BOARD")

    assert findings.refusals == []
    assert any("private and the app lacks groups:read" in warning for warning in findings.warnings)


def test_a_channel_without_the_app_is_refused(slack: RunningWorkspace) -> None:
    assert refusal(found(slack, channel="C0RANDOM")).endswith("Type /invite @Switchyard there.")


def test_not_in_channel_is_the_same_no(slack: RunningWorkspace) -> None:
    slack.faults.refuse("conversations.info", "not_in_channel")

    assert refusal(found(slack)).endswith("Type /invite @Switchyard there.")


def test_an_archived_channel_is_refused(slack: RunningWorkspace) -> None:
    slack.retire(slack.channel)

    assert "archived" in refusal(found(slack))


def test_a_user_group_that_is_gone_or_disabled_is_refused(slack: RunningWorkspace) -> None:
    assert "no user group S0NOBODY" in refusal(found(slack, approvers=Approvers(groups=("S0NOBODY",))))
    slack.retire(APPROVERS_GROUP_ID)
    assert f"{APPROVERS_GROUP_ID} is disabled" in refusal(found(slack))


def test_a_user_who_is_unknown_deactivated_or_a_bot_is_refused(slack: RunningWorkspace) -> None:
    slack.retire(BEA.id)
    listed = Approvers(users=("U0NOBODY", ADA.id, BEA.id, BOT_USER_ID, BEA.id))

    unknown, deactivated, bot = found(slack, approvers=listed).refusals

    assert "no user U0NOBODY (user_not_found). Remove the id from APPROVERS" in unknown
    assert "U0BEA is deactivated" in deactivated
    assert f"{BOT_USER_ID} is a bot" in bot


def test_every_no_is_told_at_once(slack: RunningWorkspace) -> None:
    slack.retire(ADA.id)
    slack.retire(APPROVERS_GROUP_ID)

    assert len(found(slack, channel="C0RANDOM").refusals) == 3


def test_scopes_that_the_manifest_asks_for_and_the_app_lacks_are_a_warning() -> None:
    with running_workspace(scopes=("commands", "chat:write")) as workspace:
        findings = found(workspace)

    assert findings.refusals == []
    lacking, *missing = findings.warnings
    assert all(scope in lacking for scope in scopes_asked_for() if scope not in ("commands", "chat:write"))
    assert missing == [
        f"The {what} could not be checked with Slack: the app lacks {scope}."
        for what, scope in (("channel", "channels:read"), ("user groups", "usergroups:read"), ("users", "users:read"))
    ]


def test_the_local_app_has_what_the_manifest_asks_for() -> None:
    assert scopes_asked_for() == SCOPES


@pytest.mark.parametrize("error", ["unknown_method", "user_not_visible", "access_denied", "team_added_to_org"])
@pytest.mark.parametrize("method", METHODS)
def test_another_refusal_of_one_method_warns_and_the_rest_is_asked(
    slack: RunningWorkspace, method: str, error: str
) -> None:
    slack.faults.refuse(method, error)

    findings = found(slack)

    assert findings.refusals == []
    assert [warning for warning in findings.warnings if error in warning] == findings.warnings != []
    assert set(asked(slack)) == set(METHODS)


MISHAPS: dict[str, Callable[[RunningWorkspace, str], None]] = {
    "500": lambda workspace, method: workspace.faults.fail(method),
    "429": lambda workspace, method: workspace.faults.rate_limit(method, retry_after=3600),
    "lost": lambda workspace, method: workspace.faults.lose_answer(method),
    "fatal_error": lambda workspace, method: workspace.faults.refuse(method, "fatal_error"),
}


@pytest.mark.safety(
    "Nothing that Slack says or does not say, except its no to token, channel, group or user, ends a deployment",
    "deploy/slack_checks.py",
)
@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("method", METHODS)
def test_an_outage_warns_once_and_nothing_more_is_asked(slack: RunningWorkspace, method: str, mishap: str) -> None:
    MISHAPS[mishap](slack, method)

    findings = found(slack)

    assert findings.refusals == []
    assert len(findings.warnings) == 1
    assert asked(slack) == [*METHODS[: METHODS.index(method) + 1]]


@pytest.mark.safety(
    "An organization id is not deployed for an app that can't see whose people are", "deploy/slack_checks.py"
)
@pytest.mark.parametrize(("listed", "refused"), [("E0OURS", True), ("T0SWITCHYARD", False), ("", False)])
def test_an_organization_needs_an_app_that_can_see_whose_people_are(listed: str, refused: bool) -> None:
    scopes = tuple(scope for scope in ALL_SCOPES if scope != "users:read")
    with running_workspace(scopes=scopes) as workspace:
        settings = replace(SETTINGS, channel_id=workspace.channel, workspaces=Workspaces.parse(listed))
        refusals = check_slack(Slack(workspace.api_url, workspace.bot_token), settings).refusals

    told = (
        "SLACK_TEAM_ID=E0OURS needs the scope users:read, and the app lacks it: nobody could use Switchyard. Add the "
        "scope, reinstall the app and deploy again."
    )
    assert refusals == ([told] if refused else [])


def test_an_organization_whose_app_has_the_scope_is_not_refused(slack: RunningWorkspace) -> None:
    settings = replace(SETTINGS, channel_id=slack.channel, workspaces=Workspaces.parse("E0OURS"))
    findings = check_slack(Slack(slack.api_url, slack.bot_token), settings)

    assert not any("users:read" in one for one in findings.refusals)
