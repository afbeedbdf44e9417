"""What the bridge says to the developer: Slack's words explained, and never a token."""

import logging
import re
from collections.abc import Callable

_SETTINGS = "https://api.slack.com/apps, your app"
_REFUSED = {
    "invalid_auth": "Slack does not know SLACK_APP_TOKEN. Copy it again:"
    f" {_SETTINGS}, Basic Information, App-Level Tokens.",
    "not_allowed_token_type": "SLACK_APP_TOKEN is no app-level token. It starts with xapp-.",
    "missing_scope": "SLACK_APP_TOKEN lacks the scope connections:write. Make a token with it:"
    f" {_SETTINGS}, Basic Information, App-Level Tokens.",
    "link_disabled": f"Socket Mode is switched off. Switch it on: {_SETTINGS}, Socket Mode. The demo connects again.",
    "too_many_websockets": "The app has ten connections, the most that Slack allows. Does the demo run elsewhere?",
}
_SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|(?<=ticket=)[\w%-]+")
_QUOTED = re.compile(r"(, )?payload: .*", re.DOTALL)
_SESSION = re.compile(r"session id: [^,)]*(, )?")


def why_refused(error: str) -> str:
    """Return what Slack's word for a refusal means and what to do."""
    other = f"Slack refuses the connection ({error}). Is Socket Mode on? {_SETTINGS}, Socket Mode."
    return _REFUSED.get(error, other)


class Saying(logging.Handler):
    """Says lines, and what Slack's own client logs; that tries again every few seconds, and repeats itself."""

    def __init__(self, tell: Callable[[str], None], app_token: str) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._app_token = app_token
        self._logged = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Say what Slack's client logs: without its traceback and what it quotes, and not the same again and again."""
        logged = _QUOTED.sub("", _SESSION.sub("", record.getMessage()))
        if logged != self._logged:
            self._logged = logged
            self.say(f"Slack's client: {logged}")

    def say(self, line: str) -> None:
        """Say one line."""
        self._tell(f"  … {_SECRET.sub('…', line.replace(self._app_token, '…'))}")
