"""`POST /events`: events of client stacks in, a JSON answer out (202, 400, 401, 403, 413, 503)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

from bot import bootstrap
from bot.errors import EventRefused, Malformed, TooLarge, TryAgain
from bot.ports import Meter, NoMeter, Proof
from bot.vocabulary import Measure
from bot.workflow import Workflow

LIMIT = 64 * 1024
TAKEN = 202
PREFIX = "x-switchyard-"
PROOF_HEADERS = [PREFIX + name.replace("_", "-") for name in Proof.__match_args__]
NO_PROOF = Proof("", "", "", "", "")
log = bootstrap.logger()


def create_handler(
    workflow: Callable[[], Workflow], meter: Callable[[], Meter] = NoMeter
) -> Callable[[dict[str, Any], object], dict[str, Any]]:
    """The handler on this workflow."""

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
            workflow().receive_event(_body(event), _proof(event.get("headers") or {}))
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


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    try:
        body = base64.b64decode(text, validate=True) if event.get("isBase64Encoded") else text.encode()
    except ValueError:
        raise Malformed("The body can't be decoded.") from None
    if len(body) > LIMIT:
        raise TooLarge(f"The body has {len(body)} bytes; at most {LIMIT} are taken.")
    return body


def _proof(headers: dict[str, str]) -> Proof:
    """The scalars of the proof. Of ours, exactly its five headers count, each once and in any case; else it is none."""
    ours = [(name.lower(), value) for name, value in headers.items() if name.casefold().startswith(PREFIX)]
    if sorted(name for name, _ in ours) != sorted(PROOF_HEADERS):
        return NO_PROOF
    return Proof(*map(dict(ours).__getitem__, PROOF_HEADERS))


def _answer(status: int, body: dict[str, str]) -> dict[str, Any]:
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
