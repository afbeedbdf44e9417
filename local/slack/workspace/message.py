"""One message, in the channel, in a thread or private to one person, and the buttons a person sees on it.

A `Message` is a snapshot: an update in the workspace makes a new one. A test may keep an old snapshot and press
its buttons, which is what a person does whose screen has not caught up yet.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from local.slack.workspace import facts
from local.slack.workspace.files import File

Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    """What Slack stores of a message; `private_to` is set for an ephemeral one."""

    ts: str
    channel: str
    author: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    metadata: Json | None = None
    thread_ts: str | None = None
    broadcast: bool = False
    edited_ts: str | None = None
    private_to: str | None = None
    deleted: bool = False
    """True for what Slack shows in place of a deleted message that has replies."""
    files: tuple[File, ...] = ()

    @property
    def is_reply(self) -> bool:
        """True for an answer inside a thread (the parent itself is none)."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def words(self) -> str:
        """Every text a person can read in the message, one per line: for assertions."""
        return "\n".join(texts_in(list(self.blocks))) if self.blocks else self.text

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of the buttons, in order."""
        return tuple(element["text"]["text"] for _, element in self.elements() if element["type"] == "button")

    def elements(self) -> Iterator[tuple[Json, Json]]:
        """Each interactive element with the block that holds it."""
        yield from elements_in(self.blocks)

    def as_slack(self, *, with_metadata: bool = True) -> Json:
        """The message object of the Web API and of interaction payloads."""
        shape: Json = {"type": "message", "user": self.author, "text": self.text, "ts": self.ts, "team": facts.TEAM_ID}
        if self.author == facts.BOT_USER_ID:
            shape |= {"bot_id": facts.BOT_ID, "app_id": facts.APP_ID, "bot_profile": BOT_PROFILE}
        if self.blocks:
            shape["blocks"] = list(self.blocks)
        if self.files:
            shape["files"] = [file.as_slack() for file in self.files]
        if self.thread_ts:
            shape["thread_ts"] = self.thread_ts
        if self.broadcast:
            shape["subtype"] = "thread_broadcast"
        if self.deleted:
            shape |= {"subtype": "tombstone", "hidden": True}
        if self.edited_ts:
            shape["edited"] = {"user": self.author, "ts": self.edited_ts}
        if with_metadata and self.metadata:
            shape["metadata"] = self.metadata
        return shape


def elements_in(blocks: Iterable[Json]) -> Iterator[tuple[Json, Json]]:
    """Each element that somebody can press or fill in, with the block that holds it."""
    for block in blocks:
        held = [*block.get("elements", []), *(block[name] for name in ("accessory", "element") if name in block)]
        yield from ((block, element) for element in held if "action_id" in element)


BOT_PROFILE: Json = {
    "id": facts.BOT_ID,
    "app_id": facts.APP_ID,
    "user_id": facts.BOT_USER_ID,
    "name": facts.BOT_NAME,
    "deleted": False,
    "team_id": facts.TEAM_ID,
}


def texts_in(node: object) -> Iterator[str]:
    """Each text of blocks that a person can read, but for the questions before a press."""
    if isinstance(node, list):
        for item in node:
            yield from texts_in(item)
    elif isinstance(node, dict):
        if isinstance(node.get("text"), str):
            yield node["text"]
        for key, value in node.items():
            if isinstance(value, dict | list) and key != "confirm":
                yield from texts_in(value)
