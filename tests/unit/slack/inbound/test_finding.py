"""Searching, showing, renaming and labelling through the real Bolt app, by people of the local Slack."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    BadCommand,
    NotAllowed,
    Replayed,
    StalePress,
    TryAgain,
)
from bot.domain.model import KnownBy
from bot.domain.search import Found, Search
from bot.domain.vocabulary import Kind, Standing, State, Verb
from bot.slack.client import web_client
from bot.slack.inbound import naming
from bot.slack.inbound.commands import ClientVerb, Find, OfClient, Open, parse
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.message import Message
from tests.unit.slack.app_samples import Recorder, over_http, slack, workflow
from tests.unit.slack.render.test_slack_shown import FOR_APPROVER, to_approver
from tests.unit.slack.samples import CLIENT, SETTINGS, pictured, request

__all__ = ["slack", "workflow"]

HOME = "T0SWITCHYARD"
ADA = Actor("U0ADA", HOME, HOME)
ACME = Search("acme")


def told(slack: RunningWorkspace, who: str = "U0ADA") -> str:
    return slack.ephemerals(who)[-1].words


def only(slack: RunningWorkspace, who: str = "U0ADA") -> Message:
    [message] = slack.ephemerals(who)
    return message


@pytest.mark.parametrize(
    ("typed", "asked"),
    [
        ("Acme", Find("Acme")),
        ("acme holding", Find("acme holding")),
        ("2222", Find("2222")),
        ('"revoke ltd"', Find("revoke ltd")),
        ("list", Open.LIST),
        ("list acme", Find("acme")),
        ("find block ltd", Find("block ltd")),
        ("search invite", Find("invite")),
        ("AT&amp;T", Find("AT&T")),
        ("show Acme Holding", OfClient(ClientVerb.SHOW, "Acme Holding")),
        ("CARD cabcdefghij", OfClient(ClientVerb.CARD, "cabcdefghij")),
    ],
)
def test_what_is_no_command_is_searched(typed: str, asked: object) -> None:
    assert parse(typed) == asked


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("invit Acme Holding", "invite Acme Holding"),
        ("Histroy Acme", "history Acme"),
        ("Acme history", "history Acme"),
        ("acme corp SHOW", "show acme corp"),
        ("hlep", "help"),
        ("revok", "revoke <client>"),
        ("invitation", "invitations"),
        ("Acme Holding readonly", "invite Acme Holding readonly"),
        ("Acme --accounts 20", "invite Acme --accounts 20"),
        ("invit Acme ReadOnly", "invite Acme ReadOnly"),
        ("hist Acme", "history Acme"),
        ("rev Acme", "revoke Acme"),
        ("inv Acme", ""),
        ("Approve Acme Holding", "show Acme Holding"),
        ("rename Acme", "show Acme"),
        ("deny", "show <client>"),
        ("offboard Acme", "revoke Acme"),
        ("profiles for acme", "kit"),
        ("kitt operators", "kit operators"),
        ("audit Acme", "history Acme"),
        ("onboard Acme Administrator", "invite Acme Administrator"),
        ("Administrator", ""),
        ("Acme", ""),
        ("Teamwork", ""),
        ("Hilton Hotels", ""),
    ],
)
def test_a_command_that_is_nearly_one_is_known(typed: str, meant: str) -> None:
    assert parse(typed) == Find(typed, meant)


@pytest.mark.parametrize("verb", ["show", "card"])
def test_a_client_must_be_named(verb: str) -> None:
    with pytest.raises(BadCommand, match=f"`/clients {verb} <client>`"):
        parse(verb)


def test_a_search_lists_what_matches(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {ACME: Found(ACME, (CLIENT, replace(CLIENT, company="Acme Two")), total=2)}
    slack.run_command("U0OLLI", "/clients acme")
    assert workflow.asked == [("find", ACME)]
    assert "*Acme Two*" in told(slack, "U0OLLI")


def test_the_only_match_is_shown_itself(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {ACME: Found(ACME, (CLIENT,), total=1)}
    slack.run_command("U0OLLI", "/clients acme")
    assert workflow.asked[1][:2] == ("show", CLIENT.id)
    assert "*Who gets in*" in told(slack, "U0OLLI")


def test_the_first_of_more_than_were_counted_is_not_the_only_one(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {ACME: Found(ACME, (CLIENT,), total=1, more=True)}
    slack.run_command("U0OLLI", "/clients acme")
    assert workflow.asked == [("find", ACME)]


@pytest.mark.safety("A search shows a client only once for one signed command", "bot/slack/inbound/finding.py")
def test_a_search_that_comes_twice_shows_no_client_again(
    slack: RunningWorkspace, workflow: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replayed(*_: object) -> object:
        raise Replayed

    workflow.found = {ACME: Found(ACME, (CLIENT,), total=1)}
    monkeypatch.setattr(workflow, "once", replayed)
    slack.run_command("U0OLLI", "/clients acme")
    assert slack.ephemerals("U0OLLI") == ()


def test_nothing_found_is_answered_in_two_lines(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0ADA", "/clients invit Acme")
    assert told(slack) == "No client matches *invit Acme*.\nDid you mean `/clients invite Acme`?"
    assert [asked[0] for asked in workflow.asked] == ["find"], "nobody was invited"


def test_a_guest_of_the_channel_finds_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found = {Search(): Found(Search(), (CLIENT,))}
    slack.run_command("U0OLLI", "/clients")
    workflow.asked.clear()
    slack.press("U0EVE", only(slack, "U0OLLI"), "🟡 waiting for approval")
    assert workflow.asked == []


def test_the_menus_replace_the_list(slack: RunningWorkspace, workflow: Recorder) -> None:
    waiting = replace(ACME, standing=Standing.WAITING)
    workflow.found = {ACME: Found(ACME, (CLIENT, CLIENT), total=2), waiting: Found(waiting, (), total=0)}
    slack.run_command("U0OLLI", "/clients acme")
    slack.press("U0OLLI", only(slack, "U0OLLI"), "🟡 waiting for approval")
    assert "No client matches *acme* with the state *waiting for approval*." in only(slack, "U0OLLI").words
    slack.press("U0OLLI", only(slack, "U0OLLI"), "Every state")
    assert workflow.asked == [("find", ACME), ("find", waiting), ("find", ACME)]
    slack.press("U0OLLI", only(slack, "U0OLLI"), "Acme · 222222222222", action_id="show_client")
    assert workflow.asked[-1][:2] == ("show", CLIENT.id)
    assert "*Who gets in*" in only(slack, "U0OLLI").words


def test_where_several_may_be_meant_one_is_chosen(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.shown = Found(ACME, (CLIENT, CLIENT), total=2)
    slack.run_command("U0OLLI", "/clients card acme")
    assert "*Which client?*" in told(slack, "U0OLLI")
    workflow.shown = FOR_APPROVER
    slack.press("U0OLLI", only(slack, "U0OLLI"), "Card")
    assert "Switch into Acme" in told(slack, "U0OLLI")
    assert [asked[:2] for asked in workflow.asked] == [("card", "acme"), ("card", CLIENT.id)]
    assert slack.messages == (), "only who asked sees it"


def test_the_card_is_given_beside_the_client(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.run_command("U0OLLI", "/clients show Acme")
    slack.press("U0OLLI", only(slack, "U0OLLI"), "Card")
    shown, card = slack.ephemerals("U0OLLI")
    assert "*Who gets in*" in shown.words and "Switch into Acme" in card.words


def test_a_client_that_nobody_knows_is_told_in_two_lines(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = BadCommand("There is no client called `Acmee`.")
    slack.run_command("U0OLLI", "/clients show Acmee")
    assert len(told(slack, "U0OLLI").splitlines()) == 2


@pytest.mark.safety(
    "A press on a private answer counts for the drawing it was made on", "bot/slack/inbound/deciding.py"
)
@pytest.mark.parametrize(("label", "verb"), [("Approve", Verb.APPROVE), ("Deny", Verb.DENY)])
def test_a_decision_where_a_client_is_shown_counts_for_what_was_drawn_and_shows_the_client_anew(
    slack: RunningWorkspace, workflow: Recorder, label: str, verb: Verb
) -> None:
    asked = to_approver()
    assert asked.request is not None
    workflow.shown = replace(asked, request=replace(asked.request, presses=3))
    slack.run_command("U0ADA", "/clients show Acme")
    workflow.shown = FOR_APPROVER
    slack.press("U0ADA", only(slack), label)
    assert workflow.asked[1] == ("decide", "rabcdefghijklmnop", verb, ADA)
    assert workflow.drawn_after == [3]
    assert "onboarded" in only(slack).words and "Approve" not in only(slack).buttons


@pytest.mark.safety("No answer to a press replaces a message that others see", "bot/slack/inbound/app.py")
def test_a_refusal_never_replaces_the_request_in_the_channel(slack: RunningWorkspace, workflow: Recorder) -> None:
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    message = slack.message(notifier.post(pictured(request()), None))
    workflow.trouble = StalePress("The request has changed since.")
    slack.press("U0ADA", message, "Approve")
    assert slack.messages[0].blocks == message.blocks
    assert told(slack) == "The request has changed since."


def test_a_press_that_counted_is_not_told_to_have_failed(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.shown = to_approver()
    slack.run_command("U0ADA", "/clients show Acme")
    decided = workflow.decide

    def decide(*asked: object, **teams: object) -> object:
        done = decided(*asked, **teams)  # type: ignore[arg-type]
        workflow.trouble = TryAgain("the table")
        return done

    workflow.decide = decide  # type: ignore[assignment]
    slack.press("U0ADA", only(slack), "Approve")
    assert "did not go through" not in told(slack)


def test_revoke_asks_in_place_of_the_client(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.shown = replace(FOR_APPROVER, client=replace(CLIENT, may_have_group=True))
    slack.run_command("U0ADA", "/clients show Acme")
    slack.press("U0ADA", only(slack), "Revoke")
    assert workflow.asked[-1] == ("ask to revoke", CLIENT.id, ADA)
    assert "Revoke the access of Acme?" in only(slack).words


def test_the_card_is_posted_for_everybody_beside_the_client(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.shown = FOR_APPROVER
    slack.run_command("U0ADA", "/clients show Acme")
    slack.press("U0ADA", only(slack), "Card for everybody")
    assert workflow.asked[1] == ("post card", CLIENT.id, ADA)
    client, answer = slack.ephemerals("U0ADA")
    assert (
        "*Who gets in*" in client.words
        and answer.words == "The card is being posted in <#C0ONBOARDING>, for everybody to see."
    )


def shown_to_ada(slack: RunningWorkspace, workflow: Recorder, label: str) -> None:
    called = replace(CLIENT, known_by=KnownBy("production"))
    workflow.shown = replace(FOR_APPROVER, client=called)
    slack.run_command("U0ADA", "/clients show Acme")
    slack.press("U0ADA", only(slack), label)
    assert workflow.asked[1:] == [], "nothing is asked before the window opens"


@pytest.mark.parametrize(("label", "asked", "field"), [("Rename", "rename", "Company"), ("Label", "label", "Label")])
def test_what_is_typed_into_the_window_counts_for_what_it_was_drawn_for_and_shows_the_client_anew(
    slack: RunningWorkspace, workflow: Recorder, label: str, asked: str, field: str
) -> None:
    shown_to_ada(slack, workflow, label)
    window = slack.window("U0ADA")
    assert window is not None
    [entry] = window.inputs
    assert entry["element"].get("initial_value", "") == ("Acme" if label == "Rename" else "production")
    workflow.shown = replace(FOR_APPROVER, client=replace(CLIENT, company="Globex"))
    assert slack.submit("U0ADA", **{field: "Globex"}).ok
    assert workflow.asked[1] == (asked, CLIENT.id, "Globex", ADA, FOR_APPROVER.state)
    assert slack.window("U0ADA") is None
    assert "Globex" in only(slack).words


def test_an_empty_label_may_be_sent(slack: RunningWorkspace, workflow: Recorder) -> None:
    shown_to_ada(slack, workflow, "Label")
    assert slack.submit("U0ADA", Label="").ok
    assert workflow.asked[1] == ("label", CLIENT.id, "", ADA, FOR_APPROVER.state)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (StalePress("The client has been renamed since."), "The client has been renamed since."),
        (BadCommand("A company name has at most 64 characters."), "at most 64 characters"),
        (ActionRefused("The client is called Acme already."), "called Acme already"),
        (ApproversUnknown("Slack did not say who they are.", ("S1",)), "Try again in a minute."),
        (TryAgain("the table"), "Please try again."),
    ],
)
def test_what_changed_nothing_keeps_the_window_and_what_was_typed(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, said: str
) -> None:
    shown_to_ada(slack, workflow, "Rename")
    workflow.trouble = trouble
    slack.submit("U0ADA", Company="Globex")
    window = slack.window("U0ADA")
    assert window is not None and said in window.errors["name"]


def test_who_is_no_approver_any_more_is_told_in_the_window(slack: RunningWorkspace, workflow: Recorder) -> None:
    shown_to_ada(slack, workflow, "Rename")
    workflow.trouble = NotAllowed("Only approvers may rename clients.")
    slack.submit("U0ADA", Company="Globex")
    window = slack.window("U0ADA")
    assert window is not None and window.inputs == ()
    assert "⛔ Only approvers may rename clients." in str(window.view["blocks"])


def test_a_fault_of_ours_in_such_a_window_names_its_reference(slack: RunningWorkspace, workflow: Recorder) -> None:
    shown_to_ada(slack, workflow, "Label")
    workflow.trouble = KeyError("secret detail")
    slack.submit("U0ADA", Label="x")
    window = slack.window("U0ADA")
    assert window is not None and "logged as" in window.errors["name"]


def test_a_press_that_came_too_late_for_the_window_says_which_button_to_press_again(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    workflow.shown = FOR_APPROVER
    slack.run_command("U0ADA", "/clients show Acme")
    slack.faults.refuse("views.open", "expired_trigger_id")
    slack.press("U0ADA", only(slack), "Rename")
    assert "Press *Rename* again." in told(slack)


@pytest.mark.safety("A window that is none of ours renames nothing known", "bot/slack/inbound/naming.py")
@pytest.mark.parametrize("metadata", ["", "x", "[]", "{}", "[" * 3000])
def test_a_window_that_is_none_of_ours_renames_nothing_known(workflow: Recorder, metadata: str) -> None:
    view = {"callback_id": "rename_client", "private_metadata": metadata, "state": {"values": None}}
    naming.name(view, ADA, workflow.as_workflow, SETTINGS)
    assert workflow.asked == [("rename", "", "", ADA, "")]
    assert naming.shown_anew(view, ADA, workflow.as_workflow, SETTINGS) is None


def test_drifted_access_is_repaired_where_the_client_is_shown(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.shown = to_approver(Kind.REPAIR, State.DRIFTED)
    slack.run_command("U0ADA", "/clients show Acme")
    slack.press("U0ADA", only(slack), "Repair")
    assert workflow.asked[1][2] is Verb.REPAIR


def test_a_denial_for_a_reason_shows_the_client_anew_and_never_the_request_in_its_place(workflow: Recorder) -> None:
    with running_workspace() as slack:
        slack.connect(over_http(slack, workflow, replace(SETTINGS, ask_deny_reason=True)))
        workflow.shown = to_approver()
        slack.run_command("U0ADA", "/clients show Acme")
        slack.press("U0ADA", only(slack), "Deny")
        workflow.shown = to_approver(state=State.DENIED)
        assert slack.submit("U0ADA", Reason="No contract").ok
        assert workflow.asked[1] == ("decide", "rabcdefghijklmnop", Verb.DENY, ADA, "No contract")
        assert "*Denied* by" in only(slack).words

        notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
        message = slack.message(notifier.post(pictured(request()), None))
        slack.press("U0ADA", message, "Deny")
        slack.submit("U0ADA", Reason="No contract")
        assert slack.messages[0].blocks == message.blocks


def test_teams_that_are_chosen_where_a_client_is_shown_count_with_approve(workflow: Recorder) -> None:
    with running_workspace() as slack:
        slack.connect(over_http(slack, workflow, replace(SETTINGS, teams=("operators", "data"))))
        workflow.shown = to_approver()
        slack.run_command("U0ADA", "/clients show Acme")
        slack.press("U0ADA", only(slack), "Approve", choose_teams=["data"])
        assert workflow.asked[1] == ("decide", "rabcdefghijklmnop", Verb.APPROVE, ADA, ("data",))
