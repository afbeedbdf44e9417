"""Attackers, lost answers and impatient people at the two HTTP routes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bot.ports import Proof
from handlers import ingest
from local.slack.workspace.facts import ADA
from tests.fakes import event_body
from tests.scenarios.scene import Scene
from tests.unit.aws.sts_server import Answer


def test_the_same_delivery_twice_is_taken_twice_and_posted_once(scene: Scene) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    proof = scene.proof(body)
    assert [scene.post(body, proof)[0], scene.post(body, proof, as_base64=True)[0]] == [202, 202]
    assert len(scene.slack.messages) == 1


def test_a_changed_event_loses_its_proof(scene: Scene) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite(), level="ReadOnly")
    assert scene.post(body.replace(b"ReadOnly", b"Administrator"), scene.proof(body))[0] == 401
    assert scene.slack.messages == ()


def test_a_proof_is_worth_nothing_for_another_account_or_role(scene: Scene) -> None:
    token = scene.invite()
    assert scene.happens("CREATE_COMPLETE", token=token, account="333333333333") == 401
    assert scene.happens("CREATE_COMPLETE", token=token, role="another-role") == 401


def test_a_proof_without_its_headers_is_refused(scene: Scene) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    assert scene.post(body, Proof("", "", "", "", ""))[0] == 401
    assert scene.sts.received == []


def test_an_old_proof_is_refused(scene: Scene) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    proof = scene.proof(body)
    scene.clock.turn(minutes=6)
    assert scene.post(body, proof)[0] == 401


def test_without_an_invitation_it_is_forbidden_and_nothing_is_shown(scene: Scene) -> None:
    assert scene.happens("CREATE_COMPLETE", token="guessed-token") == 403
    assert scene.slack.messages == ()


@pytest.mark.parametrize(("body", "status"), [(b"", 400), (b"[]", 400), (b"x" * 65536, 400), (b"x" * 65537, 413)])
def test_what_is_no_event_is_refused_by_its_size_or_form(scene: Scene, body: bytes, status: int) -> None:
    assert scene.post(body)[0] == status


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"body": "%%%", "isBase64Encoded": True},
        {"body": "é", "isBase64Encoded": True},
        {"headers": None, "body": "{}"},
    ],
)
def test_odd_requests_get_a_clear_no(scene: Scene, event: dict[str, Any]) -> None:
    assert ingest.create_handler(lambda: scene.workflow)(event, None)["statusCode"] == 400


def test_when_sts_is_down_the_forwarder_is_asked_to_try_again(scene: Scene) -> None:
    scene.sts.says = Answer(503, b"busy")
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    assert scene.post(body)[0] == 503
    scene.sts.says = None
    assert scene.post(body)[0] == 202
    assert len(scene.slack.messages) == 1


def test_a_fault_of_ours_tells_nothing_of_itself() -> None:
    def broken() -> Any:
        raise RuntimeError("secret internals")

    told = ingest.create_handler(broken)({"body": "{}"}, None)
    assert told["statusCode"] == 503
    assert "secret" not in told["body"]
    assert "Traceback" not in json.dumps(told)


def test_a_forged_press_is_not_even_looked_at(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    signed = scene.slack.press_request(ADA, scene.last, "Deny")
    forged = signed.with_body(signed.body.replace(b"deny", b"approve"))
    assert scene.app(forged).status == 401
    assert scene.last.buttons == ("Approve", "Deny")


def test_a_message_whose_answer_was_lost_is_not_posted_twice(scene: Scene) -> None:
    token = scene.invite()
    scene.slack.faults.lose_answer("chat.postMessage")
    assert scene.happens("CREATE_COMPLETE", token=token) == 202
    scene.minutes_pass()
    assert len(scene.slack.messages) == 1
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    assert "✅" in scene.last.words


def test_when_slack_limits_the_rate_the_request_is_posted_a_minute_later(scene: Scene) -> None:
    token = scene.invite()
    scene.slack.faults.rate_limit("chat.postMessage")
    assert scene.happens("CREATE_COMPLETE", token=token) == 202
    assert scene.slack.messages == ()
    scene.minutes_pass()
    assert scene.last.buttons == ("Approve", "Deny")


def test_a_decision_counts_although_slack_could_not_show_it(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.faults.fail("chat.update", times=2)
    scene.slack.press(ADA, scene.last, "Approve")
    scene.work()
    scene.minutes_pass()
    assert "✅" in scene.last.words
    assert len(scene.slack.thread(scene.last)) == 1


def test_a_card_whose_answer_was_lost_is_not_posted_twice(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.slack.press(ADA, scene.last, "Approve")
    scene.slack.faults.lose_answer("chat.postMessage")
    scene.work()
    scene.minutes_pass()
    scene.minutes_pass()
    assert len(scene.slack.thread(scene.last)) == 1


def test_what_could_not_be_handed_over_is_done_a_minute_later(scene: Scene) -> None:
    scene.happens("CREATE_COMPLETE", token=scene.invite())
    scene.bench.broken = True
    scene.slack.press(ADA, scene.last, "Approve")
    scene.bench.broken = False
    scene.minutes_pass()
    scene.work()
    assert "✅" in scene.last.words


def test_the_log_says_whom_a_refused_event_claims_to_be_and_the_answer_does_not(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token="guessed-token")
    status, answer = scene.post(body)
    assert status == 403
    [line] = [record for record in caplog.records if "refused with 403" in record.getMessage()]
    assert vars(line)["account_id"] == "222222222222"
    assert "stack/switchyard-access" in vars(line)["parent_stack_id"]
    assert "222222222222" not in answer["error"]
    assert "guessed-token" not in caplog.text
