"""The Web API methods that show views: views.open and views.publish (docs.slack.dev, their pages)."""

from local.slack.block_kit.arguments import required, view_given
from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal, invalid_arguments
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


def open_view(workspace: Workspace, arguments: Json) -> Json:
    """views.open: a window for whoever did what the trigger came with."""
    trigger_id = required(arguments, "trigger_id")
    window = workspace.modals.open(trigger_id, _view(arguments, "modal"))
    return {"ok": True, "view": window.as_slack()}


def publish_view(workspace: Workspace, arguments: Json) -> Json:
    """views.publish: the Home tab of one person, whether they look at it or not."""
    user = required(arguments, "user_id")
    if user not in facts.PEOPLE or workspace.is_retired(user):
        raise invalid_arguments(["invalid `user_id`"])
    view = _view(arguments, "home")
    if not workspace.manifest.home_tab:
        raise SlackRefusal("not_enabled")
    expected = arguments.get("hash")
    return {"ok": True, "view": workspace.homes.publish(user, view, str(expected) if expected else None).as_slack()}


def _view(arguments: Json, kind: str) -> Json:
    if not arguments.get("view"):
        raise invalid_arguments(["missing required field: view"])
    return view_given(arguments["view"], kind)
