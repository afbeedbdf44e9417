"""A handler that raises ends its invocation, not its execution environment: the next call finds it warm.

AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle": an environment is reset when the
runtime crashes or the function times out. ministack ends the process after every exception, so each retry starts cold.
"""

import json
from typing import Any

from ministack.core import lambda_runtime

_RAISED = "raised"


def install() -> None:
    """Hide from ministack that a handler raised, until it has decided what to do with the process."""
    spawn, invoke = lambda_runtime.Worker._spawn, lambda_runtime.Worker.invoke

    def spawn_and_listen(worker: Any) -> None:
        spawn(worker)
        worker._proc.stdout = _Answers(worker._proc.stdout)

    def invoke_and_keep(worker: Any, *arguments: Any, **named: Any) -> Any:
        answer = invoke(worker, *arguments, **named)
        return {**answer, "status": "error"} if answer.pop(_RAISED, False) else answer

    lambda_runtime.Worker._spawn = spawn_and_listen
    lambda_runtime.Worker.invoke = invoke_and_keep


class _Answers:
    """A worker's output, in which an exception of the handler looks like a success that is marked."""

    def __init__(self, output: Any) -> None:
        self._output = output

    def readline(self) -> str:
        """Return the next line; only an exception of the handler has a trace."""
        line = str(self._output.readline())
        try:
            answer = json.loads(line)
        except ValueError:
            return line
        if not isinstance(answer, dict) or answer.get("status") != "error" or "trace" not in answer:
            return line
        return json.dumps({**answer, "status": "ok", _RAISED: True}) + "\n"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._output, name)
