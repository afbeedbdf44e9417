"""Teams' pages, whatever happens in whatever order, dies, fails, gets lost or comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

import bot.decisions.team_tasks
import bot.provisioning.page_looks
import bot.provisioning.team_tasks
import bot.slack.render.teams  # noqa: F401  all four are imported where they are first used: not while a page is small
from bot.domain import page
from tests import fakes
from tests.proving import amount
from tests.unit.provisioning.page_story import FAULTS, Act, Story

ACTS = ["stack completes"] * 4 + ["stack goes", "somebody revokes"] + ["somebody presses"] * 5
ACTS += (
    ["somebody chooses teams"] * 3
    + ["somebody changes a team", "provision runs", "provision packs"]
    + ["provision does everything"] * 4
)
ACTS += ["invocations are lost", "group ends", "page ends", "page ends"] + ["everything ends"] * 3
ACTS += ["outcome runs", "outcome runs"] + ["outcomes all run"] * 3
ACTS += ["outcomes are lost", "sweep", "sweep", "teams change", "aws falters"] + ["all goes well"] * 3
SHORTEST, LONGEST = 10, 60


@pytest.fixture(scope="module", autouse=True)
def _small_pages() -> Iterator[None]:
    """Two or three roles fill a page, and two pages a group."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(page, "ROOM", 90)
        patched.setattr(page, "SPARE", 5)
        patched.setattr(page, "PAGES_IN_A_GROUP", 2)
        patched.setattr(fakes, "PAGES_IN_A_GROUP", 2)
        yield


def acts(seed: int) -> list[Act]:
    """A story, always the same one for a seed: about one client, about two, or about all."""
    random = Random(seed)
    few = random.choice((1, 2, 6))
    known = [Act("all goes well", random.randrange(few)) for _ in range(random.randrange(8))]
    return [*known, *(_act(random, few) for _ in range(random.randint(SHORTEST, LONGEST)))]


def _act(random: Random, few: int, deep: int = 0) -> Act:
    """Half of the acts go well; the others are struck by a fault, or by somebody else's act."""
    act = Act(random.choice(ACTS), random.randrange(few), random.randrange(6), random.randint(1, 25))
    match random.randrange(6):
        case 0 | 1:
            return act._replace(fault=random.choice(FAULTS))
        case 2 if deep < 2:
            return act._replace(meanwhile=_act(random, few, deep + 1))
    return act


def played(story: list[Act]) -> None:
    """The story, to its end."""
    told = Story()
    for act in story:
        told.act(act)
    told.rest()
    told.check_at_rest()


@pytest.mark.safety("A page lists a role only by a press, and until its removal is done", "bot/provisioning/paging.py")
@pytest.mark.safety("Whatever dies or is lost, no request, page or change of a page waits for ever", "bot/sweep.py")
@pytest.mark.parametrize("seed", range(amount(150, proving=10_000)))
def test_nobody_gets_in_but_by_a_press_and_nothing_is_stuck(seed: int) -> None:
    played(acts(seed))
