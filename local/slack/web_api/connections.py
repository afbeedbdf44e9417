"""The Web API method of Socket Mode: apps.connections.open (docs.slack.dev, its page). It takes the app's own token."""

from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


def open_connection(workspace: Workspace, _arguments: Json) -> Json:
    """Return the address of a WebSocket, to be used once and soon."""
    return {"ok": True, "url": workspace.sockets.address()}
