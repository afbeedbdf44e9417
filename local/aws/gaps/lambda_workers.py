"""A function that changes or goes away lets what it is doing finish, and a new role counts from the next call on.

Nor is a function ended because the machine is busy: on AWS it has CPU of its own, here it shares what there is.

AWS Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle": an update makes new execution
environments; an invocation under way ends in its own. ministack kills it, and keeps a warm one when only Role changes.
"""

import threading
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc

_LONGEST_INVOCATION_SECONDS = 900.0
LEAST_TIMEOUT_SECONDS = 30
"""A function's timeout here, where its own is shorter: as long as an HTTP API waits for its function. A cold function
on a busy machine would be ended again and again before it could answer its first call, and never become warm."""


def install() -> None:
    """Be patient with busy workers, and recycle idle ones on a change of role."""
    kill_now = lambda_runtime.kill_workers
    update_configuration = lambda_svc._update_config

    def kill_workers(workers: Any) -> None:
        present = [worker for worker in workers if worker is not None]
        kill_now([worker for worker in present if not worker.in_use])
        for worker in (worker for worker in present if worker.in_use):
            threading.Thread(target=_kill_when_idle, args=(kill_now, worker), daemon=True).start()

    def update(name: str, changes: dict[str, Any]) -> Any:
        answer = update_configuration(name, changes)
        if "Role" in changes:
            lambda_runtime.invalidate_worker(name, account=get_account_id(), region=get_region())
        return answer

    invoke_in_time = lambda_runtime.Worker.invoke

    def invoke(worker: Any, *arguments: Any, **named: Any) -> Any:
        asked = worker.config
        worker.config = {**asked, "Timeout": max(int(asked.get("Timeout", 3)), LEAST_TIMEOUT_SECONDS)}
        try:
            return invoke_in_time(worker, *arguments, **named)
        finally:
            worker.config = asked

    lambda_runtime.Worker.invoke = invoke
    lambda_runtime.kill_workers = kill_workers
    lambda_svc._update_config = update


def end_all() -> None:
    """End every worker process at once, busy or not."""
    for entries in list(lambda_runtime._workers.values()):
        for worker in entries:
            worker.in_use = False
    lambda_runtime.reset()


def _kill_when_idle(kill_now: Any, worker: Any) -> None:
    deadline = time.monotonic() + _LONGEST_INVOCATION_SECONDS
    while worker.in_use and time.monotonic() < deadline:
        time.sleep(0.05)
    kill_now([worker])
