"""The times that the forwarder, Lambda and CloudFormation allow each other add up: nothing is cut off half-way."""

import urllib3
from forwarder import EVENTS_TIMEOUT, PAUSES, RESPONSE_TIMEOUT, Forwarder

from deploy.rendering import CLIENT_TEMPLATE_KEY
from tests.templates.documents import properties, read
from tests.templates.forwarder_environment import FUNCTION_ARN
from tests.templates.rendered import RENDERED

PARENT = read(RENDERED[CLIENT_TEMPLATE_KEY])
LAMBDA_TIMEOUT = properties(PARENT, "Forwarder")["Timeout"]
LAMBDA_PAUSES = (60, 120)
"""Seconds before Lambda's two retries of an asynchronous invocation."""


def test_slowest_last_word_and_answer_fit_into_the_lambdas_timeout() -> None:
    forwarder = Forwarder({}, FUNCTION_ARN)

    def slowest(timeout: urllib3.Timeout) -> float:
        tries = len(PAUSES) + 1
        assert isinstance(timeout.connect_timeout, (int, float))
        assert isinstance(timeout.read_timeout, (int, float))
        return tries * (timeout.connect_timeout + timeout.read_timeout) + sum(PAUSES)

    assert slowest(EVENTS_TIMEOUT) <= forwarder.last_word_seconds, "every try gets its turn"
    assert forwarder.last_word_seconds + slowest(RESPONSE_TIMEOUT) < LAMBDA_TIMEOUT


def test_cloudformation_waits_for_the_gate_longer_than_all_of_lambdas_attempts_take() -> None:
    attempts = 1 + properties(PARENT, "ForwarderRetries")["MaximumRetryAttempts"]
    assert properties(PARENT, "Gate")["ServiceTimeout"] > attempts * LAMBDA_TIMEOUT + sum(LAMBDA_PAUSES)
