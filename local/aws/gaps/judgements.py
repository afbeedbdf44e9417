"""Every judgement of IAM stands in the log, as CloudTrail would have it: who, what, on what, and the verdict.

So a test can see which rights a command needs. The root of an account is never judged.
"""

import json
import logging
from typing import Any

from ministack.core import iam_evaluator

_log = logging.getLogger("local.aws.iam")


def install() -> None:
    """Write down each verdict on a principal's own policies."""
    evaluate = iam_evaluator.evaluate

    def evaluate_and_tell(asked: Any, policies: Any, *limits: Any) -> Any:
        verdict = evaluate(asked, policies, *limits)
        told = {"principal": asked.principal_arn, "action": asked.action, "resource": asked.resource_arn}
        keys = {key: value for key, value in asked.service_context.items() if isinstance(value, str)}
        _log.info("judged %s", json.dumps({**told, "keys": keys, "verdict": verdict.decision}))
        return verdict

    iam_evaluator.evaluate = evaluate_and_tell
