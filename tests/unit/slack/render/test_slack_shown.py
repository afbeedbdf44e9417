"""One client as it is shown: to everybody, and with what only approvers see and may press."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import AuditPage, ClientShown
from bot.domain.message import message_about, shared_messages
from bot.domain.model import Account, Audit, Place
from bot.domain.request import SharedIn
from bot.domain.vocabulary import AccessLevel, Kind, Standing, State
from bot.slack import ids
from bot.slack.render import shown, views
from bot.slack.render.blocks import Message
from tests.changed import changed
from tests.unit.slack.render.test_slack_attacks import EVERY
from tests.unit.slack.samples import (
    CLIENT,
    ENTRANCE,
    NOW,
    SETTINGS,
    SHOWN,
    buttons,
    event,
    granting,
    labels,
    pictured,
    request,
    words,
)

AUDITS = AuditPage((Audit(NOW, "U0ADA", "approve", CLIENT.id, "rabcdefghijklmnop"),))
FOR_APPROVER = replace(SHOWN, approves=True, state="0123456789abcdef", history=AUDITS)


def to_approver(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> ClientShown:
    asked = request(kind, state)
    without = replace(CLIENT, given=None, current_request=asked.id, standing=Standing.WAITING)
    return replace(
        FOR_APPROVER,
        client=changed(without, **changes),
        request=asked,
        message=message_about(asked, NOW),
        timeline=(event("CREATE_COMPLETE", 9),),
    )


def rows(message: Message) -> list[dict[str, Any]]:
    return [block for block in message.blocks if block["type"] == "actions"]


def test_everybody_sees_the_facts_who_gets_in_and_the_way_in() -> None:
    message = shown.shown(SHOWN, SETTINGS, "https://switchyard.slack.com/archives/C0/p1")
    said = words(message)
    assert said.startswith("✅ Acme\n*onboarded*, first seen <!date^")
    for fact in ("*AWS account*\n`222222222222`", "*Access level*\nReadOnly", "client `cabcdefghij` · <"):
        assert fact in said
    assert (
        "*Who gets in*\nMembers of the IAM group `switchyard-dev-cabcdefghij` may switch into `switchyard-access`"
        in said
    )
    assert "<https://switchyard.slack.com/archives/C0/p1|Request in the channel>" in said
    assert labels(message) == ["Switch role", "Card"]


def test_without_an_address_there_is_no_link_to_the_message() -> None:
    assert "Request in the channel" not in words(shown.shown(SHOWN, SETTINGS))


def test_the_stacks_that_make_the_access_are_linked() -> None:
    given = replace(CLIENT, places=(Place("operators", 3), Place()))
    said = words(shown.shown(replace(SHOWN, client=given), SETTINGS))
    assert "#/stacks?filteringText=switchyard-dev-client-cabcdefghij|Stack of its group>" in said
    assert "#/stacks?filteringText=switchyard-dev-page-operators-3|Page 3 of operators>" in said
    assert "home?region=eu-west-1#/stacks/stackinfo?stackId=arn%3Aaws%3Acloudformation" in said


def test_who_is_no_approver_sees_no_decision_and_may_press_nothing_that_decides() -> None:
    told = replace(to_approver(), approves=False, history=AUDITS)
    message = shown.shown(told, SETTINGS)
    assert labels(message) == []
    assert "<@U0ADA>" not in words(message) and "CREATE_COMPLETE" not in words(message)


def test_where_slack_does_not_say_who_approves_the_reader_learns_why_nothing_can_be_pressed() -> None:
    message = shown.shown(replace(to_approver(), approves=None), SETTINGS)
    assert labels(message) == []
    assert "Slack did not say whether you are an approver" in words(message)
    assert "Slack did not say" not in words(shown.shown(SHOWN, SETTINGS))


def test_a_client_without_access_says_so_and_claims_its_level() -> None:
    without = replace(CLIENT, given=None, standing=Standing.WAITING)
    said = words(shown.shown(replace(SHOWN, client=without), SETTINGS))
    assert "*Access level*" not in said
    assert "Nobody, through Switchyard." in said
    assert "*Access level (says the client)*" in said
    changing = replace(without, may_have_group=True, standing=Standing.PROVISIONING)
    assert "This is being changed at the moment." in words(shown.shown(replace(SHOWN, client=changing), SETTINGS))
    failed = words(shown.shown(replace(SHOWN, client=replace(changing, standing=Standing.FAILED)), SETTINGS))
    assert "The last change failed, so this is not certain:" in failed and "at the moment" not in failed


@pytest.mark.parametrize(("kind", "state"), EVERY)
@pytest.mark.safety(
    "Where a client is shown, a request's buttons are those of its own message", "bot/slack/render/shown.py"
)
def test_what_decides_is_exactly_what_the_requests_own_message_has(kind: Kind, state: State) -> None:
    told = to_approver(kind, state)
    beside = told.client if state in (State.DONE, State.DENIED, State.EXPIRED) else None
    assert told.request is not None
    own = views.request_message(pictured(told.request, told.timeline, client=beside, entrance=ENTRANCE), SETTINGS)
    here = shown.shown(told, SETTINGS)
    deciding = rows(own)
    assert rows(here)[: len(deciding)] == deciding
    assert {one["action_id"] for one in buttons(here)} - {one["action_id"] for one in buttons(own)} <= {
        ids.RENAME_CLIENT,
        ids.LABEL_CLIENT,
        "history_newest",
    }


@pytest.mark.safety(
    "Where a client is shown, Approve stands under all that its request's own message says",
    "bot/slack/render/shown.py",
)
def test_approve_never_stands_without_the_warnings_and_facts_above_it() -> None:
    told = to_approver()
    warned = changed(request(), recreated=True, namesakes=("333333333333",), invited_level=AccessLevel.ADMINISTRATOR)
    own = views.request_message(pictured(warned, told.timeline), SETTINGS)
    here = shown.shown(replace(told, request=warned), SETTINGS)
    for block in own.blocks[1:-2]:
        assert block in here.blocks


def test_a_blocked_client_has_no_button_that_decides() -> None:
    blocked = Account("222222222222", (CLIENT.id,), "U0BEA", NOW)
    told = replace(to_approver(state=State.DENIED, standing=Standing.BLOCKED), account=blocked)
    message = shown.shown(told, SETTINGS)
    assert labels(message) == ["Rename", "Label", "Full history"]
    assert "🚫 *Blocked* by <@U0BEA>" in words(message)


def test_who_has_access_can_be_revoked_and_shown_to_everybody() -> None:
    told = replace(FOR_APPROVER, client=replace(granting(request(state=State.DONE)), may_have_group=True))
    assert labels(shown.shown(told, SETTINGS)) == [
        "Switch role",
        "Card",
        "Card for everybody",
        "Rename",
        "Label",
        "Full history",
        "Revoke",
    ]


def test_approvers_see_the_newest_decisions_and_the_stacks_events() -> None:
    said = words(shown.shown(to_approver(), SETTINGS))
    assert "*History, newest first*" in said and "<@U0ADA> *approved* `rabcdefghijklmnop`" in said
    assert "*CloudFormation events of the client's stack*" in said


def test_what_a_foreign_button_names_is_nothing() -> None:
    for foreign in ("", "x", "[]", '{"client": "c1"}', "[" * 3000):
        assert shown.named_as(foreign) == {"client": "", "state": "", "company": "", "now": ""}


def test_an_account_that_was_invited_with_others_says_that_a_press_counts_for_it_alone() -> None:
    alone = to_approver()
    assert alone.request is not None and "for this account alone" not in words(shown.shown(alone, SETTINGS))
    home = SharedIn("a" * 64, "2026-11-25T09:00:00.000000Z#000001")
    asked = replace(alone.request, invited=replace(alone.request.invited, shared=home))
    together = replace(alone, request=asked, message=shared_messages(asked, NOW)[0])
    assert "for this account alone" in words(shown.shown(together, SETTINGS))
