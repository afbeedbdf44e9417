"""Asynchronously invoked: `{"request_id": …}` starts what was approved and shows how far it is.

`{"teams": […], "pages": […]}` works on teams' pages, `{"bulk": [owner, place, number]}` applies a press on several
requests. `{"show": [client id or token hash, …]}` only shows news of these, `{"warm": true}` keeps the function warm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bot import bootstrap
from bot.domain.bulk import BulkName
from bot.domain.errors import TryAgain
from bot.domain.page import PageName
from bot.workflow import Workflow

log = bootstrap.logger()
bootstrap.prepare(bootstrap.showing)


def create_handler(workflow: Callable[[], Workflow]) -> Callable[[dict[str, Any], object], None]:
    """Return the handler on this workflow."""

    def handle(event: dict[str, Any], context: object) -> None:
        bootstrap.trace(context)
        if event.get("warm"):
            return bootstrap.warm_up(bootstrap.carrying_out, signed=False)
        if "show" in event:
            return workflow().show([str(one) for one in event["show"]])
        if "bulk" in event:
            return apply_bulk(event["bulk"])
        if "teams" in event:
            return work_on_pages(event)
        request_id = str(event["request_id"])
        try:
            workflow().provision(request_id)
        except TryAgain as later:
            log.warning("request %s waits for the sweep: %s", request_id, later, extra={"request_id": request_id})
        return None

    def apply_bulk(named: Sequence[Any]) -> None:
        owner, place, number = named
        try:
            workflow().apply_bulk(BulkName(str(owner), str(place), int(number)))
        except TryAgain as later:
            log.warning("a press on several requests waits for the sweep: %s", later)

    def work_on_pages(event: dict[str, Any]) -> None:
        pages = [PageName(str(team), int(number)) for team, number in event["pages"]]
        try:
            workflow().work_on_pages([str(team) for team in event["teams"]], pages)
        except TryAgain as later:
            log.warning("pages wait for the sweep: %s", later)

    return handle


handler = create_handler(bootstrap.workflow)
