"""What a client is sent: who asks, for what, how to let them in, and commands that do what they say."""

from __future__ import annotations

import html
import json
import shlex
import subprocess
from dataclasses import replace
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator

from bot.domain.answers import Invited
from bot.domain.errors import SettingsInvalid
from bot.domain.vocabulary import AccessLevel
from bot.settings import NAME_LENGTH, Settings
from bot.slack.render import invitations
from bot.slack.render.blocks import Message
from bot.slack.render.text import PREFORMATTED_LIMIT, preformatted_parts
from deploy.deployment import lambda_environment
from deploy.rendering import FLAT_TEMPLATE_KEY
from local.slack.block_kit.blocks import block_problems
from tests.templates.rendered import RENDERED
from tests.unit.deploy.account import HERE
from tests.unit.domain.test_rules import ENVIRONMENT
from tests.unit.slack.samples import INVITED, SETTINGS, words

PROVIDER = replace(SETTINGS, provider_name="Northwind Operations")
TEMPLATE_BODY_LIMIT = 51_200
"""Bytes that CloudFormation takes as `--template-body`."""
AWKWARD = ["Acme", 'O\'Neil & "Sons" $HOME `id` \\ <x> !', "&" * 64, "'" * 64, "\U0001f600" * 64, "می\u200cسازیم"]  # noqa: RUF001


def made_for(company: str = "Acme", accounts: int = 1, settings: Settings = PROVIDER, **more: Any) -> Message:
    made = replace(INVITED.invitation, company=company, accounts=accounts, **more)
    return invitations.invitation(Invited(made, INVITED.token, ()), settings)


def sent(message: Message) -> str:
    """The text to send, as it is copied out of Slack: of all blocks that belong to it."""
    shown = words(message)
    shown = shown.partition("*Send this to the client*")[2].partition("*Or the link alone*")[0]
    return html.unescape("\n\n".join(shown.split("```")[1::2]))


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith(("curl ", "aws "))]


def options(command: str) -> dict[str, str]:
    typed = shlex.split(command)[3:]
    return {name.removeprefix("--"): value for name, value in zip(typed[::2], typed[1::2], strict=True)}


@pytest.mark.parametrize("accounts", [1, 20])
def test_it_says_who_asks_what_it_allows_costs_and_takes_and_whom_to_ask(accounts: int) -> None:
    text = sent(made_for(accounts=accounts))
    for said in (
        "Northwind Operations (AWS account 111111111111) would like to work in",
        "We may look at everything, stored data included, and change nothing.",
        "almost nothing",
        "our approval up to a working day",
        "Questions: ask whoever at Northwind Operations sent you this.",
        "trusts only our account",
        "our access is gone",
        "30 November 2026, 06:05 UTC",
    ):
        assert said in text


@pytest.mark.parametrize(("accounts", "asked"), [(1, "the account's"), (20, "the accounts'")])
def test_it_asks_for_the_number_that_the_approver_compares(accounts: int, asked: str) -> None:
    assert f"ell us {asked} 12-digit number" in sent(made_for(accounts=accounts))


@pytest.mark.parametrize("accounts", [1, 20])
def test_whoever_invites_learns_that_the_text_is_for_the_client_alone(accounts: int) -> None:
    assert "Whoever has the text below can ask in this company's name" in words(made_for(accounts=accounts))


def test_it_says_to_tick_both_boxes_and_to_stay_in_the_region() -> None:
    text = sent(made_for())
    assert "Tick both boxes about IAM" in text
    assert "Stay in the region that it opens, eu-central-1." in text


def test_it_says_what_to_do_about_a_bucket_that_cannot_be_read() -> None:
    text = sent(made_for())
    _, _, instead = text.partition('If AWS says "S3 error: Access Denied"')
    assert SETTINGS.flat_template_url in instead.splitlines()
    assert "Upload a template file" in instead
    assert f"CompanyName = Acme\nInvitationToken = {INVITED.token}\nAccessLevel = ReadOnly" in instead


@pytest.mark.parametrize("level", AccessLevel)
@pytest.mark.parametrize("accounts", [1, 20])
def test_each_level_is_told_in_words(level: AccessLevel, accounts: int) -> None:
    assert f" {level}. We may look at " in sent(made_for(accounts=accounts, access_level=level))


@pytest.mark.parametrize("accounts", [1, 20])
def test_whoever_holds_a_token_learns_that_slack_forgets_it(accounts: int) -> None:
    assert "it is gone when you reload Slack" in words(made_for(accounts=accounts))


def test_a_provider_without_a_name_is_still_told_from_others_by_its_account() -> None:
    text = sent(made_for(settings=SETTINGS))
    assert "your provider (AWS account 111111111111) would like" in text
    assert "whoever at your provider sent you this" in text


@pytest.mark.safety("Nothing is cut from what a client is sent", "bot/slack/render/text.py")
@pytest.mark.parametrize("company", AWKWARD)
@pytest.mark.parametrize("provider", ["&" * 64, "\U0001f600" * 64])
@pytest.mark.parametrize("accounts", [1, 100])
def test_nothing_is_cut_from_the_longest_text(company: str, provider: str, accounts: int) -> None:
    address = (
        f"https://s3.ap-southeast-1.amazonaws.com/switchyard-{'s' * 12}-templates-{'1' * 12}-ap-southeast-1/clients/"
    )
    settings = replace(SETTINGS, provider_name=provider, client_template_url=f"{address}switchyard-client.yaml")
    message = made_for(company, accounts, settings, access_level=AccessLevel.POWER_USER)
    assert block_problems(list(message.blocks)) == []
    assert "…`" not in words(message)
    text = sent(message)
    assert text.startswith("Hello ")
    assert text.endswith("30 November 2026, 06:05 UTC.")
    assert "…" not in text
    assert f"{address}switchyard-client-flat.yaml" in text


@pytest.mark.safety("Nothing is cut from what a client is sent", "bot/slack/render/text.py")
def test_a_text_is_divided_between_paragraphs_alone() -> None:
    paragraphs = [f"{number}\n{'&' * 200}" for number in range(12)]
    parts = preformatted_parts("\n\n".join(paragraphs))
    assert len(parts) > 1
    assert all(len(part) <= PREFORMATTED_LIMIT for part in parts)
    assert "\n\n".join(html.unescape(part.strip("`")) for part in parts).split("\n\n") == paragraphs
    assert len(preformatted_parts("short\n\ntext")) == 1


@pytest.mark.parametrize("company", AWKWARD)
def test_the_commands_are_a_shells_and_give_everything_back(company: str) -> None:
    download, create, deploy = commands(sent(made_for(company, 20)))
    for command in (download, create, deploy):
        assert subprocess.run(["bash", "-n", "-c", command], check=False).returncode == 0
    given = {one["ParameterKey"]: one["ParameterValue"] for one in json.loads(options(create)["parameters"])}
    expected = company.replace("`", "\N{MODIFIER LETTER GRAVE ACCENT}")
    assert given == {"CompanyName": expected, "InvitationToken": INVITED.token, "AccessLevel": "ReadOnly"}


@pytest.mark.safety(
    "The shell takes a company's name for a parameter and nothing else", "bot/slack/render/invitations.py"
)
def test_the_shell_hands_the_parameters_over_as_they_are() -> None:
    create = commands(sent(made_for('O\'Neil & "Sons" $HOME $(id)', 20)))[1]
    echoed = subprocess.run(
        ["bash", "-c", f'aws() {{ printf "%s\\n" "$@"; }}; {create}'], capture_output=True, text=True, check=True
    )
    parameters = next(line for line in echoed.stdout.splitlines() if line.startswith("["))
    assert json.loads(parameters)[0]["ParameterValue"] == 'O\'Neil & "Sons" $HOME $(id)'


def test_a_stack_set_sends_the_template_that_was_downloaded() -> None:
    download, create, _ = commands(sent(made_for(accounts=20)))
    *_, file, address = shlex.split(download)
    assert address == SETTINGS.flat_template_url
    assert options(create)["template-body"] == f"file://{file}"
    assert "template-url" not in options(create)
    assert len(RENDERED[FLAT_TEMPLATE_KEY]) < TEMPLATE_BODY_LIMIT


def test_one_refused_account_does_not_stop_the_others() -> None:
    deploy = options(commands(sent(made_for(accounts=20)))[2])
    preferences = dict(pair.split("=") for pair in deploy["operation-preferences"].split(","))
    assert preferences == {"FailureTolerancePercentage": "100", "MaxConcurrentPercentage": "25"}


def test_cloudformation_knows_every_option_of_the_commands() -> None:
    create, deploy = map(options, commands(sent(made_for(accounts=20)))[1:])
    model = botocore.session.get_session().get_service_model("cloudformation")
    preferences = dict(pair.split("=") for pair in deploy["operation-preferences"].split(","))
    wanted: dict[str, dict[str, Any]] = {
        "CreateStackSet": {
            "StackSetName": create["stack-set-name"],
            "TemplateBody": create["template-body"],
            "Capabilities": [create["capabilities"]],
            "PermissionModel": create["permission-model"],
            "AutoDeployment": {"Enabled": create["auto-deployment"] == "Enabled=true"},
            "Parameters": json.loads(create["parameters"]),
        },
        "CreateStackInstances": {
            "StackSetName": deploy["stack-set-name"],
            "Regions": [deploy["regions"]],
            "DeploymentTargets": {"OrganizationalUnitIds": [deploy["deployment-targets"].split("=")[1]]},
            "OperationPreferences": {name: int(value) for name, value in preferences.items()},
        },
    }
    for operation, parameters in wanted.items():
        shape = model.operation_model(operation).input_shape
        assert shape is not None
        assert not ParamValidator().validate(parameters, shape).has_errors()
    names = {"stack-set-name", "region", "regions", "deployment-targets", "operation-preferences"}
    assert deploy.keys() == names


def test_it_says_where_a_stack_set_is_deployed_from() -> None:
    text = sent(made_for(accounts=20))
    for said in (
        "in AWS CloudShell or a Unix shell",
        "management account",
        "add --call-as DELEGATED_ADMIN to both aws commands",
        "Trusted access for StackSets must be on",
        "If one account is refused, the others continue.",
    ):
        assert said in text


@pytest.mark.parametrize("name", ["Northwind & Søns <GmbH>", "شرکت می\u200cسازیم", "x" * NAME_LENGTH, " Acme "])  # noqa: RUF001
def test_a_provider_may_be_called_what_companies_are_called(name: str) -> None:
    assert Settings.from_environment(ENVIRONMENT | {"PROVIDER_NAME": name}).provider_name == name.strip()


@pytest.mark.safety("A provider's name can neither hide nor inject anything", "bot/settings.py")
@pytest.mark.parametrize(
    "name",
    [
        "a\nb",
        "a\tb",
        "a\x00b",
        "a\u202eb",
        "a\u200bb",
        "a\u2028b",
        "\u3164",
        "\ufe0f",
        "x" * (NAME_LENGTH + 1),
        "a ${self:custom}",
    ],
)
def test_a_providers_name_that_could_hide_or_inject_something_is_refused(name: str) -> None:
    with pytest.raises(SettingsInvalid, match="PROVIDER_NAME"):
        Settings.from_environment(ENVIRONMENT | {"PROVIDER_NAME": name})


def test_a_providers_name_reaches_the_lambdas_and_may_be_left_out() -> None:
    assert (
        lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", {"PROVIDER_NAME": " Acme "})[
            "PROVIDER_NAME"
        ]
        == "Acme"
    )
    assert lambda_environment(HERE, "provider/group.yaml", "provider/page.yaml", {})["PROVIDER_NAME"] == "your provider"
    assert Settings.from_environment(ENVIRONMENT).provider_name == "your provider"


def test_a_providers_name_can_do_nothing_in_slack() -> None:
    message = made_for(settings=replace(SETTINGS, provider_name="<!channel> ```*x* <https://evil.example|y>"))
    assert "<!channel>" not in words(message)
    assert words(message).count("```") == words(made_for()).count("```")


def test_a_stack_set_ends_only_without_its_stacks() -> None:
    assert (
        "How to end it: delete the stack instances at any time, without retaining the stacks (--no-retain-stacks). "
        "Then our access is gone."
    ) in sent(made_for(accounts=20))


@pytest.mark.parametrize("accounts", [1, 20])
def test_it_promises_about_approval_only_what_we_keep(accounts: int) -> None:
    message = made_for(accounts=accounts)
    text = sent(message)
    assert "unless you choose otherwise. We give nobody access before an approver on our side has agreed." in text
    assert "nobody can use it" not in text
    assert "nobody gets in before" not in words(message)
    assert "before it is approved." in words(message)
