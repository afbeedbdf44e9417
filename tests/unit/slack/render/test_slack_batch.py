"""The shared message of one invitation's accounts, and its card: what they say, and that Slack takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings

from bot.domain.approvers import Approvers
from bot.domain.bulk import LeftOut, batchable
from bot.domain.message import Shows
from bot.domain.model import Terms
from bot.domain.request import Decision, RoleHolder
from bot.domain.vocabulary import AccessLevel, Standing, State, Verb
from bot.slack.render import batch, batch_card, batch_press
from bot.slack.render.batch_lines import why_alone
from bot.slack.render.blocks import Message
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.changed import changed
from tests.proving import amount
from tests.unit.slack.batches import ADA, BEA, HOME, Drawn, account, batches, bulk, shared
from tests.unit.slack.reading import hidden, read, switch_role
from tests.unit.slack.samples import NOW, SETTINGS, buttons, labels, texts, words

TWENTY = [account(number) for number in range(20)]
OURS = ("@", "!subteam^", "!date^", "switch role", "https://ours.example/")
WITH_APPROVERS = replace(SETTINGS, approvers=Approvers(tuple(f"U{n:010}" for n in range(80)), ("S0APPROVERS",)))
tried = settings(max_examples=amount(25, proving=1000))


def message(*accounts: object, **more: object) -> Message:
    return batch.shared_message(shared(list(accounts) or TWENTY, **more), SETTINGS)  # type: ignore[arg-type]


def lines(shown: Message) -> list[str]:
    """The lines of accounts, in order."""
    return [line for line in words(shown).split("\n") if "`200000000" in line]


def check(shown: Message) -> None:
    """Slack takes it, and nothing in it mentions, links, hides or begins a line but what we wrote."""
    blocks = list(shown.blocks)
    assert block_problems(blocks) == []
    assert characters_in(blocks) <= MOST_CHARACTERS
    assert len(shown.text) <= 3000
    for text in texts(shown):
        assert hidden(text["text"]) == []
        if text["type"] == "mrkdwn":
            assert text["verbatim"] is True
            for sequence in read(text["text"]).sequences:
                assert sequence.startswith(OURS), sequence
    assert read(str(shown.text)).sequences == ()


@tried
@given(drawn=batches())
def test_slack_takes_the_message_of_any_accounts(drawn: Drawn) -> None:
    picture = drawn.picture
    shown = batch.shared_message(picture, WITH_APPROVERS)
    check(shown)
    assert [line for line in words(shown).split("\n") if "`200000000" in line or "more accounts" in line]
    check(batch.reminder(picture.batch, WITH_APPROVERS))


@tried
@given(drawn=batches(Shows.CARD))
def test_slack_takes_the_card_of_any_accounts(drawn: Drawn) -> None:
    picture = drawn.picture
    check(batch_card.batch_card(picture, SETTINGS, "https://ours.example/archives/C1/p1"))


@tried
@given(drawn=batches())
def test_every_account_has_a_line_that_says_where_it_stands_and_who_decided(drawn: Drawn) -> None:
    picture = drawn.picture
    shown = lines(batch.shared_message(picture, SETTINGS))
    assert len(shown) == len(picture.batch)
    for one, line in zip(picture.batch, shown, strict=True):
        assert f"`{one.request.stack.account_id}`" in line


@tried
@given(drawn=batches())
def test_what_all_leaves_out_says_why_and_what_it_takes_does_not(drawn: Drawn) -> None:
    picture = drawn.picture
    among_all = batch_press.of_all(picture.batch)
    for one in picture.batch:
        if one.request.state is State.PENDING:
            assert (one in among_all) is not bool(why_alone(one))
            assert one not in among_all or batchable(one.request)


def test_twenty_accounts_are_twenty_lines_and_three_buttons() -> None:
    shown = message()
    assert labels(shown) == ["Approve all 20", "Review", "Deny all"]
    assert lines(shown) == [f"🟡 `{200_000_000_000 + number}` waiting" for number in range(20)]
    assert "Onboard 20 accounts of Acme?" in words(shown)
    assert "🟡 20 waiting" in words(shown)
    assert {one["value"] for one in buttons(shown)} == {f"{HOME.owner} {HOME.place}"}


@pytest.mark.safety("A press for all says which teams it lets in", "bot/slack/render/batch_lines.py")
def test_where_teams_differ_each_open_line_names_its_own() -> None:
    shown = message(account(0), account(1, teams=("auditors", "operators")), account(2, State.DONE))
    assert [one.partition("waiting · ")[2] for one in lines(shown)[:2]] == [
        "team `operators`",
        "teams `auditors`, `operators`",
    ]
    assert "lets the teams in each account's line" in words(shown)
    assert "team `" not in "".join(lines(message(account(0), account(1))))


def test_a_line_that_has_no_room_for_everything_says_so() -> None:
    shown = lines(message(*[account(number, role_name=f"{number:02}" + "r" * 60) for number in range(100)]))
    assert len(shown) == 100
    assert [one for one in shown if not one.endswith(" · …")] == [shown[0]]


@pytest.mark.safety("A press for all covers each account only as it was drawn", "bot/slack/render/batch_press.py")
def test_the_row_of_buttons_says_what_was_drawn_of_each_request() -> None:
    drawn = [account(0), account(1, State.DENIED), account(2, presses=35), account(3, claimed_company="Globex")]
    row = next(block for block in message(*drawn).blocks if block["type"] == "actions")
    assert row["block_id"] == "drawn-0-z-"
    assert batch_press.drawn(row["block_id"]) == (0, None, 35, None)
    for foreign in ("presses-20", "drawn-", "drawn-" + "0" * 101, "drawn-0 1", "drawn-٣", "shown-20", ""):
        assert batch_press.drawn(foreign) == ()
    assert batch_press.asked_for(f"{HOME.owner} {HOME.place}") == HOME


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"access_level": AccessLevel.POWER_USER}, "asks for *PowerUser*, was invited for ReadOnly"),
        (
            {"access_level": AccessLevel.ADMINISTRATOR, "invited_level": AccessLevel.ADMINISTRATOR},
            "asks for *Administrator*",
        ),
        ({"shared_with": (RoleHolder("cabcdefghij", "Globex", True),)}, "another client uses this role"),
        ({"namesakes": ("333333333333",)}, "another client has this name"),
        ({"claimed_company": "Globex"}, "calls itself “Globex”"),
        ({"recreated": True}, "its stack was recreated"),
        ({"warnings_denied": True}, "was denied before"),
        ({"contradicted": True}, "its stack was recreated"),
        ({"lapsed": (Decision(Verb.APPROVE, "U0EVE", NOW),)}, "an approval no longer counts"),
        ({"invited_level": None}, "needs a look"),
    ],
)
def test_an_account_with_a_warning_is_left_out_of_all_and_says_why(changes: dict[str, Any], why: str) -> None:
    shown = message(*TWENTY[:2], account(2, **changes))
    assert labels(shown)[0] == "Approve all 2"
    assert f"⚠️ {why}" in lines(shown)[2]
    assert "1 account is left out of *all*, for the reason in its line." in words(shown)


def test_a_blocked_account_is_left_out_and_can_not_be_reviewed() -> None:
    one = account(0)
    assert one.client is not None
    blocked = replace(one, client=replace(one.client, standing=Standing.BLOCKED))
    shown = message(blocked, replace(blocked, request=account(1).request))
    assert labels(shown) == []
    assert "🚫" in lines(shown)[0]


def test_an_account_that_came_after_the_press_says_so() -> None:
    first = bulk(TWENTY[:19], actor=BEA)
    picture = shared([*(account(number, State.DONE) for number in range(19)), TWENTY[19]], first)
    shown = batch.shared_message(picture, SETTINGS)
    assert lines(shown)[19].endswith("waiting · came after <@U0BEA> pressed")
    assert "*Approve all* by <@U0BEA>" in words(shown) and ": 19 accounts." in words(shown)
    assert labels(shown) == ["Approve 1", "Review", "Deny", "Text for the client"]
    assert "Onboard 1 more of 20 accounts of Acme?" in words(shown)


def test_one_left_of_those_that_were_denied_is_no_more_than_one() -> None:
    shown = message(account(0, State.DENIED), account(1))
    assert "Onboard 1 of 2 accounts of Acme?" in words(shown)


def test_what_a_press_left_out_says_why() -> None:
    left = LeftOut(TWENTY[3].request.id, "It was decided meanwhile.")
    shown = batch.shared_message(shared(TWENTY, bulk(TWENTY, left_out=(left,))), SETTINGS)
    assert lines(shown)[3].endswith("It was decided meanwhile.")
    assert "20 accounts, 1 of them left out." in words(shown)


def test_a_press_that_is_still_being_applied_says_how_many_are_left() -> None:
    shown = batch.shared_message(shared(TWENTY, bulk(TWENTY, taken=5)), SETTINGS)
    assert "⏳ 15 accounts still to be decided." in words(shown)
    refused = batch.shared_message(shared(TWENTY, bulk(TWENTY, taken=5, refused="No longer an approver.")), SETTINGS)
    assert "Not counted for 15 accounts: No longer an approver." in words(refused)


def test_the_lines_say_who_decided_each() -> None:
    by_two = tuple(Decision(Verb.APPROVE, each.user_id, NOW) for each in (ADA, BEA))
    shown = message(
        account(0, State.DONE, approvals=by_two), account(1, State.DENIED), account(2, approvals=by_two[:1])
    )
    assert "✅ `200000000000` onboarded · by <@U0ADA>, <@U0BEA>" in lines(shown)[0]
    assert "⛔ `200000000001` denied · by <@U0ADA>" in lines(shown)[1]
    assert "1 of 1: <@U0ADA>" in lines(shown)[2]


def test_a_reason_for_all_is_told_once() -> None:
    denied = [account(n, State.DENIED, decision=Decision(Verb.DENY, "U0ADA", NOW, "No contract")) for n in range(3)]
    picture = shared(denied, bulk(denied, Verb.DENY, reason="No contract"))
    assert words(batch.shared_message(picture, SETTINGS)).count("No contract") == 1
    assert words(batch.shared_message(shared(denied), SETTINGS)).count("No contract") == 3


def test_what_most_have_is_told_once_and_what_differs_in_the_lines() -> None:
    other = account(2, role_name="ops", terms=Terms(require_mfa=False, max_session_seconds=7200))
    shown = message(account(0), account(1), other, account(3, terms=None))
    assert lines(shown)[1:] == [
        "🟡 `200000000001` waiting",
        "🟡 `200000000002` waiting · `ops` · MFA not required, 2 h",
        "🟡 `200000000003` waiting · MFA unknown",
    ]
    assert "*Role*\n`switchyard-access`" in words(shown)
    assert "Where an account differs, its line says so." in words(shown)
    assert "Where an account differs" not in words(message())


def test_deny_all_asks_to_confirm_unless_a_window_asks_for_the_reason() -> None:
    assert "confirm" in buttons(message())[2]
    asking = replace(SETTINGS, ask_deny_reason=True)
    assert "confirm" not in buttons(batch.shared_message(shared(TWENTY), asking))[2]
    assert "confirm" not in buttons(message())[0], "one press approves all"


def test_when_nothing_is_open_for_all_review_offers_what_there_is() -> None:
    shown = message(account(0, State.FAILED), account(1, State.DENIED), account(2, State.DONE))
    assert labels(shown) == ["Review", "Text for the client"]
    assert "*Review* shows 2 accounts, one after the other, for you alone, with *Retry*, *Reopen*." in words(shown)
    assert "Acme: 1 of 3 accounts onboarded" in words(shown)


def test_when_all_are_onboarded_nothing_is_left_to_decide() -> None:
    shown = message(*(account(number, State.DONE) for number in range(20)))
    assert "✅ 20 accounts of Acme are onboarded" in words(shown)
    assert labels(shown) == ["Text for the client"]


def test_the_card_links_to_each_account_with_access() -> None:
    done = [account(number, State.DONE) for number in range(100)]
    shown = batch_card.batch_card(shared([*done[:99], account(99, State.DENIED)], shows=Shows.CARD), SETTINGS)
    assert "Switch into Acme: 99 accounts" in words(shown)
    linked = [switch_role(each.split("|")[0].replace("&amp;", "&")) for each in words(shown).split("<")[1:]]
    accounts = [each["account"][0] for each in linked if each]
    assert accounts == [one.request.stack.account_id for one in done[:99]]
    assert "✅ 99 onboarded · ⛔ 1 denied" in words(shown)
    assert "`/clients kit`" in words(shown)
    check(shown)


def test_the_links_of_twenty_fill_in_the_display_name() -> None:
    done = [account(number, State.DONE) for number in range(20)]
    shown = batch_card.batch_card(shared(done, shows=Shows.CARD), SETTINGS)
    assert words(shown).count("displayName=Acme%20ReadOnly|Switch role>") == 20


def test_the_links_of_a_hundred_are_short_and_say_what_they_are() -> None:
    done = [account(number, State.DONE) for number in range(100)]
    shown = words(batch_card.batch_card(shared(done, shows=Shows.CARD), SETTINGS))
    assert "displayName" not in shown and "roleName=switchyard-access|200000000099>" in shown
    assert "Each number opens *Switch role* for that account." in shown


def test_a_line_names_the_company_that_an_approver_has_renamed_its_client_to() -> None:
    shown = message(account(0), account(1, company="Globex"), account(2))
    assert [one.partition("waiting")[2] for one in lines(shown)] == ["", " · Globex", ""]
    assert "compare their numbers with those that you expect" in words(shown)


def test_a_single_account_that_waits_is_compared_too() -> None:
    assert "compare the number with those that you expect" in words(message(account(0), account(1, State.DONE)))


def test_a_label_is_in_the_line_and_in_the_link() -> None:
    one, other = account(0, State.DONE), account(1, State.DONE)
    assert one.client is not None
    named = replace(one, client=changed(one.client, label="production"))
    assert lines(message(named, other))[0] == "✅ `200000000000` onboarded · by <@U0ADA> · (production)"
    card = words(batch_card.batch_card(shared([named, other], shows=Shows.CARD), SETTINGS))
    assert "displayName=Acme%20production%20ReadOnly|Switch role> · (production)" in card


def test_the_card_names_the_groups_of_the_teams_once() -> None:
    done = [account(number, State.DONE) for number in range(20)]
    shown = words(batch_card.batch_card(shared(done, shows=Shows.CARD), SETTINGS))
    assert shown.count("add-user-to-group") == 1
    assert "switchyard-dev-c" not in shown and "an IAM group of its own" in shown


def test_an_account_whose_access_was_removed_has_no_link_any_more() -> None:
    done = [account(number, State.DONE) for number in range(2)]
    client = done[0].client
    assert client is not None
    gone = replace(done[0], client=replace(client, given=None))
    shown = words(batch_card.batch_card(shared([gone, done[1]], shows=Shows.CARD), SETTINGS))
    assert "Switch into Acme: 1 account" in shown
    assert gone.request.stack.account_id not in shown
    nobody = words(batch_card.batch_card(shared([gone, gone], shows=Shows.CARD), SETTINGS))
    assert "no account" in nobody and "switchrole" not in nobody


def test_the_reminder_is_one_for_all() -> None:
    waiting = words(batch.reminder([*TWENTY, account(20, State.DONE)], SETTINGS))
    assert "20 accounts of *Acme* still wait for a decision" in waiting
    failed = words(batch.reminder([account(0, State.FAILED), account(1, State.DONE)], SETTINGS))
    assert "1 account of *Acme* failed" in failed and "*Retry*" in failed
