"""The workspace's memory: messages, threads, private answers, views and user groups, safe to use from several threads.

Every change gets a number and wakes whoever waits: the page through `subscribe`, a test through `wait_for`.
Timestamps are Slack's message ids: seconds, a dot, six digits; unique and increasing.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from local.slack.workspace import facts
from local.slack.workspace.files import Files
from local.slack.workspace.homes import Homes
from local.slack.workspace.manifest import Manifest, own_manifest
from local.slack.workspace.message import Message
from local.slack.workspace.modals import Modals
from local.slack.workspace.sockets import Sockets

Clock = Callable[[], float]
_DELETED = "This message was deleted."


class Workspace:
    """All messages and what hangs on them, of one app with this manifest.

    `clock` gives seconds since the epoch; `base_url` is where the page is.
    """

    def __init__(self, clock: Clock, base_url: str = "http://127.0.0.1", manifest: Manifest | None = None) -> None:
        self.clock, self.base_url = clock, base_url
        self.manifest = manifest or own_manifest()
        self.changes = 0
        self.notice = ""
        """What whoever runs the workspace has to say to people, above every conversation; empty for nothing."""
        self._messages: dict[str, Message] = {}
        self._groups: dict[str, tuple[str, ...]] = {facts.APPROVERS_GROUP_ID: (facts.ADA.id, facts.BEA.id)}
        self._retired: set[str] = set()
        self._direct: dict[str, facts.Channel] = {}
        self._on_grid: dict[str, dict[str, Any]] = {}
        self._last_ts = (0, 0)
        self._changed = threading.Condition(threading.RLock())
        self._listeners: list[Callable[[], None]] = []
        self.modals = Modals(clock, self.announce)
        self.homes = Homes(clock, self.announce)
        self.files = Files(clock, base_url)
        self.sockets = Sockets(clock, self.announce, base_url, self.manifest.socket_mode)

    def post(self, message: Message) -> Message:
        """Store `message` under a new timestamp and return it as stored."""
        with self._changed:
            stored = replace(message, ts=self._next_ts())
            self._messages[stored.ts] = stored
            self._announce()
            return stored

    def update(self, ts: str, **changes: Any) -> Message:
        """Replace fields of a stored message; KeyError when there is none."""
        with self._changed:
            stored = replace(self._messages[ts], **changes)
            self._messages[ts] = stored
            self._announce()
            return stored

    def delete(self, ts: str) -> None:
        """Remove a message, as Slack does: one with replies leaves a tombstone, to which can still be replied.

        Removing the last reply removes the tombstone too. Removing a message that is gone changes nothing.
        """
        with self._changed:
            message = self._messages.get(ts)
            if message is None or message.deleted:
                return
            if self.replies(ts):
                self._messages[ts] = Message(ts, message.channel, facts.SLACKBOT_ID, _DELETED, deleted=True)
            else:
                del self._messages[ts]
                self._remove_tombstone_without_replies(message.thread_ts)
            self._announce()

    def message(self, ts: str) -> Message | None:
        """The message as it is now, private ones included."""
        with self._changed:
            return self._messages.get(ts)

    def all_messages(self) -> tuple[Message, ...]:
        """Everything but what is private to one person, replies included, oldest first."""
        with self._changed:
            return tuple(message for message in self._messages.values() if message.private_to is None)

    def messages(self) -> tuple[Message, ...]:
        """What is in channels, replies included, oldest first; no direct messages."""
        return tuple(message for message in self.all_messages() if message.channel in facts.CHANNELS)

    def direct_messages(self, channel: str) -> tuple[Message, ...]:
        """What is in a direct message, replies included, oldest first."""
        return tuple(message for message in self.all_messages() if message.channel == channel)

    def channel_view(self, channel: str) -> tuple[Message, ...]:
        """What the channel shows: no replies, except those also sent to the channel."""
        return tuple(
            message
            for message in self.all_messages()
            if message.channel == channel and (not message.is_reply or message.broadcast)
        )

    def replies(self, thread_ts: str) -> tuple[Message, ...]:
        """The answers in a thread, oldest first, without the parent."""
        return tuple(message for message in self.all_messages() if message.is_reply and message.thread_ts == thread_ts)

    def private_answers(self, user: str) -> tuple[Message, ...]:
        """What only this person sees, oldest first."""
        with self._changed:
            return tuple(message for message in self._messages.values() if message.private_to == user)

    def is_shown_to(self, user: str, message: Message) -> bool:
        """Whether this person sees the message: not the private ones and the direct messages of others."""
        channel = self.channel(message.channel)
        return message.private_to in {None, user} and channel is not None and user in channel.members

    def channels(self) -> tuple[facts.Channel, ...]:
        """The channels, and the direct messages that were opened."""
        with self._changed:
            return (*facts.CHANNELS.values(), *self._direct.values())

    def channel(self, one: str) -> facts.Channel | None:
        """A channel or an opened direct message, by id."""
        return next((channel for channel in self.channels() if channel.id == one), None)

    def open_direct_message(self, person: facts.Person) -> tuple[facts.Channel, bool]:
        """Open the direct message between the app and a person; return it, and whether it was open before."""
        with self._changed:
            known = person.id in self._direct
            channel = self._direct.setdefault(person.id, facts.direct_message(person))
            self._announce()
            return channel, known

    def group_members(self, group: str) -> tuple[str, ...] | None:
        """User ids of a user group, None when there is no such group."""
        with self._changed:
            return self._groups.get(group)

    def groups(self) -> dict[str, tuple[str, ...]]:
        """All user groups with their members."""
        with self._changed:
            return dict(self._groups)

    def set_group_members(self, group: str, members: tuple[str, ...]) -> None:
        """Make the user group consist of exactly these people."""
        with self._changed:
            self._groups[group] = members
            self._announce()

    def retire(self, one: str) -> None:
        """Archive a channel, deactivate a person, or disable a user group, by id."""
        with self._changed:
            self._retired.add(one)
            self._announce()

    def is_retired(self, one: str) -> bool:
        """Whether it was retired."""
        with self._changed:
            return one in self._retired

    def put_on_grid(self, person: str, organization: str, *, stranger: bool) -> None:
        """Make the person one of an Enterprise Grid organization, ours or a stranger's."""
        user = {"id": person, "enterprise_id": organization, "is_admin": False, "is_owner": False, "teams": []}
        with self._changed:
            self._on_grid[person] = {"enterprise_user": user} | ({"is_stranger": True} if stranger else {})

    def place_on_grid(self, person: str) -> dict[str, Any]:
        """What a user object says of it; nothing for somebody who is of no organization."""
        with self._changed:
            return dict(self._on_grid.get(person, {}))

    def next_ts(self) -> str:
        """A timestamp no message has or will have."""
        with self._changed:
            return self._next_ts()

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` after every change, until the returned function is called."""
        with self._changed:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._changed:
                self._listeners.remove(listener)

        return unsubscribe

    def wait_for(self, holds: Callable[[], object], seconds: float) -> bool:
        """Wait until `holds()` is true, looking again after every change; False when time ran out."""
        with self._changed:
            return bool(self._changed.wait_for(holds, seconds))

    def announce(self) -> None:
        """Wake everybody who waits, for a change that is kept elsewhere (the request URL, say)."""
        with self._changed:
            self._announce()

    def _remove_tombstone_without_replies(self, ts: str | None) -> None:
        parent = self._messages.get(ts) if ts else None
        if parent and parent.deleted and not self.replies(parent.ts):
            del self._messages[parent.ts]

    def _announce(self) -> None:
        self.changes += 1
        self._changed.notify_all()
        for listener in tuple(self._listeners):
            listener()

    def _next_ts(self) -> str:
        seconds, count = max((int(self.clock()), 0), self._last_ts)
        self._last_ts = (seconds, count + 1) if count < 9999 else (seconds + 1, 1)
        return f"{self._last_ts[0]}.{self._last_ts[1] * 100:06d}"
