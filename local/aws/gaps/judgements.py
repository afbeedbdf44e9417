"""Every judgement of IAM stands in the log, as CloudTrail would have it: who, what, on what, and the verdict.

So a test can see which rights a command needs. The root of an account is never judged, and what a resource's own policy
says is not among it.
"""

import json
import logging
from contextvars import ContextVar
from typing import Any

from ministack.core import iam_evaluator

_log = logging.getLogger("local.aws.iam")
_RESOURCE_S_POLICY: ContextVar[bool] = ContextVar("the_policy_of_a_resource_is_evaluated", default=False)


def install() -> None:
    """Write down each verdict on a principal's own policies."""
    evaluate, evaluate_resource_policy = iam_evaluator.evaluate, iam_evaluator.evaluate_resource_policy

    def evaluate_and_tell(asked: Any, policies: Any, *limits: Any) -> Any:
        verdict = evaluate(asked, policies, *limits)
        if not _RESOURCE_S_POLICY.get():
            told = {"principal": asked.principal_arn, "action": asked.action, "resource": asked.resource_arn}
            keys = {key: value for key, value in asked.service_context.items() if isinstance(value, str)}
            _log.info("judged %s", json.dumps({**told, "keys": keys, "verdict": verdict.decision}))
        return verdict

    def evaluate_without_a_word(*arguments: Any, **named: Any) -> Any:
        token = _RESOURCE_S_POLICY.set(True)
        try:
            return evaluate_resource_policy(*arguments, **named)
        finally:
            _RESOURCE_S_POLICY.reset(token)

    iam_evaluator.evaluate = evaluate_and_tell
    iam_evaluator.evaluate_resource_policy = evaluate_without_a_word
