"""Deny with a reason, through the real Bolt app: the window, what is sent from it, and what it answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Actor
from bot.domain.errors import (
    ActionRefused,
    AlreadyDecided,
    ApproversUnknown,
    NotAllowed,
    SlackUnavailable,
    StalePress,
    TryAgain,
    UnknownRequest,
)
from bot.domain.vocabulary import State, Verb
from bot.slack.client import web_client
from bot.slack.inbound import denying
from bot.slack.notifier import SlackNotifier
from local.slack.app.link import App, AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.block_kit.views import view_problems
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.message import Message
from local.slack.workspace.modals import Window
from tests.scenarios.test_click_attacks import altered
from tests.unit.slack.app_samples import Recorder, over_http, workflow
from tests.unit.slack.samples import SETTINGS, pictured, request

__all__ = ["workflow"]

HOME = "T0SWITCHYARD"
ADA = Actor("U0ADA", HOME, HOME)
REQUEST = "rabcdefghijklmnop"


@pytest.fixture
def slack(workflow: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        connect(workspace, workflow)
        yield workspace


def connect(workspace: RunningWorkspace, workflow: Recorder, *, asks: bool = True) -> App:
    app = over_http(workspace, workflow, replace(SETTINGS, ask_deny_reason=asks))
    workspace.connect(app)
    return app


def waiting(slack: RunningWorkspace, presses: int = 0, company: str = "Acme") -> Message:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    return slack.message(notifier.post(pictured(request(presses=presses, company=company)), None))


def window(slack: RunningWorkspace, who: str = "U0ADA") -> Window:
    found = slack.window(who)
    assert found is not None
    return found


def told(slack: RunningWorkspace, who: str = "U0ADA") -> str:
    return slack.ephemerals(who)[-1].words


def words(found: Window) -> str:
    return Message("", "", "", blocks=tuple(found.view["blocks"])).words


def test_deny_denies_at_once_where_no_reason_is_asked(slack: RunningWorkspace, workflow: Recorder) -> None:
    connect(slack, workflow, asks=False)
    slack.press("U0ADA", waiting(slack), "Deny")
    assert workflow.asked == [("decide", REQUEST, Verb.DENY, ADA)]
    assert slack.window("U0ADA") is None


@pytest.mark.safety("Nothing is asked before the window opens", "bot/slack/inbound/denying.py")
@pytest.mark.safety("The window takes no longer reason than is stored", "bot/slack/inbound/denying.py")
def test_deny_opens_a_window_for_who_pressed_and_asks_nothing_of_the_workflow(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    assert slack.press("U0ADA", waiting(slack), "Deny").ok
    shown = window(slack)
    assert workflow.asked == []
    assert [shown.view[name]["text"] for name in ("title", "submit", "close")] == ["Deny", "Deny", "Cancel"]
    field, _ = shown.inputs
    assert (field["element"]["multiline"], field["element"]["max_length"], field.get("optional", False)) == (
        True,
        500,
        False,
    )
    assert slack.ephemerals("U0ADA") == ()


@pytest.mark.safety("A client reads why only if the approver ticks so", "bot/slack/inbound/denying.py")
@pytest.mark.parametrize(("ticked", "told"), [("", []), ("Tell the client the reason", ["tells the client"])])
def test_the_client_reads_the_reason_if_the_approver_ticks_so(
    slack: RunningWorkspace, workflow: Recorder, ticked: str, told: list[str]
) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    assert slack.submit("U0ADA", Reason="No contract", tell=ticked).ok
    assert workflow.asked == [("decide", REQUEST, Verb.DENY, ADA, "No contract", *told)]


@pytest.mark.safety("A title of the window is no markup", "bot/slack/inbound/denying.py")
def test_the_window_says_which_request_it_is_about(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack, company="R&D *x*"), "Deny")
    assert words(window(slack)).startswith("*Onboard R&amp;D ∗x∗?*")  # noqa: RUF001


@pytest.mark.safety("The title of the window is what the message shows", "bot/slack/inbound/denying.py")
def test_slack_may_hand_over_the_title_escaped(slack: RunningWorkspace, workflow: Recorder) -> None:
    """It does so in payloads: slackapi/bolt-python#513."""
    header = {"type": "header", "text": {"type": "plain_text", "text": "Onboard R&amp;D?"}}
    view = denying._window({"message": {"blocks": [header]}}, {"value": REQUEST})
    assert view["blocks"][0]["text"]["text"] == "*Onboard R&amp;D?*"


@pytest.mark.safety("The title of the window is what the message shows", "bot/slack/inbound/denying.py")
def test_what_looks_escaped_once_more_stays_as_it_is() -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "Onboard A &amp;lt; B?"}}
    [shown, *_] = denying._window({"message": {"blocks": [header]}}, {})["blocks"]
    assert shown["text"]["text"] == "*Onboard A &amp;lt; B?*"


def test_approve_opens_no_window(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack), "Approve")
    assert workflow.asked == [("decide", REQUEST, Verb.APPROVE, ADA)]
    assert slack.window("U0ADA") is None


@pytest.mark.safety(
    "A reason that is sent denies the request whose window it was typed into, and no other",
    "bot/slack/inbound/denying.py",
)
@pytest.mark.safety(
    "A reason that is sent counts for the row of buttons from which its window was opened",
    "bot/slack/inbound/denying.py",
)
def test_what_is_sent_denies_for_that_reason_and_closes_the_window(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack, presses=2), "Deny")
    assert slack.submit("U0ADA", Reason="No contract yet").ok
    assert workflow.asked == [("decide", REQUEST, Verb.DENY, ADA, "No contract yet")]
    assert workflow.drawn_after == [2], "the window stands for the row it was opened from"
    assert slack.window("U0ADA") is None
    assert slack.ephemerals("U0ADA") == ()


@pytest.mark.safety("A reason is one line, on which nothing hides", "bot/slack/inbound/denying.py")
def test_a_reason_becomes_one_line_on_which_nothing_hides(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    slack.submit("U0ADA", Reason=" No\ncontract\u202e\ud800 ")
    assert workflow.asked[0][-1] == "No contract\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"


@pytest.mark.safety(
    "A reason that says nothing, or only what nobody sees, counts as none", "bot/slack/inbound/denying.py"
)
@pytest.mark.parametrize("typed", [" \n ", "\u200b\u2060"])
def test_a_reason_that_says_nothing_is_none(slack: RunningWorkspace, workflow: Recorder, typed: str) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    slack.submit("U0ADA", Reason=typed)
    assert window(slack).errors["reason"].startswith("Please give a reason")
    assert workflow.asked == []


def test_cancel_changes_nothing_and_says_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    slack.close_window("U0ADA")
    assert (workflow.asked, slack.ephemerals("U0ADA")) == ([], ())


@pytest.mark.safety("A stale row of buttons keeps the window open, with what was typed", "bot/slack/inbound/denying.py")
@pytest.mark.safety(
    "Trouble that passes, such as an unreadable group, keeps the window open with what was typed",
    "bot/slack/inbound/denying.py",
)
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (TryAgain("the table"), "Please try again."),
        (SlackUnavailable("group"), "Please try again."),
        (
            ApproversUnknown("Slack did not say who the approvers are.", ("S1",)),
            "approvers are. Try again in a minute.",
        ),
        (StalePress("old"), "The request has changed since. Copy your text"),
    ],
)
def test_what_asks_to_try_again_keeps_the_window_and_what_was_typed(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, said: str
) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    before = window(slack)
    workflow.trouble = trouble
    assert slack.submit("U0ADA", Reason="No contract").ok
    after = window(slack)
    assert said in after.errors["reason"]
    assert after.hash == before.hash, "the same view, so Slack keeps the text"


@pytest.mark.safety(
    "A denial that can never succeed takes the place of the window's content", "bot/slack/inbound/denying.py"
)
@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (NotAllowed("no"), "⛔ no\nApprovers: "),
        (AlreadyDecided("late", request(state=State.DENIED)), "*Denied* by <@U0ADA>"),
        (UnknownRequest("This request is unknown here."), "This request is unknown here."),
        (ActionRefused("The client is gone."), "The client is gone."),
    ],
)
def test_what_can_never_succeed_takes_the_place_of_the_window(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, said: str
) -> None:
    slack.press("U0OLLI", waiting(slack), "Deny")
    workflow.trouble = trouble
    assert slack.submit("U0OLLI", Reason="No contract").ok
    after = window(slack, "U0OLLI")
    assert said in words(after)
    assert (after.inputs, "submit" in after.view) == ((), False)
    assert slack.window("U0ADA") is None


def test_a_fault_of_ours_keeps_the_window_and_names_its_reference(
    slack: RunningWorkspace, workflow: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    slack.press("U0ADA", waiting(slack), "Deny")
    workflow.trouble = KeyError("secret detail")
    with caplog.at_level(logging.ERROR):
        assert slack.submit("U0ADA", Reason="No contract").ok
    said = window(slack).errors["reason"]
    assert "Please try again. If it goes wrong again, tell whoever runs Switchyard that reference." in said
    assert f"fault {said.split('logged as ')[1][:8]}" in caplog.text
    assert "secret detail" not in said


class ColdStart:
    """The workspace's clock, and an app that takes a while to wake."""

    late = 0.0

    def __call__(self) -> float:
        return time.time() + self.late


@pytest.mark.safety(
    "A press that came too late for a window is told so, by both of Slack's words for it",
    "bot/slack/inbound/windows.py",
)
def test_a_trigger_that_expired_on_a_cold_start_is_answered_with_press_deny_again(workflow: Recorder) -> None:
    clock = ColdStart()
    with running_workspace(clock=clock) as slack:
        awake = connect(slack, workflow)

        def waking(signed: SignedRequest) -> AppAnswer:
            clock.late += 3.5
            return awake(signed)

        slack.connect(waking)
        assert slack.press("U0ADA", waiting(slack), "Deny").ok
        assert "Switchyard was too slow to open the window: Slack allows 3 seconds." in told(slack)
        assert "Press *Deny* again" in told(slack)
        assert (slack.window("U0ADA"), workflow.asked, slack.ephemerals("U0OLLI")) == (None, [], ())
        slack.connect(awake)
        slack.press("U0ADA", slack.messages[0], "Deny")
        assert slack.window("U0ADA") is not None


@pytest.mark.safety(
    "A press that came too late for a window is told so, by both of Slack's words for it",
    "bot/slack/inbound/windows.py",
)
@pytest.mark.parametrize("error", ["expired_trigger_id", "trigger_expired"])
def test_both_of_slacks_words_for_an_expired_trigger_are_known(
    slack: RunningWorkspace, workflow: Recorder, error: str
) -> None:
    slack.faults.refuse("views.open", error)
    slack.press("U0ADA", waiting(slack), "Deny")
    assert "Switchyard was too slow" in told(slack)


@pytest.mark.safety("Any other refusal of a press on Deny is told as one", "bot/slack/inbound/denying.py")
def test_any_other_refusal_is_answered_privately_too(slack: RunningWorkspace, workflow: Recorder) -> None:
    """`invalid_arguments` is what Slack has been seen to say of an old trigger: slackapi/bolt-python#434."""
    slack.faults.refuse("views.open", "invalid_arguments")
    slack.faults.fail("views.open")
    slack.faults.rate_limit("views.open")
    for _ in range(3):
        assert slack.press("U0ADA", waiting(slack), "Deny").ok
        assert "Slack did not confirm that it opened the window" in told(slack)
        assert "Press *Deny* again" in told(slack)
    assert (len(slack.ephemerals("U0ADA")), workflow.asked, slack.window("U0ADA")) == (3, [], None)


def test_a_window_whose_opening_was_not_confirmed_still_counts(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.faults.lose_answer("views.open")
    slack.press("U0ADA", waiting(slack), "Deny")
    assert "Press *Deny* again" in told(slack)
    slack.submit("U0ADA", Reason="No contract")
    assert workflow.asked == [("decide", REQUEST, Verb.DENY, ADA, "No contract")]


@pytest.mark.safety("A window that is none of ours decides nothing", "bot/slack/inbound/denying.py")
@pytest.mark.parametrize("metadata", ["", "x", "[]", "{}", '{"request": 1}', "[" * 3000])
def test_a_window_that_is_none_of_ours_decides_nothing_known(workflow: Recorder, metadata: str) -> None:
    view = {"private_metadata": metadata, "state": {"values": {"reason": {"reason": {"value": "x"}}}}}
    denying.deny(view, ADA, workflow.as_workflow, SETTINGS, "mark")
    assert workflow.asked == [("decide", "", Verb.DENY, ADA, "x")]


@pytest.mark.safety("An empty window is answered with a question for the reason", "bot/slack/inbound/denying.py")
@pytest.mark.parametrize("state", [None, {}, {"values": None}, {"values": {"reason": {"reason": {"value": None}}}}])
def test_a_window_in_which_nothing_stands_asks_for_a_reason(workflow: Recorder, state: object) -> None:
    view = {"private_metadata": '{"request": "r1", "row": ""}', "state": state}
    assert "Please give a reason" in str(denying.deny(view, ADA, workflow.as_workflow, SETTINGS, "mark"))
    assert workflow.asked == []


def test_slack_takes_the_longest_window(slack: RunningWorkspace) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "&" * 150}}
    view = denying._window({"message": {"blocks": [header]}}, {"value": "&" * 2000, "block_id": "&" * 255})
    assert view_problems(view) == []


def test_a_guest_stays_one_where_slack_names_the_guests_workspace_for_the_apps(workflow: Recorder) -> None:
    """In a shared channel the `team` of what a window sends is where it was sent: slackapi/bolt-js#1614."""
    with running_workspace() as slack:
        over_http = connect(slack, workflow)
        slack.press("U0EVE", waiting(slack), "Deny")

        def elsewhere(payload: dict[str, Any]) -> None:
            payload["team"] = {"id": "T0ELSEWHERE"}

        over_http(altered(slack.submission_request("U0EVE", Reason="x"), elsewhere))
    assert workflow.asked == [("decide", REQUEST, Verb.DENY, Actor("U0EVE", "T0ELSEWHERE", HOME), "x")]
