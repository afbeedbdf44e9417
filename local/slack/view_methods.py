"""The Web API method that opens modals: views.open."""

from local.slack.content import required, view_given
from local.slack.errors import invalid_arguments
from local.slack.message import Json
from local.slack.workspace import Workspace


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """views.open: a window for whoever did what the trigger came with."""
    trigger_id = required(arguments, "trigger_id")
    if not arguments.get("view"):
        raise invalid_arguments(["missing required field: view"])
    window = workspace.modals.open(trigger_id, view_given(arguments["view"]))
    return {"ok": True, "view": window.as_slack()}
