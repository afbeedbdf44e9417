"""The local Slack workspace: a stand-in for Slack that people use in the demo and scenario tests use in-process.

A real HTTP server: Slack's Web API under `/api/`, a page at `/` that shows #onboarding and direct messages, signed
commands and presses sent to the app. It is as strict as Slack about tokens, scopes and blocks. `running.py` shows how a
test uses it.
"""

from local.slack.app.link import AppAnswer
from local.slack.app.signing import SignedRequest
from local.slack.people.acting import Outcome
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.facts import ADA, EVE, OLLI, Person
from local.slack.workspace.manifest import Manifest, Shortcut
from local.slack.workspace.message import Message

__all__ = [
    "ADA",
    "EVE",
    "OLLI",
    "AppAnswer",
    "Manifest",
    "Message",
    "Outcome",
    "Person",
    "RunningWorkspace",
    "Shortcut",
    "SignedRequest",
    "running_workspace",
]
