"""The Web API methods that show views: views.open, views.update and views.publish (docs.slack.dev, their pages)."""

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


def update_view(workspace: Workspace, arguments: Json) -> Json:
    """views.update: another view in a window that is open; the local Slack updates no Home tab, although Slack does."""
    names = {"id": arguments.get("view_id"), "external_id": arguments.get("external_id")}
    named = {name: value for name, value in names.items() if isinstance(value, str) and value}
    if len(named) != 1:
        raise invalid_arguments(["provide exactly one of view_id and external_id"])
    window = workspace.modals.update(named, _view(arguments, "modal"), _hash(arguments))
    return {"ok": True, "view": window.as_slack()}


def publish_view(workspace: Workspace, arguments: Json) -> Json:
    """views.publish: the Home tab of one person, whether they look at it or not."""
    user = required(arguments, "user_id")
    if user not in facts.PEOPLE or workspace.is_retired(user):
        raise invalid_arguments(["invalid `user_id`"])
    view = _view(arguments, "home")
    if not workspace.manifest.home_tab:
        raise SlackRefusal("not_enabled")
    return {"ok": True, "view": workspace.homes.publish(user, view, _hash(arguments)).as_slack()}


def _hash(arguments: Json) -> str | None:
    return str(arguments["hash"]) if arguments.get("hash") else None


def _view(arguments: Json, kind: str) -> Json:
    if not arguments.get("view"):
        raise invalid_arguments(["missing required field: view"])
    return view_given(arguments["view"], kind)
