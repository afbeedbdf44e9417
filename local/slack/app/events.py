"""What Slack tells an app without being asked: events, as signed JSON in an `event_callback`.

Sources: docs.slack.dev, "Events API", "app_home_opened event", "url_verification event" and "HTTP Request URLs" for the
headers of a retry.
"""

import json
import secrets

from local.slack.app.signing import SignedRequest, sign_json
from local.slack.workspace import facts
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json

HOME_OPENED = "app_home_opened"


class Events:
    """Builds the signed requests for one workspace and one app."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def home_opened(self, person: facts.Person, tab: str) -> SignedRequest:
        """Somebody opened a tab of the app's; for the Home tab with what was published there, if anything was."""
        event: Json = {
            "type": HOME_OPENED,
            "user": person.id,
            "channel": facts.direct_message(person).id,
            "tab": tab,
            "event_ts": self._workspace.next_ts(),
        }
        home = self._workspace.homes.of(person.id) if tab == "home" else None
        return self._callback(event | ({"view": home.as_slack()} if home else {}))

    def verification(self, challenge: str) -> SignedRequest:
        """What Slack sends when somebody saves the address for events: the app says the challenge back."""
        return self._signed({"token": facts.VERIFICATION_TOKEN, "challenge": challenge, "type": "url_verification"})

    def again(self, request: SignedRequest, reason: str) -> SignedRequest:
        """The first retry of an event that the app did not take: the same body, signed anew."""
        retried = sign_json(request.body, facts.SIGNING_SECRET, self._workspace.clock())
        retried.headers.update({"X-Slack-Retry-Num": "1", "X-Slack-Retry-Reason": reason})
        return retried

    def _callback(self, event: Json) -> SignedRequest:
        installed = {"enterprise_id": None, "team_id": facts.TEAM_ID, "user_id": facts.BOT_USER_ID}
        callback = {
            "token": facts.VERIFICATION_TOKEN,
            "team_id": facts.TEAM_ID,
            "api_app_id": facts.APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{secrets.token_hex(5).upper()}",
            "event_time": int(self._workspace.clock()),
            "authorizations": [installed | {"is_bot": True, "is_enterprise_install": False}],
            "is_ext_shared_channel": False,
        }
        return self._signed(callback)

    def _signed(self, content: Json) -> SignedRequest:
        return sign_json(json.dumps(content).encode(), facts.SIGNING_SECRET, self._workspace.clock())
