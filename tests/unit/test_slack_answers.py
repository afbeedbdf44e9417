"""What a person is told privately."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import AlreadyDecided, BadCommand, NotAllowed, UnknownRequest
from bot.model import Grant
from bot.policy import Approvers
from bot.ports import ClientPage, Invited
from bot.slack import answers, links
from bot.slack.blocks import Message
from bot.slack.commands import Invite, parse
from bot.vocabulary import AccessLevel, Standing, State
from local.slack.block_kit import MOST_CHARACTERS, block_problems, characters_in
from tests.unit.slack_samples import CLIENT, INVITED, SETTINGS, buttons, labels, request, texts, words


def test_what_is_not_understood_is_quoted_and_harmless() -> None:
    with pytest.raises(BadCommand) as refused:
        parse("`<!channel>`" + "x" * 500)
    shown = words(answers.usage(SETTINGS, str(refused.value)))
    assert "`/clients '&lt;!channel&gt;'xx" in shown
    assert "<!channel>" not in shown
    assert "/clients invite &lt;company&gt;" in shown


def test_help_says_how_to_invite_and_who_may() -> None:
    shown = words(answers.usage(SETTINGS))
    for fact in ("`/clients invite &lt;company&gt;`", "`Administrator`, `PowerUser`, `ReadOnly`", "*ReadOnly*"):
        assert fact in shown
    assert "<#C0ONBOARDING>" in shown
    assert "<!subteam^S0APPROVERS>, <@U0ADA>" in shown


def invite(**changes: Any) -> Message:
    return answers.invitation(replace(INVITED, **changes), SETTINGS)


def test_an_invitation_has_the_link_as_button_and_to_copy_and_a_message_to_forward() -> None:
    url = links.quick_create_link(SETTINGS, INVITED)
    escaped = url.replace("&", "&amp;")
    message = invite()
    assert buttons(message)[0]["url"] == url
    assert f"```{escaped}```" in words(message)
    to_client = next(text["text"] for text in texts(message) if "Hello Acme" in text["text"])
    assert escaped in to_client
    assert "until 30 November 2026, 06:05 UTC" in to_client


def test_the_form_is_previewed_and_not_to_be_sent_in_our_own_account() -> None:
    message = invite()
    assert labels(message) == ["Preview the client's form"]
    assert "signed in to our own account, `111111111111`, the stack would onboard ourselves." in words(message)


def test_an_invitation_asks_whether_a_level_was_meant() -> None:
    made = replace(INVITED, invitation=replace(INVITED.invitation, company="Foo & Admin"))
    message = answers.invitation(made, SETTINGS, Invite("Foo", AccessLevel.ADMINISTRATOR))
    assert words(message).splitlines()[1] == (
        "⚠️ *Did you mean the level Administrator?* This invitation is for a company called “Foo &amp; Admin”, "
        'ReadOnly. If not: `/clients invite "Foo" Administrator`'
    )
    nameless = answers.invitation(made, SETTINGS, Invite("", AccessLevel.POWER_USER))
    assert "`/clients invite &lt;company&gt; PowerUser`" in words(nameless)
    assert "Did you mean" not in words(answers.invitation(made, SETTINGS))


def test_an_invitation_says_level_lifetime_one_account_what_is_next_and_other_levels() -> None:
    shown = words(invite())
    assert "*ReadOnly* access, for one AWS account, until <!date^" in shown
    assert "the request appears in <#C0ONBOARDING>" in shown
    assert '`/clients invite "Acme" Administrator` or `/clients invite "Acme" PowerUser`' in shown


def test_the_token_is_in_the_links_alone() -> None:
    message = invite()
    links_gone = words(message).replace(links.quick_create_link(SETTINGS, INVITED).replace("&", "&amp;"), "")
    assert INVITED.token not in links_gone
    assert INVITED.token not in message.text


def test_a_namesake_is_a_warning_with_its_account_and_standing() -> None:
    shown = words(invite(namesakes=(CLIENT,)))
    assert "⚠️ *There is a client called Acme already:* account `222222222222`, onboarded." in shown
    assert "⚠️" not in words(invite())


def test_slack_takes_the_longest_invitation() -> None:
    company = "\U0001f600" * 64
    longest = Invited(replace(INVITED.invitation, company=company), "t" * 64, tuple([CLIENT] * 50))
    message = answers.invitation(longest, SETTINGS, Invite(company, AccessLevel.ADMINISTRATOR))
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


def test_the_list_shows_each_client_with_standing_account_role_and_level() -> None:
    message = answers.clients(ClientPage((CLIENT,), None), SETTINGS, newest=True)
    assert "✅ *Acme* · onboarded\n`222222222222` · `switchyard-access` · ReadOnly · since <!date^" in words(message)
    assert labels(message) == []


def test_the_list_shows_what_the_group_gives_rather_than_what_the_client_claims() -> None:
    claims = replace(
        CLIENT,
        role_name="other",
        access_level=AccessLevel.ADMINISTRATOR,
        standing=Standing.UPDATE_WAITING,
        grant=Grant("switchyard-access", AccessLevel.READ_ONLY),
    )
    shown = words(answers.clients(ClientPage((claims,), None), SETTINGS, newest=True))
    assert "`switchyard-access` · ReadOnly" in shown
    assert "other" not in shown.replace("what else", "")


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
    longest = replace(CLIENT, company="&" * 500, role_name="r" * 64, grant=None, standing=Standing.UPDATE_WAITING)
    message = answers.clients(ClientPage((longest,) * 10, "c" * 2000), SETTINGS, newest=False)
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


def test_who_is_no_approver_learns_who_is() -> None:
    shown = words(answers.refusal(NotAllowed("no"), SETTINGS))
    assert "Who may invite, approve and deny: <!subteam^S0APPROVERS>, <@U0ADA>." in shown
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
