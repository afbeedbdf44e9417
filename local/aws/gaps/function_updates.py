"""An update of a stack takes a while for each function, and meanwhile everything else goes on, as on AWS.

ministack changes all functions of a stack at once, while nothing else is answered. On AWS old and new functions work
side by side for some seconds, and calls come in.
"""

import time
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

_FUNCTION = "AWS::Lambda::Function"


def install(seconds: float) -> None:
    """Let each function's update take so long; 0 leaves ministack as it is."""
    if not seconds:
        return
    handlers = provisioners._RESOURCE_HANDLERS[_FUNCTION]
    update, blocks = handlers["update"], stacks._runs_on_worker_thread

    def slowly(*given: Any, **named: Any) -> Any:
        updated = update(*given, **named)
        time.sleep(seconds)
        return updated

    provisioners._RESOURCE_HANDLERS[_FUNCTION] = {**handlers, "update": slowly}
    stacks._runs_on_worker_thread = lambda kind: kind == _FUNCTION or blocks(kind)
