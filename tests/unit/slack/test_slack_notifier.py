"""The notifier against the local Slack: what it posts, what it finds again, and how it takes Slack's bad days."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.domain.errors import MessageGone, SlackUnavailable
from bot.domain.message import Shows, card_again
from bot.domain.model import Client
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State
from bot.ports import Picture
from bot.settings import Settings
from bot.slack import notifier as module
from bot.slack.notifier import SlackNotifier
from local.slack.running import RunningWorkspace
from tests.unit.slack.samples import CLIENT, NOW, SETTINGS, event, granting, pictured, request

TIMELINE = (event("CREATE_IN_PROGRESS"), event("CREATE_COMPLETE", 41))


def posted(notifier: SlackNotifier, one: Request) -> str:
    return notifier.post(pictured(one, TIMELINE), None)


def edit(notifier: SlackNotifier, one: Request, ts: str, client: Client | None = None) -> None:
    notifier.edit(pictured(one, TIMELINE, ts=ts, client=client))


def card_of(one: Request) -> Picture:
    return pictured(one, shows=Shows.CARD, client=granting(one))


def test_a_request_is_posted_to_the_channel(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    message = slack.message(ts)
    assert message.channel == SETTINGS.channel_id
    assert "Onboard Acme?" in message.words
    assert message.metadata == {
        "event_type": "switchyard_request",
        "event_payload": {"request_id": "rabcdefghijklmnop"},
    }


@pytest.mark.safety("A shared message that Slack lost is found, or posted anew, once", "bot/slack/notifier.py")
def test_a_shared_message_is_found_by_its_first_request(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    """The account of that one may ask anew meanwhile, so that another account comes first."""
    first = pictured(request(), TIMELINE)
    ts = notifier.post(first, None)
    message = replace(first.message, request_ids=(first.message.request_id, "rother"))
    later = replace(first, message=message, request=replace(request(), id="rother"))
    assert notifier.find(later, None) == ts


def test_an_edit_changes_the_same_message(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    edit(notifier, request(state=State.DENIED), ts)
    assert len(slack.messages) == 1
    assert "Acme was denied" in slack.messages[0].words


def test_the_card_is_a_reply_that_the_channel_sees_too(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    card_ts = notifier.post(card_of(one), ts)
    assert [reply.ts for reply in slack.thread(ts)] == [card_ts]
    assert card_ts in [message.ts for message in slack.channel_messages]
    assert "Switch into Acme" in slack.message(card_ts).words


@pytest.mark.safety(
    "A card that is no longer valid says so, also where nobody knows its client", "bot/slack/render/card.py"
)
def test_a_card_that_is_outdated_says_so_and_leads_nowhere(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    card = card_of(one)
    card_ts = notifier.post(card, ts)
    left = replace(CLIENT, given=None)
    edit(notifier, one, ts, left)
    notifier.edit(pictured(one, shows=Shows.CARD, client=left, ts=card_ts))
    assert "✅" not in slack.message(ts).words
    assert "Acme was onboarded" in slack.message(ts).words
    shown = slack.message(card_ts)
    assert "no longer valid" in shown.words and "was removed" in shown.words
    for told in (slack.message(ts), shown):
        assert "A session that was open then lasts until it expires" in told.words
    assert shown.buttons == ()
    assert len(slack.messages) == 2


@pytest.mark.safety(
    "A card that is no longer valid says so, also where nobody knows its client", "bot/slack/render/card.py"
)
def test_a_card_of_a_client_that_nobody_knows_leads_nowhere(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    card_ts = notifier.post(pictured(request(state=State.DONE), shows=Shows.CARD), None)
    assert "no longer valid" in slack.message(card_ts).words
    assert slack.message(card_ts).buttons == ()


def test_a_failure_is_told_to_the_approvers_in_the_thread(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.FAILED, kind=Kind.OFFBOARD, reminded_of=NOW)
    ts = posted(notifier, one)
    notifier.post(pictured(one, shows=Shows.REMINDER), ts)
    [told] = slack.thread(ts)
    assert "Removing Acme failed" in told.words and "Retry" in told.words
    assert "U0ADA" in told.words


def test_a_reminder_is_a_new_message_so_that_it_notifies(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    notifier.post(pictured(request(reminded_of=NOW), shows=Shows.REMINDER), ts)
    assert "still waits" in slack.thread(ts)[0].words
    assert len(slack.channel_messages) == 1, "the thread alone is told"


def test_what_was_posted_before_a_crash_is_found(notifier: SlackNotifier) -> None:
    one, other = request(state=State.DONE), request(id="rother", state=State.DONE)
    ts, other_ts = posted(notifier, one), posted(notifier, other)
    card_ts = notifier.post(card_of(one), ts)
    notifier.post(card_of(other), other_ts)
    assert notifier.find(pictured(one), None) == ts
    assert notifier.find(card_of(one), ts) == card_ts


def test_one_reminder_is_not_taken_for_another(notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    first = notifier.post(pictured(request(reminded_of=NOW), shows=Shows.REMINDER), ts)
    assert notifier.find(pictured(request(reminded_of=NOW), shows=Shows.REMINDER), ts) == first
    later = request(reminded_of=NOW + timedelta(hours=4))
    assert notifier.find(pictured(later, shows=Shows.REMINDER), ts) is None


@pytest.mark.safety("One card for everybody is not taken for another", "bot/slack/notifier.py")
def test_one_card_for_everybody_is_not_taken_for_another(notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    posted_again = replace(card_of(one), message=card_again(one, 1, NOW))
    ts = notifier.post(posted_again, None)
    assert notifier.find(posted_again, None) == ts
    assert notifier.find(replace(posted_again, message=card_again(one, 2, NOW)), None) is None


def test_what_was_never_posted_is_not_found(notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    notifier.post(pictured(request(reminded_of=NOW), shows=Shows.REMINDER), ts)
    assert notifier.find(pictured(request(id="rother")), None) is None
    assert notifier.find(pictured(request()), None) == ts
    assert notifier.find(card_of(request(state=State.DONE)), ts) is None


@pytest.mark.safety("What stands in a thread that can't be read is not taken for missing", "bot/slack/notifier.py")
def test_what_stands_in_a_thread_that_cannot_be_read_is_not_taken_for_missing(
    slack: RunningWorkspace, notifier: SlackNotifier
) -> None:
    """A reminder stands in its thread alone: found missing by mistake, it would be posted twice."""
    ts = posted(notifier, request())
    reminder = pictured(request(reminded_of=NOW), shows=Shows.REMINDER)
    notifier.post(reminder, ts)
    slack.faults.refuse("conversations.replies", "internal_error")
    with pytest.raises(SlackUnavailable):
        notifier.find(reminder, ts)


def test_a_message_older_than_the_request_is_not_taken_for_it(notifier: SlackNotifier) -> None:
    posted(notifier, request())
    later = replace(request(), created_at=NOW + module.CLOCK_SKEW * 2)
    assert notifier.find(pictured(later), None) is None


def test_finding_pages_through_a_busy_channel(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    for number in range(7):
        slack.say("U0OLLI", f"line {number}")
    assert SlackNotifier(notifier.client, SETTINGS, page=3).find(pictured(request()), None) == ts
    assert [call.method for call in slack.calls].count("conversations.history") == 3


def test_metadata_of_somebody_elses_message_does_not_count(slack: RunningWorkspace) -> None:
    class OtherBot(WebClient):
        def auth_test(self, **_: Any) -> Any:
            return {"user_id": "U0ANOTHERBOT"}

    other = SlackNotifier(OtherBot(slack.bot_token, base_url=slack.api_url), SETTINGS)
    posted(other, request())
    assert other.find(pictured(request()), None) is None


def test_a_message_somebody_deleted_is_gone(notifier: SlackNotifier) -> None:
    with pytest.raises(MessageGone):
        edit(notifier, request(), "1795413900.000001")


def test_so_is_one_that_may_not_be_edited_any_more(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    ts = posted(notifier, request())
    slack.faults.refuse("chat.update", "edit_window_closed")
    with pytest.raises(MessageGone):
        edit(notifier, request(state=State.EXPIRED), ts)


def test_the_members_of_a_user_group(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.set_approvers(["U0ADA", "U0OLLI"])
    assert notifier.group_members("S0APPROVERS") == {"U0ADA", "U0OLLI"}


def test_an_unknown_user_group_lets_nobody_in_and_is_logged(
    notifier: SlackNotifier, caplog: pytest.LogCaptureFixture
) -> None:
    assert notifier.group_members("S0NOBODY") == frozenset()
    assert "S0NOBODY" in caplog.text


def test_not_knowing_the_members_is_no_empty_group(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    slack.faults.refuse("usergroups.users.list", "missing_scope")
    with pytest.raises(SlackUnavailable):
        notifier.group_members("S0APPROVERS")


@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_slack_takes_the_card_of_every_partition(notifier: SlackNotifier, kind: Kind) -> None:
    for partition in ("aws", "aws-cn", "aws-us-gov"):
        settings: Settings = replace(SETTINGS, partition=partition)
        one = request(kind, State.DONE)
        assert SlackNotifier(notifier.client, settings).post(card_of(one), posted(notifier, one))


def test_a_card_links_to_its_request_and_slack_is_asked_once(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    first, second = posted(notifier, one), posted(notifier, request())
    cards = [notifier.post(card_of(one), ts) for ts in (first, second)]
    for ts, card in zip((first, second), cards, strict=True):
        address = f"{slack.base_url}/archives/{SETTINGS.channel_id}/p{ts.replace('.', '')}"
        assert notifier.permalink(ts) == address
        assert f"<{address}|" in slack.message(card).words
    assert [call.method for call in slack.calls].count("chat.getPermalink") == 1


def test_without_a_permalink_a_card_is_posted_without_it(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    slack.faults.refuse("chat.getPermalink", "internal_error")
    shown = slack.message(notifier.post(card_of(one), ts)).words
    assert "Switch into Acme" in shown and "/archives/" not in shown
    assert notifier.permalink("1.2") == "", "Slack knows no such message"
    assert notifier.permalink(ts).endswith(ts.replace(".", ""))


@pytest.mark.parametrize("told", [None, "", "javascript:alert(1)", "https://x.test/a b", "https://x.test/|<!channel>"])
def test_what_is_no_address_is_no_link(notifier: SlackNotifier, monkeypatch: pytest.MonkeyPatch, told: object) -> None:
    monkeypatch.setattr(module, "ask", lambda *_, **__: {"permalink": told})
    assert notifier.permalink("1.2") == ""


def test_an_address_of_another_form_stands_for_its_own_message_alone(
    notifier: SlackNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "ask", lambda *_, message_ts, **__: {"permalink": f"https://x.test/m?ts={message_ts}"})
    assert [notifier.permalink("1.2"), notifier.permalink("3.4")] == [
        "https://x.test/m?ts=1.2",
        "https://x.test/m?ts=3.4",
    ]


def test_a_card_that_is_drawn_anew_keeps_its_link(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    card = card_of(one)
    card_ts = notifier.post(card, ts)
    before = slack.message(card_ts).words
    notifier.edit(replace(card, message=replace(card.message, ts=card_ts), thread=ts))
    assert slack.message(card_ts).words == before and "/archives/" in before


def test_a_card_whose_thread_takes_no_reply_links_nowhere(slack: RunningWorkspace, notifier: SlackNotifier) -> None:
    one = request(state=State.DONE)
    ts = posted(notifier, one)
    slack.faults.refuse("chat.postMessage", "thread_not_found")
    assert "/archives/" not in slack.message(notifier.post(card_of(one), ts)).words
