"""Services call a function asynchronously: SNS and EventBridge only with its permission, and again when it fails.

AWS Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation" (two more attempts;
here after 1 and 2 seconds, not minutes; then its failure goes to its destination) and "Granting function access to AWS
services". A notification takes a moment from topic to function, so a function deleted meanwhile misses it, as on AWS.
"""

import json
import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator, responses
from ministack.services import eventbridge, lambda_svc, sns

_RETRY_AFTER_SECONDS = (0, 1, 2)
_AT_ONCE = 4
"""Events that one function takes at once from services; the others queue, as on AWS at an account's concurrency. A new
function would get a process for each event of a burst, and on a small machine they all start slowly."""
_RULE: ContextVar[str] = ContextVar("rule_that_calls", default="")
_on_the_way: Counter[str] = Counter()
"""Notifications that their function has not done with, by topic."""
_arrived = threading.Condition()
_turns: dict[str, threading.Semaphore] = defaultdict(lambda: threading.Semaphore(_AT_ONCE))
_log = logging.getLogger("local.aws.lambda_invocations")


def install(sns_delay: float) -> None:
    """Take over both ways from a service to a function."""
    invoke_target = eventbridge._invoke_target

    def deliver_notification(
        function_arn: str, envelope: str, topic_arn: str, subscription_arn: str, *_rest: Any
    ) -> None:
        record = {
            "EventVersion": "1.0",
            "EventSubscriptionArn": subscription_arn,
            "EventSource": "aws:sns",
            "Sns": json.loads(envelope),
        }
        with _counted(topic_arn):
            time.sleep(sns_delay)
            _invoke_if_permitted(function_arn, {"Records": [record]}, "sns.amazonaws.com", topic_arn)

    def invoke_knowing_rule(target: Any, event: Any, rule: Any, *rest: Any, **more: Any) -> None:
        token = _RULE.set(rule.get("Arn", ""))
        try:
            invoke_target(target, event, rule, *rest, **more)
        finally:
            _RULE.reset(token)

    def dispatch_to_lambda(function_arn: str, payload: str) -> None:
        arguments = (function_arn, json.loads(payload), "events.amazonaws.com", _RULE.get())
        threading.Thread(target=_invoke_if_permitted, args=arguments, daemon=True).start()

    sns._deliver_to_lambda = deliver_notification
    eventbridge._invoke_target = invoke_knowing_rule
    eventbridge._dispatch_to_lambda = dispatch_to_lambda


def wait_for_notifications(topic_arns: Iterable[str], seconds: float) -> None:
    """Return when no notification is on its way from these topics to a function, or after so many seconds."""
    with _arrived:
        _arrived.wait_for(lambda: not any(_on_the_way[topic] for topic in topic_arns), seconds)


@contextmanager
def _counted(topic_arn: str) -> Iterator[None]:
    with _arrived:
        _on_the_way[topic_arn] += 1
    try:
        yield
    finally:
        with _arrived:
            _on_the_way[topic_arn] -= 1
            _arrived.notify_all()


def _invoke_if_permitted(function_arn: str, event: dict[str, Any], service: str, source_arn: str) -> None:
    def permitted(function: dict[str, Any]) -> bool:
        return _permits(function, function_arn, service, source_arn)

    with _turns[function_arn]:
        invoke(function_arn, event, source_arn, permitted)


def invoke(
    function_arn: str,
    event: dict[str, Any],
    source: str,
    permitted: Callable[[dict[str, Any]], bool] | None = None,
) -> None:
    """Call until it succeeds or its retries are used up; `source` is for the log."""
    region, account = function_arn.split(":")[3:5]
    with responses.request_scope(account, region):
        for attempt, pause in enumerate(_RETRY_AFTER_SECONDS):
            time.sleep(pause)
            function, configuration, _ = lambda_svc._get_func_record_for_ref(function_arn)
            if not function or not configuration:
                _log.warning("%s is gone; lost an event of %s", function_arn, source)
                return
            if attempt > _retries_wanted(function):
                return
            if permitted and not permitted(function):
                _log.warning("%s does not permit to be called for %s", function_arn, source)
                return
            record = lambda_svc._execution_record_for_config(function, configuration)
            result = lambda_svc._execute_function_with_config_scope(record, event)
            if not result.get("error"):
                return
            _log.warning("%s failed: %s\n%s", function_arn, result.get("body"), result.get("log"))
            if attempt == _retries_wanted(function):
                _report_failure(function, configuration, event, result)
                return


def _report_failure(
    function: dict[str, Any], configuration: dict[str, Any], event: dict[str, Any], result: dict[str, Any]
) -> None:
    destination = (_asynchronous(function).get("DestinationConfig") or {}).get("OnFailure") or {}
    if destination.get("Destination"):
        lambda_svc._route_async_failure(destination["Destination"], configuration["FunctionName"], event, result)


def _retries_wanted(function: dict[str, Any]) -> int:
    wanted = _asynchronous(function).get("MaximumRetryAttempts")
    return 2 if wanted is None else int(wanted)


def _asynchronous(function: dict[str, Any]) -> dict[str, Any]:
    """The function's configuration for asynchronous invocations."""
    return function.get("event_invoke_config") or (function.get("event_invoke_configs") or {}).get("$LATEST") or {}


def _permits(function: dict[str, Any], function_arn: str, service: str, source_arn: str) -> bool:
    asked = iam_evaluator.EvalContext(
        principal_arn="",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=function_arn,
        region=responses.get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": responses.get_account_id()},
    )
    verdict = iam_evaluator.evaluate_resource_policy(function["policy"], asked, service=service)
    return bool(verdict.decision == "Allow")
