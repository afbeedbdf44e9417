"""Invitations in Slack: a fresh one for one account or several, the list of open ones, who was refused."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Cancelled, Invited, OpenInvitations
from bot.domain.invitation import Invitation, RefusedAttempts
from bot.domain.vocabulary import AccessLevel
from bot.slack.inbound.commands import Invite
from bot.slack.render import invitations
from bot.slack.render.blocks import Message
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.unit.slack.samples import CLIENT, INVITED, SETTINGS, buttons, labels, texts, words

MADE = INVITED.invitation
FOR_MANY = replace(INVITED, invitation=replace(MADE, accounts=20))


def invite(**changes: Any) -> Message:
    return invitations.invitation(replace(INVITED, **changes), SETTINGS)


def test_an_invitation_has_the_link_as_button_and_to_copy_and_a_message_to_forward() -> None:
    url = invitations.quick_create_link(SETTINGS, INVITED)
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
    assert "Creating the stack in your own account (`111111111111`) is refused." in words(message)


def test_an_invitation_asks_whether_a_level_was_meant() -> None:
    made = replace(INVITED, invitation=replace(INVITED.invitation, company="Foo & Admin"))
    message = invitations.invitation(made, SETTINGS, Invite("Foo", AccessLevel.ADMINISTRATOR))
    assert words(message).splitlines()[1] == (
        "⚠️ *Did you mean the level Administrator?* This invitation is for a company called “Foo &amp; Admin”, "
        'with ReadOnly access. For Administrator, type `/clients invite "Foo" Administrator`, and cancel this one: '
        "`/clients invitations`."
    )
    nameless = invitations.invitation(made, SETTINGS, Invite("", AccessLevel.POWER_USER))
    assert "`/clients invite &lt;company&gt; PowerUser`" in words(nameless)
    assert "Did you mean" not in words(invitations.invitation(made, SETTINGS))


def test_an_invitation_says_level_lifetime_one_account_what_is_next_and_other_levels() -> None:
    shown = words(invite())
    assert "*ReadOnly* access for one AWS account. The invitation expires <!date^" in shown
    assert "the request appears in <#C0ONBOARDING>" in shown
    assert '`/clients invite "Acme" Administrator` or `/clients invite "Acme" PowerUser`' in shown


def test_the_token_is_in_the_links_and_in_what_is_sent_to_the_client_alone() -> None:
    message = invite()
    assert INVITED.token not in "".join(words(message).split("```")[::2])
    assert words(message).count(INVITED.token) == 3
    assert INVITED.token not in message.text


def test_a_namesake_is_a_warning_with_its_account_and_standing() -> None:
    shown = words(invite(namesakes=(CLIENT,)))
    assert "⚠️ *There is a client called Acme already:* account `222222222222`, onboarded." in shown
    assert "⚠️" not in words(invite())


def test_slack_takes_the_longest_invitation() -> None:
    company = "\U0001f600" * 64
    longest = Invited(replace(INVITED.invitation, company=company), "t" * 64, tuple([CLIENT] * 50))
    message = invitations.invitation(longest, SETTINGS, Invite(company, AccessLevel.ADMINISTRATOR))
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


def test_an_invitation_for_several_accounts_says_how_to_deploy_a_stack_set() -> None:
    message = invitations.invitation(FOR_MANY, SETTINGS)
    shown = words(message)
    assert "*ReadOnly* access for up to 20 AWS accounts. The invitation expires <!date^" in shown
    assert "switchyard-client-flat.yaml" in shown
    assert f"InvitationToken = {INVITED.token}" in shown
    assert "Create stack" not in shown
    assert labels(message) == []


def test_the_command_line_in_it_gives_the_parameters_back_whatever_the_company_is_called() -> None:
    company = 'O\'Neil & "Sons" $HOME'
    invited = replace(FOR_MANY, invitation=replace(FOR_MANY.invitation, company=company))
    shown = words(invitations.invitation(invited, SETTINGS))
    line = next(line for line in shown.splitlines() if line.startswith("aws cloudformation create-stack-set "))
    typed = shlex.split(line.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    given = json.loads(typed[typed.index("--parameters") + 1])
    assert {one["ParameterKey"]: one["ParameterValue"] for one in given} == {
        "CompanyName": company,
        "InvitationToken": INVITED.token,
        "AccessLevel": "ReadOnly",
    }


def test_slack_takes_the_longest_invitation_for_several_accounts() -> None:
    longest = Invited(replace(FOR_MANY.invitation, company="\U0001f600" * 64), "t" * 64, tuple([CLIENT] * 50))
    message = invitations.invitation(longest, SETTINGS)
    assert block_problems(list(message.blocks)) == []
    assert words(message).count("t" * 64) == 2
    assert "This invitation is valid until" in words(message)


def an_attempt(**changes: Any) -> RefusedAttempts:
    facts = {"account_id": "333333333333", "token_hash": "", "reason": "There is no such invitation.", "count": 3}
    return RefusedAttempts(**{**facts, "last_at": MADE.created_at, **changes})


def listed(*found: Invitation, refused: tuple[RefusedAttempts, ...] = (), **more: Any) -> Message:
    return invitations.invitations(OpenInvitations(found, refused), **more)


def test_open_invitations_say_for_whom_by_whom_how_far_used_and_offer_cancel() -> None:
    message = listed(MADE, replace(MADE, account_id="222222222222"), replace(MADE, accounts=20, seats_taken=4))
    shown = words(message)
    assert "*Acme* · ReadOnly · not used yet\nby <@U0ADA>" in shown
    assert "in use by account `222222222222`" in shown
    assert "4 of 20 accounts" in shown
    assert [(one["text"]["text"], one["value"]) for one in buttons(message)] == [("Cancel", MADE.token_hash)] * 3


@pytest.mark.safety("Cancelling an invitation asks first, and names what it blocks", "bot/slack/render/invitations.py")
def test_cancel_asks_first_and_says_what_it_does() -> None:
    unused, used, several = MADE, replace(MADE, account_id="222222222222"), replace(MADE, accounts=20, seats_taken=4)
    asked = [one["confirm"]["text"]["text"] for one in buttons(listed(unused, used, several))]
    assert asked == [
        "Nobody can use the invitation for *Acme* any more.",
        "Nobody can use the invitation for *Acme* any more. The account `222222222222` has used it and is *blocked*, "
        "unless anybody has access to it.",
        "Nobody can use the invitation for *Acme* any more. Requests of the accounts that have used it (4) stay open.",
    ]


def test_refused_attempts_are_counted_by_account_and_invitation() -> None:
    message = listed(MADE, refused=(an_attempt(token_hash=MADE.token_hash), an_attempt(count=1)))
    shown = words(message)
    assert "account `333333333333` with the invitation for *Acme*, 3 times, last <!date^" in shown
    assert "account `333333333333`, once, last <!date^" in shown
    assert "There is no such invitation." in shown


def test_what_is_not_shown_is_counted_and_can_be_reached() -> None:
    found = OpenInvitations((MADE,), (an_attempt(),), more_invitations=4, more_refused=7)
    shown = words(invitations.invitations(found))
    assert "And 4 older ones. `/clients invitations &lt;company&gt;`" in shown
    assert "• and 7 more" in shown


def test_suggestions_keep_the_number_of_accounts() -> None:
    message = invitations.invitation(FOR_MANY, SETTINGS, Invite("Acme", AccessLevel.ADMINISTRATOR))
    assert words(message).count('`/clients invite "Acme" Administrator --accounts 20`') == 2


def test_no_open_invitation_says_how_to_make_one() -> None:
    assert "/clients invite &lt;company&gt;" in words(listed())
    assert "Refused" not in words(listed())


def test_a_cancelled_one_is_confirmed_above_the_others() -> None:
    shown = words(listed(cancelled=Cancelled(replace(MADE, company="Globex"))))
    assert "The invitation for *Globex* is cancelled" in shown


def test_slack_takes_the_longest_list_of_invitations() -> None:
    one = replace(MADE, company="&" * 64, accounts=100)
    message = listed(*[one] * 15, refused=(an_attempt(token_hash=MADE.token_hash, reason="&" * 300),) * 8)
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


def test_no_open_invitation_of_a_company_says_so_of_that_company_alone() -> None:
    nothing = OpenInvitations((), ())
    assert "whose name begins with *Gri*" in words(invitations.invitations(nothing, company="Gri"))
    assert "begins with" not in words(invitations.invitations(nothing))
