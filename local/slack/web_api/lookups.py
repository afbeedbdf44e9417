"""The Web API methods that read: auth.test, conversations.*, usergroups.*, users.*."""

import base64
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from local.slack.block_kit.arguments import flag, required
from local.slack.web_api.chat import known_channel
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message


def auth_test(workspace: Workspace, _arguments: Json) -> Json:
    """auth.test: who the token is."""
    return {
        "ok": True,
        "url": f"{workspace.base_url}/",
        "team": facts.TEAM_NAME,
        "user": facts.BOT_NAME.lower(),
        "team_id": facts.TEAM_ID,
        "user_id": facts.BOT_USER_ID,
        "bot_id": facts.BOT_ID,
        "is_enterprise_install": False,
    }


def permalink(workspace: Workspace, arguments: Json) -> Json:
    """chat.getPermalink: the address of a message, which opens it on the page; a reply's names its thread too."""
    channel, ts = known_channel(workspace, arguments), required(arguments, "message_ts")
    message = workspace.message(ts)
    if message is None or message.channel != channel.id or message.private_to or message.deleted:
        raise SlackRefusal("message_not_found")
    address = f"{workspace.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    if message.is_reply:
        address += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"ok": True, "channel": channel.id, "permalink": address}


def history(workspace: Workspace, arguments: Json) -> Json:
    """conversations.history: the channel, newest first, without replies that stayed in their thread."""
    channel = _channel_to_read(workspace, arguments)
    newest_first = [*reversed(_within(workspace.channel_view(channel.id), arguments))]
    return _page(workspace, newest_first, arguments, default=100)


def replies(workspace: Workspace, arguments: Json) -> Json:
    """conversations.replies: the parent and its replies, oldest first."""
    channel, ts = _channel_to_read(workspace, arguments), required(arguments, "ts")
    parent = workspace.message(ts)
    if parent is None or parent.private_to or parent.channel != channel.id:
        raise SlackRefusal("thread_not_found")
    thread = [parent, *_within(workspace.replies(ts), arguments)]
    return _page(workspace, thread, arguments, default=1000)


def conversation_info(workspace: Workspace, arguments: Json) -> Json:
    """conversations.info: one channel, also one that the app is not in unless it is private."""
    channel = known_channel(workspace, arguments)
    if channel.is_direct:
        return {"ok": True, "channel": {"id": channel.id, "is_im": True, "user": channel.members[0]}}
    shape: Json = {"id": channel.id, "name": channel.name, "is_channel": True, "is_private": channel.is_private}
    archived = workspace.is_retired(channel.id)
    shape |= {"is_member": channel.app_is_member, "is_archived": archived, "topic": {"value": channel.topic}}
    return {"ok": True, "channel": shape}


def group_members(workspace: Workspace, arguments: Json) -> Json:
    """usergroups.users.list: the people of a user group."""
    members = workspace.group_members(required(arguments, "usergroup"))
    if members is None:
        raise SlackRefusal("no_such_subteam")
    return {"ok": True, "users": list(members)}


def groups(workspace: Workspace, arguments: Json) -> Json:
    """usergroups.list: the user groups, with their people, and with the disabled ones, when asked for."""
    listed: list[Json] = []
    for group, members in workspace.groups().items():
        disabled = workspace.is_retired(group)
        if disabled and not flag(arguments, "include_disabled"):
            continue
        shape: Json = {"id": group, "team_id": facts.TEAM_ID, "is_usergroup": True}
        shape["date_delete"] = int(workspace.clock()) if disabled else 0
        shape |= {"name": facts.APPROVERS_GROUP_NAME, "handle": facts.APPROVERS_GROUP_HANDLE}
        if flag(arguments, "include_users"):
            shape["users"] = list(members)
        if flag(arguments, "include_count"):
            shape["user_count"] = len(members)
        listed.append(shape)
    return {"ok": True, "usergroups": listed}


def user_info(workspace: Workspace, arguments: Json) -> Json:
    """users.info: one person, or the app's own bot."""
    asked = required(arguments, "user")
    if asked == facts.BOT_USER_ID:
        bot = facts.Person(facts.BOT_USER_ID, facts.BOT_NAME, facts.BOT_NAME.lower())
        return {"ok": True, "user": _user(workspace, bot) | {"is_bot": True}}
    person = facts.PEOPLE.get(asked)
    if person is None:
        raise SlackRefusal("user_not_found")
    return {"ok": True, "user": _user(workspace, person)}


def users(workspace: Workspace, _arguments: Json) -> Json:
    """users.list: everybody."""
    return {"ok": True, "members": [_user(workspace, person) for person in facts.PEOPLE.values()]}


def _user(workspace: Workspace, person: facts.Person) -> Json:
    profile = {"real_name": person.name, "display_name": person.name, "title": person.title}
    shape: Json = {"id": person.id, "team_id": person.team_id, "name": person.username, "real_name": person.name}
    shape |= workspace.place_on_grid(person.id)
    return shape | {"deleted": workspace.is_retired(person.id), "is_bot": False, "profile": profile}


def _channel_to_read(workspace: Workspace, arguments: Json) -> facts.Channel:
    channel = known_channel(workspace, arguments)
    if not channel.app_is_member:
        raise SlackRefusal("not_in_channel")
    return channel


def _within(messages: Sequence[Message], arguments: Json) -> list[Message]:
    oldest, latest = _bound(arguments, "oldest", "0"), _bound(arguments, "latest", "Infinity")
    edges = {oldest, latest} if flag(arguments, "inclusive") else set()
    return [each for each in messages if oldest < Decimal(each.ts) < latest or Decimal(each.ts) in edges]


def _bound(arguments: Json, name: str, otherwise: str) -> Decimal:
    try:
        bound = Decimal(str(arguments.get(name) or otherwise))
    except InvalidOperation as unreadable:
        raise SlackRefusal(f"invalid_ts_{name}") from unreadable
    if bound.is_nan():
        raise SlackRefusal(f"invalid_ts_{name}")
    return bound


def _page(workspace: Workspace, messages: list[Message], arguments: Json, *, default: int) -> Json:
    limit = _limit(arguments, default)
    start = _start(messages, str(arguments.get("cursor") or ""))
    page, rest = messages[start : start + limit], messages[start + limit :]
    with_metadata = flag(arguments, "include_all_metadata")
    answer: Json = {
        "ok": True,
        "messages": [_with_thread_facts(workspace, each, with_metadata) for each in page],
        "has_more": bool(rest),
    }
    if rest:
        cursor = base64.b64encode(f"next_ts:{rest[0].ts}".encode()).decode()
        answer["response_metadata"] = {"next_cursor": cursor}
    return answer


def _limit(arguments: Json, default: int) -> int:
    try:
        limit = int(arguments.get("limit") or default)
    except (TypeError, ValueError) as unreadable:
        raise SlackRefusal("invalid_limit") from unreadable
    if not 1 <= limit <= 1000:
        raise SlackRefusal("invalid_limit")
    return limit


def _start(messages: list[Message], cursor: str) -> int:
    if not cursor:
        return 0
    try:
        marker, _, ts = base64.b64decode(cursor, validate=True).decode().partition(":")
        if marker != "next_ts":
            raise SlackRefusal("invalid_cursor")
        return [each.ts for each in messages].index(ts)
    except ValueError as unreadable:
        raise SlackRefusal("invalid_cursor") from unreadable


def _with_thread_facts(workspace: Workspace, message: Message, with_metadata: bool) -> Json:
    shape = message.as_slack(with_metadata=with_metadata)
    answers = () if message.is_reply else workspace.replies(message.ts)
    if answers:
        authors = list(dict.fromkeys(answer.author for answer in answers))
        shape |= {"thread_ts": message.ts, "reply_count": len(answers), "reply_users": authors}
        shape |= {"reply_users_count": len(authors), "latest_reply": answers[-1].ts, "is_locked": False}
    return shape
