"""The Web API methods that send files: files.getUploadURLExternal and files.completeUploadExternal.

Between the two an app sends the data to the address of the first (routes.py). slack_sdk's `files_upload_v2` does all
three. Sources: docs.slack.dev, the methods' pages; github.com/slackapi/node-slack-sdk, issue 1653, for `channel_id`.
"""

import re

from local.slack.block_kit.arguments import parsed, required, text_to_post
from local.slack.web_api.chat import channel_to_write_in, thread_to_answer
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal, invalid_arguments
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message

MOST_ALT_TEXT = 1000
_CONVERSATION = re.compile(r"[CGD][A-Z0-9]+")
_NOT_HERE = ("channels", "blocks", "username", "icon_url", "icon_emoji", "snippet_type")


def get_upload_url(workspace: Workspace, arguments: Json) -> Json:
    """files.getUploadURLExternal: a file's id, and the address that takes its data."""
    _only_what_is_here(arguments)
    name, length = required(arguments, "filename"), str(arguments.get("length") or "")
    if not length:
        raise invalid_arguments(["missing required field: length"])
    if not length.isascii() or not length.isdecimal():
        raise invalid_arguments(["must provide an integer [json-pointer:/length]"])
    if int(length) == 0:
        raise SlackRefusal("missing_argument")
    if len(str(arguments.get("alt_txt") or "")) > MOST_ALT_TEXT:
        raise SlackRefusal("alt_txt_too_large")
    file, address = workspace.files.ticket(name, int(length))
    return {"ok": True, "upload_url": address, "file_id": file.id}


def complete_upload(workspace: Workspace, arguments: Json) -> Json:
    """files.completeUploadExternal: the files are shared in one message; without `channel_id` nobody sees them."""
    _only_what_is_here(arguments)
    titles = _titles(parsed(arguments.get("files"), "invalid_arguments"))
    if not arguments.get("channel_id"):
        return {"ok": True, "files": [file.as_slack() for file in workspace.files.complete(titles)]}
    named = str(arguments["channel_id"])
    if not _CONVERSATION.fullmatch(named):
        raise invalid_arguments(["input must match regex pattern: ^[CGD][A-Z0-9]{8,}$ [json-pointer:/channel_id]"])
    channel = channel_to_write_in(workspace, {"channel": named})
    thread_ts = thread_to_answer(workspace, channel, arguments)
    files = workspace.files.complete(titles)
    comment = text_to_post({"text": arguments.get("initial_comment")})
    workspace.post(Message("", channel.id, facts.BOT_USER_ID, comment, thread_ts=thread_ts, files=files))
    return {"ok": True, "files": [file.as_slack() for file in files]}


def _only_what_is_here(arguments: Json) -> None:
    for name in _NOT_HERE:
        if arguments.get(name):
            raise invalid_arguments([f"the local Slack does not take {name} here, although Slack does"])


def _titles(given: object) -> list[tuple[str, str]]:
    """Return ids and titles; raise SlackRefusal where `files` is no list of objects with an id each, all different."""
    if given is None:
        raise invalid_arguments(["missing required field: files"])
    if not isinstance(given, list):
        raise invalid_arguments(["must provide an array [json-pointer:/files]"])
    if not given:
        raise invalid_arguments(["no fewer than 1 items allowed [json-pointer:/files]"])
    for index, one in enumerate(given):
        texts = isinstance(one, dict) and all(isinstance(value, str) for value in one.values())
        if not texts or not one.get("id") or one.keys() - {"id", "title", "highlight_type"}:
            raise invalid_arguments([f"must be an id with a title or none [json-pointer:/files/{index}]"])
    if len({one["id"] for one in given}) < len(given):
        raise SlackRefusal("file_not_found")
    return [(one["id"], one.get("title", "")) for one in given]
