"""`/_local/switch`: how the page and the demo's script turn a switch."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.slack.faults.switches import Switches
from local.slack.page.guard import BadRequest, body_of, guarded, string
from local.slack.workspace.memory import Workspace


def switch_routes(switches: Switches, workspace: Workspace) -> list[Route]:
    """The one route, bound to a workspace, whose open pages learn of the change."""

    async def turn(request: Request) -> Response:
        """`{"label": "Slack is down", "on": true}`."""
        body = await body_of(request)
        label, on = string(body, "label"), body.get("on")
        if not isinstance(on, bool):
            raise BadRequest("on must be true or false")
        try:
            await run_in_threadpool(switches.turn, label, on)
        except KeyError as unknown:
            known = ", ".join(each["label"] for each in switches.shown())
            raise BadRequest(f"no such switch; there is {known}", status=404) from unknown
        except OSError as failure:
            explanation = f"“{label}” stays as it was: what it switches did not answer as it should ({failure})."
            refused = {"ok": False, "error": "not_switched", "explanation": explanation}
            return JSONResponse(refused, status_code=502)
        workspace.announce()
        return JSONResponse({"ok": True})

    return [Route("/_local/switch", guarded(turn), methods=["POST"])]
