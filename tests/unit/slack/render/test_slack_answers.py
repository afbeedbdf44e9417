"""What a person is told privately."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.approvers import Approvers, Waiting
from bot.domain.errors import AlreadyDecided, BadCommand, NotAllowed, UnknownRequest
from bot.domain.vocabulary import State
from bot.slack.inbound.commands import parse
from bot.slack.render import answers
from local.slack.block_kit.blocks import block_problems
from tests.unit.slack.samples import SETTINGS, request, words


def test_what_is_not_understood_is_quoted_and_harmless() -> None:
    with pytest.raises(BadCommand) as refused:
        parse("teams `<!channel>`" + "x" * 500)
    shown = words(answers.refusal(refused.value, SETTINGS))
    assert "`/clients teams '&lt;!channel&gt;'xx" in shown
    assert "<!channel>" not in shown
    assert shown.splitlines()[1:] == ["`/clients teams` lists all teams."]


@pytest.mark.parametrize(
    ("mistake", "shown"),
    [
        ("Which client? Write `/clients show <client>`.", "Which client?\nWrite `/clients show &lt;client&gt;`."),
        ("That is none.", "That is none.\n`/clients help` lists all commands."),
        ("`/clients x y` is none. `/clients x` is.", "`/clients x y` is none.\n`/clients x` is."),
    ],
)
def test_a_mistake_is_told_in_two_lines_with_the_command_that_was_meant(mistake: str, shown: str) -> None:
    assert words(answers.refusal(BadCommand(mistake), SETTINGS)) == shown


def test_help_says_how_to_invite_and_who_may() -> None:
    shown = words(answers.usage(SETTINGS))
    for fact in ("`/clients invite &lt;company&gt;`", "`Administrator`, `PowerUser`, `ReadOnly`", "*ReadOnly*"):
        assert fact in shown
    assert "<#C0ONBOARDING>" in shown
    assert "<!subteam^S0APPROVERS>, <@U0ADA>" in shown


def test_who_is_no_approver_learns_who_is() -> None:
    shown = words(answers.refusal(NotAllowed("Only approvers may read histories."), SETTINGS))
    assert shown == "⛔ Only approvers may read histories.\nApprovers: <!subteam^S0APPROVERS>, <@U0ADA>."
    nobody = replace(SETTINGS, approvers=Approvers())
    assert "nobody: no approvers are configured" in words(answers.refusal(NotAllowed("no"), nobody))


def test_the_second_click_learns_who_won() -> None:
    lost = AlreadyDecided("too late", request(state=State.DENIED))
    shown = words(answers.refusal(lost, SETTINGS))
    assert "Your press changed nothing." in shown
    assert "*Denied* by <@U0ADA>" in shown


def test_a_press_on_a_replaced_request_points_to_the_newer_one() -> None:
    assert "there is a newer request for Acme" in words(answers.refusal(AlreadyDecided("x", request()), SETTINGS))


def test_other_refusals_are_told_in_their_own_words() -> None:
    assert words(answers.refusal(UnknownRequest("Not <known> `here`."), SETTINGS)) == "Not &lt;known&gt; `here`."


def test_help_says_what_to_compare_and_when_nobody_decides() -> None:
    shown = words(answers.usage(replace(SETTINGS, waiting=Waiting(timedelta(hours=5), timedelta(days=9)))))
    assert "First compare the account's number with the one that the client told you." in shown
    assert "approvers are reminded after 5 h, and the request expires after 9 d" in shown
    assert "Approved the wrong one? `/clients revoke &lt;client&gt;`." in shown


def test_a_fault_says_what_to_look_at_and_whom_to_tell() -> None:
    shown = words(answers.broken("1a2b3c4d"))
    assert "logged as `1a2b3c4d`" in shown
    assert "Look whether it was done all the same" in shown and "tell whoever runs Switchyard" in shown


def test_help_says_that_open_sessions_outlive_a_revocation() -> None:
    assert "Open sessions last until they expire, up to 12 hours." in words(answers.usage(SETTINGS))


def test_help_names_one_team_that_can_be_typed_and_only_where_there_is_a_choice() -> None:
    assert "--team" not in words(answers.usage(replace(SETTINGS, teams=("operators",))))
    shown = words(answers.usage(replace(SETTINGS, teams=("operators", "data"))))
    assert "--team data`" in shown and "\n\n*Teams*\n" in shown
    many = tuple(f"a{number:019}" for number in range(100))
    assert block_problems(list(answers.usage(replace(SETTINGS, teams=many)).blocks)) == []
    assert "*Teams*" not in words(answers.usage(SETTINGS))
