"""What a person is told privately."""

from dataclasses import replace

import pytest

from bot.domain.answers import ClientPage
from bot.domain.approvers import Approvers
from bot.domain.errors import AlreadyDecided, BadCommand, NotAllowed, UnknownRequest
from bot.domain.vocabulary import AccessLevel, Standing, State
from bot.slack.inbound.commands import parse
from bot.slack.render import answers
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.changed import changed
from tests.unit.slack.samples import CLIENT, SETTINGS, buttons, labels, request, words


def test_what_is_not_understood_is_quoted_and_harmless() -> None:
    with pytest.raises(BadCommand) as refused:
        parse("`<!channel>`" + "x" * 500)
    shown = words(answers.refusal(refused.value, SETTINGS))
    assert "`/clients '&lt;!channel&gt;'xx" in shown
    assert "<!channel>" not in shown
    assert shown.splitlines()[1:] == ["`/clients help` lists all commands."]


def test_help_says_how_to_invite_and_who_may() -> None:
    shown = words(answers.usage(SETTINGS))
    for fact in ("`/clients invite &lt;company&gt;`", "`Administrator`, `PowerUser`, `ReadOnly`", "*ReadOnly*"):
        assert fact in shown
    assert "<#C0ONBOARDING>" in shown
    assert "<!subteam^S0APPROVERS>, <@U0ADA>" in shown


def test_the_list_shows_each_client_with_standing_account_role_and_level() -> None:
    message = answers.clients(ClientPage((CLIENT,), None), SETTINGS, newest=True)
    assert "✅ *Acme* · onboarded\n`222222222222` · `switchyard-access` · ReadOnly · since <!date^" in words(message)
    assert "· `cabcdefghij`" in words(message)
    assert labels(message) == []


def test_the_list_shows_what_the_group_gives_rather_than_what_the_client_claims() -> None:
    claims = changed(
        CLIENT,
        role_name="other",
        access_level=AccessLevel.ADMINISTRATOR,
        standing=Standing.UPDATE_WAITING,
        given=CLIENT.given,
    )
    shown = words(answers.clients(ClientPage((claims,), None), SETTINGS, newest=True))
    assert "`switchyard-access` · ReadOnly" in shown
    assert "other" not in shown


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_a_symbol_and_only_onboarded_is_green(standing: Standing) -> None:
    page = ClientPage((replace(CLIENT, standing=standing),), None)
    line = words(answers.clients(page, SETTINGS, newest=True)).splitlines()[1]
    assert line.endswith(f"*Acme* · {standing.value}")
    assert not line.startswith("*")
    assert line.startswith("✅") == (standing is Standing.ONBOARDED)


def test_the_list_pages_to_older_clients_and_back() -> None:
    first = answers.clients(ClientPage((CLIENT,), "cursor-1"), SETTINGS, newest=True)
    assert [(b["text"]["text"], b.get("value")) for b in buttons(first)] == [("Older", "cursor-1")]
    middle = answers.clients(ClientPage((CLIENT,), "cursor-2"), SETTINGS, newest=False)
    assert labels(middle) == ["Newest", "Older"]
    last = answers.clients(ClientPage((CLIENT,), None), SETTINGS, newest=False)
    assert labels(last) == ["Newest"]


def test_an_empty_list_says_what_to_do() -> None:
    assert "/clients invite &lt;company&gt;" in words(answers.clients(ClientPage((), None), SETTINGS, newest=True))
    assert labels(answers.clients(ClientPage((), None), SETTINGS, newest=False)) == ["Newest"]


def test_slack_takes_the_longest_list() -> None:
    longest = changed(CLIENT, company="&" * 500, role_name="r" * 64, given=None, standing=Standing.UPDATE_WAITING)
    message = answers.clients(ClientPage((longest,) * 10, "c" * 2000), SETTINGS, newest=False)
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


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


def test_help_says_that_open_sessions_outlive_a_revocation() -> None:
    assert "Open sessions last until they expire, up to 12 hours." in words(answers.usage(SETTINGS))


def test_help_names_one_team_that_can_be_typed_and_only_where_there_is_a_choice() -> None:
    assert "--team" not in words(answers.usage(replace(SETTINGS, teams=("operators",))))
    shown = words(answers.usage(replace(SETTINGS, teams=("operators", "data"))))
    assert "--team data`" in shown and "\n\n*Teams*\n" in shown
    many = tuple(f"a{number:019}" for number in range(100))
    assert block_problems(list(answers.usage(replace(SETTINGS, teams=many)).blocks)) == []
    assert "*Teams*" not in words(answers.usage(SETTINGS))
