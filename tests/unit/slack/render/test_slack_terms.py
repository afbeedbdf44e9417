"""How MFA and the longest session are shown: as claimed, as changed, and what they mean for an operator."""

from __future__ import annotations

import configparser
import itertools
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import load_config

from bot.domain.model import Grant, Terms
from bot.domain.vocabulary import AccessLevel, Kind, State
from bot.slack.render import terms as in_words
from bot.slack.render import views
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card
from local.slack.block_kit.blocks import block_problems
from tests.unit.slack.samples import SETTINGS, TERMS, granting, pictured, request, words

LAX = Terms(require_mfa=False, max_session_seconds=43200)
ALL = (TERMS, LAX, None)
FIXED = {"role_arn", "region", "source_profile"}


def show(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    return views.request_message(pictured(request(kind, state, **changes)), SETTINGS)


def changed(before: Terms | None, after: Terms | None, **changes: Any) -> str:
    """What an update's message says from one to the other."""
    previous = Grant("switchyard-access", AccessLevel.READ_ONLY, before)
    return words(show(Kind.UPDATE, previous=previous, terms=after, **changes))


def card(terms: Terms | None) -> Message:
    approved = request(Kind.ONBOARD, State.DONE, terms=terms)
    return switch_role_card(pictured(approved, client=granting(approved)), SETTINGS)


def config(terms: Terms | None) -> str:
    """What the card gives to be pasted into `~/.aws/config`."""
    return words(card(terms)).split("```")[3]


@pytest.mark.safety("Terms are shown as the client's word, or as unknown", "bot/slack/render/terms.py")
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_terms_are_shown_as_the_clients_word(kind: Kind) -> None:
    assert "*MFA (says the client)*\nrequired" in words(show(kind))
    assert "*Longest session (says the client)*\n1 h" in words(show(kind))
    lax = words(show(kind, terms=LAX))
    assert "*MFA (says the client)*\nnot required" in lax
    assert "*Longest session (says the client)*\n12 h" in lax


@pytest.mark.safety("Terms are shown as the client's word, or as unknown", "bot/slack/render/terms.py")
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_terms_of_an_older_forwarder_are_unknown(kind: Kind) -> None:
    shown = words(show(kind, terms=None))
    assert "*MFA*\nunknown (older client template)" in shown
    assert "*Longest session*\nunknown (older client template)" in shown
    assert "MFA (says" not in shown


@pytest.mark.parametrize("kind", [Kind.OFFBOARD, Kind.REPORT])
def test_whoever_leaves_or_fails_has_no_terms_to_decide_on(kind: Kind) -> None:
    state = State.REPORTED if kind is Kind.REPORT else State.PENDING
    assert "MFA" not in words(show(kind, state))


def test_a_change_of_either_is_told_from_old_to_new() -> None:
    both = changed(TERMS, LAX)
    assert "• MFA: *required* → *not required*" in both
    assert "• Longest session: *1 h* → *12 h*" in both
    assert "• MFA: *not required* → *required*" in changed(LAX, TERMS)
    longer = changed(TERMS, replace(TERMS, max_session_seconds=5400))
    assert "• Longest session: *1 h* → *1 h 30 min*" in longer
    assert "• MFA:" not in longer


@pytest.mark.parametrize(("before", "after"), [(one, two) for one, two in itertools.product(ALL, ALL) if one != two])
def test_other_terms_of_the_same_role_get_a_new_card_and_say_that_role_and_level_stay(
    before: Terms | None, after: Terms | None
) -> None:
    shown = changed(before, after)
    assert "• Role and access level are unchanged." in shown
    assert "*Approve* confirms this and posts a new card." in shown


def test_terms_that_were_unknown_are_told_plainly_and_not_as_a_change() -> None:
    shown = changed(None, LAX)
    told = "• MFA: *not required*. Longest session: *12 h*. Until now the client's older template did not say either."
    assert told in shown
    assert "→" not in shown


def test_terms_that_are_unknown_from_now_on_are_told_as_a_change() -> None:
    shown = changed(TERMS, None)
    assert "• MFA: *required* → *unknown*" in shown
    assert "• Longest session: *1 h* → *unknown*" in shown
    assert "The client's stack now has an older template, which does not say these two." in shown


def test_nothing_is_said_of_terms_that_stay() -> None:
    assert "Role, access level, MFA and longest session are unchanged." in changed(LAX, LAX)
    unknown = changed(None, None)
    assert "• Role and access level are unchanged." in unknown
    assert "→" not in unknown


def test_an_update_of_everything_says_everything() -> None:
    shown = changed(TERMS, LAX, role_name="acme-ops", access_level=AccessLevel.ADMINISTRATOR)
    assert "unchanged" not in shown
    assert shown.count("→") == 4


@pytest.mark.parametrize("terms", ALL)
def test_slack_takes_request_and_card_on_any_terms(terms: Terms | None) -> None:
    assert block_problems(list(card(terms).blocks)) == []
    assert block_problems(list(show(Kind.UPDATE, terms=terms).blocks)) == []


def test_the_card_says_what_required_mfa_means() -> None:
    assert (
        "*MFA is required,* says the client. Sign in with MFA before you switch. An AWS CLI profile needs its line "
        "`mfa_serial`."
    ) in words(card(TERMS))


def test_the_card_says_that_mfa_is_not_required() -> None:
    assert "*MFA is not required,* says the client." in words(card(LAX))


def test_the_card_says_how_long_a_session_lasts() -> None:
    assert "*Longest session: 1 h,* says the client." in words(card(TERMS))
    assert "*Longest session: 12 h,* says the client. The console lets you stay that long" in words(card(LAX))


def test_the_card_of_an_older_client_says_that_it_is_unknown() -> None:
    shown = words(card(None))
    assert "*MFA: unknown,*" in shown
    assert "Sign in with MFA before you switch, unless the client has turned that off." in shown
    assert "*Longest session: unknown,*" in shown


@pytest.mark.parametrize(
    ("terms", "keys"),
    [
        (TERMS, {"mfa_serial"}),
        (None, {"mfa_serial"}),
        (Terms(True, 3601), {"mfa_serial", "duration_seconds"}),
        (LAX, {"duration_seconds"}),
        (Terms(False, 3600), set()),
    ],
)
def test_the_cli_profile_has_the_lines_that_the_terms_need(terms: Terms | None, keys: set[str], tmp_path: Path) -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(config(terms))
    [section] = parser.sections()
    assert set(parser[section]) == FIXED | keys
    (tmp_path / "config").write_text(config(terms))
    [profile] = load_config(str(tmp_path / "config"))["profiles"].values()
    assert set(profile) == FIXED | keys
    if terms and "duration_seconds" in keys:
        assert profile["duration_seconds"] == str(terms.max_session_seconds)


def test_the_cli_profile_says_what_to_do_where_aws_allows_less() -> None:
    assert "If YOUR_PROFILE is itself a role (IAM Identity Center), remove this line" in config(LAX)
    assert "one hour" not in config(TERMS)
    assert "# mfa_serial = arn:aws:iam::111111111111:mfa/YOUR_DEVICE" in config(LAX)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3600, "1 h"), (43200, "12 h"), (5400, "1 h 30 min"), (3661, "1 h 1 min 1 s"), (7201, "2 h 1 s")],
)
def test_a_duration_is_told_exactly(seconds: int, said: str) -> None:
    assert in_words.duration_words(seconds) == said
