"""`POST /events`: events of client stacks in, a JSON answer out (202, 400, 401, 403, 413, 503)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.aws.http_event import body_of, proof_of
from bot.domain.errors import EventRefused, TryAgain
from bot.domain.vocabulary import Measure
from bot.ports import Meter, NoMeter
from bot.workflow import Workflow

TAKEN = 202
log = bootstrap.logger()
bootstrap.prepare(lambda: bootstrap.workflow().receiving)


def create_handler(
    workflow: Callable[[], Workflow], meter: Callable[[], Meter] = NoMeter
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """Return the handler on this workflow."""

    def handle(event: dict[str, Any], context: object) -> dict[str, Any]:
        bootstrap.trace(context)
        answer = take(event)
        if answer["statusCode"] == TAKEN:
            meter().count(Measure.EVENTS_TAKEN)
        else:
            meter().count(Measure.EVENTS_REFUSED, str(answer["statusCode"]))
        return answer

    def take(event: dict[str, Any]) -> dict[str, Any]:
        try:
            workflow().receive_event(body_of(event), proof_of(event))
        except EventRefused as refused:
            log.warning("event refused with %s: %s", refused.status, refused.for_the_log, extra=refused.log_fields)
            return _answer(refused.status, {"error": str(refused)})
        except TryAgain as later:
            log.warning("event not taken now: %s", later, extra=later.log_fields)
            return _answer(later.status, {"error": str(later)})
        except Exception:
            log.exception("event not taken")
            return _answer(503, {"error": "Something went wrong on our side. Send the event again."})
        return _answer(TAKEN, {"status": "taken"})

    return handle


handler = create_handler(bootstrap.workflow, bootstrap.meter)


def _answer(status: int, body: dict[str, str]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
