"""Signed commands and presses through the real Bolt app, typed and pressed by people of the local Slack."""

import logging
from dataclasses import replace
from typing import Any

import pytest

from bot.domain.answers import Actor, OpenInvitations
from bot.domain.errors import (
    ActionRefused,
    AlreadyDecided,
    ApproversUnknown,
    InvitationClosed,
    NotAllowed,
    SlackUnavailable,
    TryAgain,
)
from bot.domain.message import Shows
from bot.domain.search import Found, Search
from bot.domain.vocabulary import AccessLevel, State, Verb
from bot.slack.client import web_client
from bot.slack.inbound.payload import actor_of
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace
from local.slack.workspace.message import Message
from tests.unit.slack.app_samples import Recorder, slack, workflow
from tests.unit.slack.samples import CLIENT, INVITED, SETTINGS, granting, pictured, request

__all__ = ["slack", "workflow"]

HOME = "T0SWITCHYARD"
ADA = Actor("U0ADA", HOME, HOME)
SECRET = "local-signing-secret"


def waiting(slack: RunningWorkspace) -> Message:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    return slack.message(notifier.post(pictured(request()), None))


def told(slack: RunningWorkspace, who: str = "U0ADA") -> str:
    return slack.ephemerals(who)[-1].words


def test_an_invitation_is_answered_privately_with_its_link(slack: RunningWorkspace, workflow: Recorder) -> None:
    assert slack.run_command("U0ADA", "/clients invite Acme Holding Administrator").ok
    assert workflow.asked == [("invite", "Acme Holding", AccessLevel.ADMINISTRATOR, ADA)]
    assert INVITED.token in told(slack)
    assert slack.messages == ()


def test_a_word_that_resembles_a_level_is_asked_about(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients invite Acme Admin")
    assert workflow.asked == [("invite", "Acme Admin", AccessLevel.READ_ONLY, ADA)]
    assert "*Did you mean the level Administrator?*" in told(slack)
    assert '`/clients invite "Acme" Administrator`' in told(slack)


def test_the_list_turns_its_pages_in_place(slack: RunningWorkspace, workflow: Recorder) -> None:
    other = replace(CLIENT, company="Older Inc")
    first, second = Search(), Search(cursor="next")
    workflow.found = {first: Found(first, (CLIENT,), next=second), second: Found(second, (other,), first=first)}
    slack.run_command("U0OLLI", "/clients")
    assert "*Acme*" in told(slack, "U0OLLI")
    slack.press("U0OLLI", slack.ephemerals("U0OLLI")[-1], "Older")
    assert "*Older Inc*" in told(slack, "U0OLLI")
    slack.press("U0OLLI", slack.ephemerals("U0OLLI")[-1], "Newest")
    assert "*Acme*" in told(slack, "U0OLLI")
    assert len(slack.ephemerals("U0OLLI")) == 1


def test_a_guest_of_the_channel_cannot_turn_pages(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {Search(): Found(Search(), (CLIENT,), next=Search(cursor="next"))}
    slack.run_command("U0OLLI", "/clients")
    workflow.asked.clear()
    slack.press("U0EVE", slack.ephemerals("U0OLLI")[-1], "Older")
    assert workflow.asked == []


def test_help_and_what_is_not_understood(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0OLLI", "/clients help")
    assert told(slack, "U0OLLI").startswith("*Find a client, and get in*")
    slack.run_command("U0OLLI", "/clients teams frobnicate")
    said = ["`/clients teams frobnicate` is no command.", "`/clients teams` lists all teams."]
    assert told(slack, "U0OLLI").splitlines() == said
    assert workflow.asked == []


@pytest.mark.parametrize(("label", "verb"), [("Approve", Verb.APPROVE), ("Deny", Verb.DENY)])
def test_a_press_decides_and_is_answered_by_the_message_alone(
    slack: RunningWorkspace, workflow: Recorder, label: str, verb: Verb
) -> None:
    assert slack.press("U0ADA", waiting(slack), label).ok
    assert workflow.asked == [("decide", "rabcdefghijklmnop", verb, ADA)]
    assert slack.ephemerals("U0ADA") == ()


@pytest.mark.parametrize(
    ("state", "label"), [(State.FAILED, "Retry"), (State.DENIED, "Reopen"), (State.EXPIRED, "Reopen")]
)
def test_retry_and_reopen_reach_the_workflow(
    slack: RunningWorkspace, workflow: Recorder, state: State, label: str
) -> None:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    message = slack.message(notifier.post(pictured(request(state=state)), None))
    assert slack.press("U0ADA", message, label).ok
    assert workflow.asked == [("decide", "rabcdefghijklmnop", Verb(label.lower()), ADA)]


def test_a_guest_is_known_as_one(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0EVE", waiting(slack), "Approve")
    assert workflow.asked[0][-1] == Actor("U0EVE", "T0ELSEWHERE", HOME)


def test_a_press_says_which_drawing_of_the_message_it_was_on(slack: RunningWorkspace, workflow: Recorder) -> None:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    message = slack.message(notifier.post(pictured(request(presses=3)), None))
    slack.press("U0ADA", message, "Approve")
    assert workflow.drawn_after == [3]


def test_open_invitations_are_listed_and_cancelled_in_place(slack: RunningWorkspace, workflow: Recorder) -> None:
    made = INVITED.invitation
    workflow.open = OpenInvitations((made, replace(made, token_hash="1" * 64, company="Globex")), ())
    slack.run_command("U0ADA", "/clients invitations")
    assert "*Acme*" in told(slack)
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Cancel")
    assert workflow.asked == [("invitations", ADA), ("cancel", made.token_hash, ADA), ("invitations", ADA)]
    assert "The invitation for *Acme* is cancelled" in told(slack)
    assert "*Globex*" in told(slack)
    assert len(slack.ephemerals("U0ADA")) == 1
    assert slack.messages == ()


@pytest.mark.parametrize("trouble", [NotAllowed("no"), InvitationClosed("It is closed."), TryAgain("the table")])
def test_what_keeps_an_invitation_open_is_told(slack: RunningWorkspace, workflow: Recorder, trouble: Exception) -> None:
    workflow.open = OpenInvitations((INVITED.invitation,), ())
    slack.run_command("U0ADA", "/clients invitations")
    workflow.trouble = trouble
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Cancel")
    assert told(slack).startswith(("⛔", "It is closed.", "⏳"))


def test_a_history_is_told_privately(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients history Acme")
    assert workflow.asked == [("history", "Acme", ADA)]
    assert "History of Acme" in told(slack)
    assert slack.messages == ()


def test_several_accounts_reach_the_workflow(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients invite Acme --accounts 20")
    assert workflow.asked == [("invite", "Acme", AccessLevel.READ_ONLY, ADA, 20)]
    assert "up to 20 AWS accounts" in told(slack)


def test_links_are_acknowledged_and_do_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    one = request(state=State.DONE)
    card = slack.message(notifier.post(pictured(one, shows=Shows.CARD, client=granting(one)), None))
    assert slack.press("U0OLLI", card, "Switch role").ok
    slack.run_command("U0ADA", "/clients invite Acme")
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Preview the client's form").ok
    assert [asked[0] for asked in workflow.asked] == ["invite"]


@pytest.mark.parametrize(
    ("trouble", "answered"),
    [
        (NotAllowed("no"), "Approvers: <!subteam^S0APPROVERS>, <@U0ADA>."),
        (AlreadyDecided("late", request(state=State.DENIED)), "*Denied* by <@U0ADA>"),
        (ActionRefused("The client is gone."), "The client is gone."),
        (ApproversUnknown("no", ("S0APPROVERS",)), "Slack did not say who belongs to <!subteam^S0APPROVERS>"),
        (TryAgain("the table"), "That did not go through just now."),
        (SlackUnavailable("group"), "That did not go through just now."),
    ],
)
def test_a_press_that_changed_nothing_is_answered_privately(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, answered: str
) -> None:
    workflow.trouble = trouble
    assert slack.press("U0OLLI", waiting(slack), "Approve").ok
    assert answered in told(slack, "U0OLLI")
    assert slack.ephemerals("U0ADA") == ()


@pytest.mark.parametrize("trouble", [NotAllowed("no"), TryAgain("the table"), SlackUnavailable("group")])
def test_a_command_that_changed_nothing_is_answered_too(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception
) -> None:
    workflow.trouble = trouble
    assert slack.run_command("U0OLLI", "/clients invite Acme").ok
    assert told(slack, "U0OLLI").startswith(("⛔", "⏳"))
    assert INVITED.token not in told(slack, "U0OLLI")


@pytest.mark.parametrize("act", ["command", "press", "page"])
def test_a_fault_of_ours_is_logged_under_a_reference_that_the_person_gets(
    slack: RunningWorkspace, workflow: Recorder, caplog: pytest.LogCaptureFixture, act: str
) -> None:
    workflow.found = {Search(): Found(Search(), (CLIENT,), next=Search(cursor="next"))}
    slack.run_command("U0ADA", "/clients")
    message = waiting(slack)
    workflow.trouble = KeyError("secret detail")
    with caplog.at_level(logging.ERROR):
        if act == "command":
            outcome = slack.run_command("U0ADA", "/clients")
        elif act == "press":
            outcome = slack.press("U0ADA", message, "Approve")
        else:
            outcome = slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Older")
    assert outcome.ok, "Slack would show a warning of its own"
    reference = told(slack).split("`")[1]
    assert f"fault {reference}" in caplog.text
    assert "secret detail" in caplog.text
    assert "secret detail" not in told(slack)


def test_a_private_answer_falls_back_to_the_response_url(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = NotAllowed("no")
    slack.faults.refuse("chat.postEphemeral", "user_not_in_channel")
    slack.press("U0OLLI", waiting(slack), "Approve")
    assert "⛔ no\nApprovers: " in told(slack, "U0OLLI")
    assert slack.messages[0].buttons == ("Approve", "Deny"), "the request itself stays as it is"


def test_nothing_asks_slack_who_the_bot_is(slack: RunningWorkspace) -> None:
    slack.press("U0ADA", waiting(slack), "Approve")
    slack.run_command("U0ADA", "/clients")
    assert "auth.test" not in [call.method for call in slack.calls]


@pytest.mark.parametrize(
    ("body", "actor"),
    [
        ({"user": {"id": "U1", "team_id": "T1"}, "team": {"id": "T2"}}, Actor("U1", "T1", "T2")),
        ({"user": {"id": "U1"}, "team": {"id": "T2"}}, Actor("U1", "", "T2")),
        ({"user": {"id": "U1", "team_id": "T1"}, "team": None}, Actor("U1", "T1", "")),
        ({"user_id": "U1", "team_id": "T1"}, Actor("U1", "T1", "T1")),
        ({}, Actor("", "", "")),
    ],
)
def test_what_is_missing_of_a_person_stays_empty(body: dict[str, Any], actor: Actor) -> None:
    assert actor_of(body) == actor


def test_a_page_that_can_not_be_read_now_says_so_beside_the_list(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {Search(): Found(Search(), (CLIENT,), next=Search(cursor="next"))}
    slack.run_command("U0OLLI", "/clients")
    workflow.trouble = TryAgain("the table")
    slack.press("U0OLLI", slack.ephemerals("U0OLLI")[-1], "Older")
    assert "That did not go through just now." in told(slack, "U0OLLI")
    workflow.trouble = None
    assert slack.press("U0OLLI", slack.ephemerals("U0OLLI")[0], "Older").ok
    assert "Older" not in slack.ephemerals("U0OLLI")[0].buttons
