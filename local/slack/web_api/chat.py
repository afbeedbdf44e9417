"""The Web API methods that write: chat.postMessage, chat.update, chat.postEphemeral."""

import re

from local.slack.block_kit.arguments import blocks_given, flag, metadata_given, required, text_to_post, text_to_update
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message

_TIMESTAMP = re.compile(r"\d+\.\d+")


def known_channel(workspace: Workspace, arguments: Json) -> facts.Channel:
    """The channel an argument names, by id or by `#name`, if the app can see it."""
    named = required(arguments, "channel")
    for channel in workspace.channels():
        visible = channel.app_is_member or not channel.is_private
        if visible and named in _names(channel):
            return channel
    raise SlackRefusal("channel_not_found")


def _names(channel: facts.Channel) -> set[str]:
    return {channel.id} if channel.is_direct else {channel.id, channel.name, f"#{channel.name}"}


def post_message(workspace: Workspace, arguments: Json) -> Json:
    """chat.postMessage: a new message, at the top level or in a thread."""
    channel = channel_to_write_in(workspace, arguments)
    text, blocks = text_to_post(arguments), blocks_given(arguments) or ()
    if not text and not blocks:
        raise SlackRefusal("no_text")
    thread_ts = thread_to_answer(workspace, channel, arguments)
    broadcast = thread_ts is not None and flag(arguments, "reply_broadcast")
    metadata = metadata_given(arguments) or None
    message = workspace.post(
        Message("", channel.id, facts.BOT_USER_ID, text, blocks, metadata, thread_ts, broadcast=broadcast)
    )
    return {"ok": True, "channel": channel.id, "ts": message.ts, "message": message.as_slack()}


def update(workspace: Workspace, arguments: Json) -> Json:
    """chat.update: text alone removes the blocks; blocks alone keep the text; metadata stays unless given."""
    channel, ts = known_channel(workspace, arguments), required(arguments, "ts")
    message = workspace.message(ts)
    if message is None or message.channel != channel.id or message.private_to or message.deleted:
        raise SlackRefusal("message_not_found")
    if message.author != facts.BOT_USER_ID:
        raise SlackRefusal("cant_update_message")
    text, blocks, metadata = text_to_update(arguments), blocks_given(arguments), metadata_given(arguments)
    if blocks is None:
        blocks = message.blocks if text is None else ()
    if not blocks and not (message.text if text is None else text):
        raise SlackRefusal("no_text")
    updated = workspace.update(
        ts,
        text=message.text if text is None else text,
        blocks=blocks,
        metadata=message.metadata if metadata is None else metadata or None,
        broadcast=message.broadcast or (message.is_reply and flag(arguments, "reply_broadcast")),
        edited_ts=workspace.next_ts() if not blocks else message.edited_ts,
    )
    return {"ok": True, "channel": channel.id, "ts": ts, "text": updated.text, "message": updated.as_slack()}


def post_ephemeral(workspace: Workspace, arguments: Json) -> Json:
    """chat.postEphemeral: a message only `user` sees, who must be in the channel."""
    channel, user = channel_to_write_in(workspace, arguments), required(arguments, "user")
    if user not in facts.PEOPLE or user not in channel.members:
        raise SlackRefusal("user_not_in_channel")
    text, blocks = text_to_post(arguments), blocks_given(arguments) or ()
    if not text and not blocks:
        raise SlackRefusal("no_text")
    thread_ts = thread_to_answer(workspace, channel, arguments)
    message = workspace.post(
        Message("", channel.id, facts.BOT_USER_ID, text, blocks, thread_ts=thread_ts, private_to=user)
    )
    return {"ok": True, "message_ts": message.ts}


def channel_to_write_in(workspace: Workspace, arguments: Json) -> facts.Channel:
    """Return the channel an argument names; raise SlackRefusal where the app can't write."""
    channel = known_channel(workspace, arguments)
    if workspace.is_retired(channel.id):
        raise SlackRefusal("is_archived")
    if not channel.app_is_member:
        raise SlackRefusal("not_in_channel")
    return channel


def thread_to_answer(workspace: Workspace, channel: facts.Channel, arguments: Json) -> str | None:
    """Return the thread a new message goes into, None for the channel itself; raise SlackRefusal where it can't go.

    A reply to a message that is not there becomes a message of the channel's own, as in Slack, which says so only by
    leaving `thread_ts` out of its answer (github.com/slack-go/slack, issue 1571). Stricter than Slack, which tolerates
    the timestamp of a reply.
    """
    if not arguments.get("thread_ts"):
        return None
    thread_ts = str(arguments["thread_ts"])
    if not _TIMESTAMP.fullmatch(thread_ts):
        raise SlackRefusal("invalid_thread_ts")
    parent = workspace.message(thread_ts)
    if parent is None or parent.channel != channel.id:
        return None
    if parent.is_reply or parent.private_to:
        raise SlackRefusal("cannot_reply_to_message")
    return parent.ts
