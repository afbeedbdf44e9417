"""Posts requests, cards and reminders in the channel, and finds what was posted before a crash.

Every message carries metadata (`switchyard_request`, `switchyard_card`, `switchyard_reminder`, with the request id), so
that it can be recognised after a crash between posting and storing. Another app in the channel could forge metadata, so
only our own messages count.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, assert_never

from slack_sdk import WebClient
from slack_sdk.web import SlackResponse

from bot.domain.errors import MessageGone, SlackUnavailable
from bot.domain.message import Shows
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.client import SlackRefused, ask
from bot.slack.inbound.payload import Body, part, text
from bot.slack.render import views
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card
from bot.slack.render.text import is_address

REQUEST, CARD, REMINDER, AGAIN = (f"switchyard_{one}" for one in Shows)
CLOCK_SKEW = timedelta(minutes=2)
MOST_PAGES = 25
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NO_REPLIES = {
    "thread_not_found",
    "cannot_reply_to_message",
    "restricted_action_thread_locked",
    "restricted_action_non_threadable_channel",
    "invalid_thread_ts",
}
"""Slack's errors for a thread that takes no reply: its message was deleted, or it is locked."""
_NO_GROUP = {"no_such_subteam", "subteam_not_found"}
log = logging.getLogger(__name__)


class SlackNotifier:
    """The Channel and Directory ports on Slack's Web API. `page`: how many messages are read at once to find one."""

    def __init__(self, client: WebClient, settings: Settings, page: int = 200) -> None:
        self.client, self.settings, self.page = client, settings, page
        self._links: str | None = None
        """How permalinks of the channel's messages begin, once Slack has told one."""

    def post(self, picture: Picture, thread: str | None) -> str:
        """Post the message; answers its ts. A card goes to its thread and the channel, a reminder to its thread alone.

        A reminder is a message of its own, since an edit would notify nobody. Where the thread takes no reply, either
        goes to the channel on its own; both name the company that they are about.
        """
        try:
            answer = self._posted(replace(picture, thread=thread), thread)
        except SlackRefused as refused:
            if thread is None or refused.code not in _NO_REPLIES:
                raise
            log.warning("the thread of request %s takes no reply (%s)", picture.request.id, refused.code)
            answer = self._posted(replace(picture, thread=None), None)
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise SlackUnavailable("Slack took the message but named no ts.")
        return ts

    def _posted(self, picture: Picture, thread: str | None) -> SlackResponse:
        shows = picture.message.shows
        return ask(
            self.client.chat_postMessage,
            channel=self.settings.channel_id,
            metadata={"event_type": f"switchyard_{shows}", "event_payload": _payload(picture)},
            unfurl_links=False,
            unfurl_media=False,
            **self._drawn(picture),
            **({"thread_ts": thread, "reply_broadcast": shows is Shows.CARD} if thread else {}),
        )

    def edit(self, picture: Picture) -> None:
        """Bring the posted message up to date. Raises MessageGone when it was deleted, or may not be edited."""
        drawn = self._drawn(picture)
        try:
            ask(self.client.chat_update, channel=self.settings.channel_id, ts=picture.message.ts, **drawn)
        except SlackRefused as refused:
            if refused.code in _GONE:
                raise MessageGone from refused
            raise

    def find(self, picture: Picture, thread: str | None) -> str | None:
        """Return the ts of this message if it was posted before a crash: by metadata, in its thread or the channel."""
        if thread is not None:
            try:
                if found := self._ours(self._read(self.client.conversations_replies, ts=thread), picture):
                    return found
            except SlackRefused as refused:
                if refused.code != "thread_not_found":
                    raise
        oldest = (picture.message.created_at - CLOCK_SKEW).timestamp()
        return self._ours(self._read(self.client.conversations_history, oldest=f"{oldest:.6f}"), picture)

    def permalink(self, ts: str) -> str:
        """Return the address that opens this message; empty where Slack does not tell. Never raises.

        Slack is asked once (docs.slack.dev, `chat.getPermalink`, which needs no scope). Its addresses end in the digits
        of the ts, so those of the channel's other messages follow from the first answer, if that ends so too.
        """
        if self._links is None:
            try:
                answer = ask(self.client.chat_getPermalink, channel=self.settings.channel_id, message_ts=ts)
            except SlackUnavailable as error:
                log.warning("there is no link to a message: %s", error)
                return ""
            told = str(answer.get("permalink"))
            if not is_address(told) or not told.endswith(f"/p{_digits(ts)}"):
                return told if is_address(told) else ""
            self._links = told.removesuffix(_digits(ts))
        return f"{self._links}{_digits(ts)}"

    def group_members(self, group_id: str) -> frozenset[str]:
        """Return the Slack user ids in a user group. An unknown group has none, so it lets nobody in."""
        try:
            answer = ask(self.client.usergroups_users_list, usergroup=group_id)
        except SlackRefused as refused:
            if refused.code in _NO_GROUP:
                log.warning("APPROVERS names the user group %s, which Slack does not know", group_id)
                return frozenset()
            raise
        return frozenset(answer.get("users") or ())

    def organization_of(self, user_id: str) -> str:
        """Return the person's Enterprise Grid organization according to Slack; empty for none, and for a stranger.

        Source: docs.slack.dev, "User object" (`enterprise_user.enterprise_id`, `is_stranger`). No real Grid was seen.
        """
        person = self._person(user_id)
        return "" if person.get("is_stranger") else text(part(person, "enterprise_user"), "enterprise_id")

    def workspace_of(self, user_id: str) -> str:
        """Return the person's own workspace according to Slack; empty for a stranger.

        Source: docs.slack.dev, "User object" (`team_id`, `is_stranger`).
        """
        person = self._person(user_id)
        return "" if person.get("is_stranger") else text(person, "team_id")

    def _person(self, user_id: str) -> Body:
        person = ask(self.client.users_info, user=user_id).get("user")
        of_the_grid = part(person, "enterprise_user") if isinstance(person, dict) else {}
        if not isinstance(person, dict) or user_id not in (person.get("id"), of_the_grid.get("id")):
            raise SlackUnavailable("Slack answered users.info without the person.", down=False)
        return person

    def _drawn(self, picture: Picture) -> dict[str, Any]:
        linked = picture.thread if picture.message.shows is Shows.CARD else None
        request_link = self.permalink(linked) if linked else ""
        if picture.batch[1:]:
            return self._drawn_together(picture, request_link).arguments()
        match picture.message.shows:
            case Shows.REQUEST:
                return views.request_message(picture, self.settings).arguments()
            case Shows.CARD | Shows.AGAIN:
                return switch_role_card(picture, self.settings, request_link).arguments()
            case Shows.REMINDER:
                return views.reminder(picture.request, self.settings).arguments()
        assert_never(picture.message.shows)

    def _drawn_together(self, picture: Picture, request_link: str) -> Message:
        """Draw what several accounts share."""
        from bot.slack.render import batch, batch_card  # noqa: PLC0415  only where accounts share a message

        match picture.message.shows:
            case Shows.REQUEST:
                return batch.shared_message(picture, self.settings)
            case Shows.CARD | Shows.AGAIN:
                return batch_card.batch_card(picture, self.settings, request_link)
            case Shows.REMINDER:
                return batch.reminder(picture.batch, self.settings)
        assert_never(picture.message.shows)

    def _ours(self, messages: Iterator[dict[str, Any]], picture: Picture) -> str | None:
        """Return the ts of the first of these messages that we posted for this; None where there is none."""
        me: str | None = None
        for message in messages:
            if not _is_marked(message, f"switchyard_{picture.message.shows}", _payload(picture)):
                continue
            me = me or str(ask(self.client.auth_test).get("user_id"))
            if message.get("user") == me:
                return str(message["ts"])
        return None

    def _read(self, method: Any, **arguments: Any) -> Iterator[dict[str, Any]]:
        """Yield a conversation's messages, page by page, up to a number that fits into a Lambda's time."""
        arguments |= {"channel": self.settings.channel_id, "include_all_metadata": True, "limit": self.page}
        for _ in range(MOST_PAGES):
            answer = ask(method, **arguments)
            yield from answer.get("messages") or ()
            arguments["cursor"] = (answer.get("response_metadata") or {}).get("next_cursor")
            if not arguments["cursor"]:
                return
        log.warning("gave up looking for a message after %d messages", self.page * MOST_PAGES)


def _digits(ts: str) -> str:
    return "".join(filter(str.isdecimal, ts))


def _payload(picture: Picture) -> dict[str, str]:
    """Return the metadata that identifies a message; `due` and `place` tell apart those of one request."""
    message = picture.message
    again = {"place": message.place} if message.shows is Shows.AGAIN else {}
    return {"request_id": message.request_id} | again | ({"due": message.due.isoformat()} if message.due else {})


def _is_marked(message: dict[str, Any], event_type: str, payload: dict[str, str]) -> bool:
    metadata = message.get("metadata") or {}
    found = metadata.get("event_payload") or {}
    return metadata.get("event_type") == event_type and payload.items() <= found.items()
