"""The times that the forwarder, Lambda and CloudFormation allow each other add up: nothing is cut off half-way."""

import pytest
from messenger import PATIENCE

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.templates.documents import Document, properties, read
from tests.templates.rendered import RENDERED

LAMBDA_PAUSES = (60, 120)
"""Seconds before Lambda's two retries of an asynchronous invocation."""


@pytest.fixture(params=[CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY])
def template(request: pytest.FixtureRequest) -> Document:
    return read(RENDERED[request.param])


def slowest(times: tuple[float, float]) -> float:
    """Seconds that all tries of one message take at most."""
    return (len(PATIENCE.pauses) + 1) * sum(times) + sum(PATIENCE.pauses)


def test_the_admission_check_takes_a_moment_but_lets_a_slow_first_try_finish() -> None:
    assert sum(PATIENCE.events) < PATIENCE.admission <= 15


def test_every_try_of_the_last_word_gets_its_turn() -> None:
    assert slowest(PATIENCE.events) <= PATIENCE.last_word


def test_slowest_message_and_answer_fit_into_the_lambdas_timeout(template: Document) -> None:
    spoken = max(PATIENCE.admission, PATIENCE.last_word, sum(PATIENCE.events))
    assert spoken + slowest(PATIENCE.response) < properties(template, "Forwarder")["Timeout"]


def test_cloudformation_waits_longer_than_all_attempts_at_its_answer_take(template: Document) -> None:
    attempts = 1 + properties(template, "ForwarderRetries")["MaximumRetryAttempts"]
    spoken = max(PATIENCE.admission, PATIENCE.last_word) + slowest(PATIENCE.response)
    asked = [r for r in template["Resources"].values() if r["Type"].startswith("Custom::")]
    assert asked
    longest = attempts * spoken + sum(LAMBDA_PAUSES)
    assert all(resource["Properties"]["ServiceTimeout"] > longest for resource in asked)


def test_an_event_is_tried_for_three_quarters_of_an_hour(template: Document) -> None:
    forwarder, retries = properties(template, "Forwarder"), properties(template, "ForwarderRetries")
    each = forwarder["Timeout"] - PATIENCE.spare - PATIENCE.waits[1]
    longest = (1 + retries["MaximumRetryAttempts"]) * each + sum(LAMBDA_PAUSES)
    assert longest >= 40 * 60
    assert retries["MaximumEventAgeInSeconds"] > longest
