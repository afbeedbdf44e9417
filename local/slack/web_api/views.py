"""The Web API method that opens modals: views.open."""

from local.slack.block_kit.arguments import required, view_given
from local.slack.workspace.errors import invalid_arguments
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """views.open: a window for whoever did what the trigger came with."""
    trigger_id = required(arguments, "trigger_id")
    if not arguments.get("view"):
        raise invalid_arguments(["missing required field: view"])
    window = workspace.modals.open(trigger_id, view_given(arguments["view"]))
    return {"ok": True, "view": window.as_slack()}
