"""The news: CloudFormation has its answer first, then Switchyard hears what is completed, sooner or later."""

import contextlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from forwarder import NEWS_ID, Forwarder, handler
from messenger import Messenger, NotTaken, Patience

from bot.domain.model import Terms
from bot.ingest.payload import parse
from tests.templates.custom_resources import RESPONSE_PATH, assert_success, heard, request_of, said
from tests.templates.endpoints import Answer, Endpoint, endpoint_running
from tests.templates.forwarder_environment import CONTEXT, FUNCTION_ARN, PARENT_STACK, environment

ROLE = {"RoleName": "switchyard-access", "AccessLevel": "ReadOnly", "RequireMfa": "true", "MaxSessionSeconds": "3600"}


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with endpoint_running() as running:
        for name, value in environment(f"{running.url}/events").items():
            monkeypatch.setenv(name, value)
        yield running


def news(endpoint: Endpoint, request_type: str, **more: Any) -> dict[str, Any]:
    return request_of(endpoint, request_type, "News", **{"ResourceProperties": ROLE, **more})


@pytest.mark.parametrize(("request_type", "operation"), [("Create", "CREATE"), ("Update", "UPDATE")])
def test_answers_first_and_then_says_what_is_completed(endpoint: Endpoint, request_type: str, operation: str) -> None:
    before = datetime.now(UTC).replace(microsecond=0)
    handler(news(endpoint, request_type), CONTEXT)

    assert [request.method for request in endpoint.received] == ["PUT", "POST"]
    assert_success(endpoint)
    assert heard(endpoint)[0]["PhysicalResourceId"] == NEWS_ID
    [event] = said(endpoint)
    assert event["completed"]["operation"] == operation
    assert event["completed"]["request_id"] == "request-1"
    assert datetime.fromisoformat(event["completed"]["timestamp"]) >= before
    assert event["parent_stack_id"] == PARENT_STACK
    assert event["child_stack_id"] is None
    assert not event.keys() & {"notification", "last_word", "knock"}


@pytest.mark.parametrize("request_type", ["Create", "Update"])
def test_is_an_event_that_switchyard_understands(endpoint: Endpoint, request_type: str) -> None:
    handler(news(endpoint, request_type), CONTEXT)
    [request] = endpoint.sent_to("/events")
    event = parse(request.body, "aws").event
    assert event.stack.terms == Terms(require_mfa=True, max_session_seconds=3600)
    assert event.status == f"{request_type.upper()}_COMPLETE"
    assert event.about_stack


def test_says_nothing_when_it_is_deleted(endpoint: Endpoint) -> None:
    handler(news(endpoint, "Delete"), CONTEXT)
    assert said(endpoint) == []
    assert_success(endpoint)


@pytest.mark.parametrize("trouble", [500, 503, 429, "drop"])
def test_what_is_not_taken_is_left_to_lambdas_retries(endpoint: Endpoint, trouble: Answer) -> None:
    # Given an invocation that has no time left
    answers: list[Answer] = [trouble, 202]
    endpoint.answer("/events", *answers)
    forwarder = Forwarder(Messenger(os.environ, FUNCTION_ARN, Patience(pauses=(0, 0))))

    # When Lambda invokes, and invokes again with the same request
    with pytest.raises(NotTaken):
        forwarder.tell_news(news(endpoint, "Create"))
    assert_success(endpoint)
    forwarder.tell_news(news(endpoint, "Create"))

    # Then CloudFormation has heard the same twice, and Switchyard can tell that it is the same
    assert heard(endpoint)[0] == heard(endpoint)[1]
    assert [event["completed"]["request_id"] for event in said(endpoint)] == ["request-1"] * 2


def test_a_refusal_is_final(endpoint: Endpoint) -> None:
    endpoint.answer("/events", (403, '{"error": "This invitation has expired."}'))
    handler(news(endpoint, "Create"), CONTEXT)
    assert_success(endpoint)
    assert len(said(endpoint)) == 1


def test_nothing_is_said_before_cloudformation_has_its_answer(endpoint: Endpoint) -> None:
    endpoint.answer(RESPONSE_PATH, 503)
    forwarder = Forwarder(Messenger(os.environ, FUNCTION_ARN, Patience(pauses=(0, 0))))
    with pytest.raises(NotTaken):
        forwarder.tell_news(news(endpoint, "Create"))
    assert len(heard(endpoint)) == 3
    assert said(endpoint) == []


@pytest.mark.safety(
    "News of terms that are being changed again wait until the change has ended", "client-templates/forwarder.py"
)
@pytest.mark.parametrize(
    "changed",
    [
        {"RoleName": "another-role"},
        {"AccessLevel": "Administrator"},
        {"RequireMfa": "false"},
        {"MaxSessionSeconds": "43200"},
    ],
)
def test_news_of_a_state_that_is_being_changed_again_waits(endpoint: Endpoint, changed: dict[str, str]) -> None:
    # Given a retry that comes while the forwarder works for the next update already
    stale = news(endpoint, "Update", ResourceProperties={**ROLE, **changed})

    with pytest.raises(NotTaken, match="changed again"):
        handler(stale, CONTEXT)
    assert said(endpoint) == [], "nothing is said of a role that may not be there yet"
    assert_success(endpoint)


@pytest.mark.parametrize("weird", [{"ResourceProperties": None}, {"RequestType": "Dance"}, {"RequestId": None}])
def test_weird_requests_are_answered_too(endpoint: Endpoint, weird: dict[str, Any]) -> None:
    with contextlib.suppress(TypeError):
        handler(news(endpoint, "Create", **weird), CONTEXT)
    assert_success(endpoint)
