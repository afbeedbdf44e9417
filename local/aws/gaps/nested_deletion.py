"""Deleting a child's resource takes a moment, so that what was said at its start is heard before the parent goes on.

AWS CloudFormation User Guide, "Delete a stack": resources go one after the other. None goes at once on AWS; here the
whole of a client's stack would be gone before its first notification had arrived. On a busy machine, where a function
starts slowly, that takes longer than a moment: what was published before the deletion has half a minute to arrive.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from ministack.services.cloudformation import stacks

from local.aws.gaps.lambda_invocations import wait_for_notifications

_TAKES_SECONDS = 0.3
_ARRIVES_WITHIN_SECONDS = 30
_DELETING: ContextVar[bool] = ContextVar("deleting_a_child", default=False)


def install() -> None:
    """Take time over the resources of children; they are deleted on a thread of their own."""
    delete_resource = stacks._delete_resource

    def delete_in_its_time(*arguments: Any) -> None:
        if _DELETING.get():
            time.sleep(_TAKES_SECONDS)
        delete_resource(*arguments)

    stacks._delete_resource = delete_in_its_time


@contextmanager
def deleting_a_child(topic_arns: Sequence[str]) -> Iterator[None]:
    """Around the deletion of a nested stack that notifies these topics."""
    wait_for_notifications(topic_arns, _ARRIVES_WITHIN_SECONDS)
    token = _DELETING.set(True)
    try:
        yield
    finally:
        _DELETING.reset(token)
