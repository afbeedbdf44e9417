"""Which words a client is found by, whatever its names hold, and that a search folds as the index does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.aws import keys
from bot.domain import words
from bot.domain.model import Client, Given
from bot.domain.words import asked_words, distance, matches, words_of
from tests.changed import changed
from tests.integration.records import a_client

HOSTILE = (
    "x" * 4000,
    "e\u0301" * 2000,
    "\u0301" * 4000,
    "." * 4000,
    "!?-_/",
    "\u202eemca\u202c",
    "A\u200bc\u2060m\ufe0fe",
    "\u0410\u0441m\u0435",
    "\U0001d400\U0001d41c\U0001d426\U0001d41e",
    "\ufdfa" * 100,
    "\ud800broken",
    "a b c d e f g h i j k l m n o p q r s t",
    "word#2026#caaaaaaaaaa",
    "~\U0010ffff",
    "|||||",
    "\u3164\u2800",
)
"""Very long, of marks alone, of punctuation alone, turned round, hidden, alike, expanding, half a character."""


def listed(client: Client) -> list[str]:
    return [word[1:] for word in words_of(client)]


def named(company: str, **changes: Any) -> Client:
    return a_client(company=company, **changes)


@pytest.mark.parametrize(
    ("company", "typed"),
    [
        ("Acme", "acme"),
        ("Acme", "ACM"),
        ("Société Générale", "societe gene"),
        ("Societe", "Société"),
        ("OReilly", "O'Reilly"),
        ("Müller & Söhne", "muller sohne"),
        ("Straße", "strasse"),
        ("İstanbul", "istanbul"),
        ("O'Reilly", "oreilly"),
        ("O\u2019Reilly", "o'reilly"),
        ("I.B.M.", "ibm"),
        ("AT&T", "at&t"),
        ("AT&T", "att"),
        ("Coca-Cola", "cola"),
        ("Coca-Cola", "cocacola"),
        ("Coca-Cola", "coca cola"),
        ("\uff21\uff23\uff2d\uff25", "acme"),
        ("株式会社日立", "株式"),
        ("Ακμή", "ακμη"),
        ("कंपनी", "कंपनी"),
        ("3M", "3m"),
        ("Acme Robotics", "robot acme"),
    ],
)
def test_case_accents_and_punctuation_make_no_difference(company: str, typed: str) -> None:
    client = named(company)
    assert matches(client, asked_words(typed))
    assert all(any(word.startswith(one) for word in listed(client)) for one in asked_words(typed))


@pytest.mark.parametrize("typed", ["cme", "acme x", "acmes", "robot"])
def test_words_count_from_their_beginning_and_all_of_them(typed: str) -> None:
    assert not matches(named("Acme"), asked_words(typed))


def test_a_client_is_found_by_what_people_know_of_it() -> None:
    client = named("Acme", label="Production EU", role_name="switchyard-access")
    client = changed(client, given=Given(client.stack, teams=("data-platform",)))
    for typed in (client.id, "222222", "2222-2222-2222", "prod", "switchyard-acc", "access", "platform", "data-plat"):
        assert matches(client, asked_words(typed)), typed
    assert not matches(client, asked_words("ReadOnly"))


def test_a_long_name_pushes_nothing_out_of_the_index() -> None:
    client = named(" ".join(f"part{number}" for number in range(50)), label="one two three four five")
    client = changed(client, given=Given(client.stack, teams=("operators",)))
    assert len(words_of(client)) == words.MOST
    assert {client.id, "222222222222", "part0", "one", "switchyard", "operators"} <= {*listed(client)}


def test_what_is_typed_alike_or_longer_is_nearer() -> None:
    names = ["Acme", "acmé!", "Acme Robotics", "Robotics by Acme"]
    assert [distance(named(name), "ACME") for name in names] == [0, 0, 1, 2]


@pytest.mark.parametrize("typed", ["", "   ", "?!", "\u200b", "\u0301"])
def test_punctuation_alone_asks_for_no_word(typed: str) -> None:
    assert asked_words(typed) == ()


@pytest.mark.safety(
    "No name of a client's breaks the index of words, or pushes others out of it", "bot/domain/words.py"
)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_name_breaks_nothing(hostile: str) -> None:
    check(named(hostile, label=hostile, role_name=hostile))


@pytest.mark.safety(
    "No name of a client's breaks the index of words, or pushes others out of it", "bot/domain/words.py"
)
@given(st.text(max_size=300), st.text(max_size=40), st.text(max_size=64))
@example("\u0345\u1e9e", "\u01c5", "\ufb03")
def test_no_name_breaks_anything(company: str, label: str, role: str) -> None:
    check(named(company, label=label, role_name=role))


@given(st.text(max_size=200))
def test_folding_what_is_folded_changes_nothing(text: str) -> None:
    once = asked_words(text)
    assert asked_words(" ".join(once)) == once


def test_before_each_word_stands_how_near_it_is_to_the_name() -> None:
    acme = named("Acmé!", label="acme production", role_name="acme-access")
    nearness = {word[1:]: word[0] for word in words_of(acme)}
    assert (nearness["acme"], nearness["production"], nearness["access"]) == (words.SAME, words.OTHER, words.OTHER)
    nearness = {word[1:]: word[0] for word in words_of(named("Acme Robotics"))}
    assert (nearness["acme"], nearness["robotics"]) == (words.BEGINS, words.OTHER)


def check(client: Client) -> None:
    """Each word is short, has nothing but letters and digits, is found by itself, and fits a key of the table."""
    found = listed(client)
    assert found[:2] == [client.id, client.stack.account_id]
    assert len(found) == len(set(found)) <= words.MOST
    for word in found:
        assert word.isalnum()
        assert len(word) <= words.LENGTH
        assert asked_words(word) == (word,)
        assert matches(client, (word,))
    for word in words_of(client):
        for value in keys.word_item(client, word).values():
            assert len(value["S"].encode()) < 1024
