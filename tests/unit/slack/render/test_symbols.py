"""Each symbol and each colour means one thing: docs/symbols.md is what the code does, and nothing else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.vocabulary import AccessLevel, Kind, Standing, State
from bot.kit.entries import Entry
from bot.slack.render.batch_lines import standing_of
from bot.slack.render.standings import symbol
from bot.slack.render.states import state_line
from tests.unit.slack.samples import ENTRANCE, OF_A_REPAIR, SETTINGS, request

PAGE = Path("docs/symbols.md").read_text()
DRAWN = {"BOX", "BLA"}
"""How the names of boxes and black triangles begin."""
VARIATION = "\N{VARIATION SELECTOR-16}"
IN_A_LIST = {
    State.PENDING: Standing.WAITING,
    State.PROVISIONING: Standing.PROVISIONING,
    State.DONE: Standing.ONBOARDED,
    State.FAILED: Standing.FAILED,
    State.DENIED: Standing.DENIED,
    State.EXPIRED: Standing.EXPIRED,
    State.DRIFTED: Standing.DRIFTED,
    State.REPORTED: Standing.STACK_FAILED,
}
"""How a client stands whose request is in that state."""


def rows(section: str) -> list[list[str]]:
    """The cells of the section's table, without its two first lines."""
    table = [
        line for line in PAGE.partition(f"## {section}\n")[2].split("\n## ")[0].split("\n") if line.startswith("|")
    ]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]


def symbols_in(text: str) -> set[str]:
    """Emoji, and no lines or arrows of drawings in docstrings."""
    return {char for char in text if unicodedata.category(char) == "So" and unicodedata.name(char)[:3] not in DRAWN}


def sources() -> list[str]:
    """Everything that people may read in Slack is written in these files."""
    files = [*Path("bot").rglob("*.py"), *Path("bot").rglob("*.j2")]
    return [one.read_text() for one in files]


def test_the_page_names_every_symbol_that_is_used_and_no_other() -> None:
    named = [row[0].replace(VARIATION, "") for row in rows("Symbols")]
    assert len(named) == len(set(named))
    assert set(named) == set().union(*map(symbols_in, sources()))


@pytest.mark.parametrize(
    ("kind", "state"),
    [
        *((Kind.ONBOARD, state) for state in State if state not in (State.REPORTED, State.DRIFTED)),
        *((Kind.REPAIR, state) for state in OF_A_REPAIR),
        (Kind.REPORT, State.REPORTED),
    ],
)
def test_a_state_has_the_same_symbol_in_its_message_in_a_shared_one_and_in_the_list(kind: Kind, state: State) -> None:
    first = state_line(request(kind, state), SETTINGS, ENTRANCE)[0]
    if kind is Kind.ONBOARD:
        assert first == standing_of(state)[0]
    if state in IN_A_LIST and (kind is not Kind.REPAIR or state is State.DRIFTED):
        assert first == symbol(IN_A_LIST[state])


def test_what_waits_for_its_turn_does_not_look_decided() -> None:
    waiting = replace(request(state=State.APPROVED), reason="Another change of this client is under way.")
    assert state_line(waiting, SETTINGS, ENTRANCE)[0] == "⏳" == symbol(Standing.ARRIVING)


def test_a_symbol_begins_what_it_stands_for() -> None:
    """In our own words a symbol comes first: before it there is a line break, a quote, a bullet or a gap at most."""
    for text in sources():
        for line in text.split("\n"):
            for char in symbols_in(line):
                before = line.partition(char)[0].rstrip()
                assert re.search(r'(^|["(\u2022\u00b7]|\\n)$', before), line


def test_each_access_level_has_its_colour() -> None:
    named = {row[0]: row[1].strip("`") for row in rows("Colours of roles")}
    for level in AccessLevel:
        entry = Entry("Acme", "222222222222", "switchyard-access", level, "eu-west-1", "arn", "https://x.test")
        assert entry.color == named[level]
    assert len(set(named.values())) == len(AccessLevel)
