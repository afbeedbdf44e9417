"""`response_url`: an app answers one command or press through it, at most 5 times within 30 minutes.

Source: docs.slack.dev, "Handling user interaction", section on message responses. Each address is unguessable and
names the person it answers and, for a press, the message it came from.
"""

import secrets
import threading
from dataclasses import dataclass, replace

from local.slack.block_kit.arguments import blocks_given, flag, metadata_given, text_to_post
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message

MOST_USES = 5
LIFETIME_SECONDS = 30 * 60


@dataclass(frozen=True)
class Conversation:
    """Whom an answer goes to, and the message that was pressed (None for a command)."""

    user: str
    channel: str
    source: Message | None = None


@dataclass(frozen=True)
class _Address:
    conversation: Conversation
    made_at: float
    uses: int = 0


class ResponseUrls:
    """Makes the addresses and carries out what an app sends to them."""

    def __init__(self, workspace: Workspace, base_url: str) -> None:
        self._workspace = workspace
        self._base_url = base_url
        self._addresses: dict[str, _Address] = {}
        self._lock = threading.Lock()

    def make(self, kind: str, conversation: Conversation) -> str:
        """A new address; `kind` is `commands` or `actions`, as in Slack's own."""
        path = f"/{kind}/{facts.TEAM_ID}/{secrets.randbelow(10**12):012d}/{secrets.token_urlsafe(18)}"
        with self._lock:
            self._addresses[path] = _Address(conversation, self._workspace.clock())
        return self._base_url + path

    def answer(self, path: str, arguments: Json) -> None:
        """Carry out one answer; SlackRefusal when the address is unknown, old or used up, or the content is bad."""
        with self._lock:
            address = self._addresses.get(path)
            if address is None:
                raise SlackRefusal("invalid_url")
            if self._workspace.clock() - address.made_at > LIFETIME_SECONDS:
                raise SlackRefusal("expired_url")
            if address.uses >= MOST_USES:
                raise SlackRefusal("used_url")
            self._addresses[path] = replace(address, uses=address.uses + 1)
        show_answer(self._workspace, address.conversation, arguments)


def show_answer(workspace: Workspace, conversation: Conversation, arguments: Json) -> Message | None:
    """Show an app's answer the way Slack does: privately unless `in_channel`, or in place of the pressed message."""
    source = conversation.source
    if source and flag(arguments, "delete_original"):
        workspace.delete(source.ts)
        return None
    text, blocks = text_to_post(arguments), blocks_given(arguments) or ()
    if not text and not blocks:
        raise SlackRefusal("no_text")
    if source and flag(arguments, "replace_original") and workspace.message(source.ts):
        return workspace.update(source.ts, text=text, blocks=blocks)
    public = arguments.get("response_type") == "in_channel"
    return workspace.post(
        Message(
            "",
            conversation.channel,
            facts.BOT_USER_ID,
            text,
            blocks,
            metadata_given(arguments) or None,
            thread_ts=_thread(source, arguments),
            private_to=None if public else conversation.user,
        )
    )


def _thread(source: Message | None, arguments: Json) -> str | None:
    if arguments.get("thread_ts"):
        return str(arguments["thread_ts"])
    return source.thread_ts if source and source.is_reply else None
