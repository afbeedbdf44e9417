"""What slack-manifest.yml switches on in Slack: the Home tab, the events the app hears of, its
global shortcuts, Socket Mode.

Slack sends nothing that an app's manifest doesn't ask for, and takes no Home tab where the manifest has none. Source:
docs.slack.dev, "App manifest reference".
"""

from dataclasses import dataclass
from pathlib import Path

import yaml

_SOURCE = Path(__file__).parents[3] / "slack-manifest.yml"


@dataclass(frozen=True)
class Shortcut:
    """A global shortcut, as people find it in the ⚡ menu."""

    callback_id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class Manifest:
    """What is switched on for the app."""

    home_tab: bool = False
    events: tuple[str, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    socket_mode: bool = False


def manifest_of(text: str) -> Manifest:
    """Return what a manifest in YAML switches on."""
    found = yaml.safe_load(text)
    features, settings = found.get("features", {}), found.get("settings", {})
    return Manifest(
        features.get("app_home", {}).get("home_tab_enabled", False),
        tuple(settings.get("event_subscriptions", {}).get("bot_events", ())),
        tuple(
            Shortcut(one["callback_id"], one["name"], one["description"])
            for one in features.get("shortcuts", ())
            if one["type"] == "global"
        ),
        settings.get("socket_mode_enabled", False),
    )


def own_manifest() -> Manifest:
    """Return what this project's manifest switches on."""
    return manifest_of(_SOURCE.read_text(encoding="utf-8"))
