"""The fault matrix: outbound calls of every flow fail, once, in every way, and the end is the undisturbed one.

`make prove` lets every single call fail; of a call that a flow makes many times, `make test` takes some.

Nothing is injected into `GetParameter`: secrets are read once, when a Lambda starts, before any flow.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot import ports
from bot.domain.model import Audit
from bot.ports.app_home import AppHomes, Homes
from bot.ports.store import Store
from tests.faults.endings import ENDS
from tests.faults.flows_of_people import FLOWS
from tests.faults.injection import OF_A_CLIENT, ON_PORTS, PURE, Fault, Injector
from tests.faults.matrix import World, counted, hurried, on_aws, on_board, on_slack, played, single_faults

CaseCounter = dict[str, int]
LOOKED_UP_AFTERWARDS = {"channel.find"}
"""Only after a fault; `test_two_faults.py` lets these fail."""
OF_PAGES = {
    *("store.asked_of", "store.pages", "store.concerned", "handoff.pages", "access.members"),
    *("store.kit", "store.claim_kit", "store.keep_kit", "handoff.renew"),
}
"""`test_pages_faults.py` lets these fail; the last, `tests/unit/decisions/test_team_tasks.py`."""
OF_BATCHES = {"handoff.bulk", "store.bulk", "store.bulks", "store.requests", "store.clients_by_id"}
"""`test_batch_faults.py` lets these fail."""
OF_KITS = {"handoff.kit", "slack.conversations.open"}
"""`tests/unit/kit` lets these fail."""
SLACK_LOOKED_UP_AFTERWARDS = {"slack.conversations.history", "slack.conversations.replies", "slack.auth.test"}
OF_CLOUDFORMATION = (
    *("onboard_approve", "update", "offboard", "retry_after_failure", "approve_while_provisioning"),
    *("repair", "repair_of_a_deleted_group", "put_back_by_hand"),
)


@pytest.mark.safety("Every press is in the audit", "bot/decisions/decide.py")
@pytest.mark.safety("Stacks are made, changed and deleted with the attempt's token", "bot/aws/stacks.py")
@pytest.mark.parametrize("world", [on_board, on_slack, on_aws])
@pytest.mark.parametrize("flow", FLOWS)
def test_undisturbed(flow: str, world: World) -> None:
    outside = played(flow, world(Injector()))
    requests = sorted(outside.stored().stored_requests.values(), key=lambda one: one.created_at)
    seen = outside.channel.seen()
    assert [one.state for one in requests] == ENDS[flow].states
    assert (len(seen["messages"]), len(seen["cards"])) == (len(requests), ENDS[flow].cards)
    assert [_told(one) for one in outside.stored().written] == ENDS[flow].audit
    assert bool(outside.lost) == (flow in ("cancel_invitation", "block"))


def _told(audit: Audit) -> str:
    actor = "client" if audit.actor.startswith("account ") else audit.actor.removeprefix("U0").lower()
    return f"{actor} {audit.action}"


@pytest.mark.safety("A reminder is posted once, whatever one call fails", "bot/channel/delivery.py")
@pytest.mark.safety(
    "Posts and reminders are claimed before they are made, whatever one call fails", "bot/channel/delivery.py"
)
@pytest.mark.safety("Without the sweep, what one fault broke stays broken", "bot/sweep.py")
@pytest.mark.parametrize("fault", ON_PORTS, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("world", [on_board, hurried])
@pytest.mark.parametrize("flow", FLOWS)
def test_one_fault_changes_nothing_in_the_end(flow: str, world: World, fault: Fault, count_cases: CaseCounter) -> None:
    assert deviations(flow, world, fault, count_cases) == []


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", FLOWS)
def test_one_fault_of_slack_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: CaseCounter) -> None:
    assert deviations(flow, on_slack, fault, count_cases) == []


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", OF_CLOUDFORMATION)
def test_one_fault_of_aws_changes_nothing_in_the_end(flow: str, fault: Fault, count_cases: CaseCounter) -> None:
    assert deviations(flow, on_aws, fault, count_cases) == []


def deviations(flow: str, world: World, fault: Fault, count_cases: CaseCounter) -> list[str]:
    cases = list(single_faults(flow, lambda _: (fault,), world))
    count_cases[flow] += len(cases)
    return [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found]


def test_every_method_of_every_port_is_called_in_some_flow() -> None:
    called = {call.partition("#")[0] for flow in FLOWS for call in counted(flow, on_board).calls}
    of_store = [("store", one) for one in (Store, AppHomes)]
    others = ports.Verifier, ports.Channel, ports.Directory, ports.Access, ports.Handoff, Homes
    methods = {
        f"{called_as}.{name}"
        for called_as, port in [*of_store, *((one.__name__.lower(), one) for one in others)]
        for name in vars(port)
        if not name.startswith("_")
    }
    assert methods - called - PURE - OF_PAGES - OF_BATCHES - OF_KITS == LOOKED_UP_AFTERWARDS


def test_every_method_of_slack_that_the_bot_knows_is_called_in_some_flow() -> None:
    sources = "".join(path.read_text() for path in Path("bot/slack").glob("*.py"))
    families = r"client\.((?:chat|conversations|usergroups|auth|views)_\w+)"
    known = {f"slack.{name.replace('_', '.')}" for name in re.findall(families, sources)}
    called = {call.partition("#")[0].split()[0] for flow in FLOWS for call in counted(flow, on_slack).calls}
    assert known - called - OF_KITS == SLACK_LOOKED_UP_AFTERWARDS
