"""Stopping a stage's functions and letting them run again, by their reserved concurrency: nothing else has to change.

A stopped function takes no invocation: forwarders and Slack get an error, and forwarders come again for about 45
minutes. What runs at that moment runs to its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from deploy.deployment import Deployment

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

FUNCTIONS = ("slack", "ingest", "kit", "sweep", "outcome", "provision")
LONGEST_RUN = 60.0
"""Seconds. No function has a longer timeout (serverless.yml)."""


def halt(functions: LambdaClient, deployment: Deployment, sleep: Callable[[float], None] = time.sleep) -> bool:
    """Stop those of the stage's functions that are there, and wait until none of them can be running any more.

    Return whether all of them ran. Where one did not, a restore may have been cut short and left a table that is not
    settled: whoever stops now for nothing may not let them run again.
    """
    before = {name: ran for name in _names(deployment) if (ran := _stop(functions, name)) is not None}
    if before:
        print(f"Stopped {', '.join(before)}. Waiting {LONGEST_RUN:.0f} seconds for what they were doing …", flush=True)
        sleep(LONGEST_RUN)
    return all(before.values())


def go_on(functions: LambdaClient, deployment: Deployment) -> None:
    """Let the stage's functions run again."""
    for name in _names(deployment):
        try:
            functions.delete_function_concurrency(FunctionName=name)
        except functions.exceptions.ResourceNotFoundException:
            continue


def stopped_text(functions: LambdaClient, deployment: Deployment) -> str:
    """Return the warning about a stage whose functions somebody has stopped; empty where they run."""
    if _runs(functions, _names(deployment)[0]) is not False:
        return ""
    return (
        f"The functions of stage {deployment.stage} are stopped: a removal or a restore was cut short. Start it again,"
        " so that it goes on. docs/removing.md says how to let them run instead."
    )


def _names(deployment: Deployment) -> list[str]:
    return [f"{deployment.stack_name}-{name}" for name in FUNCTIONS]


def _stop(functions: LambdaClient, name: str) -> bool | None:
    """Stop it, and return whether it ran; None where it is not there."""
    ran = _runs(functions, name)
    if ran is not None:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    return ran


def _runs(functions: LambdaClient, name: str) -> bool | None:
    """Return whether a function takes invocations; None where it is not there."""
    try:
        return functions.get_function_concurrency(FunctionName=name).get("ReservedConcurrentExecutions") != 0
    except functions.exceptions.ResourceNotFoundException:
        return None
