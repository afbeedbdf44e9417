"""What is logged can be found by request, client and account: each line is JSON with these as fields of their own."""

from __future__ import annotations

import json
from typing import Any

from local.slack.workspace.facts import ADA
from tests.fakes import event_body
from tests.scenarios.leaks import Watch
from tests.scenarios.scene import Scene
from tests.unit.aws.sts_server import Answer


def line(watch: Watch, words: str) -> dict[str, Any]:
    """The one line that says this."""
    [found] = [one for one in map(json.loads, watch.log.getvalue().splitlines()) if words in one["message"]]
    assert isinstance(found, dict)
    assert {"level", "location", "timestamp", "service"} <= found.keys()
    return found


def test_a_refused_event_is_found_by_account_and_stack(scene: Scene, watch: Watch) -> None:
    assert scene.happens("CREATE_COMPLETE", token="a-guessed-token", company="Acme\nforged line") == 403
    found = line(watch, "event refused with 403")
    assert (found["account_id"], found["company"]) == ("222222222222", "Acme forged line")
    assert found["parent_stack_id"].startswith("arn:aws:cloudformation:eu-west-1:222222222222:stack/")


def test_an_event_that_has_to_wait_is_found_by_its_account(scene: Scene, watch: Watch) -> None:
    scene.sts.says = Answer(503, b"busy")
    assert scene.post(event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite()))[0] == 503
    assert line(watch, "event not taken now")["account_id"] == "222222222222"


def test_a_request_that_is_not_shown_is_found_by_request_and_client(scene: Scene, watch: Watch) -> None:
    token = scene.invite()
    scene.slack.faults.rate_limit("chat.postMessage")
    assert scene.happens("CREATE_COMPLETE", token=token) == 202
    [request] = scene.store.due(scene.clock.moment.replace(year=2027), 100)
    found = line(watch, "is not shown yet")
    assert (found["request_id"], found["client_id"]) == (request.id, request.client_id)


def test_work_that_waits_is_found_by_request_and_client(scene: Scene, watch: Watch) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.bench.broken = True
    scene.slack.press(ADA, scene.last, "Approve")
    found = line(watch, "waits for the sweep")
    assert found["request_id"] in scene.last.words
    assert found["client_id"] in scene.last.words
