"""Presses on a shared message through the real Bolt app: for all accounts, and one by one in Review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.answers import Actor
from bot.domain.bulk import Pressed
from bot.domain.errors import ActionRefused, NotAllowed, PersonUnknown, StalePress, TwoPeopleNeeded
from bot.domain.vocabulary import State, Verb
from bot.ports import Batched, Picture, Reviewed
from bot.slack import ids
from bot.slack.client import web_client
from bot.slack.inbound.buttons import BUTTONS
from bot.slack.notifier import SlackNotifier
from bot.slack.render import reviewing
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.message import Message
from tests.unit.slack.app_samples import Recorder, over_http, slack, workflow
from tests.unit.slack.batches import HOME, account, bulk, shared
from tests.unit.slack.samples import SETTINGS

__all__ = ["slack", "workflow"]

ADA = Actor("U0ADA", "T0SWITCHYARD", "T0SWITCHYARD")
TWENTY = [account(number) for number in range(20)]


@pytest.fixture
def asking(workflow: Recorder) -> Iterator[RunningWorkspace]:
    """A workspace whose app asks for the reason of a denial."""
    with running_workspace() as workspace:
        workspace.connect(over_http(workspace, workflow, replace(SETTINGS, ask_deny_reason=True)))
        yield workspace


def posted(slack: RunningWorkspace, *, asks: bool = False) -> Message:
    client = web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30)
    notifier = SlackNotifier(client, replace(SETTINGS, ask_deny_reason=asks))
    return slack.message(notifier.post(shared(TWENTY), None))


def told(slack: RunningWorkspace) -> str:
    return slack.ephemerals("U0ADA")[-1].words


def reviewed(one: Batched, number: int) -> Reviewed:
    """What Review shows of this account."""
    whole = shared(TWENTY)
    return Reviewed(Picture(whole.message, one.request, one.entrance, one.client), number, 20)


def labels(message: Message) -> list[str]:
    return [
        each["text"]["text"] for block in message.blocks if block["type"] == "actions" for each in block["elements"]
    ]


@pytest.mark.parametrize(("label", "verb"), [("Approve all 20", Verb.APPROVE), ("Deny all", Verb.DENY)])
def test_one_press_is_for_all_that_the_message_showed(
    slack: RunningWorkspace, workflow: Recorder, label: str, verb: Verb
) -> None:
    workflow.pressed = Pressed(bulk(TWENTY[:17], verb), needing_others=2, alone=2, changed=3, late=1)
    slack.press("U0ADA", posted(slack), label)
    assert workflow.asked == [("press all", HOME, (0,) * 20, verb, ADA)]
    first, *more = told(slack).splitlines()
    assert first.startswith(f"*{verb.capitalize()} all* counts for 17 accounts.")
    assert more == [
        "👥 2 accounts still need another approver after this.",
        "⚠️ 2 accounts are left out for the reason in their lines: press *Review*.",
        "🆕 3 accounts changed since your button was drawn and are not included.",
        "🆕 1 account came after your button was drawn and is not included.",
    ]


def test_somebody_who_may_not_press_is_told_privately(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.trouble = NotAllowed("Only approvers may approve requests.")
    slack.press("U0ADA", posted(slack), "Approve all 20")
    assert "Only approvers may" in told(slack)


def test_review_shows_one_account_after_the_other_in_one_private_answer(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    workflow.reviews = [reviewed(TWENTY[0], 1), reviewed(TWENTY[1], 2), reviewed(account(2, State.FAILED), 3)]
    slack.press("U0ADA", posted(slack), "Review")
    first = slack.ephemerals("U0ADA")[-1]
    assert "Account 1 of 20. Only you see this." in first.words and "`200000000000`" in first.words
    assert labels(first) == ["Approve", "Deny", "Next"]

    slack.press("U0ADA", first, "Approve")
    second = slack.ephemerals("U0ADA")[-1]
    assert "🔵 `222222222222` starting soon" in second.words and "Account 2 of 20" in second.words

    slack.press("U0ADA", second, "Next")
    third = slack.ephemerals("U0ADA")[-1]
    assert labels(third) == ["Retry", "Text for the client", "Next"]
    slack.press("U0ADA", third, "Retry")
    assert "That was the last one" in told(slack)

    assert len(slack.ephemerals("U0ADA")) == 1
    ids = [one.request.id for one in TWENTY]
    assert workflow.asked == [
        ("review", HOME, "", ADA),
        ("decide", ids[0], Verb.APPROVE, ADA),
        ("review", HOME, ids[0], ADA),
        ("review", HOME, ids[1], ADA),
        ("decide", ids[2], Verb.RETRY, ADA),
        ("review", HOME, ids[2], ADA),
    ]
    assert workflow.drawn_after == [0, 0]


def test_review_of_nothing_says_so(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.press("U0ADA", posted(slack), "Review")
    assert told(slack).startswith("Nothing is left to decide here.")


@pytest.mark.parametrize("refused", [StalePress("It has changed since."), TwoPeopleNeeded("You invited Acme.")])
def test_what_is_refused_for_one_account_is_told_and_the_next_one_follows(
    slack: RunningWorkspace, workflow: Recorder, refused: ActionRefused
) -> None:
    workflow.reviews = [reviewed(TWENTY[0], 1), reviewed(TWENTY[1], 2)]
    slack.press("U0ADA", posted(slack), "Review")
    decide = workflow.decide

    def once(*asked: object, **more: object) -> object:
        decide(*asked, **more)  # type: ignore[arg-type]
        raise refused

    workflow.decide = once  # type: ignore[method-assign, assignment]
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Approve")
    assert str(refused) in told(slack) and "Account 2 of 20" in told(slack)


def test_an_account_stays_in_view_when_slack_does_not_say_who_pressed(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    workflow.reviews = [reviewed(TWENTY[0], 1)]
    slack.press("U0ADA", posted(slack), "Review")
    workflow.trouble = PersonUnknown("Slack did not say who you are.")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Approve")
    shown, said = slack.ephemerals("U0ADA")
    assert "Account 1 of 20" in shown.words and "Slack did not say" in said.words


def test_deny_all_asks_for_the_reason_in_a_window(asking: RunningWorkspace, workflow: Recorder) -> None:
    asking.press("U0ADA", posted(asking, asks=True), "Deny all")
    assert workflow.asked == []
    asking.submit("U0ADA", Reason="No contract")
    assert workflow.asked == [("press all", HOME, (0,) * 20, Verb.DENY, ADA, "No contract")]
    assert "counts for 20 accounts" in told(asking)
    assert asking.window("U0ADA") is None


def test_deny_in_review_asks_for_the_reason_and_leads_on(asking: RunningWorkspace, workflow: Recorder) -> None:
    workflow.reviews = [reviewed(TWENTY[0], 1), reviewed(TWENTY[1], 2)]
    asking.press("U0ADA", posted(asking, asks=True), "Review")
    asking.press("U0ADA", asking.ephemerals("U0ADA")[-1], "Deny")
    asking.submit("U0ADA", Reason="No contract")
    assert workflow.asked[1] == ("decide", TWENTY[0].request.id, Verb.DENY, ADA, "No contract")
    assert "Account 2 of 20" in told(asking) and len(asking.ephemerals("U0ADA")) == 1


@pytest.mark.parametrize(("first", "then"), [("Deny all", ()), ("Review", ("Deny",))])
def test_the_clients_read_the_reason_if_that_is_ticked(
    asking: RunningWorkspace, workflow: Recorder, first: str, then: tuple[str, ...]
) -> None:
    workflow.reviews = [reviewed(TWENTY[0], 1), reviewed(TWENTY[1], 2)]
    asking.press("U0ADA", posted(asking, asks=True), first)
    for label in then:
        asking.press("U0ADA", asking.ephemerals("U0ADA")[-1], label)
    asking.submit("U0ADA", Reason="No contract", tell="Tell the client the reason")
    [asked] = [one for one in workflow.asked if "No contract" in one]
    assert asked[-2:] == ("No contract", "tells the client")


def test_the_window_stays_open_when_nothing_is_open_any_more(asking: RunningWorkspace, workflow: Recorder) -> None:
    asking.press("U0ADA", posted(asking, asks=True), "Deny all")
    workflow.trouble = StalePress("Nothing is open any more.")
    asking.submit("U0ADA", Reason="No contract")
    assert asking.window("U0ADA") is not None


@pytest.mark.parametrize("state", [state for state in State if state not in (State.REPORTED, State.DRIFTED)])
def test_every_button_of_review_does_something(state: State) -> None:
    one = account(0, state)
    assert one.client is not None
    shown = reviewing.reviewed(reviewed(replace(one, client=replace(one.client, given=None)), 1), SETTINGS)
    buttons = [each for block in shown.blocks if block["type"] == "actions" for each in block["elements"]]
    assert buttons[-1]["action_id"] == ids.NEXT_OF_REVIEW
    assert {each["action_id"] for each in buttons} <= BUTTONS.keys()
    assert {reviewing.asked_for(each["value"]) for each in buttons} == {(HOME, one.request.id)}
