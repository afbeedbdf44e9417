"""The admission check: only a clear refusal by Switchyard stops a stack, and nothing else makes it wait for long."""

import gzip
import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from forwarder import Forwarder
from messenger import ANSWER_LIMIT, Messenger, Patience

from tests.templates.custom_resources import RESPONSE_PATH, assert_success, heard, request_of, said
from tests.templates.endpoints import Answer, Endpoint, endpoint_running
from tests.templates.forwarder_environment import FUNCTION_ARN, PARENT_STACK, environment

LONGEST_ANSWER = 4096
"""Bytes that CloudFormation takes from a custom resource."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with endpoint_running() as running:
        yield running


def admission_check(endpoint: Endpoint, *answers: Answer, **patience: Any) -> dict[str, Any]:
    """Have the gate created while Switchyard answers like this; return what CloudFormation hears."""
    endpoint.answer("/events", *answers)
    messenger = Messenger(
        environment(f"{endpoint.url}/events"), FUNCTION_ARN, Patience(**{"pauses": (0, 0), **patience})
    )
    Forwarder(messenger).pass_gate(request_of(endpoint, "Create"))
    [answer] = heard(endpoint)
    return answer


def refusal(sentence: Any, status: int = 403) -> Answer:
    return status, json.dumps({"error": sentence})


def test_create_checks_admission_before_it_answers(endpoint: Endpoint) -> None:
    assert admission_check(endpoint, 202)["Status"] == "SUCCESS"
    assert [request.method for request in endpoint.received] == ["POST", "PUT"]
    [event] = said(endpoint)
    assert set(event["knock"]) == {"timestamp"}
    assert event["child_stack_id"] is None
    assert event["parent_stack_id"] == PARENT_STACK
    assert event["invitation"] == "invitation-token"
    assert (event["version"], event["require_mfa"], event["max_session_seconds"]) == (2, True, 3600)
    assert not event.keys() & {"notification", "last_word", "completed"}


def test_a_refusal_fails_with_switchyards_own_sentence(endpoint: Endpoint) -> None:
    answer = admission_check(endpoint, refusal("This invitation has expired. Ask for a new one."))
    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "This invitation has expired. Ask for a new one."
    assert answer["PhysicalResourceId"] == "switchyard-gate-refused"
    assert len(said(endpoint)) == 1


@pytest.mark.parametrize(
    "answer",
    [
        (403, '{"message": "Forbidden"}'),
        (403, '{"message":"Missing Authentication Token"}'),
        (403, "<html>Forbidden</html>"),
        (403, ""),
        (403, '"error"'),
        (403, '["error"]'),
        (403, "[" * 100_000),
        (403, '{"error": 5}'),
        (403, '{"error": {"message": "no"}}'),
        (403, '{"error": "\\u200b\\n "}'),
        refusal("The proof of the account does not hold.", 401),
        refusal("Not an event.", 400),
        refusal("Gone.", 410),
        refusal("Broken.", 500),
        404,
        413,
        429,
        500,
        503,
        302,
        "drop",
    ],
    ids=lambda answer: str(answer)[:40],
)
def test_everything_else_lets_the_stack_through(endpoint: Endpoint, answer: Answer) -> None:
    assert admission_check(endpoint, answer)["Status"] == "SUCCESS"


def test_a_refusal_after_a_failure_counts(endpoint: Endpoint) -> None:
    answers: list[Answer] = [503, "drop", refusal("No.")]
    assert admission_check(endpoint, *answers)["Status"] == "FAILED"


def test_nobody_there_lets_the_stack_through(endpoint: Endpoint) -> None:
    with endpoint_running() as gone:
        pass
    messenger = Messenger(environment(f"{gone.url}/events"), FUNCTION_ARN, Patience(pauses=(0, 0)))
    Forwarder(messenger).pass_gate(request_of(endpoint, "Create"))
    assert_success(endpoint)


def test_an_admission_check_without_an_answer_ends_when_its_time_is_over(endpoint: Endpoint) -> None:
    began = time.monotonic()
    assert admission_check(endpoint, "hang", admission=0.2, events=(60, 60))["Status"] == "SUCCESS"
    assert time.monotonic() - began < 30, "not the minute that one try may take"


def test_no_try_is_made_after_the_time_is_over(endpoint: Endpoint) -> None:
    # Given a pause between two tries in which the gate runs out of time, as when Lambda freezes
    endpoint.answer("/events", 503)
    thawed, ended = threading.Event(), threading.Event()

    def freeze(_seconds: float) -> None:
        thawed.wait(10)
        ended.set()

    settings = environment(f"{endpoint.url}/events")
    forwarder = Forwarder(Messenger(settings, FUNCTION_ARN, Patience(admission=0.2), pause=freeze))

    # When
    forwarder.pass_gate(request_of(endpoint, "Create"))
    assert_success(endpoint)
    thawed.set()
    assert ended.wait(10)
    for thread in [t for t in threading.enumerate() if t.name.startswith("ThreadPoolExecutor")]:
        thread.join(10)

    # Then
    assert len(said(endpoint)) == 1


@pytest.mark.parametrize(
    ("sentence", "shown"),
    [
        ("two\nlines\tand\x00more\u202e", "two lines and more"),
        ("\ud800half a character", "half a character"),
        ("Größe <&> “quoted”", "Größe <&> “quoted”"),
    ],
)
def test_the_reason_is_one_readable_line(endpoint: Endpoint, sentence: str, shown: str) -> None:
    assert admission_check(endpoint, refusal(sentence))["Reason"] == shown


@pytest.mark.parametrize("character", ["x", '"', "ß", "\U0001f6a7"])
def test_the_longest_reason_fits_into_cloudformations_answer(endpoint: Endpoint, character: str) -> None:
    long_id = f"arn:aws-us-gov:cloudformation:us-gov-west-1:222222222222:stack/{'s' * 128}/{'i' * 36}"
    endpoint.answer("/events", refusal(character * 600))
    messenger = Messenger(environment(f"{endpoint.url}/events"), FUNCTION_ARN)
    request = request_of(endpoint, "Create", StackId=long_id, LogicalResourceId="G" * 255, RequestId="r" * 36)
    Forwarder(messenger).pass_gate(request)
    [sent] = endpoint.sent_to(RESPONSE_PATH)
    assert json.loads(sent.body)["Reason"].startswith(character * 200)
    assert len(sent.body) <= LONGEST_ANSWER


@pytest.mark.parametrize("bloated", [b" " * 50_000_000, gzip.compress(b" " * 50_000_000)], ids=["long", "packed"])
def test_an_answer_without_measure_costs_no_memory_and_refuses_nothing(endpoint: Endpoint, bloated: bytes) -> None:
    endpoint.answer("/events", (403, bloated))
    messenger = Messenger(environment(f"{endpoint.url}/events"), FUNCTION_ARN)
    assert len(messenger.post(knock=messenger.now())[1]) <= ANSWER_LIMIT
    Forwarder(messenger).pass_gate(request_of(endpoint, "Create"))
    [sent] = endpoint.sent_to(RESPONSE_PATH)
    assert json.loads(sent.body)["Status"] == "SUCCESS"


def test_an_answer_that_got_lost_is_given_again(endpoint: Endpoint) -> None:
    # Given Lambda's second try, after a first one that answered CloudFormation and crashed
    assert admission_check(endpoint, refusal("No."))["Status"] == "FAILED"
    messenger = Messenger(environment(f"{endpoint.url}/events"), FUNCTION_ARN)
    Forwarder(messenger).pass_gate(request_of(endpoint, "Create"))
    first, second = heard(endpoint)
    assert first == second
