"""Names as people of the world write them are taken; what only hides in a name is not."""
# ruff: noqa: RUF001  these letters look like Latin ones, and are meant

from __future__ import annotations

import html
import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.domain import spelling
from bot.domain.errors import BadCommand
from bot.domain.spelling import one_line
from bot.slack.render.text import literal, plain, preformatted
from tests.fakes import ADA, World

ZWNJ, ZWJ = "\u200c", "\u200d"
WRITTEN_WITH_JOINERS = {
    "Persian, from the cases": "شرکت می\u200cسازیم",
    "emoji, from the cases": "👩\u200d🚀 Space Co",
    "Persian plural": "کتاب\u200cها",
    "Persian after a letter that never joins": "آزاد\u200cراه",
    "Persian with a vowel sign": "می\u064e\u200cسازیم",
    "Sinhala, Sri Lanka": "ශ්\u200dරී ලංකා",
    "Bengali, Rangs": "র\u200d\u09cdযাংগস",
    "Hindi, a half letter": "क्\u200dष",
    "Hindi, kept apart": "क्\u200cष",
    "Malayalam, at the end": "അവന\u0d4d\u200d",
    "family": "👩\u200d👩\u200d👧\u200d👦 Day Care",
    "skin tone": "👩🏿\u200d🚀 Labs",
    "flag": "🏳\ufe0f\u200d🌈 Travel",
    "pirates": "🏴\u200d☠\ufe0f Ltd",
    "heart": "❤\ufe0f\u200d🔥 Kitchen",
    "no": "🙂\u200d↔\ufe0f & Co",
}
HIDING = {
    "zero-width space, from the cases": "ZWSP\u200bInc",
    "soft hyphen, from the cases": "Soft\u00adhyphen AG",
    "Latin letters, from the cases": "a\u200db",
    "kept apart, but Latin": "Auf\u200clage",
    "Cyrillic": "Газ\u200dпром",
    "Greek": "Ωμ\u200cέγα",
    "Chinese": "株\u200d式",
    "Arabic, but the other joiner": "می\u200dسازیم",
    "two in a row": "می\u200c\u200cسازیم",
    "at the end": "می\u200c",
    "at the beginning": "\u200cمی",
    "before a blank": "می\u200c سازیم",
    "two scripts": "می\u200ccorp",
    "a virama that belongs to no letter": "a\u094d\u200db",
    "virama of another script": "a\u200d\u094d",
    "letter and picture": "a\u200d🚀",
    "picture and letter": "🚀\u200da",
    "picture alone": "🚀\u200d",
    "tone alone": "\U0001f3ff\u200d🚀",
    "digits": "1\u200d2",
    "bidi override": "Acme\u202eemca",
    "bidi isolate": "\u2066Acme\u2069",
    "left-to-right mark": "Acme\u200e",
    "Arabic letter mark": "می\u061cسازیم",
    "word joiner": "Ac\u2060me",
    "byte order mark": "\ufeffAcme",
    "control": "Ac\x07me",
    "private": "Ac\ue000me",
    "Hangul filler": "Ac\u3164me",
    "Braille blank": "\u2800",
    "variation selector alone": "\ufe0f",
    "tag": "Ac\U000e0041me",
}


@pytest.mark.parametrize("name", WRITTEN_WITH_JOINERS.values(), ids=WRITTEN_WITH_JOINERS)
def test_a_name_may_hold_the_joiners_that_its_script_or_emoji_needs(name: str) -> None:
    assert spelling.company_name(name) == name
    assert one_line(name) == plain(name) == html.unescape(literal(name)) == name


@pytest.mark.safety("Joiners stand only where a script or an emoji needs them", "bot/domain/spelling.py")
@pytest.mark.parametrize("name", HIDING.values(), ids=HIDING)
def test_what_only_hides_in_a_name_is_refused_and_in_a_clients_text_replaced(name: str) -> None:
    with pytest.raises(BadCommand, match="can't be seen"):
        spelling.company_name(name)
    if name != "\ufe0f":
        assert "\ufffd" in one_line(name) or "\x07" in name


@pytest.mark.parametrize("name", WRITTEN_WITH_JOINERS.values(), ids=WRITTEN_WITH_JOINERS)
def test_a_clients_claim_and_reason_are_shown_as_they_are_written(name: str) -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite(name), company=name)
    assert (world.last.company, world.last.invited.claimed_company) == (name, "")
    world.happens("UPDATE_FAILED", reason=f"Role {name} exists.", parent=1)
    assert name in one_line(world.store.events(world.last.client_id)[-1].reason)


@pytest.mark.safety("Company names that differ only in what can't be seen are namesakes", "bot/domain/spelling.py")
@pytest.mark.parametrize(
    ("name", "alike"),
    [
        ("می\u200cسازیم", "میسازیم"),
        ("👩\u200d🚀 Space Co", "👩🚀 space co"),
        ("❤\ufe0f Ltd", "❤ ltd"),
        ("❤\ufe0f\u200d🔥", "❤🔥"),
        ("क्\u200dष", "क्ष"),
        ("葛\U000e0100城", "葛城"),
        ("Ac\u034fme", "ACME"),
        ("Acme\u17b4", "Acme"),
        ("Acme\u17b5", "Acme"),
        ("Ac\U00016fe4me", "Acme"),
        ("Acme\U0001d159", "Acme"),
        ("é\u200dx", "e\u0301x"),
    ],
)
def test_names_that_look_alike_are_namesakes(name: str, alike: str) -> None:
    assert spelling.company_key(name) == spelling.company_key(alike)


def test_a_namesake_without_the_joiner_is_warned_about() -> None:
    world = World()
    world.happens("CREATE_COMPLETE", token=world.invite("می\u200cسازیم"))
    found = world.workflow.invite("میسازیم", world.last.stack.access_level, ADA)
    assert [one.company for one in found.namesakes] == ["می\u200cسازیم"]


@given(st.text(alphabet="می\u200c\u200d\u094d\u0915a🚀\ufe0f\U0001f3ff \u064e\u200b", max_size=40))
def test_showing_a_text_twice_changes_nothing_and_a_name_that_is_taken_is_shown_unchanged(text: str) -> None:
    once = one_line(text)
    assert one_line(once) == once
    assume(not re.search("[\u094d\ufe0f\u064e]{4}", re.sub("[\u200c\u200d]", "", text)))
    try:
        assert one_line(text) == spelling.company_name(text)
    except BadCommand:
        assert "\ufffd" in once or not spelling.company_key(once)


def test_marks_do_not_pile_up_around_joiners() -> None:
    shown = one_line("م" + "\u064e\u200c" * 50 + "م")
    assert "\u064e" * 2 not in shown.replace("\u200c", "")
    piled = "م" + "\u064e" * 3 + "\u200c" + "\u064e" * 300 + "م"
    assert one_line(piled).count("\u064e") <= 3


def test_a_text_that_is_cut_does_not_end_in_a_joiner() -> None:
    for shown in (literal("👩\u200d🚀" * 40, 60), plain("👩\u200d🚀" * 60), preformatted("👩\u200d🚀" * 2000)):
        assert "\u200d…" not in shown


def test_a_flood_of_joiners_costs_little_and_is_visible() -> None:
    assert set(one_line("\u200d" * 1000)) == {"\ufffd"}
