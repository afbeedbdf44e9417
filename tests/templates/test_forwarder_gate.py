"""The gate: what CloudFormation hears from it, and the last word that it sends when it is deleted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from forwarder import GATE_ID, REFUSED_ID, Forwarder, handler
from messenger import Messenger, NotTaken, Patience

from tests.templates.custom_resources import RESPONSE_PATH, assert_success, heard, request_of, said
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
    settings = environment(f"{endpoint.url}/events")
    return Forwarder(Messenger(settings, FUNCTION_ARN, clock=lambda: NOW, pause=pauses.append))


@pytest.mark.parametrize("request_type", ["Create", "Update", "Delete"])
def test_succeeds_under_one_constant_id(endpoint: Endpoint, forwarder: Forwarder, request_type: str) -> None:
    forwarder.pass_gate(request_of(endpoint, request_type))
    [answer] = heard(endpoint)
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
    forwarder.pass_gate(request_of(endpoint, "Update", PhysicalResourceId="id-of-an-earlier-version"))
    [answer] = heard(endpoint)
    assert answer["PhysicalResourceId"] == "id-of-an-earlier-version"


def test_says_nothing_to_switchyard_when_it_is_updated(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate(request_of(endpoint, "Update"))
    assert endpoint.sent_to("/events") == []


def test_delete_sends_the_last_word_before_it_answers(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate(request_of(endpoint, "Delete"))
    assert [request.method for request in endpoint.received] == ["POST", "PUT"]
    [event] = said(endpoint)
    assert event["last_word"] == {"timestamp": "2026-11-23T06:05:54.123Z"}
    assert event["child_stack_id"] is None
    assert event["parent_stack_id"] == PARENT_STACK
    assert event["account_id"] == "222222222222"
    assert (event["version"], event["require_mfa"], event["max_session_seconds"]) == (2, True, 3600)
    assert not event.keys() & {"notification", "knock", "completed"}


def test_a_gate_that_was_refused_has_no_last_word(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate(request_of(endpoint, "Delete", PhysicalResourceId=REFUSED_ID))
    assert said(endpoint) == []
    assert_success(endpoint)


@pytest.mark.parametrize("made_up", ["switchyard-access-Gate-1ABC", GATE_ID])
def test_a_gate_whose_first_answer_got_lost_has_one(endpoint: Endpoint, forwarder: Forwarder, made_up: str) -> None:
    forwarder.pass_gate(request_of(endpoint, "Delete", PhysicalResourceId=made_up))
    assert ["last_word" in event for event in said(endpoint)] == [True]
    assert_success(endpoint)


def test_last_word_is_tried_again_quickly(endpoint: Endpoint, forwarder: Forwarder, pauses: list[float]) -> None:
    answers: list[Answer] = [503, "drop", 202]
    endpoint.answer("/events", *answers)
    forwarder.pass_gate(request_of(endpoint, "Delete"))
    assert len(said(endpoint)) == 3
    assert pauses == [1, 2]
    assert_success(endpoint)


@pytest.mark.parametrize("refusal", [403, (403, '{"error": "No."}')])
def test_refused_last_word_is_not_repeated_and_holds_up_nothing(
    endpoint: Endpoint, forwarder: Forwarder, refusal: Answer
) -> None:
    endpoint.answer("/events", refusal)
    forwarder.pass_gate(request_of(endpoint, "Delete"))
    assert len(said(endpoint)) == 1
    assert_success(endpoint)


def test_switchyard_down_does_not_hold_up_the_stack(
    endpoint: Endpoint, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer("/events", 503)
    forwarder.pass_gate(request_of(endpoint, "Delete"))
    assert len(said(endpoint)) == 3
    assert "did not accept it (NotTaken); the stack continues" in caplog.text
    assert_success(endpoint)


def test_switchyard_that_never_answers_does_not_hold_up_the_stack(endpoint: Endpoint) -> None:
    endpoint.answer("/events", "hang")
    messenger = Messenger(environment(f"{endpoint.url}/events"), FUNCTION_ARN, Patience(last_word=0.2))
    Forwarder(messenger).pass_gate(request_of(endpoint, "Delete"))
    assert len(said(endpoint)) == 1, "answered while the first try was still hanging"
    assert_success(endpoint)


@pytest.mark.parametrize("request_type", ["Create", "Delete"])
@pytest.mark.parametrize("missing", ["AWS_SESSION_TOKEN", "COMPANY", "EVENTS_URL"])
def test_broken_environment_does_not_hold_up_the_stack(endpoint: Endpoint, missing: str, request_type: str) -> None:
    settings = environment(f"{endpoint.url}/events")
    del settings[missing]
    Forwarder(Messenger(settings, FUNCTION_ARN)).pass_gate(request_of(endpoint, request_type))
    assert_success(endpoint)


@pytest.mark.parametrize(
    "weird",
    [
        {"RequestType": None},
        {"RequestType": "Dance"},
        {"PhysicalResourceId": None},
        {"ResourceType": "Custom::SomethingElse"},
        {"ResourceProperties": ["not", "a", "map"], "Records": [{"Sns": {"Message": "StackId='x'"}}]},
    ],
)
def test_weird_events_are_answered_too(endpoint: Endpoint, forwarder: Forwarder, weird: dict[str, Any]) -> None:
    forwarder.pass_gate(request_of(endpoint, "Create", **weird))
    assert_success(endpoint)


def test_event_with_nothing_but_an_address_is_answered(endpoint: Endpoint, forwarder: Forwarder) -> None:
    forwarder.pass_gate({"ResponseURL": f"{endpoint.url}{RESPONSE_PATH}"})
    assert_success(endpoint)


def test_answer_is_tried_again_until_cloudformation_has_it(endpoint: Endpoint, forwarder: Forwarder) -> None:
    answers: list[Answer] = [500, "drop", 200]
    endpoint.answer(RESPONSE_PATH, *answers)
    forwarder.pass_gate(request_of(endpoint, "Create"))
    assert len(heard(endpoint)) == 3


def test_answer_that_cannot_be_given_is_left_to_lambdas_retries(
    endpoint: Endpoint, forwarder: Forwarder, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint.answer(RESPONSE_PATH, 503)
    with pytest.raises(NotTaken) as failure:
        forwarder.pass_gate(request_of(endpoint, "Delete"))
    assert len(heard(endpoint)) == 3
    assert "presigned" not in caplog.text + str(failure.value), "the address is a credential for the answer"


def test_handler_sends_custom_resource_events_through_the_gate(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(f"{endpoint.url}/events").items():
        monkeypatch.setenv(name, value)
    before = datetime.now(UTC)
    handler(request_of(endpoint, "Delete"), CONTEXT)
    [last_word] = endpoint.sent_to("/events")
    said_at = datetime.fromisoformat(json.loads(last_word.body)["last_word"]["timestamp"])
    assert before - timedelta(milliseconds=1) <= said_at <= datetime.now(UTC)
    assert_success(endpoint)
