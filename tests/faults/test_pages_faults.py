"""The fault matrix of teams' pages: each outbound call fails, once, in every way, and the end is the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from bot import ports
from bot.domain import page
from bot.domain.vocabulary import State
from bot.kit.files import files
from tests.faults.comparison import outdated_kits
from tests.faults.flows_of_pages import FLOWS_OF_PAGES, LONG
from tests.faults.injection import OF_A_CLIENT, ON_PORTS, Fault, Injector
from tests.faults.matrix import World, counted, hurried, on_board, on_page_stacks, played, single_faults
from tests.proving import PROVING
from tests.unit.slack.samples import SETTINGS

DONE, ROLE = State.DONE, "switchyard-access"
ENDS = {
    "a_team_gets_in": ([DONE], ["2/" + ROLE]),
    "a_team_alone_gets_in": ([DONE], ["2/" + ROLE]),
    "two_come_onto_one_page": ([DONE, DONE], ["2/" + ROLE, "3/" + ROLE]),
    "a_page_is_full": ([DONE] * 3, ["2/" + ROLE, "3/" + ROLE, "4/" + ROLE]),
    "renamed_in_place": ([DONE, DONE], ["2/renamed"]),
    "called_by_another_name": ([DONE], ["2/" + ROLE]),
    "moved_to_another_page": ([DONE] * 3, ["2/" + ROLE, "3/" + LONG]),
    "taken_off_its_page": ([DONE, DONE], []),
    "a_page_fails": ([DONE, DONE], ["2/" + ROLE, "3/" + ROLE]),
    "one_leaves_while_another_comes": ([DONE] * 3, ["3/" + ROLE]),
    "revoked_while_an_update_waits": ([DONE, State.SUPERSEDED, DONE], []),
}
"""How each flow ends: its requests by age, and what the team may assume, by the account's first digit."""


@pytest.fixture(scope="module", autouse=True)
def small_pages() -> Iterator[None]:
    """Two roles fill a page."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page, "ROOM", 110)
        patched.setattr(page, "SPARE", 5)
        yield


@pytest.mark.parametrize("world", [on_board, on_page_stacks])
@pytest.mark.parametrize("flow", FLOWS_OF_PAGES)
def test_undisturbed(flow: str, world: World) -> None:
    outside = played(flow, world(Injector()))
    requests = sorted(outside.stored().stored_requests.values(), key=lambda one: one.created_at)
    listed = [role for _, role in outside.cloud.seen()["who may assume what"]]
    assert [one.state for one in requests] == ENDS[flow][0]
    assert [f"{role[13]}/{role.rpartition('/')[2]}" for role in listed] == ENDS[flow][1]
    assert outside.noticed == []
    assert outdated_kits(outside) == []
    assert {*outside.shelf.files} == {("operators", file.name) for file in files([], SETTINGS)}


@pytest.mark.safety(
    "Messages about pages are drawn from the table, not from what a Lambda read before", "bot/workflow.py"
)
@pytest.mark.safety("What one fault broke about a team's page is mended by the sweep", "bot/sweep.py")
@pytest.mark.safety("A role leaves every page before its removal is done", "bot/provisioning/page_ends.py")
@pytest.mark.parametrize("fault", ON_PORTS, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("world", [on_board, hurried] if PROVING else [on_board])
@pytest.mark.parametrize("flow", FLOWS_OF_PAGES)
def test_one_fault_changes_nothing_in_the_end(flow: str, world: World, fault: Fault, count_cases: Counter[str]) -> None:
    cases = list(single_faults(flow, lambda _: (fault,), world))
    count_cases[flow] += len(cases)
    assert [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found] == []


@pytest.mark.parametrize("fault", OF_A_CLIENT, ids=lambda fault: fault.name.lower())
@pytest.mark.parametrize("flow", FLOWS_OF_PAGES)
def test_one_fault_of_cloudformation_changes_nothing_in_the_end(
    flow: str, fault: Fault, count_cases: Counter[str]
) -> None:
    cases = list(single_faults(flow, lambda _: (fault,), on_page_stacks))
    count_cases[flow] += len(cases)
    assert [f"{call}, {fault.value}: {one}" for call, fault, found in cases for one in found] == []


def test_every_call_about_pages_is_made_in_some_flow() -> None:
    called = {call.partition("#")[0] for flow in FLOWS_OF_PAGES for call in counted(flow, on_board).calls}
    wanted = {f"pages.{name}" for name in vars(ports.PageStacks) if not name.startswith("_")}
    wanted |= {"handoff.pages", "store.asked_of", "store.pages", "store.concerned", "store.due_work"}
    wanted |= {"handoff.renew", "store.claim_kit", "store.keep_kit", "store.due_kits", "shelf.put"}
    assert wanted - called == {"pages.differences", "pages.role_arn", "pages.name_of"}
