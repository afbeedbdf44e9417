"""The Web API method that judges Block Kit and shows nothing: blocks.validate (docs.slack.dev, its page)."""

from local.slack.block_kit.arguments import parsed
from local.slack.block_kit.blocks import block_problems
from local.slack.block_kit.views import view_problems
from local.slack.workspace.errors import SlackRefusal, invalid_arguments
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json

_FORMS = ("blocks", "message", "view")


def validate(_workspace: Workspace, arguments: Json) -> Json:
    """blocks.validate: one of blocks, a message, or a view. Which error Slack answers beside `errors` is a guess."""
    given = [form for form in _FORMS if arguments.get(form)]
    if len(given) != 1:
        raise invalid_arguments([f"provide exactly one of {', '.join(_FORMS)}"])
    [form] = given
    found = parsed(arguments[form], "invalid_json")
    if form == "message":
        found = found.get("blocks") if isinstance(found, dict) else None
    if form != "view" and not isinstance(found, list):
        raise SlackRefusal("invalid_blocks_format")
    problems = block_problems(found) if isinstance(found, list) else view_problems(found)
    if problems:
        raise SlackRefusal("invalid_blocks", errors=[_error(problem) for problem in problems])
    return {"ok": True}


def _error(problem: str) -> Json:
    sentence, _, pointer = problem.removesuffix("]").partition(" [json-pointer:")
    return {"pointer": pointer, "code": "failed_constraint", "message": sentence}
