"""How the page and the demo's script fill in a view, press something in it, send it or close it; and shortcuts."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.slack.app.elements import NothingToPress, Target
from local.slack.page.guard import BadRequest, Handler, body_of, guarded, outcome_shown, person_of, string
from local.slack.people.acting import Acting
from local.slack.people.filling_in import FillingIn, NothingOpen
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


def view_routes(workspace: Workspace, filling_in: FillingIn, acting: Acting) -> list[Route]:
    """The routes, bound to a workspace."""

    async def submit(request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…", "values": {"reason": "No contract"}}`, by block id or label."""
        body = await body_of(request)
        person, view_id, given = person_of(body), string(body, "view_id"), _values(body)
        return outcome_shown(await run_in_threadpool(filling_in.submit, person, given, view_id))

    async def close(request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…"}`."""
        body = await body_of(request)
        person, view_id = person_of(body), string(body, "view_id")
        return outcome_shown(await run_in_threadpool(filling_in.close, person, view_id))

    async def press(request: Request) -> Response:
        """`{"user": …, "view_id": …, "values": {…}, "label": "Show"}`, or by `block_id`, `action_id` and `value`."""
        body = await body_of(request)
        person, view_id = person_of(body), string(body, "view_id")
        view = workspace.modals.of(person.id)
        if view is None or view.id != view_id:
            raise NothingOpen(f"{person.name} has no such view open")
        names = ("label", "block_id", "action_id", "value")
        label, block, action, value = (string(body, one) if one in body else None for one in names)
        target = Target(label, block, action, value, _values(body))
        return outcome_shown(await run_in_threadpool(acting.press_in_view, person, view, target))

    async def shortcut(request: Request) -> Response:
        """`{"user": "U0ADA", "callback_id": "invite_client"}`."""
        body = await body_of(request)
        person, callback_id = person_of(body), string(body, "callback_id")
        return outcome_shown(await run_in_threadpool(acting.shortcut, person, callback_id))

    paths = {"submit": submit, "close": close, "press-in-view": press, "shortcut": shortcut}
    return [Route(f"/_local/{path}", guarded(_found(handler)), methods=["POST"]) for path, handler in paths.items()]


def _found(handler: Handler) -> Handler:
    """Answer 409 where what was meant is not there, or not any more."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except (NothingOpen, NothingToPress) as nothing:
            raise BadRequest(str(nothing), status=409) from nothing
        except KeyError as unknown:
            raise BadRequest(f"no shortcut {unknown}", status=404) from unknown

    return handle


def _values(body: Json) -> dict[str, str]:
    values = body.get("values")
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise BadRequest("values must be an object of strings")
    return values
