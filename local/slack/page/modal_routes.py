"""`/_local/submit` and `/_local/close`: how the page and the demo's script send a modal, or close it."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.slack.page.guard import BadRequest, body_of, guarded, outcome_shown, person_of, string
from local.slack.people.filling_in import FillingIn, NothingOpen
from local.slack.workspace.message import Json


def modal_routes(filling_in: FillingIn) -> list[Route]:
    """The two routes, bound to a workspace."""

    async def submit(request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…", "values": {"reason": "No contract"}}`, by block id or label."""
        body = await body_of(request)
        person, view_id, typed = person_of(body), string(body, "view_id"), _values(body)
        try:
            return outcome_shown(await run_in_threadpool(filling_in.submit, person, typed, view_id))
        except NothingOpen as nothing:
            raise BadRequest(str(nothing), status=409) from nothing

    async def close(request: Request) -> Response:
        """`{"user": "U0ADA", "view_id": "V…"}`."""
        body = await body_of(request)
        person, view_id = person_of(body), string(body, "view_id")
        try:
            return outcome_shown(await run_in_threadpool(filling_in.close, person, view_id))
        except NothingOpen as nothing:
            raise BadRequest(str(nothing), status=409) from nothing

    return [
        Route("/_local/submit", guarded(submit), methods=["POST"]),
        Route("/_local/close", guarded(close), methods=["POST"]),
    ]


def _values(body: Json) -> dict[str, str]:
    values = body.get("values")
    if not isinstance(values, dict) or not all(isinstance(text, str) for text in values.values()):
        raise BadRequest("values must be an object of strings")
    return values
