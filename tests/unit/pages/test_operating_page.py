"""docs/operating.md names only alarms that exist, every alarm, and only buttons that exist."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.vocabulary import Verb
from tests.scenarios.alarm_bell import alarms

PAGE = (Path(__file__).parents[3] / "docs" / "operating.md").read_text()


def section(title: str) -> str:
    """The text under a heading, up to the next one of its level."""
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def rows(title: str) -> list[list[str]]:
    """The cells of the section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_every_outage_names_alarms_that_exist_or_says_that_none_rings() -> None:
    for outage, _, _, alarm, _ in rows("When something is down"):
        named = set(re.findall(r"`([\w-]+)`", alarm))
        assert named <= set(alarms()), outage
        assert named or alarm.startswith("none"), outage


def test_every_outage_says_which_button_helps_and_what_to_do() -> None:
    for outage, shown, button, _, do in rows("When something is down"):
        labels = re.findall(r"\*\*(\w+)\*\*", button)
        assert all(label.lower() in set(Verb) for label in labels), outage
        assert (labels or button in ("none", "the same again")) and shown and do, outage
        assert ("🔴" in shown) == (labels == ["Retry"]), outage


def alarm_rows() -> dict[str, tuple[str, str]]:
    """What each alarm means, and what to do, by its name without the stage."""
    return {row[0].strip("`"): (row[1], row[2]) for row in rows("Alarms")}


def test_every_alarm_is_explained_by_a_row_of_its_own() -> None:
    explained = alarm_rows()
    assert explained.keys() == alarms().keys()
    assert all(means and do for means, do in explained.values())
