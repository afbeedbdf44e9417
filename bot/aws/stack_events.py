"""Reads the outcome of one stack operation from the stack's events, by the operation's ClientRequestToken.

Every event of an operation carries the token it was started with (CloudFormation API Reference, "StackEvent"). So an
event of an earlier attempt, or of somebody's own operation on the stack, is never taken for ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bot.aws.lists import in_parts
from bot.ports import Progress, StackOutcome

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

REASON_LENGTH = 1000
_SUCCEEDED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"}
_STARTED = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"}
_BEYOND_OURS = "Somebody else started another operation on the stack ({status}) before ours had ended."


def newest_first(cloudformation: CloudFormationClient, stack: str) -> Iterator[StackEventTypeDef]:
    """Yield all events of a stack, by name or StackId; pages are read only as far as needed."""
    for part in in_parts(cloudformation.describe_stack_events, StackName=stack):
        yield from part["StackEvents"]


def progress_of(events: Iterable[StackEventTypeDef], token: str) -> Progress:
    """Return how far the operation with this token is; looks back only to its beginning."""
    ours: list[StackEventTypeDef] = []
    others = None
    for event in events:
        if event.get("ClientRequestToken") == token:
            ours.append(event)
            if _about_stack(event) and _status(event) in _STARTED:
                break
        elif not ours and _about_stack(event):
            others = event
    if not ours:
        return Progress(begun=False)
    last = next((_status(event) for event in ours if _about_stack(event)), "")
    if last and not last.endswith("_IN_PROGRESS"):
        return Progress(begun=True, outcome=_outcome(last, ours))
    if others is not None:
        reason = _first_failure(ours) or _BEYOND_OURS.format(status=_status(others))
        return Progress(begun=True, outcome=StackOutcome(succeeded=False, reason=reason))
    return Progress(begun=True)


def _outcome(status: str, ours: Sequence[StackEventTypeDef]) -> StackOutcome:
    if status in _SUCCEEDED:
        return StackOutcome(succeeded=True)
    since = (event for event in ours if _about_stack(event) and _status(event) not in _STARTED)
    said = (event.get("ResourceStatusReason", "") for event in since)
    reason = _first_failure(ours) or next(filter(None, said), "") or status
    return StackOutcome(succeeded=False, reason=reason[:REASON_LENGTH])


def _first_failure(ours: Sequence[StackEventTypeDef]) -> str:
    """Return the reason of the earliest resource that failed itself; one that was cancelled says nothing."""
    for event in reversed(ours):
        reason = event.get("ResourceStatusReason", "")
        if not _about_stack(event) and _status(event).endswith("_FAILED") and "cancelled" not in reason.lower():
            return f"{event.get('LogicalResourceId', '')}: {reason or _status(event)}"[:REASON_LENGTH]
    return ""


def _about_stack(event: StackEventTypeDef) -> bool:
    return event.get("PhysicalResourceId") == event["StackId"]


def _status(event: StackEventTypeDef) -> str:
    return event.get("ResourceStatus", "")
