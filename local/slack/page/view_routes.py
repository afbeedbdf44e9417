"""How the page and the demo's script use views (fill in, press, send, close), open the app's tabs, choose shortcuts."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local.slack.app.elements import NothingToPress, Target
from local.slack.page.guard import BadRequest, Handler, body_of, guarded, outcome_shown, person_of, string
from local.slack.people.acting import Acting
from local.slack.people.at_home import TABS, AtHome
from local.slack.people.filling_in import FillingIn, NothingOpen
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json


class ViewRoutes:
    """Handlers of `/_local/*` for views, bound to one workspace."""

    def __init__(self, workspace: Workspace, filling_in: FillingIn, acting: Acting, at_home: AtHome) -> None:
        self._workspace = workspace
        self._filling_in = filling_in
        self._acting = acting
        self._at_home = at_home

    def routes(self) -> list[BaseRoute]:
        """All routes, each behind the check of where the request comes from."""
        paths = {
            "submit": self.submit,
            "close": self.close,
            "press-in-view": self.press,
            "open-tab": self.open_tab,
            "shortcut": self.shortcut,
        }
        return [Route(f"/_local/{path}", guarded(_found(handler)), methods=["POST"]) for path, handler in paths.items()]

    async def submit(self, request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…", "values": {"reason": "No contract"}}`, by block id or label."""
        body = await body_of(request)
        person, view_id, given = person_of(body), string(body, "view_id"), _values(body)
        return outcome_shown(await run_in_threadpool(self._filling_in.submit, person, given, view_id))

    async def close(self, request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…"}`."""
        body = await body_of(request)
        person, view_id = person_of(body), string(body, "view_id")
        return outcome_shown(await run_in_threadpool(self._filling_in.close, person, view_id))

    async def press(self, request: Request) -> Response:
        """`{"user": …, "view_id": …, "values": {…}, "label": "Show"}`, or by `block_id`, `action_id` and `value`."""
        body = await body_of(request)
        person, view_id = person_of(body), string(body, "view_id")
        views = (self._workspace.modals.of(person.id), self._workspace.homes.of(person.id))
        view = next((each for each in views if each and each.id == view_id), None)
        if view is None:
            raise NothingOpen(f"{person.name} has no such view open")
        names = ("label", "block_id", "action_id", "value")
        label, block, action, value = (string(body, one) if one in body else None for one in names)
        target = Target(label, block, action, value, _values(body))
        return outcome_shown(await run_in_threadpool(self._acting.press_in_view, person, view, target))

    async def open_tab(self, request: Request) -> Response:
        """`{"user": "U0ADA", "tab": "home"}`, or the tab `messages`."""
        body = await body_of(request)
        person, tab = person_of(body), string(body, "tab")
        if tab not in TABS:
            raise BadRequest(f"no such tab; there are {', '.join(TABS)}")
        return outcome_shown(await run_in_threadpool(self._at_home.open, person, tab))

    async def shortcut(self, request: Request) -> Response:
        """`{"user": "U0ADA", "callback_id": "invite_client"}`."""
        body = await body_of(request)
        person, callback_id = person_of(body), string(body, "callback_id")
        if callback_id not in {each.callback_id for each in self._workspace.manifest.shortcuts}:
            raise BadRequest("no such shortcut", status=404)
        return outcome_shown(await run_in_threadpool(self._acting.shortcut, person, callback_id))


def _found(handler: Handler) -> Handler:
    """Answer 409 where what was meant is not there, or not any more."""

    async def handle(request: Request) -> Response:
        try:
            return await handler(request)
        except (NothingOpen, NothingToPress) as nothing:
            raise BadRequest(str(nothing), status=409) from nothing

    return handle


def _values(body: Json) -> dict[str, str]:
    values = body.get("values")
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise BadRequest("values must be an object of strings")
    return values
