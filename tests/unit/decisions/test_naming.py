"""Which client somebody means by what they type, and what they are told when it is none."""

from __future__ import annotations

import pytest

from bot.decisions.find_client import client_named
from bot.domain.errors import BadCommand, SeveralNamed
from tests.fakes import World
from tests.memory_store import MemoryStore


@pytest.mark.safety("Only a text with the form of a client id is looked up as one", "bot/decisions/find_client.py")
@pytest.mark.parametrize("text", ["x" * 3000, "caaaaaaaaaa" + "x" * 3000])
def test_only_what_may_be_an_id_is_looked_up_as_one(text: str) -> None:
    with pytest.raises(BadCommand, match="no client called"):
        client_named(MemoryStore(), text)


def test_spaces_make_no_difference() -> None:
    world = World()
    client_id = world.onboard()
    assert client_named(world.store, f"  {client_id}\n").id == client_id
    assert client_named(world.store, "\tacme ").id == client_id


def test_an_account_number_names_the_client_in_it() -> None:
    world = World()
    client_id = world.onboard()
    assert client_named(world.store, "222222222222").id == client_id
    with pytest.raises(BadCommand, match="no client called"):
        client_named(world.store, "222222222223")


@pytest.mark.safety("A company called like another's account is not taken for it", "bot/decisions/find_client.py")
def test_a_company_that_is_called_like_anothers_account_is_not_taken_for_it() -> None:
    world = World()
    client_id = world.onboard()
    token = world.invite("222222222222")
    world.happens("CREATE_COMPLETE", token=token, account="333333333333", company="222222222222")
    with pytest.raises(SeveralNamed) as told:
        client_named(world.store, "222222222222")
    newest, other = told.value.clients
    assert (newest.id, other.stack.account_id) == (client_id, "333333333333")


@pytest.mark.safety("Of two clients in one account, neither is meant by its number", "bot/decisions/find_client.py")
def test_two_clients_of_one_account_make_its_number_ambiguous() -> None:
    world = World()
    world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite(), role="another-role", parent=2)
    with pytest.raises(SeveralNamed):
        client_named(world.store, "222222222222")


@pytest.mark.safety("What was typed is quoted shortened, and can't leave the quotation", "bot/decisions/find_client.py")
def test_what_was_typed_is_quoted_so_that_it_stays_a_quotation() -> None:
    with pytest.raises(BadCommand) as told:
        client_named(MemoryStore(), "`<!channel>` " + "x" * 100)
    assert str(told.value).startswith("There is no client called `'<!channel>' xxxxx")
    assert str(told.value).count("`") == 4
    assert len(str(told.value)) < 140


@pytest.mark.safety("Of many clients with one name, at most ten are listed", "bot/decisions/find_client.py")
def test_of_many_with_one_name_the_newest_ten_are_listed() -> None:
    world = World()
    for number in range(12):
        world.happens("CREATE_COMPLETE", token=world.invite(), account=f"{222222222222 + number}")
    with pytest.raises(BadCommand, match="There are more than 10 clients called `Acme`") as told:
        client_named(world.store, "Acme")
    assert str(told.value).count("(account ") == 10
