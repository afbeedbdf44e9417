"""What people do every day takes as few steps as the README says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from bot.domain.model import Given
from bot.ports.store import Change
from local.slack.running import RunningWorkspace, running_workspace
from tests.fakes import World
from tests.unit.slack.app_samples import over_http
from tests.unit.slack.reading import switch_role
from tests.unit.slack.samples import CLIENT

CLIENTS = 200


@pytest.fixture
def slack() -> Iterator[RunningWorkspace]:
    world = World()
    for number in range(CLIENTS):
        stack = replace(CLIENT.stack, account_id=f"{number:012}")
        company = f"Acme {number:03} Holding"
        client = replace(CLIENT, id=f"c{number:010}", company=company, stack=stack, given=Given(stack))
        world.store.save(Change(client=client))
    with running_workspace() as workspace:
        workspace.connect(over_http(workspace, _Connected(world)))  # type: ignore[arg-type]
        yield workspace


class _Connected:
    def __init__(self, world: World) -> None:
        self.as_workflow = world.workflow


def links(slack: RunningWorkspace) -> list[str]:
    [answer] = slack.ephemerals("U0OLLI")
    return [element["url"] for _, element in answer.elements() if "url" in element]


@pytest.mark.parametrize("typed", ["acme 137", "HOLDING, 137", "000000000137", "c0000000137"])
def test_one_of_200_is_found_by_one_command_and_its_answer_switches(slack: RunningWorkspace, typed: str) -> None:
    assert slack.run_command("U0OLLI", f"/clients {typed}").ok
    [link] = links(slack)
    leads = switch_role(link)
    assert leads is not None and leads["account"] == [f"{137:012}"]


def test_one_of_those_that_match_is_a_link_away(slack: RunningWorkspace) -> None:
    slack.run_command("U0OLLI", "/clients acme 13")
    found = [switch_role(link) for link in links(slack)]
    assert [one["account"] for one in found if one] == [[f"{number:012}"] for number in range(139, 129, -1)]
