"""Slack's Web API: the methods with the scope each needs, the token check, and a record of every call.

A method outside the table answers `unknown_method`; one whose scope the app was not given answers `missing_scope`.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from local.slack.web_api import chat, connections, conversations, files, lookups, validation, views
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


@dataclass(frozen=True)
class Method:
    """What a method does and the scope it needs (None: any valid token)."""

    run: Callable[[Workspace, Json], Json]
    scope: str | None
    scope_of_direct: str | None = None
    """The scope it needs instead where the channel is a direct message."""
    of_app: bool = False
    """Whether it takes the app's own token (`xapp-…`) instead of the bot's, and only in the header."""


METHODS = {
    "apps.connections.open": Method(connections.open_connection, None, of_app=True),
    "auth.test": Method(lookups.auth_test, None),
    "blocks.validate": Method(validation.validate, None),
    "chat.postMessage": Method(chat.post_message, "chat:write"),
    "chat.update": Method(chat.update, "chat:write"),
    "chat.postEphemeral": Method(chat.post_ephemeral, "chat:write"),
    "chat.getPermalink": Method(lookups.permalink, None),
    "conversations.open": Method(conversations.open_conversation, "im:write"),
    "conversations.history": Method(lookups.history, "channels:history", "im:history"),
    "conversations.replies": Method(lookups.replies, "channels:history", "im:history"),
    "conversations.info": Method(lookups.conversation_info, "channels:read", "im:read"),
    "files.getUploadURLExternal": Method(files.get_upload_url, "files:write"),
    "files.completeUploadExternal": Method(files.complete_upload, "files:write"),
    "usergroups.list": Method(lookups.groups, "usergroups:read"),
    "usergroups.users.list": Method(lookups.group_members, "usergroups:read"),
    "users.info": Method(lookups.user_info, "users:read"),
    "users.list": Method(lookups.users, "users:read"),
    "views.open": Method(views.open_view, None),
    "views.publish": Method(views.publish_view, None),
    "views.update": Method(views.update_view, None),
}


@dataclass(frozen=True)
class ApiCall:
    """One call as it came in; `error` is None when it was answered with `ok`."""

    method: str
    arguments: Json
    error: str | None


class WebApi:
    """Answers Web API calls against a workspace, for one app with its two tokens and a set of scopes."""

    def __init__(self, workspace: Workspace, scopes: tuple[str, ...] = facts.SCOPES) -> None:
        self.workspace = workspace
        self.scopes = scopes
        self.calls: list[ApiCall] = []
        self._lock = threading.Lock()

    def call(self, method: str, arguments: Json, token: str | None) -> Json:
        """Slack's answer to a call: `{"ok": true, …}` or `{"ok": false, "error": …}`."""
        try:
            answer = self._run(method, arguments, token)
        except SlackRefusal as refusal:
            answer = refusal.as_answer()
        self.record(method, arguments, answer.get("error"))
        return answer

    def record(self, method: str, arguments: Json, error: str | None) -> None:
        """Keep a call for whoever wants to know what the app asked for."""
        with self._lock:
            self.calls.append(ApiCall(method, {k: v for k, v in arguments.items() if k != "token"}, error))

    def _run(self, name: str, arguments: Json, token: str | None) -> Json:
        method = METHODS.get(name)
        if method is None:
            raise SlackRefusal("unknown_method", req_method=name)
        if not token:
            raise SlackRefusal("not_authed")
        if token not in {facts.BOT_TOKEN, facts.APP_TOKEN}:
            raise SlackRefusal("invalid_auth")
        if (token == facts.APP_TOKEN) is not method.of_app:
            raise SlackRefusal("not_allowed_token_type")
        channel = self.workspace.channel(str(arguments.get("channel")))
        scope = method.scope_of_direct if method.scope_of_direct and channel and channel.is_direct else method.scope
        if scope and scope not in self.scopes:
            raise SlackRefusal("missing_scope", needed=scope, provided=",".join(self.scopes))
        return method.run(self.workspace, arguments)
