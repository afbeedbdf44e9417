"""Invite, through the real Bolt app: the window, what is sent from it, and where its answer stands."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Actor
from bot.domain.errors import (
    ApproversUnknown,
    NotAllowed,
    PersonUnknown,
    Replayed,
    SlackUnavailable,
    TryAgain,
    WrongWorkspace,
)
from bot.domain.vocabulary import AccessLevel
from local.slack.block_kit.views import view_problems
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.modals import Window
from tests.unit.slack.app_samples import Recorder, over_http, workflow
from tests.unit.slack.samples import INVITED, SETTINGS

__all__ = ["workflow"]

HOME = "T0SWITCHYARD"
ADA = Actor("U0ADA", HOME, HOME)


@pytest.fixture
def slack(workflow: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        workspace.connect(over_http(workspace, workflow, replace(SETTINGS, teams=("operators", "data"))))
        yield workspace


def opened(slack: RunningWorkspace) -> Window:
    assert slack.run_command("U0ADA", "/clients invite").ok
    return window(slack)


def window(slack: RunningWorkspace) -> Window:
    found = slack.window("U0ADA")
    assert found is not None
    return found


@pytest.mark.safety("Nothing is asked before the window of Invite opens", "bot/slack/inbound/inviting.py")
@pytest.mark.parametrize("typed", ["invite", "  INVITE ", "shortcut"])
def test_the_window_opens_for_the_command_without_words_and_for_the_shortcut(
    slack: RunningWorkspace, workflow: Recorder, typed: str
) -> None:
    acted = (
        slack.shortcut("U0ADA", "invite_client")
        if typed == "shortcut"
        else slack.run_command("U0ADA", f"/clients {typed}")
    )
    assert acted.ok
    shown = window(slack)
    assert [block["label"]["text"] for block in shown.inputs] == [
        "Company",
        "Access level",
        "Team",
        "AWS accounts",
        "Note for the client",
    ]
    assert view_problems(shown.view) == []
    assert (workflow.asked, slack.ephemerals("U0ADA"), [call.method for call in slack.calls]) == (
        [],
        (),
        ["views.open"],
    )


def test_one_team_is_not_asked_for(workflow: Recorder) -> None:
    with running_workspace() as slack:
        slack.connect(over_http(slack, workflow, replace(SETTINGS, teams=("operators",))))
        assert "Team" not in [block["label"]["text"] for block in opened(slack).inputs]


def test_what_is_not_chosen_is_the_least(slack: RunningWorkspace, workflow: Recorder) -> None:
    opened(slack)
    assert slack.submit("U0ADA", Company="Acme").ok
    assert workflow.asked == [("invite", "Acme", AccessLevel.READ_ONLY, ADA)]


def test_the_window_ends_with_the_text_to_send_and_a_direct_message_has_the_same(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    opened(slack)
    filled = {
        "Access level": "PowerUser",
        "Team": "data",
        "AWS accounts": "20",
        "Note for the client": "Ask Ada & <co>",
    }
    assert slack.submit("U0ADA", Company="R&D <x>", **filled).ok
    assert workflow.asked == [("invite", "R&D <x>", AccessLevel.POWER_USER, ADA, 20, ("data",))]
    [direct] = slack.direct_messages("U0ADA")
    shown = window(slack)
    assert view_problems(shown.view) == []
    for words in (shown.words, direct.words):
        assert INVITED.token in words and "Ask Ada &amp; &lt;co&gt;" in words and "R&amp;D &lt;x&gt;" in words
    assert "as a direct message" in shown.words
    assert [copied(block) for block in shown.view["blocks"]] == [copied(block) for block in direct.blocks]
    assert slack.channel_messages == ()


def copied(block: dict[str, Any]) -> Any:
    """What the block says; small print tells how long it can be read, which differs."""
    return block["type"] if block["type"] == "context" else block.get("text")


def test_a_note_is_one_line_that_hides_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    opened(slack)
    assert slack.submit(
        "U0ADA", Company="Acme", **{"Note for the client": "One\n\nInvitationToken = \u202eevil ``` *x*"}
    ).ok
    assert "One InvitationToken = \N{REPLACEMENT CHARACTER}evil " in window(slack).words
    assert "\u202e" not in json.dumps(window(slack).view, ensure_ascii=False)


@pytest.mark.safety("An invitation's token is not logged by its window", "bot/slack/inbound/inviting.py")
@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
def test_where_slack_takes_no_direct_message_the_window_says_copy_it_now(
    slack: RunningWorkspace, workflow: Recorder, caplog: pytest.LogCaptureFixture, method: str
) -> None:
    caplog.set_level(logging.DEBUG)
    opened(slack)
    slack.faults.refuse(method, "internal_error")
    assert slack.submit("U0ADA", Company="Acme").ok
    assert slack.direct_messages("U0ADA") == ()
    assert "Copy it now" in window(slack).words and INVITED.token in window(slack).words
    assert "was not sent as a direct message" in caplog.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("bot")]
    assert INVITED.token not in "\n".join(ours)


BAD = [
    ({"Company": "   "}, "company", "Which company is it?"),
    ({"Company": "Ac\u202eme"}, "company", "can't be seen"),
]


@pytest.mark.parametrize(("filled", "field", "sentence"), BAD)
def test_a_mistake_stands_under_its_field_and_nothing_is_asked(
    slack: RunningWorkspace, workflow: Recorder, filled: dict[str, str], field: str, sentence: str
) -> None:
    opened(slack)
    assert slack.submit("U0ADA", **filled).ok
    [(name, said)] = window(slack).errors.items()
    assert (name, workflow.asked) == (field, []) and sentence in said


FORGED = [
    ("accounts", {"value": "0"}, "accounts"),
    ("accounts", {"value": "101"}, "accounts"),
    ("accounts", {"value": "1e2"}, "accounts"),
    ("accounts", {"value": None}, "accounts"),
    ("accounts", None, "accounts"),
    ("level", {"selected_option": None}, "level"),
    ("level", {"selected_option": {"value": "Owner"}}, "level"),
    ("level", [], "level"),
    ("team", {"selected_options": [{"value": "evil"}]}, "team"),
    ("note", {"value": "n" * 501}, "note"),
    ("company", {"value": "c" * 65}, "company"),
    ("company", {"value": 7}, "company"),
]


@pytest.mark.safety("A window of Invite counts only with what it offers", "bot/slack/inbound/inviting.py")
@pytest.mark.parametrize(("block", "held", "field"), FORGED)
def test_what_slack_would_not_send_is_refused_under_its_field(
    workflow: Recorder, slack: RunningWorkspace, block: str, held: Any, field: str
) -> None:
    from bot.slack.inbound import inviting

    values = {
        "company": {"company": {"value": "Acme"}},
        "level": {"level": {"selected_option": {"value": "ReadOnly"}}},
        "accounts": {"accounts": {"value": "1"}},
        block: {block: held},
    }
    view = {"state": {"values": values}}
    answer = inviting.invite(view, ADA, workflow.as_workflow, SETTINGS, slack.client(), mark="m")
    assert (list(answer["errors"]), workflow.asked) == ([field], [])


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (NotAllowed("Only approvers may invite."), "Only approvers may invite."),
        (WrongWorkspace("You are not of this workspace."), "You are not of this workspace."),
    ],
)
def test_who_may_not_invite_reads_so_in_the_window(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, said: str
) -> None:
    workflow.trouble = trouble
    opened(slack)
    assert slack.submit("U0ADA", Company="Acme").ok
    assert said in window(slack).words and INVITED.token not in window(slack).words
    assert slack.direct_messages("U0ADA") == ()


@pytest.mark.parametrize(
    "trouble",
    [
        ApproversUnknown("Slack did not say.", ("S0",)),
        PersonUnknown("Slack did not say."),
        TryAgain("busy"),
        SlackUnavailable("no answer"),
    ],
)
def test_the_window_stays_open_where_sending_again_may_succeed(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception
) -> None:
    workflow.trouble = trouble
    opened(slack)
    slack.submit("U0ADA", Company="Acme")
    assert "gain" in window(slack).errors["company"]
    assert slack.direct_messages("U0ADA") == ()


def test_a_fault_of_ours_keeps_what_was_typed(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = ValueError("a fault")
    opened(slack)
    slack.submit("U0ADA", Company="Acme")
    assert "Something went wrong" in window(slack).errors["company"]


def test_a_submission_that_comes_again_invites_nobody(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = Replayed("seen")
    opened(slack)
    assert slack.submit("U0ADA", Company="Acme").ok
    assert (slack.window("U0ADA"), slack.direct_messages("U0ADA")) == (None, ())


def test_a_shortcut_whose_window_slack_does_not_open_is_answered_directly(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    slack.faults.refuse("views.open", "internal_error")
    assert slack.shortcut("U0ADA", "invite_client").ok
    [direct] = slack.direct_messages("U0ADA")
    assert "Press *Invite* again" in direct.words
