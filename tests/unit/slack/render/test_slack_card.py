"""The switch-role card and the links: exact, copyable, and nothing in them that a client could have slipped in."""

import configparser
import itertools
import re
import subprocess
import sys
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from bot.domain.model import Terms
from bot.domain.vocabulary import AccessLevel, Kind, State
from bot.kit.entries import display_name, profile_name
from bot.settings import Settings
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card
from bot.slack.render.invitations import quick_create_link
from bot.slack.render.templating import markup
from bot.slack.render.text import Mrkdwn
from bot.templates import plain_text
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.unit.slack.samples import BY_TEAM, INVITED, SETTINGS, TERMS, buttons, granting, pictured, request, words

EVIL = 'Ac"me\ncredential_process = evil\r\n[default] `x` <!channel> & ü'


def card(settings: Settings = SETTINGS, kind: Kind = Kind.ONBOARD, **changes: Any) -> Message:
    approved = request(kind, State.DONE, **changes)
    return switch_role_card(pictured(approved, client=granting(approved)), settings)


def code_blocks(message: Message) -> list[str]:
    parts = words(message).split("```")[1::2]
    return [part.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for part in parts]


def parsed(text: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return parser


def test_it_names_account_role_level_and_display_name() -> None:
    shown = words(card())
    for fact in ("`222222222222`", "`switchyard-access`", "*Access level*\nReadOnly", "`Acme ReadOnly`"):
        assert fact in shown


def test_the_console_link_is_a_button_and_to_be_seen() -> None:
    url = buttons(card())[0]["url"]
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("signin.aws.amazon.com", "/switchrole")
    assert dict(parse_qsl(parts.query)) == {
        "account": "222222222222",
        "roleName": "switchyard-access",
        "displayName": "Acme ReadOnly",
    }
    assert f"<{url.replace('&', '&amp;')}>" in words(card())


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "signin.aws.amazon.com"),
        ("aws-cn", "signin.amazonaws.cn"),
        ("aws-us-gov", "signin.amazonaws-us-gov.com"),
    ],
)
def test_each_partition_has_its_own_sign_in_host(partition: str, host: str) -> None:
    assert urlsplit(buttons(card(replace(SETTINGS, partition=partition)))[0]["url"]).netloc == host


def test_a_public_endpoint_replaces_the_sign_in_host() -> None:
    local = replace(SETTINGS, public_endpoint_url="http://127.0.0.1:4566")
    assert buttons(card(local))[0]["url"].startswith("http://127.0.0.1:4566/switchrole?account=222222222222&")


def test_it_says_which_group_gives_access_and_the_command_for_it() -> None:
    assert ("aws iam add-user-to-group --group-name switchyard-dev-cabcdefghij --user-name USER_NAME") in code_blocks(
        card()
    )


def by_team(terms: Terms | None, **changes: Any) -> Message:
    approved = request(Kind.ONBOARD, State.DONE, terms=terms, **changes)
    return switch_role_card(pictured(approved, client=granting(approved), entrance=BY_TEAM), SETTINGS)


def test_a_client_of_a_team_is_joined_once_for_all_and_by_an_administrator() -> None:
    shown = by_team(TERMS)
    assert "An administrator adds somebody, once for all clients:" in words(shown)
    command = "aws iam add-user-to-group --group-name switchyard-dev-team-operators --user-name USER_NAME"
    assert command in code_blocks(shown)


def test_from_identity_center_nobody_gets_in_where_mfa_is_required() -> None:
    shown = words(by_team(TERMS))
    assert "*IAM Identity Center*\nNobody can get in from there: this client requires MFA" in shown
    assert "`RequireMfa=false`" in shown and "YOUR_SSO_PROFILE" not in shown


@pytest.mark.parametrize("terms", [Terms(require_mfa=False, max_session_seconds=43200), None])
def test_from_identity_center_the_profile_asks_for_one_hour_and_no_mfa(terms: Terms | None) -> None:
    shown = by_team(terms)
    chained = next(one for one in code_blocks(shown) if "YOUR_SSO_PROFILE" in one)
    assert dict(parsed(chained)["profile acme-222222222222-switchyard-access-sso"]) == {
        "role_arn": "arn:aws:iam::222222222222:role/switchyard-access",
        "region": "eu-central-1",
        "source_profile": "YOUR_SSO_PROFILE",
        "duration_seconds": "3600",
    }
    assert ("only if the client does not require MFA" in words(shown)) is (terms is None)
    assert "`/switchyard/teams/dev/`" in words(shown)


def test_identity_center_is_not_named_where_a_group_alone_lets_in() -> None:
    assert "Identity Center*" not in words(card(terms=None))


def test_the_cli_asks_sts_in_the_providers_region_and_reads_where_the_clients_stack_is() -> None:
    stack = "arn:aws:cloudformation:ap-east-1:222222222222:stack/switchyard-access/0a1b2c3d"
    config, extension = code_blocks(card(parent_stack_id=stack))[1:]
    assert parsed(config)["profile acme-222222222222-switchyard-access"]["region"] == SETTINGS.region
    assert "# your own region, where the AWS CLI calls STS. The client's stack is in ap-east-1." in config.splitlines()
    assert parsed(extension)["profile acme-222222222222-switchyard-access"]["region"] == "ap-east-1"


def test_the_cli_profile_is_a_valid_one() -> None:
    profile = parsed(code_blocks(card())[1])["profile acme-222222222222-switchyard-access"]
    assert dict(profile) == {
        "role_arn": "arn:aws:iam::222222222222:role/switchyard-access",
        "region": "eu-central-1",
        "source_profile": "YOUR_PROFILE",
        "mfa_serial": "arn:aws:iam::111111111111:mfa/YOUR_DEVICE",
    }


def test_the_cli_takes_the_profile_as_it_is(tmp_path: Any) -> None:
    from botocore.configloader import load_config

    config = tmp_path / "config"
    config.write_text(code_blocks(card(role_name="a+b=c,d.e@f_g-h"))[1])
    profile = load_config(str(config))["profiles"]["acme-222222222222-a+b=c,d.e@f_g-h"]
    assert profile["role_arn"] == "arn:aws:iam::222222222222:role/a+b=c,d.e@f_g-h"


def test_the_browser_extension_gets_its_own_entry() -> None:
    entry = parsed(code_blocks(card(access_level=AccessLevel.ADMINISTRATOR))[2])
    assert dict(entry["profile acme-222222222222-switchyard-access"]) == {
        "aws_account_id": "222222222222",
        "role_name": "switchyard-access",
        "region": "eu-west-1",
        "color": "d13212",
    }


def extension_reads(line: str) -> str:
    """The value as the extension's own parser has it: JavaScript's `line.split("=", 2)[1].trim()`."""
    return line.split("=")[1].strip()


@pytest.mark.parametrize("role", ["a+b,c.d@e_f-g", "x" * 43])
def test_the_browser_extension_reads_the_whole_name_of_a_role(role: str) -> None:
    entry = code_blocks(card(role_name=role))[2]
    assert extension_reads(next(line for line in entry.splitlines() if line.startswith("role_name"))) == role


@pytest.mark.safety("What the browser extension would misread is not pasted into it", "bot/kit/files.py")
def test_a_role_that_the_extension_would_misread_has_no_entry_and_the_card_says_why() -> None:
    shown = card(role_name="team=ops")
    assert len(code_blocks(shown)) == 2
    assert "No entry for this role: its name contains `=`" in words(shown)
    assert extension_reads("role_name = team=ops") != "team=ops"


def test_the_card_of_an_update_says_that_it_replaces_the_earlier_one() -> None:
    assert "This card replaces the earlier one" in words(card(kind=Kind.UPDATE))
    assert "This card replaces the earlier one" not in words(card())


def test_a_company_name_cannot_add_a_line_to_what_is_pasted() -> None:
    _, config, extension = code_blocks(card(company=EVIL))
    assert parsed(config).sections() == ["profile ac-me-credential-process-evil-de-222222222222-switchyard-access"]
    assert set(parsed(config)[parsed(config).sections()[0]]) == {
        "role_arn",
        "region",
        "source_profile",
        "mfa_serial",
    }
    assert len(parsed(extension).sections()) == 1
    assert "<!channel>" not in words(card(company=EVIL))


def test_slack_takes_the_longest_card() -> None:
    odd: dict[str, Any] = {"role_name": "r" * 64, "access_level": AccessLevel.ADMINISTRATOR}
    for longest in (card(company="\U0001f600" * 200, **odd), by_team(None, company="\U0001f600" * 200, **odd)):
        assert block_problems(list(longest.blocks)) == []
        assert characters_in(list(longest.blocks)) <= MOST_CHARACTERS


@pytest.mark.parametrize("company", ["A" * 200, "Acme", "ü" * 64, "Acme Holding " * 6])
def test_the_display_name_fits_the_console(company: str) -> None:
    for level in AccessLevel:
        shown = display_name(company, level)
        assert len(shown) <= 64
        assert shown.endswith(f" {level}")


@pytest.mark.parametrize(
    ("company", "slug"),
    [
        ("Groß & Weiß OHG", "gross-weiss-ohg"),
        ("Ørsted A/S", "orsted-a-s"),
        ("Łódź Śląsk S.A.", "lodz-slask-s-a"),
        ("株式会社アクメ", "zhushihuisheakume"),
        ("Газпром", "gazprom"),
        ("می\u200cسازیم", "myszym"),  # noqa: RUF001
        ("👩\u200d🚀 Space Co", "woman-rocket-space-co"),
        ("Müller & Söhne", "muller-sohne"),
    ],
)
def test_profile_names_can_be_read_and_typed(company: str, slug: str) -> None:
    assert profile_name(company, "1" * 12, "ops") == f"{slug}-111111111111-ops"


@pytest.mark.parametrize("company", ["!!!", "---", "\ue000"])
def test_a_profile_name_is_never_empty(company: str) -> None:
    assert profile_name(company, "1" * 12, "ops") == "111111111111-ops"


@pytest.mark.safety("No client gets another one's profile name", "bot/kit/entries.py")
def test_clients_that_are_called_alike_have_different_profile_names() -> None:
    clients = list(itertools.product(["Acme GmbH", "ACME GmbH!", "Ácme GmbH"], ["1" * 12, "2" * 12], ["ops", "dev"]))
    assert {profile_name(*client).partition("-1")[0].partition("-2")[0] for client in clients} == {"acme-gmbh"}
    assert len({profile_name(*client) for client in clients}) == 4


@pytest.mark.safety("No client gets another one's profile name", "bot/kit/entries.py")
@pytest.mark.parametrize("digits", ["1" * 12, "1" * 13, "1" * 40, "x" * 19 + " " + "1" * 13])
def test_a_company_that_is_called_like_an_account_gives_nobody_elses_profile_name(digits: str) -> None:
    named = profile_name(digits, "2" * 12, "ops")
    [account] = re.findall(r"(?:^|-)([0-9]{12})(?=-)", named)
    assert account == "2" * 12
    assert profile_name("", "1" * 12, f"{'2' * 12}-ops") != profile_name("1" * 12, "2" * 12, "ops")


def test_profile_names_are_readable_and_differ_by_account_and_role() -> None:
    assert profile_name("x" * 64, "1" * 12, "ops") == f"{'x' * 32}-111111111111-ops"


def test_the_region_is_that_of_the_clients_stack() -> None:
    stack = "arn:aws-us-gov:cloudformation:us-gov-west-1:222222222222:stack/x/y"
    assert "region = us-gov-west-1\n" in words(card(parent_stack_id=stack))


def test_the_quick_create_link_fills_in_company_token_and_level() -> None:
    awkward = replace(INVITED, invitation=replace(INVITED.invitation, company='A&B "C" #1/ü'))
    url = quick_create_link(SETTINGS, awkward)
    base, _, fragment = url.partition("#")
    assert base == "https://eu-central-1.console.aws.amazon.com/cloudformation/home?region=eu-central-1"
    page, _, query = fragment.partition("?")
    assert page == "/stacks/create/review"
    assert parse_qs(query, strict_parsing=True) == {
        "templateURL": [SETTINGS.client_template_url],
        "stackName": ["switchyard-access"],
        "param_CompanyName": ['A&B "C" #1/ü'],
        "param_InvitationToken": [INVITED.token],
        "param_AccessLevel": ["ReadOnly"],
    }


def test_templates_flatten_what_they_are_given_and_miss_nothing_silently() -> None:
    from jinja2 import UndefinedError

    filled = plain_text("kit-config.ini.j2", stage="a\nb", provider_account_id="1")
    assert filled.startswith("# Switchyard, stage a b: ")
    with pytest.raises(UndefinedError):
        plain_text("kit-config.ini.j2", stage="a")


def test_templates_of_markup_make_values_safe() -> None:
    levels = {"default_level": "<!here>", "levels": "x", "remind_hours": "4", "expire_days": "7"}
    values = {**levels, "approvers": "y", "most_accounts": "9", "team": "<!all>", "several_teams": "yes"}
    filled = markup("help.mrkdwn.j2", channel=Mrkdwn("<#C1>"), **values)
    assert "&lt;!here&gt;" in filled and "&lt;!all&gt;" in filled
    assert "<#C1>" in filled


def test_jinja2_is_not_loaded_by_what_a_button_press_needs() -> None:
    check = (
        "import sys, bot.slack.inbound.app, bot.slack.notifier, bot.slack.render.card, bot.slack.render.invitations;"
        "sys.exit(bool({'jinja2', 'anyascii'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
