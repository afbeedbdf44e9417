"""Runs in the measured process, under the Lambdas' own Python: one Lambda container, from its start to its answer.

It reads what to do from the file it is given, and prints what it measured as one line of JSON, last. It imports next to
nothing, since all of its CPU is counted.
"""

import json
import sys
import time
from importlib import import_module

ANSWERED = "\n--- answered ---\n"


class Context:
    """What Lambda hands over beside the event."""

    aws_request_id = "00000000-0000-0000-0000-000000000000"
    function_name = "switchyard-prod-bench"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:111111111111:function:switchyard-prod-bench"

    @staticmethod
    def get_remaining_time_in_millis() -> int:
        return 30000


def run(path: list[str], module: str, events: list[object], depth: int) -> dict[str, object]:
    """Import the handler and give it the events, one after the other, at this depth of the call stack."""
    if depth:
        return run(path, module, events, depth - 1)
    sys.path[:0] = path
    handler = import_module(module).handler
    marks, answers = [], []
    for event in events:
        answers.append(handler(event, Context))
        marks.append((time.process_time(), time.perf_counter()))
        sys.stdout.write(ANSWERED)
    with open("/proc/self/status") as status:  # noqa: PTH123  getrusage would tell of the parent's memory too
        [peak] = [line.split()[1] for line in status if line.startswith("VmHWM")]
    return {"marks": marks, "answers": answers, "kilobytes": int(peak), "modules": [*sys.modules]}


if __name__ == "__main__":
    with open(sys.argv[1]) as file:  # noqa: PTH123  pathlib would be imported for nothing
        given = json.load(file)
    measured = run(**given)
    sys.stdout.write(json.dumps(measured) + "\n")
