"""What `make demo SLACK=real` takes from the environment: two tokens, a channel, and who may approve.

The tokens are taken out of the environment, so that nothing that the demo starts inherits them, and are never printed.
"""

import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass, field

from slack_sdk import WebClient

from deploy.manifest import socket_mode_manifest, write_manifest
from local.demo.workspace import PlacesNotReady

_APP = "https://api.slack.com/apps, your app"
_API = r"https://[^\s/]+/(\S+/)?|http://(127\.0\.0\.1|localhost)(:\d+)?/(\S+/)?"
_ID = "[UWS][A-Z0-9]{2,}"
_WANTED = {
    "SLACK_APP_TOKEN": (
        r"xapp-[\w-]+",
        f"the app-level token, xapp-…: {_APP}, Basic Information, App-Level Tokens, with the scope connections:write",
    ),
    "SLACK_BOT_TOKEN": (r"xoxb-[\w-]+", f"the Bot User OAuth Token, xoxb-…: {_APP}, Install App"),
    "SLACK_CHANNEL_ID": (
        r"[CG][A-Z0-9]{2,}",
        "the channel's id, C…: at the end of its details; type /invite @Switchyard in the channel",
    ),
    "APPROVERS": (
        rf"{_ID}(\s*,\s*{_ID})*",
        "who may approve: your own user id, U…, from your profile, ⋮, Copy member ID; several divided by commas",
    ),
}


@dataclass(frozen=True)
class RealSlack:
    """A workspace of Slack's own, or the stand-in that `api_url` names."""

    app_token: str = field(repr=False)
    bot_token: str = field(repr=False)
    channel_id: str
    approvers: str
    api_url: str

    @property
    def is_slack(self) -> bool:
        """Whether it is Slack itself."""
        return self.api_url == WebClient.BASE_URL


def take_from(environ: MutableMapping[str, str], write: Callable[[str, str], str] = write_manifest) -> RealSlack:
    """Return what the environment says, and take the tokens out of it.

    Raises PlacesNotReady with all that is missing or of another form, and with the app's manifest, which `write` is to
    write to a file.
    """
    given = {name: environ.get(name, "").strip() for name in _WANTED}
    for name in ("SLACK_APP_TOKEN", "SLACK_BOT_TOKEN"):
        environ.pop(name, None)
    wrong = [
        f"  {name} {'is of another form' if given[name] else 'is missing'}. It is {meaning}."
        for name, (form, meaning) in _WANTED.items()
        if not re.fullmatch(form, given[name], re.ASCII)
    ]
    api_url = environ.get("SLACK_API_URL", "").strip() or WebClient.BASE_URL
    if not re.fullmatch(_API, api_url, re.ASCII):
        wrong.append("  SLACK_API_URL gets both tokens. It is https://…/, or http://127.0.0.1:…/api/ of a local Slack.")
    if wrong:
        raise PlacesNotReady(
            "\n".join(["The real Slack needs four values in the environment.", *wrong, _how_to(write)])
        )
    return RealSlack(
        given["SLACK_APP_TOKEN"],
        given["SLACK_BOT_TOKEN"],
        given["SLACK_CHANNEL_ID"],
        given["APPROVERS"],
        api_url,
    )


def _how_to(write: Callable[[str, str], str]) -> str:
    """Return how to come by an app, with its manifest, which is written to a file too where that is possible."""
    manifest = socket_mode_manifest()
    try:
        also_in = f", also in {write('socket-mode', manifest)}"
    except OSError:
        also_in = ""
    return (
        "\nNo app yet? docs/developing-with-slack.md has each step. This is the app's manifest for Socket Mode"
        f"{also_in}:\n\n{manifest}"
    )
