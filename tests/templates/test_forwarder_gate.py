"""The gate: it sends the last word when it is deleted, and CloudFormation always hears SUCCESS."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from forwarder import GATE_ID, Forwarder, NotTaken, handler

from tests.templates.endpoints import Answer, Endpoint, endpoint_running
from tests.templates.forwarder_environment import CONTEXT, FUNCTION_ARN, PARENT_STACK, environment

NOW = datetime(2026, 11, 23, 7, 5, 54, 123456, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with endpoint_running() as running:
        yield running


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def forwarder(endpoint: Endpoint, pauses: list[float]) -> Forwarder:
    return Forwarder(environment(f"{endpoint.url}/events"), FUNCTION_ARN, clock=lambda: NOW, pause=pauses.append)


def gate_event(endpoint: Endpoint, request_type: str, **more: Any) -> dict[str, Any]:
    event = {
        "RequestType": request_type,
        "ResponseURL": f"{endpoint.url}/response?signature=presigned",
        "StackId": PARENT_STACK,
        "RequestId": "request-1",
        "LogicalResourceId": "Gate",
        "ResourceType": "Custom::SwitchyardGate",
    }
    return event | ({} if request_type == "Create" else {"PhysicalResourceId": GATE_ID}) | more


def answers_to_cloudformation(endpoint: Endpoint) -> list[dict[str, Any]]:
    sent = endpoint.sent_to("/response?signature=presigned")
    assert all(request.method == "PUT" and request.headers.get("content-type", "") == "" for request in sent)
    return [json.loads(request.body) for request in sent]


def assert_success(endpoint: Endpoint) -> None:
    [answer] = answers_to_cloudformation(endpoint)
    assert answer["Status"] == "SUCCESS"


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_always_succeeds_under_one_constant_id(endpoint: Endpoint, forwarder: Forwarder, request_type: str) -> None:
    forwarder.pass_gate(gate_event(endpoint, request_type))
    [answer] = answers_to_cloudformation(endpoint)
    assert answer.pop("Reason")
    assert answer == {
        "Status": "SUCCESS",
        "PhysicalResourceId": "switchyard-gate",
        "StackId": PARENT_STACK,
        "RequestId": "request-1",
        "LogicalResourceId": "Gate",
    }


def test_update_keeps_the_id_it_has_so_that_cloudformation_never_replaces_the_gate(
    endpoint: Endpoint, forwarder: Forwarder
) -> None:
    forwarder.pass_gate(gate_event(endpoint, "Update", PhysicalResourceId="id-of-an-earlier-version"))
    [answer] = answers_to_cloudformation(endpoint)
    assert answer["PhysicalResourceId"] == "id-of-an-earlier-version"


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_says_nothing_to_switchyard_while_the_stack_lives(
    endpoint: Endpoint, forwarder: Forwarder, request_type: str
) -> None:
    forwarder.pass_gate(gate_event(endpoint, request_type))
    assert endpoint.sent_to("/events") == []


def test_delete_sends_the_last_word_before_it_answers(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert [request.method for request in endpoint.received] == ["POST", "PUT"]
    event = json.loads(endpoint.received[0].body)
    assert event["last_word"] == {"timestamp": "2026-11-23T06:05:54.123Z"}
    assert event["child_stack_id"] is None
    assert event["parent_stack_id"] == PARENT_STACK
    assert event["account_id"] == "222222222222"
    assert "notification" not in event


def test_last_word_is_tried_again_quickly(endpoint: Endpoint, forwarder: Forwarder, pauses: list[float]) -> None:
    answers: list[Answer] = [503, "drop", 202]
    endpoint.answer("/events", *answers)
    forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert len(endpoint.sent_to("/events")) == 3
    assert pauses == [1.0, 2.0]
    assert_success(endpoint)


def test_refused_last_word_is_not_repeated(endpoint: Endpoint, forwarder: Forwarder) -> None:
    endpoint.answer("/events", 403)
    forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert len(endpoint.sent_to("/events")) == 1
    assert_success(endpoint)


def test_switchyard_down_does_not_hold_up_the_stack(
    endpoint: Endpoint, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer("/events", 503)
    forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert len(endpoint.sent_to("/events")) == 3
    assert "last word was not taken (NotTaken)" in caplog.text
    assert_success(endpoint)


def test_switchyard_that_never_answers_does_not_hold_up_the_stack(endpoint: Endpoint) -> None:
    endpoint.answer("/events", "hang")
    settings = environment(f"{endpoint.url}/events")
    forwarder = Forwarder(settings, FUNCTION_ARN, pause=lambda seconds: None, last_word_seconds=0.2)
    forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert len(endpoint.sent_to("/events")) == 1, "answered while the first try was still hanging"
    assert_success(endpoint)


@pytest.mark.parametrize("missing", ["AWS_SESSION_TOKEN", "COMPANY", "EVENTS_URL"])
def test_broken_environment_does_not_hold_up_the_stack(endpoint: Endpoint, missing: str) -> None:
    settings = environment(f"{endpoint.url}/events")
    del settings[missing]
    Forwarder(settings, FUNCTION_ARN).pass_gate(gate_event(endpoint, "Delete"))
    assert_success(endpoint)


@pytest.mark.parametrize(
    "weird",
    [
        {"RequestType": None},
        {"RequestType": "Dance"},
        {"PhysicalResourceId": None},
        {"ResourceProperties": ["not", "a", "map"], "Records": [{"Sns": {"Message": "StackId='x'"}}]},
    ],
)
def test_weird_events_are_answered_too(endpoint: Endpoint, forwarder: Forwarder, weird: dict[str, Any]) -> None:
    forwarder.pass_gate(gate_event(endpoint, "Create", **weird))
    assert_success(endpoint)


def test_event_with_nothing_but_an_address_is_answered(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate({"ResponseURL": f"{endpoint.url}/response?signature=presigned"})
    assert_success(endpoint)


def test_answer_is_tried_again_until_cloudformation_has_it(endpoint: Endpoint, forwarder: Forwarder) -> None:
    answers: list[Answer] = [500, "drop", 200]
    endpoint.answer("/response?signature=presigned", *answers)
    forwarder.pass_gate(gate_event(endpoint, "Create"))
    assert len(answers_to_cloudformation(endpoint)) == 3


def test_answer_that_cannot_be_given_is_left_to_lambdas_retries(
    endpoint: Endpoint, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer("/response?signature=presigned", 503)
    with pytest.raises(NotTaken) as failure:
        forwarder.pass_gate(gate_event(endpoint, "Delete"))
    assert len(answers_to_cloudformation(endpoint)) == 3
    assert "presigned" not in caplog.text + str(failure.value), "the address is a credential for the answer"


def test_handler_sends_custom_resource_events_through_the_gate(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(f"{endpoint.url}/events").items():
        monkeypatch.setenv(name, value)
    before = datetime.now(UTC)
    handler(gate_event(endpoint, "Delete"), CONTEXT)
    [last_word] = endpoint.sent_to("/events")
    said_at = datetime.fromisoformat(json.loads(last_word.body)["last_word"]["timestamp"])
    assert before - timedelta(milliseconds=1) <= said_at <= datetime.now(UTC)
    assert_success(endpoint)
