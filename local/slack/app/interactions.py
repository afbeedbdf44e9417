"""What Slack sends to an app when somebody acts: commands as a form, all else as a JSON payload, all signed.

Sources: docs.slack.dev, "Implementing slash commands", "block_actions payload", "View interaction payloads" and
"Shortcuts interaction payload".
"""

import json

from local.slack.app.elements import Target, pressed
from local.slack.app.filled import Given, values_of
from local.slack.app.response_urls import Conversation, ResponseUrls
from local.slack.app.signing import SignedRequest, sign
from local.slack.workspace import facts
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message
from local.slack.workspace.modals import Window


class Interactions:
    """Builds the signed requests for one workspace and one app."""

    def __init__(self, workspace: Workspace, response_urls: ResponseUrls) -> None:
        self._workspace = workspace
        self._response_urls = response_urls

    def command(self, person: facts.Person, line: str, channel: facts.Channel = facts.ONBOARDING) -> SignedRequest:
        """The request for a line such as `/clients invite Acme`, typed in this channel."""
        command, _, text = line.strip().partition(" ")
        conversation = Conversation(person.id, channel.id)
        return self._signed(
            {
                "token": facts.VERIFICATION_TOKEN,
                "team_id": facts.TEAM_ID,
                "team_domain": facts.TEAM_DOMAIN,
                "channel_id": channel.id,
                "channel_name": channel.name,
                "user_id": person.id,
                "user_name": person.username,
                "command": command,
                "text": text.strip(),
                "api_app_id": facts.APP_ID,
                "is_enterprise_install": "false",
                "response_url": self._response_urls.make("commands", conversation),
                "trigger_id": self._workspace.modals.trigger(person.id),
            }
        )

    def press(self, person: facts.Person, message: Message, target: Target) -> SignedRequest:
        """The request for pressing something in `message`, as it looked when it was pressed."""
        action, values = pressed(message.blocks, target, self._workspace.next_ts())
        conversation = Conversation(person.id, message.channel, source=message)
        payload: Json = {
            "type": "block_actions",
            **_by(person),
            "container": _container(message),
            "trigger_id": self._workspace.modals.trigger(person.id),
            "channel": {"id": message.channel, "name": _name_of(self._workspace, message.channel)},
            "state": {"values": values},
            "response_url": self._response_urls.make("actions", conversation),
            "actions": [action],
        }
        if message.private_to is None:
            payload["message"] = message.as_slack()
        return self._signed({"payload": json.dumps(payload)})

    def press_in_view(self, person: facts.Person, window: Window, target: Target) -> SignedRequest:
        """The request for pressing something in a window or a Home tab. It has no message, channel or response URL."""
        action, values = pressed(window.view["blocks"], target, self._workspace.next_ts())
        payload: Json = {
            "type": "block_actions",
            **_by(person),
            "container": {"type": "view", "view_id": window.id},
            "trigger_id": self._workspace.modals.trigger(person.id),
            "view": window.as_slack(values),
            "actions": [action],
        }
        return self._signed({"payload": json.dumps(payload)})

    def shortcut(self, person: facts.Person, callback_id: str) -> SignedRequest:
        """The request for a global shortcut, which says nothing of where in Slack the person is."""
        by = _by(person)
        payload: Json = {
            "type": "shortcut",
            **{name: by[name] for name in ("token", "team", "enterprise", "is_enterprise_install")},
            "user": {"id": person.id, "username": person.username, "team_id": person.team_id},
            "action_ts": self._workspace.next_ts(),
            "callback_id": callback_id,
            "trigger_id": self._workspace.modals.trigger(person.id),
        }
        return self._signed({"payload": json.dumps(payload)})

    def submission(self, person: facts.Person, window: Window, given: Given) -> SignedRequest:
        """The request for sending a window, filled in."""
        values = values_of(window.view["blocks"], given)
        payload: Json = {"type": "view_submission", **_by(person), "view": window.as_slack(values), "response_urls": []}
        payload["trigger_id"] = self._workspace.modals.trigger(person.id)
        return self._signed({"payload": json.dumps(payload)})

    def closing(self, person: facts.Person, window: Window) -> SignedRequest:
        """The request for closing a window unsent, which Slack makes where the view asks for it."""
        payload = {"type": "view_closed", **_by(person), "view": window.as_slack(), "is_cleared": False}
        return self._signed({"payload": json.dumps(payload)})

    def _signed(self, form: dict[str, str]) -> SignedRequest:
        return sign(form, facts.SIGNING_SECRET, self._workspace.clock())


def _by(person: facts.Person) -> Json:
    return {
        "user": {"id": person.id, "username": person.username, "name": person.username, "team_id": person.team_id},
        "api_app_id": facts.APP_ID,
        "token": facts.VERIFICATION_TOKEN,
        "team": {"id": facts.TEAM_ID, "domain": facts.TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _name_of(workspace: Workspace, channel_id: str) -> str:
    channel = workspace.channel(channel_id)
    return channel.name if channel else channel_id


def _container(message: Message) -> Json:
    container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
    container["is_ephemeral"] = message.private_to is not None
    return container | ({"thread_ts": message.thread_ts} if message.thread_ts else {})
