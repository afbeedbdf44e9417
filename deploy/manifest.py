"""The manifest of the Slack app: its scopes, the finished one with a deployment's addresses, whether it has changed.

Only Slack knows what the app's manifest is, and tells it to nobody who has only the bot's token. So the stack notes, as
the output SlackManifestVersion, which manifest its last deployment has printed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.packaging import PROJECT

SOURCE = PROJECT / "slack-manifest.yml"
_PLACEHOLDER = "https://REPLACE-ME.example.com/slack/events"
_HEAD = """\
# The Slack app of Switchyard, stage {stage}. At https://api.slack.com/apps choose the app, then "App Manifest".
# Replace what is there by this, save, and reinstall the app if Slack asks for it.
"""
_DEVELOPMENT_HEAD = """\
# A Slack app for developing Switchyard, with Socket Mode. Paste it as it is at https://api.slack.com/apps: "Create New
# App", "From a manifest". docs/developing-with-slack.md says what comes next.
"""


def scopes_asked_for() -> tuple[str, ...]:
    """Return the scopes that the manifest asks for."""
    manifest = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return tuple(manifest["oauth_config"]["scopes"]["bot"])


def manifest_version(source: Path = SOURCE) -> str:
    """Return a text that is another one whenever the manifest asks Slack for something else. Comments don't count."""
    manifest = yaml.safe_load(source.read_text(encoding="utf-8"))
    return hashlib.sha256(json.dumps(manifest, sort_keys=True).encode()).hexdigest()[:16]


def manifest_news(outputs: Mapping[str, str], version: str) -> str:
    """Say that the manifest has to be pasted anew; nothing where it is as last deployed, or nothing was deployed yet.

    `outputs` are those of the stack before the deployment. A version that noted no manifest may have had another one.
    """
    if not outputs or outputs.get("SlackManifestVersion") == version:
        return ""
    return (
        "The Slack app's manifest has changed since the last deployment. What is new in Slack works once you have"
        " pasted the manifest that this deployment prints: api.slack.com/apps, your app, App Manifest. Reinstall the"
        " app if Slack asks for it."
    )


def finished_manifest(stage: str, slack_url: str) -> str:
    """Return the manifest with the Slack URL of a stage wherever Slack is told where to send something."""
    source = SOURCE.read_text(encoding="utf-8")
    without_head = re.sub(r"\A(#.*\n)+", "", source)
    return _HEAD.format(stage=stage) + without_head.replace(_PLACEHOLDER, slack_url)


def socket_mode_manifest() -> str:
    """Return the manifest of an app for development: with Socket Mode, which takes the place of every address."""
    lines = SOURCE.read_text(encoding="utf-8").splitlines(keepends=True)
    without = "".join(line for line in lines if not line.startswith("#") and _PLACEHOLDER not in line)
    return _DEVELOPMENT_HEAD + without.replace("socket_mode_enabled: false", "socket_mode_enabled: true")


def write_manifest(stage: str, text: str, project: Path = PROJECT) -> str:
    """Write it to a file that Git ignores, and return the file's path within the project."""
    path = Path("build") / f"slack-manifest-{stage}.yml"
    (project / path).parent.mkdir(exist_ok=True)
    (project / path).write_text(text, encoding="utf-8")
    return str(path)
