"""The pure rules: the state machine's table, what statuses ask for, who approvers are, and the environment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain import policy, spelling
from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.errors import BadCommand, SettingsInvalid
from bot.domain.page import PageName
from bot.domain.policy import Effect
from bot.domain.transitions import Step, buttons, moves, target
from bot.domain.vocabulary import AccessLevel, State, Verb
from bot.settings import Settings
from tests.integration.records import an_event

ENVIRONMENT = {
    "STAGE": "prod",
    "TABLE_NAME": "switchyard-prod",
    "PROVIDER_ACCOUNT_ID": "111111111111",
    "PARTITION": "aws",
    "AWS_REGION": "eu-west-1",
    "SLACK_CHANNEL_ID": "C0ONBOARDING",
    "APPROVERS": "U0ADA, S0APPROVERS,W0BEA",
    "SLACK_API_URL": "https://slack.com/api/",
    "CLIENT_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/clients/switchyard-client.yaml",
    "GROUP_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/provider/client-group-0.yaml",
    "GROUP_ROLE_ARN": "arn:aws:iam::111111111111:role/switchyard-prod-client-groups",
    "TEAM_PAGE_TEMPLATE_URL": "https://s3.eu-west-1.amazonaws.com/bucket/provider/team-page-0.yaml",
    "TEAM_ROLE_ARN": "arn:aws:iam::111111111111:role/switchyard-prod-team-pages",
    "PROVISION_FUNCTION": "switchyard-prod-provision",
}


def test_a_request_that_is_over_stays_over() -> None:
    for state in (State.DONE, State.SUPERSEDED, State.REPORTED):
        assert moves(state) == {}


def test_only_a_pending_request_can_be_approved_and_only_an_approved_one_begun() -> None:
    assert [at for at in State if Verb.APPROVE in moves(at)] == [State.PENDING]
    assert [at for at in State if State.PROVISIONING in moves(at).values()] == [State.APPROVED]
    assert [at for at in State if State.DONE in moves(at).values()] == [State.PROVISIONING]
    assert target(State.DENIED, Step.BEGIN) is None


def test_a_state_with_buttons_can_be_superseded() -> None:
    superseded = {state for state in State if target(state, Step.SUPERSEDE) is not None}
    assert superseded == {state for state in State if buttons(state)} | {State.APPROVED}
    assert buttons(State.PENDING) == (Verb.APPROVE, Verb.DENY)


@pytest.mark.parametrize(
    ("status", "effect"),
    [
        ("CREATE_IN_PROGRESS", Effect.NOTE),
        ("ROLLBACK_IN_PROGRESS", Effect.NOTE),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Effect.NOTE),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Effect.NOTE),
        ("CREATE_COMPLETE", Effect.ASK),
        ("UPDATE_COMPLETE", Effect.ASK),
        ("IMPORT_COMPLETE", Effect.ASK),
        ("DELETE_COMPLETE", Effect.REMOVE),
        ("CREATE_FAILED", Effect.REPORT),
        ("ROLLBACK_COMPLETE", Effect.REPORT),
        ("ROLLBACK_FAILED", Effect.REPORT),
        ("UPDATE_ROLLBACK_COMPLETE", Effect.REPORT),
        ("IMPORT_ROLLBACK_COMPLETE", Effect.REPORT),
        ("DELETE_FAILED", Effect.REPORT),
        ("SOMETHING_NEW", Effect.NOTE),
    ],
)
def test_what_a_status_asks_for(status: str, effect: Effect) -> None:
    assert policy.effect(an_event(status=status)) is effect
    assert policy.effect(an_event(status=status, about_stack=False)) is Effect.NOTE


def test_approvers_are_users_and_user_groups() -> None:
    assert Approvers.parse("U0ADA, S0APPROVERS,,W0BEA") == Approvers(("U0ADA", "W0BEA"), ("S0APPROVERS",))
    assert Approvers.parse("U0BOSS, ,S0TEAM,") == Approvers(("U0BOSS",), ("S0TEAM",))
    assert Approvers.parse("") == Approvers()
    for wrong in ("ada", "@ada", "U0ADA;U0BEA", "C0CHANNEL", "u0ada"):
        with pytest.raises(SettingsInvalid, match="APPROVERS"):
            Approvers.parse(wrong)


def test_names_that_read_alike_are_the_same_company() -> None:
    assert spelling.company_key("ACME") == spelling.company_key("acme ") == spelling.company_key("\uff21cme")
    assert spelling.company_name("  Müller   & Söhne ") == "Müller & Söhne"


def test_every_name_follows_from_the_environment() -> None:
    settings = Settings.from_environment(ENVIRONMENT)
    assert settings.audience == "switchyard/prod/111111111111"
    assert settings.group_path == "/switchyard/clients/prod/"
    assert settings.group_name("cabc") == "switchyard-prod-cabc"
    assert settings.role_arn("222222222222", "r") == "arn:aws:iam::222222222222:role/r"
    assert settings.console_url == "https://eu-west-1.console.aws.amazon.com"
    assert settings.sign_in_url == "https://signin.aws.amazon.com"


def test_teams_stand_in_the_order_given_each_once() -> None:
    assert Settings.from_environment(ENVIRONMENT | {"TEAMS": "ops, data ,ops,nonesuch"}).teams == (
        "ops",
        "data",
        "nonesuch",
    )
    for wrong in ("Ops", "1ops", "ops;data", "ops,none", "none,ops", "a" * 21, "ops,", "o-p", "ops\nx", "*"):
        with pytest.raises(SettingsInvalid, match=r"TEAMS is .* names divided by commas"):
            Settings.from_environment(ENVIRONMENT | {"TEAMS": f" x,{wrong}"})


@pytest.mark.safety("A deployment in which approving lets nobody in is refused", "bot/settings.py")
def test_without_teams_clients_have_groups() -> None:
    for switch, on in (("on", True), ("OFF", False)):
        assert Settings.from_environment(ENVIRONMENT | {"CLIENT_GROUPS": switch}).client_groups is on
    with pytest.raises(SettingsInvalid, match="TEAMS is none and CLIENT_GROUPS is off"):
        Settings.from_environment(ENVIRONMENT | {"TEAMS": "none", "CLIENT_GROUPS": "off"})


def test_names_of_teams_and_their_pages() -> None:
    settings, page = Settings.from_environment(ENVIRONMENT), PageName("operators", 11)
    assert settings.team_path == "/switchyard/teams/prod/"
    assert settings.page_stack_name(page) == "switchyard-prod-page-operators-11"
    policy = "switchyard-prod-team-operators-11"
    assert settings.page_policy_arn(page) == f"arn:aws:iam::111111111111:policy/switchyard/teams/prod/{policy}"
    groups = [settings.team_group_name("operators", number) for number in (1, 2)]
    assert groups == ["switchyard-prod-team-operators", "switchyard-prod-team-operators-2"]


@pytest.mark.parametrize(
    ("partition", "sign_in"),
    [("aws-cn", "https://signin.amazonaws.cn"), ("aws-us-gov", "https://signin.amazonaws-us-gov.com")],
)
def test_each_partition_has_its_own_sign_in_host(partition: str, sign_in: str) -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"PARTITION": partition})
    assert settings.sign_in_url == sign_in
    assert settings.role_arn("222222222222", "r") == f"arn:{partition}:iam::222222222222:role/r"


def test_with_an_endpoint_of_its_own_every_address_uses_it() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"PUBLIC_ENDPOINT_URL": "http://127.0.0.1:4566/"})
    assert settings.console_url == settings.sign_in_url == "http://127.0.0.1:4566"


@pytest.mark.parametrize("name", [name for name in ENVIRONMENT if name != "APPROVERS"])
def test_a_missing_or_wrong_variable_is_named(name: str) -> None:
    for value, found in (("", "is not set"), ("not right!", "is 'not right!'")):
        with pytest.raises(SettingsInvalid, match=f"{name} {found}"):
            Settings.from_environment(ENVIRONMENT | {name: value})


def test_the_workspace_is_named_by_its_id_or_not_at_all() -> None:
    assert Settings.from_environment(ENVIRONMENT).workspaces == Workspaces()
    several = Settings.from_environment(ENVIRONMENT | {"SLACK_TEAM_ID": "T0HOME, T0OTHER,"}).workspaces
    assert several == Workspaces(teams=frozenset({"T0HOME", "T0OTHER"}))
    organization = Settings.from_environment(ENVIRONMENT | {"SLACK_TEAM_ID": "E0ORG"}).workspaces
    assert organization == Workspaces(organization="E0ORG")


@pytest.mark.parametrize(
    "value", ["our workspace", "E0ORG,E0OTHER", "T0HOME,E0ORG", "T", "t0home", "T0HOME T0OTHER", "U0ADA"]
)
def test_what_names_no_workspace_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"SLACK_TEAM_ID is .* one or more Slack workspace ids"):
        Settings.from_environment(ENVIRONMENT | {"SLACK_TEAM_ID": value})


def test_blanks_around_a_value_are_not_part_of_it() -> None:
    padded = {name: f" {value}\n" for name, value in (ENVIRONMENT | {"SLACK_TEAM_ID": "T0HOME"}).items()}
    assert Settings.from_environment(padded) == Settings.from_environment(ENVIRONMENT | {"SLACK_TEAM_ID": "T0HOME"})


@pytest.mark.parametrize(("value", "asked"), [("true", True), ("false", False), ("", False)])
def test_a_reason_for_denials_is_asked_on_request(value: str, asked: bool) -> None:
    assert Settings.from_environment(ENVIRONMENT | {"ASK_DENY_REASON": value}).ask_deny_reason is asked
    with pytest.raises(SettingsInvalid, match="ASK_DENY_REASON"):
        Settings.from_environment(ENVIRONMENT | {"ASK_DENY_REASON": "1"})


@pytest.mark.parametrize(("value", "needed"), [("true", True), (" True ", True), ("false", False), ("", False)])
def test_two_people_are_required_on_request(value: str, needed: bool) -> None:
    assert Settings.from_environment(ENVIRONMENT | {"REQUIRE_TWO_PEOPLE": value}).approvers.two_people is needed


def test_how_long_requests_wait_can_be_set() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"REMIND_AFTER_HOURS": "2", "EXPIRE_AFTER_DAYS": "14"})
    assert settings.waiting == Waiting(timedelta(hours=2), timedelta(days=14))
    assert Settings.from_environment(ENVIRONMENT).waiting == Waiting(timedelta(hours=4), timedelta(days=7))


@pytest.mark.parametrize("name", ["REMIND_AFTER_HOURS", "EXPIRE_AFTER_DAYS"])
@pytest.mark.parametrize("value", ["0", "-1", "1.5", "soon", "99999"])
def test_a_period_that_is_none_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        Settings.from_environment(ENVIRONMENT | {name: value})


def test_how_many_people_approve_is_set_by_level() -> None:
    settings = Settings.from_environment(ENVIRONMENT | {"APPROVALS_NEEDED": "Administrator=2, PowerUser=1"})
    assert dict(settings.approvers.needed) == {AccessLevel.ADMINISTRATOR: 2, AccessLevel.POWER_USER: 1}


@pytest.mark.parametrize(
    "value", ["2", "Administrator", "Administrator=0", "administrator=2", "Administrator=10", "Root=2"]
)
def test_a_number_of_people_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(SettingsInvalid, match="APPROVALS_NEEDED"):
        Settings.from_environment(ENVIRONMENT | {"APPROVALS_NEEDED": value})


def test_a_setting_that_would_turn_the_second_person_off_by_a_slip_is_refused() -> None:
    with pytest.raises(SettingsInvalid, match="REQUIRE_TWO_PEOPLE"):
        Settings.from_environment(ENVIRONMENT | {"REQUIRE_TWO_PEOPLE": "yes"})


def test_a_company_name_has_at_most_64_characters() -> None:
    assert spelling.company_name("x" * 64) == "x" * 64
    with pytest.raises(BadCommand, match="64"):
        spelling.company_name("x" * 65)


def test_a_clock_may_be_ahead_of_ours_by_an_hour() -> None:
    now = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert policy.plausible(now + timedelta(minutes=59), now)
    assert not policy.plausible(now + timedelta(minutes=61), now)
    assert not policy.plausible(datetime(2019, 12, 31, tzinfo=UTC), now)
