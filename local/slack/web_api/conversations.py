"""The Web API method that opens direct messages: conversations.open (docs.slack.dev, its page)."""

from local.slack.block_kit.arguments import flag
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal, invalid_arguments
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json

MOST_USERS = 8


def open_conversation(workspace: Workspace, arguments: Json) -> Json:
    """conversations.open: the direct message with one person, or with whom `channel` already is one."""
    named = str(arguments.get("channel") or "")
    channel, known = _resumed(workspace, named) if named else _opened(workspace, str(arguments.get("users") or ""))
    shape: Json = {"id": channel.id}
    if flag(arguments, "return_im"):
        shape |= {"created": int(workspace.clock()), "is_im": True, "is_open": True, "user": channel.members[0]}
    return {"ok": True, **({"no_op": True, "already_open": True} if known else {}), "channel": shape}


def _resumed(workspace: Workspace, named: str) -> tuple[facts.Channel, bool]:
    channel = workspace.channel(named)
    if channel is None:
        raise SlackRefusal("channel_not_found")
    if not channel.is_direct:
        raise SlackRefusal("method_not_supported_for_channel_type")
    return channel, True


def _opened(workspace: Workspace, users: str) -> tuple[facts.Channel, bool]:
    ids = [one for one in (each.strip() for each in users.split(",")) if one]
    if not ids:
        raise SlackRefusal("users_list_not_supplied")
    if len(ids) > MOST_USERS:
        raise SlackRefusal("too_many_users")
    people = [facts.PEOPLE.get(one) for one in ids]
    for one, person in zip(ids, people, strict=True):
        if person is None:
            raise SlackRefusal("user_not_found")
        if workspace.is_retired(one):
            raise SlackRefusal("user_disabled")
    if len(people) > 1 or people[0] is None:
        raise invalid_arguments(["the local Slack has no direct messages of several people, although Slack has"])
    return workspace.open_direct_message(people[0])
