"""Runs a flow with faults in it, and tells how its end differs from the undisturbed one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from tests.fakes import TurnableClock
from tests.faults.channels import OnBoard, OnSlack
from tests.faults.clouds import InMemory, OnAws, OnPageStacks
from tests.faults.comparison import End, end_of
from tests.faults.flows_of_batches import FLOWS_OF_BATCHES
from tests.faults.flows_of_pages import FLOWS_OF_PAGES
from tests.faults.flows_of_people import FLOWS
from tests.faults.injection import Fault, Injector, applies
from tests.faults.outside import NobodyCouldGoOn
from tests.faults.people import People
from tests.proving import PROVING

World = Callable[[Injector], People]
AFTERWARDS = (
    *("channel.post", "channel.edit", "channel.find", "store.claim", "store.keep#", "store.messages", "store.kit"),
    *("store.keep_kit", "shelf."),
    *("slack.chat.postMessage", "slack.chat.update", "slack.conversations", "slack.auth"),
    *("handoff.", "lambda."),
)
"""Calls that come after the decision or the event is stored. A client that is shown is looked up by others too."""
READ_BEFORE_A_PRESS = "store.message"
"""Where accounts share a message, it is read by their events and by presses on all of them too."""
FIRST, THEN_ONE_IN = 3, 5
"""Of a flow's calls of one name, `make test` lets the first ones fail, and of the others one in so many."""


def on_board(injector: Injector) -> People:
    """Calls of all ports count."""
    return People(injector, TurnableClock(), OnBoard(injector), InMemory(injector))


def hurried(injector: Injector) -> People:
    """Calls of all ports count, and nobody waits before trying again."""
    return People(injector, TurnableClock(), OnBoard(injector), InMemory(injector), hurried=True)


def on_slack(injector: Injector) -> People:
    """Calls of Slack's Web API count."""
    injector.among, clock = ("slack.",), TurnableClock()
    return People(injector, clock, OnSlack.in_process(injector, clock), InMemory(injector))


def on_aws(injector: Injector) -> People:
    """Calls of CloudFormation and IAM count."""
    injector.among = ("aws.",)
    return People(injector, TurnableClock(), OnBoard(injector), OnAws(injector))


def on_page_stacks(injector: Injector) -> People:
    """Calls of CloudFormation about teams' pages count."""
    injector.among = ("aws.",)
    return People(injector, TurnableClock(), OnBoard(injector), OnPageStacks(injector))


def played(flow: str, outside: People) -> People:
    """The flow, to its end."""
    try:
        (FLOWS | FLOWS_OF_PAGES | FLOWS_OF_BATCHES)[flow](outside)
        outside.settle()
    finally:
        outside.leave()
    return outside


def counted(flow: str, world: World, faults: Mapping[int, Fault] | None = None) -> Injector:
    """The calls that the flow makes."""
    injector = Injector(faults or {})
    played(flow, world(injector))
    return injector


def single_faults(
    flow: str, kinds: Callable[[str], tuple[Fault, ...]], world: World
) -> Iterator[tuple[str, Fault, list[str]]]:
    """One run for each call that is tried and each fault that can happen to it: call, fault, deviations."""
    injector = Injector()
    undisturbed = end_of(played(flow, world(injector)))
    for number, call in enumerate(injector.calls, 1):
        for fault in kinds(call) if is_tried(call) else ():
            if applies(fault, call):
                yield call, fault, disturbed(flow, world, {number: fault}, undisturbed, call)


def is_tried(call: str) -> bool:
    """Return whether this call fails in some run: in `make prove` every one does."""
    which = int(call.rpartition("#")[2])
    return PROVING or which <= FIRST or which % THEN_ONE_IN == 0


def disturbed(flow: str, world: World, faults: Mapping[int, Fault], undisturbed: End, *calls: str) -> list[str]:
    """How the flow ends otherwise when these calls fail."""
    injector = Injector(faults)
    try:
        end = end_of(played(flow, world(injector)))
    except NobodyCouldGoOn as stuck:
        return [str(stuck)]
    assert injector.injected == list(calls), f"{faults} was to hit {calls}"
    read_first = flow in FLOWS_OF_BATCHES and any(call.startswith(READ_BEFORE_A_PRESS) for call in calls)
    alone = [unnoticed(fault, call) for fault, call in zip(faults.values(), calls, strict=True)] == [True]
    alone = alone and not read_first
    return undisturbed.deviations(end, unnoticed=alone)


def unnoticed(fault: Fault, call: str) -> bool:
    """Whether this is nobody's business but the sweep's: what came to be stored is taken, whatever happens after it."""
    return fault in (Fault.OVERTAKEN, Fault.OTHERS_FIRST, Fault.HICCUP) or (
        fault not in (Fault.DIED_BEFORE, Fault.DIED_AFTER) and call.startswith(AFTERWARDS)
    )
