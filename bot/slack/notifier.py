"""The channel, as the workflow sees it: requests, cards and reminders go out, and what was posted is found again.

Every message carries metadata (`switchyard_request`, `switchyard_card`, `switchyard_reminder`, with the request id), so
that after a crash between posting and storing it can be recognised. Another app in the channel could forge metadata, so
only our own messages count.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from slack_sdk import WebClient

from bot.domain.errors import SlackUnavailable
from bot.domain.model import Client, Event
from bot.domain.request import Request
from bot.settings import Settings
from bot.slack.client import SlackRefused, ask
from bot.slack.inbound.payload import part, text
from bot.slack.render import overtaken, views
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card

REQUEST, CARD, REMINDER = "switchyard_request", "switchyard_card", "switchyard_reminder"
CLOCK_SKEW = timedelta(minutes=2)
MOST_PAGES = 25
_GONE = {"message_not_found", "cant_update_message", "edit_window_closed"}
_NO_GROUP = {"no_such_subteam", "subteam_not_found"}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SlackNotifier:
    """The Notifier port on Slack's Web API."""

    client: WebClient
    settings: Settings
    page: int = 200
    """How many messages are read at once when looking for one."""

    def post(self, request: Request, timeline: Sequence[Event]) -> str:
        """Post the request's message; answers its ts."""
        return self._post(views.request_message(request, timeline, self.settings), REQUEST, request)

    def update(self, request: Request, timeline: Sequence[Event]) -> None:
        """Bring the request's message up to date.

        Somebody may have deleted it, or the workspace may forbid the edit. The team must still see where the request
        stands, so it is posted anew, and that message is the one found and updated from then on.
        """
        if request.overtaken_by and request.card_ts:
            self._updated(request.card_ts, overtaken.card(request))
        message = views.request_message(request, timeline, self.settings)
        if request.message_ts is not None and self._updated(request.message_ts, message):
            return
        again = self._find_message(request)
        if again is not None and again != request.message_ts and self._updated(again, message):
            return
        log.warning("the message of request %s is gone; posting it anew", request.id)
        self._post(message, REQUEST, request)

    def post_card(self, request: Request, client: Client) -> str:
        """Post the switch-role card in the request's thread and to the channel; answers its ts."""
        return self._post(
            switch_role_card(request, client, self.settings), CARD, request, thread=request.message_ts, to_channel=True
        )

    def remind(self, request: Request) -> None:
        """Mention the approvers in the request's thread: an edit would notify nobody, the channel everybody."""
        message = views.reminder(request, self.settings)
        self._post(message, REMINDER, request, thread=request.message_ts, about=_which(request))

    def has_reminded(self, request: Request) -> bool:
        """Whether that reminder is in the thread already."""
        try:
            thread = self._read(self.client.conversations_replies, ts=str(request.message_ts))
            return self._ours(thread, REMINDER, request, **_which(request)) is not None
        except SlackRefused as refused:
            if refused.code == "thread_not_found":
                return False
            raise

    def find(self, request: Request) -> tuple[str | None, str | None]:
        """The (message, card) ts of what was posted for this request before a crash."""
        message_ts = request.message_ts or self._find_message(request)
        if message_ts is None:
            return None, None
        thread = self._read(self.client.conversations_replies, ts=message_ts)
        try:
            return message_ts, self._ours(thread, CARD, request)
        except SlackRefused as refused:
            if refused.code == "thread_not_found":
                return message_ts, None
            raise

    def group_members(self, group_id: str) -> frozenset[str]:
        """Slack user ids in a user group. One that does not exist has none, so it lets nobody in."""
        try:
            answer = ask(self.client.usergroups_users_list, usergroup=group_id)
        except SlackRefused as refused:
            if refused.code in _NO_GROUP:
                log.warning("APPROVERS names the user group %s, which Slack does not know", group_id)
                return frozenset()
            raise
        return frozenset(answer.get("users") or ())

    def organization_of(self, user_id: str) -> str:
        """The Enterprise Grid organization that Slack says the person is of; empty for none, and for a stranger.

        Source: docs.slack.dev, "User object" (`enterprise_user.enterprise_id`, `is_stranger`). No real Grid was seen.
        """
        person = ask(self.client.users_info, user=user_id).get("user")
        of_the_grid = part(person, "enterprise_user") if isinstance(person, dict) else {}
        if not isinstance(person, dict) or user_id not in (person.get("id"), of_the_grid.get("id")):
            raise SlackUnavailable("Slack answered users.info without the person.", down=False)
        return "" if person.get("is_stranger") else text(of_the_grid, "enterprise_id")

    def _post(
        self,
        message: Message,
        event_type: str,
        request: Request,
        thread: str | None = None,
        *,
        to_channel: bool = False,
        about: dict[str, str] | None = None,
    ) -> str:
        answer = ask(
            self.client.chat_postMessage,
            channel=self.settings.channel_id,
            metadata={"event_type": event_type, "event_payload": {"request_id": request.id, **(about or {})}},
            unfurl_links=False,
            unfurl_media=False,
            **message.arguments(),
            **({"thread_ts": thread, "reply_broadcast": to_channel} if thread else {}),
        )
        ts = answer.get("ts")
        if not isinstance(ts, str):
            raise SlackUnavailable("Slack took the message but named no ts.")
        return ts

    def _updated(self, ts: str, message: Message) -> bool:
        """Whether the message could be changed; False when it is gone for good."""
        try:
            ask(self.client.chat_update, channel=self.settings.channel_id, ts=ts, **message.arguments())
        except SlackRefused as refused:
            if refused.code in _GONE:
                return False
            raise
        return True

    def _find_message(self, request: Request) -> str | None:
        oldest = (request.created_at - CLOCK_SKEW).timestamp()
        history = self._read(self.client.conversations_history, oldest=f"{oldest:.6f}")
        return self._ours(history, REQUEST, request)

    def _ours(
        self, messages: Iterator[dict[str, Any]], event_type: str, request: Request, **payload: str
    ) -> str | None:
        """The first of the messages that we posted as this."""
        me: str | None = None
        for message in messages:
            if not _is_marked(message, event_type, {"request_id": request.id, **payload}):
                continue
            me = me or str(ask(self.client.auth_test).get("user_id"))
            if message.get("user") == me:
                return str(message["ts"])
        return None

    def _read(self, method: Any, **arguments: str) -> Iterator[dict[str, Any]]:
        """A conversation's messages, page by page, up to a number that fits into a Lambda's life."""
        cursor = ""
        for _ in range(MOST_PAGES):
            more = {"cursor": cursor} if cursor else {}
            answer = ask(
                method,
                channel=self.settings.channel_id,
                include_all_metadata=True,
                limit=self.page,
                **arguments,
                **more,
            )
            yield from answer.get("messages") or ()
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        log.warning("gave up looking for a message after %d messages", self.page * MOST_PAGES)


def _which(request: Request) -> dict[str, str]:
    """Tells the reminders of one request apart, in its metadata."""
    return {"due": request.remind_at.isoformat()} if request.remind_at else {}


def _is_marked(message: dict[str, Any], event_type: str, payload: dict[str, str]) -> bool:
    metadata = message.get("metadata") or {}
    found = metadata.get("event_payload") or {}
    return metadata.get("event_type") == event_type and payload.items() <= found.items()
