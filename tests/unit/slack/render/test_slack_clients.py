"""The list of clients, what a search finds, and the choice where several may be meant."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.model import Client, KnownBy
from bot.domain.search import Found, Search
from bot.domain.vocabulary import AccessLevel, Standing
from bot.slack import ids
from bot.slack.render import clients
from bot.slack.render.blocks import Message
from tests.changed import changed
from tests.unit.slack.reading import switch_role
from tests.unit.slack.samples import CLIENT, SETTINGS, buttons, labels, menus, words

ARRIVING = replace(CLIENT, given=None, standing=Standing.WAITING)
ALL, ACME = Search(), Search("acme")


def listed(*shown: Client, search: Search = ALL, meant: str = "", **found: object) -> Message:
    return clients.clients(Found(search, shown, **found), SETTINGS, meant)  # type: ignore[arg-type]


def test_the_list_shows_each_client_with_standing_account_role_and_level() -> None:
    message = listed(CLIENT)
    said = words(message)
    assert "✅ *Acme* · onboarded\n`222222222222` · `switchyard-access` · ReadOnly · first seen <!date^" in said


def test_a_label_stands_behind_the_company() -> None:
    assert "✅ *Acme* (production) · onboarded" in words(listed(replace(CLIENT, known_by=KnownBy("production"))))


def test_who_has_access_switches_from_the_list_and_all_others_are_shown() -> None:
    with_access, without = buttons(listed(CLIENT, ARRIVING))
    assert with_access["text"]["text"] == "Switch role"
    leads = switch_role(with_access["url"])
    assert leads is not None and (leads["account"], leads["roleName"]) == (["222222222222"], ["switchyard-access"])
    assert (without["text"]["text"], without["action_id"], without["value"]) == ("Show", "show_client", CLIENT.id)


def test_the_list_shows_what_the_group_gives_rather_than_what_the_client_claims() -> None:
    claims = changed(
        CLIENT,
        role_name="other",
        access_level=AccessLevel.ADMINISTRATOR,
        standing=Standing.UPDATE_WAITING,
        given=CLIENT.given,
    )
    message = listed(claims)
    assert "`switchyard-access` · ReadOnly" in words(message)
    assert "other" not in words(message)
    [switch] = buttons(message)
    leads = switch_role(switch["url"])
    assert leads is not None and leads["roleName"] == ["switchyard-access"]


@pytest.mark.parametrize("standing", list(Standing))
def test_every_standing_has_a_symbol_and_only_onboarded_is_green(standing: Standing) -> None:
    line = listed(replace(CLIENT, standing=standing)).blocks[1]["text"]["text"].splitlines()[0]
    assert line.endswith(f"*Acme* · {standing.value}")
    assert not line.startswith("*")
    assert line.startswith("✅") == (standing is Standing.ONBOARDED)


def test_the_list_pages_to_older_clients_and_back() -> None:
    second = Search(cursor="cursor-1")
    first = listed(CLIENT, next=second)
    assert [(b["text"]["text"], b.get("value")) for b in buttons(first)[1:]] == [("Older", second.encoded)]
    middle = listed(CLIENT, search=second, next=Search(cursor="cursor-2"), first=Search())
    assert labels(middle)[1:] == ["Newest", "Older"]
    assert "Clients, older" in words(middle)
    assert labels(listed(search=second, first=Search())) == ["Newest"]


def test_an_empty_list_says_what_to_do() -> None:
    message = listed()
    assert "/clients invite &lt;company&gt;" in words(message)
    assert menus(message) == {}


def test_what_is_found_says_which_of_how_many_it_shows() -> None:
    assert "11 to 12 of 43." in words(listed(CLIENT, CLIENT, search=replace(ACME, start=10), total=43))
    assert "1 to 1 of more than 200." in words(listed(CLIENT, search=ACME, total=200, more=True))
    assert labels(listed(search=ACME, total=43, next=replace(ACME, start=10), first=ACME)) == [
        "First page",
        "Next page",
    ]


def test_nothing_found_is_two_lines_with_the_one_command_that_may_be_meant() -> None:
    found = listed(search=Search("invit Acme"), total=0, meant="invite Acme")
    assert words(found) == "No client matches *invit Acme*.\nDid you mean `/clients invite Acme`?"
    assert len(words(listed(search=ACME, total=0)).splitlines()) == 2


def test_nothing_found_among_too_many_says_that_not_all_were_looked_at() -> None:
    for search in (Search("international holdings"), Search("international", Standing.BLOCKED)):
        told = words(listed(search=search, total=0, more=True))
        assert "No client matches *international" in told
        assert "Too many come near to look at all of them: add a word that few clients have." in told
    assert "Too many" not in words(listed(search=ACME, total=0))


def test_who_types_what_waits_learns_of_the_menu() -> None:
    assert "its menu *State* only those that wait or failed" in words(listed(search=Search("waiting"), total=0))


def test_the_menus_narrow_down_the_same_search() -> None:
    search = Search("acme & co", Standing.WAITING, start=10)
    message = listed(ARRIVING, search=search, total=11)
    [row] = [block for block in message.blocks if block["type"] == "actions"]
    assert clients.filtered(row["block_id"], ids.FILTER_LEVEL, "READ_ONLY") == replace(
        search, level=AccessLevel.READ_ONLY, start=0
    )
    assert clients.filtered(row["block_id"], ids.FILTER_STATE, "all") == Search("acme & co")
    assert menus(message)["State"]["initial_option"]["value"] == "WAITING"
    assert "initial_option" not in menus(message)["Level"]


def test_what_a_foreign_row_or_option_asks_for_is_the_whole_list() -> None:
    assert clients.filtered("presses-3", ids.FILTER_STATE, "nonsense") == Search()


def test_nothing_that_is_left_after_narrowing_down_keeps_the_menus() -> None:
    message = listed(search=Search("acme", Standing.DENIED, AccessLevel.READ_ONLY), total=0)
    assert "No client matches *acme* with the state *denied* with *ReadOnly* access." in words(message)
    assert set(menus(message)) == {"State", "Level"}
    assert set(menus(listed(search=Search(standing=Standing.DENIED)))) == {"State", "Level"}


def test_each_client_can_be_shown_from_the_menu() -> None:
    message = listed(CLIENT, replace(ARRIVING, id="cbbbbbbbbbb", company="x" * 64))
    options = menus(message)["Show one of these …"]["options"]
    assert [one["value"] for one in options] == [CLIENT.id, "cbbbbbbbbbb"]
    assert options[0]["text"]["text"] == "Acme · 222222222222"
    assert options[1]["text"]["text"].endswith("… · 222222222222")


def test_where_several_may_be_meant_each_has_a_button() -> None:
    found = Found(ACME, (CLIENT, ARRIVING), total=2)
    message = clients.choice(found, clients.CARD)
    assert words(message).startswith("*Which client?* Several match *acme*.")
    assert [(one["text"]["text"], one["action_id"]) for one in buttons(message)] == [("Card", "show_card")] * 2
    assert labels(clients.choice(found, clients.SHOW)) == ["Show"] * 2
    assert "account number" in words(clients.choice(replace(found, total=None), clients.SHOW))
