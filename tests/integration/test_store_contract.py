"""What every Store must do: the same tests for the one in memory and the one on DynamoDB.

DynamoDB is moto, and the quick table that the fault matrix breaks the wire to, so that this is held to the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.errors import Conflict, Replayed
from bot.domain.invitation import RefusedAttempts, RefusedPerson
from bot.domain.model import Account, Audit, Client, GoneStack
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, Standing, State
from bot.ports.store import Change, Claim, Command, Store, Turn
from tests.integration.records import (
    NOW,
    PARENT,
    a_client,
    a_full_account,
    a_full_client,
    a_full_request,
    a_gone_stack,
    a_request,
    an_audit,
    an_event,
    an_invitation,
)

SECOND = timedelta(seconds=1)
OTHER_PARENT = PARENT.replace("1111-1111", "9999-9999")


def conflict(store: Store, change: Change) -> Conflict:
    with pytest.raises(Conflict) as caught:
        store.save(change)
    return caught.value


def claim_for(client: Client, role_owner: str | None = None) -> Claim:
    return Claim(client.id, client.stack.parent_stack_id, client.stack.account_id, client.stack.role_name, role_owner)


# Records


def test_what_nobody_stored_is_not_there(store: Store) -> None:
    assert store.client("caaaaaaaaaa") is None
    assert store.request("r1") is None
    assert store.invitation("a" * 64) is None
    assert store.gone(PARENT) is None
    assert list(store.events("caaaaaaaaaa")) == []
    assert list(trail(store, "caaaaaaaaaa")) == []
    assert list(store.due(NOW, 100)) == []
    assert list(store.namesakes("Acme", 9)) == []
    assert store.clients(10).clients == ()
    assert store.clients(10).cursor is None


@pytest.mark.safety("Each write of a record makes a new version", "bot/aws/writes.py")
@pytest.mark.safety("A new record replaces none", "bot/aws/writes.py")
@pytest.mark.parametrize("client", [a_client(), a_full_client()], ids=["bare", "full"])
def test_a_client_comes_back_as_it_was_saved(store: Store, client: Client) -> None:
    store.save(Change(client=client))
    assert store.client(client.id) == replace(client, version=1)


@pytest.mark.parametrize("request_", [a_request(), a_full_request()], ids=["bare", "full"])
def test_a_request_comes_back_as_it_was_saved(store: Store, request_: Request) -> None:
    store.save(Change(requests=(request_,)))
    assert store.request("r1") == replace(request_, version=1)


def test_an_invitation_comes_back_as_it_was_saved(store: Store) -> None:
    spent = an_invitation(account_id="222222222222", spent_at=NOW)
    store.save(Change(invitations=(spent,)))
    assert store.invitation("a" * 64) == replace(spent, version=1)


@pytest.mark.parametrize("gone", [a_gone_stack(), a_gone_stack(confirmed=True, refuted=True)], ids=["bare", "full"])
def test_a_stack_that_is_gone_comes_back_as_it_was_saved(store: Store, gone: GoneStack) -> None:
    store.save(Change(client=a_client(), gone=gone))
    assert store.gone(PARENT) == replace(gone, version=1)
    assert store.gone(OTHER_PARENT) is None


def test_an_account_comes_back_as_it_was_saved_and_is_a_new_one_before(store: Store) -> None:
    assert store.account("222222222222") == Account("222222222222")
    blocked = a_full_account()
    store.save(Change(account=blocked))
    assert store.account("222222222222") == replace(blocked, version=1)
    assert store.account("333333333333") == Account("333333333333")
    assert store.locate(PARENT, "222222222222", "any").account == replace(blocked, version=1)
    assert store.locate(PARENT, "333333333333", "any").account == Account("333333333333")


@pytest.mark.parametrize("stale", ["account", "a client of it"])
def test_an_account_and_its_clients_change_together_or_not_at_all(store: Store, stale: str) -> None:
    clients = (a_client(), a_client(id="cbbbbbbbbbb", role_name="other"))
    account = Account("222222222222", tuple(one.id for one in clients))
    store.save(Change(account=account, others=clients))
    read = store.account(account.id), tuple(store.client(one.id) for one in clients)
    store.save(Change(account=read[0]) if stale == "account" else Change(client=read[1][1]))
    blocked = tuple(replace(one, standing=Standing.BLOCKED) for one in read[1] if one)
    conflict(store, Change(account=replace(read[0], blocked_by="U0ADA", blocked_at=NOW), others=blocked))
    assert not store.account(account.id).blocked
    assert [one.blocked for one in map(store.client, account.client_ids) if one] == [False, False]
    assert [one.standing for one in store.clients(10).clients] == [Standing.ARRIVING] * 2


def test_it_is_no_claim_and_a_claim_leaves_it_as_it_is(store: Store) -> None:
    store.save(Change(client=a_client(), gone=a_gone_stack()))
    assert store.locate(PARENT, "222222222222", "switchyard-access").client is None
    store.save(Change(claim=claim_for(a_client())))
    assert store.gone(PARENT) == a_gone_stack(version=1)


def test_of_two_who_tell_of_one_deletion_one_reads_again(store: Store) -> None:
    store.save(Change(client=a_client(), gone=a_gone_stack()))
    store.save(Change(client=a_client(version=1), gone=a_gone_stack(confirmed=True, version=1)))
    conflict(store, Change(client=a_client(version=2), gone=a_gone_stack(refuted=True, version=1)))
    conflict(store, Change(client=a_client(version=2), gone=a_gone_stack()))
    assert store.client("caaaaaaaaaa") == a_client(version=2)
    assert store.gone(PARENT) == a_gone_stack(confirmed=True, version=2)


def test_more_stacks_than_twenty_are_remembered_as_gone(store: Store) -> None:
    stacks = [PARENT.replace("1111-1111", f"1111-{serial:04}") for serial in range(40)]
    for version, stack in enumerate(stacks):
        store.save(Change(client=a_client(version=version), gone=a_gone_stack(parent_stack_id=stack)))
    assert all(store.gone(stack) for stack in stacks)


@pytest.mark.safety("A record is written only over the version that was read", "bot/aws/writes.py")
def test_saving_again_raises_the_version_and_replaces_the_facts(store: Store) -> None:
    store.save(Change(client=a_full_client()))
    store.save(Change(client=a_client(standing=Standing.WAITING, version=1)))
    assert store.client("caaaaaaaaaa") == a_client(standing=Standing.WAITING, version=2)


def test_a_change_without_content_is_nothing(store: Store) -> None:
    store.save(Change())


# Who came first


def test_a_command_is_stored_once_with_all_it_changes_or_alone(store: Store) -> None:
    command = Command("0" * 64, NOW)
    store.save(Change(client=a_client(), command=command))
    changed = a_client(standing=Standing.WAITING, version=1)
    for again in (Change(client=changed, audits=(an_audit(),), command=command), Change(command=command)):
        with pytest.raises(Replayed):
            store.save(again)
    assert store.client("caaaaaaaaaa") == a_client(version=1)
    assert store.audits("caaaaaaaaaa", 5).audits == ()
    store.save(Change(command=replace(command, mark="1" * 64)))
    with pytest.raises(Replayed):
        store.save(Change(command=replace(command, mark="1" * 64)))


@pytest.mark.safety("A replay mark is stored once, whatever else collides in its transaction", "bot/aws/writes.py")
def test_that_a_command_came_before_outranks_whatever_else_came_first(store: Store) -> None:
    command = Command("0" * 64, NOW)
    store.save(Change(client=a_client(), requests=(a_request(),), command=command))
    with pytest.raises(Replayed):
        store.save(Change(client=a_client(), requests=(a_request(),), command=command))


def test_a_command_whose_change_lost_is_not_stored(store: Store) -> None:
    store.save(Change(requests=(a_request(),)))
    command = Command("0" * 64, NOW)
    conflict(store, Change(requests=(a_request(),), command=command))
    store.save(Change(requests=(a_request(version=1),), command=command))


@pytest.mark.safety("A failed condition is a conflict", "bot/aws/dynamodb.py")
def test_the_second_of_two_decisions_changes_nothing(store: Store) -> None:
    # Given two people who both read version 1
    store.save(Change(requests=(a_request(),)))
    # When both decide
    approved = a_request(state=State.APPROVED, version=1)
    store.save(Change(requests=(approved,)))
    lost = conflict(store, Change(requests=(a_request(state=State.DENIED, version=1),)))
    # Then the second is refused, and reads what the first one made of it
    assert not lost.duplicate
    assert store.request("r1") == replace(approved, version=2)


def test_two_new_records_of_one_id_are_a_conflict(store: Store) -> None:
    store.save(Change(client=a_client(), requests=(a_request(),), invitations=(an_invitation(),)))
    conflict(store, Change(client=a_client()))
    conflict(store, Change(invitations=(an_invitation(),)))
    conflict(store, Change(requests=(a_request(),)))


def test_a_record_that_was_never_stored_can_not_be_changed(store: Store) -> None:
    conflict(store, Change(client=a_client(version=1)))
    conflict(store, Change(invitations=(an_invitation(version=1),)))
    conflict(store, Change(requests=(a_request(version=1),)))


def test_an_invitation_is_spent_once(store: Store) -> None:
    store.save(Change(invitations=(an_invitation(),)))
    store.save(Change(invitations=(an_invitation(account_id="222222222222", version=1),)))
    conflict(store, Change(invitations=(an_invitation(account_id="333333333333", version=1),)))
    stored = store.invitation("a" * 64)
    assert stored is not None
    assert stored.account_id == "222222222222"


def test_a_request_does_not_change_when_its_neighbour_has_changed_meanwhile(store: Store) -> None:
    store.save(Change(requests=(a_request(), a_request(id="r2"))))
    store.save(Change(requests=(a_request(id="r2", state=State.DENIED, version=1),)))
    both = (a_request(state=State.SUPERSEDED, version=1), a_request(id="r2", state=State.APPROVED, version=1))
    conflict(store, Change(requests=both))
    assert store.request("r1") == a_request(version=1)


STALE = [
    Change(client=a_client()),
    Change(requests=(a_request(),)),
    Change(invitations=(an_invitation(),)),
    Change(event=an_event(), event_client_id="caaaaaaaaaa"),
    Change(claim=Claim("cccccccccccc", PARENT, "333333333333", "switchyard-access", None)),
    Change(claim=Claim("cccccccccccc", OTHER_PARENT, "222222222222", "switchyard-access", None)),
]


@pytest.mark.safety("A stack belongs to one client", "bot/aws/writes.py")
@pytest.mark.safety("A role belongs to one client", "bot/aws/writes.py")
@pytest.mark.parametrize("stale", STALE, ids=["client", "request", "invitation", "event", "stack", "role"])
def test_a_part_that_fails_leaves_nothing_of_the_rest(store: Store, stale: Change) -> None:
    # Given one of everything
    store.save(
        Change(
            client=a_client(),
            requests=(a_request(),),
            invitations=(an_invitation(),),
            event=an_event(),
            event_client_id="caaaaaaaaaa",
            claim=claim_for(a_client()),
        )
    )
    # When a change of other records has a single part that can't be
    fresh = Change(
        client=a_client(id="cbbbbbbbbbb", company="Other"),
        requests=(a_request(id="r2"),),
        invitations=(an_invitation(token_hash="b" * 64),),
        event=an_event(key="other"),
        event_client_id="cbbbbbbbbbb",
        claim=Claim("cbbbbbbbbbb", OTHER_PARENT, "333333333333", "switchyard-access", None),
        audits=(an_audit(client_id="cbbbbbbbbbb"),),
    )
    parts = {name: value for name, value in vars(stale).items() if value}
    conflict(store, replace(fresh, **{**parts, "requests": fresh.requests + stale.requests}))
    # Then nothing of it is there
    assert store.client("cbbbbbbbbbb") is None
    assert store.request("r2") is None
    assert store.invitation("b" * 64) is None
    assert not store.events("cbbbbbbbbbb")
    assert not trail(store, "cbbbbbbbbbb")
    assert not store.namesakes("Other", 9)
    assert not store.locate(OTHER_PARENT, "333333333333", "switchyard-access").by_stack
    assert len(store.clients(10).clients) == 1
    assert len(store.events("caaaaaaaaaa")) == 1


# Events


@pytest.mark.safety("A duplicate event is known as one", "bot/aws/writes.py")
def test_an_event_is_stored_once(store: Store) -> None:
    store.save(Change(event=an_event(), event_client_id="caaaaaaaaaa"))
    assert conflict(store, Change(event=an_event(), event_client_id="caaaaaaaaaa")).duplicate
    assert store.events("caaaaaaaaaa") == [an_event()]


@pytest.mark.safety("An event is stored once, whatever its time says", "bot/aws/writes.py")
def test_the_same_event_told_with_another_time_is_a_duplicate(store: Store) -> None:
    store.save(Change(event=an_event(), event_client_id="caaaaaaaaaa"))
    later = an_event(timestamp=NOW + SECOND, child_stack_id=None)
    assert conflict(store, Change(event=later, event_client_id="caaaaaaaaaa")).duplicate


def test_a_duplicate_is_told_as_one_even_when_the_client_has_moved_too(store: Store) -> None:
    store.save(Change(client=a_client(), event=an_event(), event_client_id="caaaaaaaaaa"))
    assert conflict(store, Change(client=a_client(), event=an_event(), event_client_id="caaaaaaaaaa")).duplicate


def test_one_client_can_not_use_up_the_event_of_another(store: Store) -> None:
    store.save(Change(event=an_event(), event_client_id="cbbbbbbbbbb"))
    store.save(Change(event=an_event(), event_client_id="caaaaaaaaaa"))
    assert store.events("caaaaaaaaaa") == [an_event()]


def test_events_come_in_the_order_of_their_own_times(store: Store) -> None:
    times = [NOW + SECOND, NOW, NOW - timedelta(microseconds=1), NOW.replace(microsecond=0)]
    for number, at in enumerate(times):
        store.save(Change(event=an_event(key=str(number), timestamp=at), event_client_id="caaaaaaaaaa"))
    assert [event.timestamp for event in store.events("caaaaaaaaaa")] == sorted(times)


def test_only_the_newest_hundred_events_are_read(store: Store) -> None:
    for number in range(103):
        event = an_event(key=str(number), timestamp=NOW + number * SECOND)
        store.save(Change(event=event, event_client_id="caaaaaaaaaa"))
    assert [event.key for event in store.events("caaaaaaaaaa")] == [str(number) for number in range(3, 103)]


@pytest.mark.safety("All pages are read", "bot/aws/dynamodb.py")
def test_long_events_are_all_read(store: Store) -> None:
    """More than DynamoDB answers at once (1 MB)."""
    for number in range(30):
        event = an_event(key=str(number), timestamp=NOW + number * SECOND, reason="x" * 60_000)
        store.save(Change(event=event, event_client_id="caaaaaaaaaa"))
    assert [event.key for event in store.events("caaaaaaaaaa")] == [str(number) for number in range(30)]


@pytest.mark.parametrize("year", [1, 9998, 9999])
def test_an_absurd_time_is_stored_like_any_other(store: Store, year: int) -> None:
    event = an_event(timestamp=NOW.replace(year=year, month=12, day=31))
    store.save(Change(event=event, event_client_id="caaaaaaaaaa"))
    assert store.events("caaaaaaaaaa") == [event]


@pytest.mark.safety("No event is stored without its client", "bot/aws/writes.py")
def test_an_event_without_a_client_is_a_mistake(store: Store) -> None:
    with pytest.raises(ValueError, match="client"):
        store.save(Change(event=an_event()))


# Claims


def test_a_claimed_client_is_found_by_its_stack(store: Store) -> None:
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    located = store.locate(PARENT, "222222222222", "another-role")
    assert located.client == a_client(version=1)
    assert located.by_stack
    assert located.role_owner is None


def test_a_claimed_client_is_found_by_its_role(store: Store) -> None:
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    located = store.locate(OTHER_PARENT, "222222222222", "switchyard-access")
    assert located.client == a_client(version=1)
    assert not located.by_stack
    assert located.role_owner == "caaaaaaaaaa"


def test_the_stack_counts_before_the_role(store: Store) -> None:
    other = a_client(id="cbbbbbbbbbb", parent_stack_id=OTHER_PARENT, role_name="other-role")
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    store.save(Change(client=other, claim=claim_for(other)))
    located = store.locate(PARENT, "222222222222", "other-role")
    assert located.client == a_client(version=1)
    assert located.by_stack
    assert located.role_owner == "cbbbbbbbbbb"


@pytest.mark.parametrize(("account", "role"), [("333333333333", "switchyard-access"), ("222222222222", "switchyard")])
def test_another_account_or_role_is_another_client(store: Store, account: str, role: str) -> None:
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    located = store.locate(OTHER_PARENT, account, role)
    assert located.client is None
    assert located.role_owner is None
    assert not located.by_stack


def test_two_first_events_of_one_stack_make_one_client(store: Store) -> None:
    twin = a_client(id="cbbbbbbbbbb")
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    lost = conflict(store, Change(client=twin, claim=claim_for(twin)))
    assert not lost.duplicate
    assert store.client("cbbbbbbbbbb") is None


def test_two_first_events_of_one_role_make_one_client(store: Store) -> None:
    twin = a_client(id="cbbbbbbbbbb", parent_stack_id=OTHER_PARENT)
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    conflict(store, Change(client=twin, claim=claim_for(twin)))
    assert store.locate(OTHER_PARENT, "222222222222", "switchyard-access").role_owner == "caaaaaaaaaa"


def test_a_client_may_claim_again_and_claim_more(store: Store) -> None:
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    renamed = a_client(role_name="renamed", parent_stack_id=OTHER_PARENT)
    store.save(Change(claim=claim_for(a_client())))
    store.save(Change(claim=claim_for(renamed)))
    for stack in (PARENT, OTHER_PARENT):
        assert store.locate(stack, "444444444444", "any").client == a_client(version=1)
    assert store.locate("unknown", "222222222222", "renamed").client == a_client(version=1)


def test_a_role_passes_on_when_the_claim_knows_whose_it_was(store: Store) -> None:
    # Given a client that left, whose role name still leads to it
    store.save(Change(client=a_client(), claim=claim_for(a_client())))
    newcomer = a_client(id="cbbbbbbbbbb", parent_stack_id=OTHER_PARENT)
    # When another one claims the role, knowing that
    store.save(Change(client=newcomer, claim=claim_for(newcomer, role_owner="caaaaaaaaaa")))
    # Then the role leads to the new one, and the old stack still to the old one
    assert store.locate("unknown", "222222222222", "switchyard-access").role_owner == "cbbbbbbbbbb"
    located = store.locate(PARENT, "222222222222", "switchyard-access")
    assert located.client == a_client(version=1)


def test_a_role_that_passed_on_meanwhile_is_a_conflict(store: Store) -> None:
    store.save(Change(claim=claim_for(a_client())))
    second = a_client(id="cbbbbbbbbbb", parent_stack_id="second")
    third = a_client(id="ccccccccccc", parent_stack_id="third")
    store.save(Change(claim=claim_for(second, role_owner="caaaaaaaaaa")))
    conflict(store, Change(claim=claim_for(third, role_owner="caaaaaaaaaa")))


@pytest.mark.safety("Every client that has claimed a role is remembered", "bot/aws/writes.py")
def test_whoever_claimed_a_role_once_is_remembered(store: Store) -> None:
    first, second = a_client(), a_client(id="cbbbbbbbbbb", parent_stack_id=OTHER_PARENT)
    assert store.role_holders("222222222222", "switchyard-access") == []
    store.save(Change(claim=claim_for(first)))
    store.save(Change(claim=claim_for(second, role_owner=first.id)))
    store.save(Change(claim=claim_for(first, role_owner=second.id)))
    assert store.role_holders("222222222222", "switchyard-access") == [first.id, second.id]
    assert store.role_holders("333333333333", "switchyard-access") == []
    assert store.role_holders("222222222222", "switchyard-acces") == []


def test_who_lost_a_claim_is_not(store: Store) -> None:
    first, second = a_client(), a_client(id="cbbbbbbbbbb", parent_stack_id=OTHER_PARENT)
    store.save(Change(claim=claim_for(first)))
    conflict(store, Change(claim=claim_for(second)))
    assert store.role_holders("222222222222", "switchyard-access") == [first.id]


def test_a_stack_never_passes_on(store: Store) -> None:
    store.save(Change(claim=claim_for(a_client())))
    conflict(store, Change(claim=claim_for(a_client(id="cbbbbbbbbbb"), role_owner="caaaaaaaaaa")))


# Lists


def ids(store: Store, limit: int, cursor: str | None = None) -> tuple[list[str], str | None]:
    page = store.clients(limit, cursor)
    return [client.id for client in page.clients], page.cursor


def store_clients(store: Store, count: int) -> None:
    for number in range(count):
        store.save(Change(client=a_client(id=f"client{number}", created_at=NOW + number * SECOND)))


@pytest.mark.safety("A full page of records leads to the next", "bot/aws/dynamodb.py")
def test_clients_are_paged_newest_first(store: Store) -> None:
    store_clients(store, 5)
    first, cursor = ids(store, 2)
    second, more = ids(store, 2, cursor)
    third, end = ids(store, 2, more)
    assert (first, second, third) == (["client4", "client3"], ["client2", "client1"], ["client0"])
    assert end is None


def test_the_last_full_page_leads_nowhere(store: Store) -> None:
    store_clients(store, 4)
    _, cursor = ids(store, 2)
    assert ids(store, 2, cursor) == (["client1", "client0"], None)
    assert ids(store, 4) == (["client3", "client2", "client1", "client0"], None)


def test_a_page_shows_clients_as_they_are_now_without_repeating_any(store: Store) -> None:
    store_clients(store, 3)
    _, cursor = ids(store, 1)
    store.save(Change(client=a_client(id="client9", created_at=NOW + timedelta(days=1))))
    changed = a_client(id="client1", created_at=NOW + SECOND, standing=Standing.ONBOARDED, version=1)
    store.save(Change(client=changed))
    page = store.clients(5, cursor)
    assert [client.id for client in page.clients] == ["client1", "client0"]
    assert page.clients[0].standing is Standing.ONBOARDED


def test_clients_of_one_instant_are_all_listed(store: Store) -> None:
    for number in range(4):
        store.save(Change(client=a_client(id=f"client{number}")))
    seen, cursor = ids(store, 1)
    while cursor:
        page, cursor = ids(store, 1, cursor)
        seen += page
    assert sorted(seen) == ["client0", "client1", "client2", "client3"]


@pytest.mark.parametrize("forged", ["", "x", "ü", "client1", "=" * 7, "A" * 5000, "MjAyNi0xMS0yMyNjYWFh", "\x00"])
def test_a_cursor_that_is_not_ours_counts_as_none(store: Store, forged: str) -> None:
    store_clients(store, 3)
    assert ids(store, 2, forged) == ids(store, 2)


def test_a_cursor_that_was_changed_counts_as_none(store: Store) -> None:
    store_clients(store, 3)
    _, cursor = ids(store, 1)
    assert cursor is not None
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert ids(store, 1, changed)[0] == ["client2"], changed


def test_namesakes_share_a_name_whatever_its_case_and_width(store: Store) -> None:
    for number, company in enumerate(["Acme", "ACME", "\uff21cme", "Acme Ltd"]):
        store.save(Change(client=a_client(id=f"client{number}", company=company, created_at=NOW + number * SECOND)))
    assert [client.id for client in store.namesakes("acme", 9)] == ["client2", "client1", "client0"]
    assert [client.id for client in store.namesakes("acme", 2)] == ["client2", "client1"]


def test_a_renamed_client_is_found_by_its_new_name_alone(store: Store) -> None:
    store.save(Change(client=a_client()))
    store.save(Change(client=a_client(company="Globex", version=1)))
    assert list(store.namesakes("Acme", 9)) == []
    assert store.namesakes("Globex", 9) == [a_client(company="Globex", version=2)]


def test_a_namesake_is_shown_as_it_is_now(store: Store) -> None:
    store.save(Change(client=a_client()))
    store.save(Change(client=a_client(standing=Standing.OFFBOARDED, version=1)))
    assert [client.standing for client in store.namesakes("Acme", 9)] == [Standing.OFFBOARDED]


def quiet(**changes: object) -> Request:
    """A request that nobody has to look at."""
    return a_request(**{"state": State.DONE, "kind": Kind.OFFBOARD, **changes})


def waiting(**changes: object) -> Request:
    """A request whose reminder is due now."""
    return a_request(**{"remind_at": NOW, **changes})


@pytest.mark.safety("A record that needs something is found by the sweep", "bot/aws/writes.py")
def test_due_requests_come_longest_overdue_first(store: Store) -> None:
    for number, minutes in enumerate([3, 1, 2]):
        store.save(Change(requests=(waiting(id=f"r{number}", remind_at=NOW + timedelta(minutes=minutes)),)))
    assert [one.id for one in store.due(NOW + timedelta(minutes=2), 100)] == ["r1", "r2"]
    assert [one.id for one in store.due(NOW + timedelta(minutes=3), 100)] == ["r1", "r2", "r0"]


def test_so_many_due_requests_are_read_from_either_end(store: Store) -> None:
    for number in range(4):
        store.save(Change(requests=(waiting(id=f"r{number}", remind_at=NOW + timedelta(minutes=number)),)))
    now = NOW + timedelta(minutes=2)
    assert [one.id for one in store.due(now, 2)] == ["r0", "r1"]
    assert [one.id for one in store.due(now, 2, newest_first=True)] == ["r2", "r1"]


def test_a_request_is_due_at_its_very_microsecond(store: Store) -> None:
    store.save(Change(requests=(waiting(),)))
    assert list(store.due(NOW - timedelta(microseconds=1), 100)) == []
    assert store.due(NOW, 100) == [waiting(version=1)]


def test_a_request_with_nothing_left_to_do_is_never_due(store: Store) -> None:
    store.save(Change(requests=(waiting(), quiet(id="r2"))))
    store.save(Change(requests=(quiet(version=1),)))
    assert list(store.due(NOW + timedelta(days=365), 100)) == []


def test_a_request_becomes_due_again(store: Store) -> None:
    store.save(Change(requests=(quiet(),)))
    store.save(Change(requests=(waiting(version=1),)))
    assert [one.version for one in store.due(NOW, 100)] == [2]


def test_many_due_requests_are_all_told(store: Store) -> None:
    """More than DynamoDB answers at once (1 MB)."""
    for number in range(25):
        store.save(Change(requests=(waiting(id=f"r{number}", reason="x" * 60_000),)))
    assert len(store.due(NOW, 100)) == 25


# The record of who did what


def trail(store: Store, client_id: str) -> list[Audit]:
    """All of it, oldest first."""
    return list(reversed(store.audits(client_id, 1000).audits))


def test_a_page_of_the_audit_is_told_newest_first_and_leads_to_the_next(store: Store) -> None:
    for number in range(5):
        store.save(Change(audits=(an_audit(at=NOW + number * SECOND, action=f"line {number}"),)))
    told, cursor = [], None
    for _ in range(3):
        page = store.audits("caaaaaaaaaa", 2, cursor)
        told.append([one.action for one in page.audits])
        cursor = page.cursor
    assert told == [["line 4", "line 3"], ["line 2", "line 1"], ["line 0"]]
    assert cursor is None


@pytest.mark.parametrize("lines", [2, 4])
def test_a_page_that_ends_with_the_last_line_leads_nowhere(store: Store, lines: int) -> None:
    for number in range(lines):
        store.save(Change(audits=(an_audit(at=NOW + number * SECOND),)))
    page = store.audits("caaaaaaaaaa", 2)
    if lines > 2:
        page = store.audits("caaaaaaaaaa", 2, page.cursor)
    assert (len(page.audits), page.cursor) == (2, None)


@pytest.mark.safety("What a client's stack does pushes no decision out of a history", "bot/aws/dynamodb.py")
def test_what_the_clients_stack_did_stands_between_and_pushes_no_decision_out(store: Store) -> None:
    store.save(Change(audits=(an_audit(action="approve"),)))
    for number in range(1, 8):
        line = an_audit(at=NOW + number * SECOND, actor="account 222222222222", action=f"asked {number}")
        store.save(Change(audits=(line,)))
    store.save(Change(audits=(an_audit(at=NOW + 9 * SECOND, action="deny"),)))
    page = store.audits("caaaaaaaaaa", 3)
    assert [one.action for one in page.audits] == ["deny", "asked 7", "asked 6", "asked 5", "approve"]
    assert (page.cursor, page.left_out) == (None, True)
    assert not store.audits("caaaaaaaaaa", 7).left_out


def test_a_page_tells_only_what_the_clients_stack_did_in_its_time(store: Store) -> None:
    for number in range(4):
        at = NOW + 2 * number * SECOND
        store.save(Change(audits=(an_audit(at=at, actor="account 222222222222", action=f"asked {number}"),)))
        store.save(Change(audits=(an_audit(at=at + SECOND, action=f"decided {number}"),)))
    newest = store.audits("caaaaaaaaaa", 2)
    assert [one.action for one in newest.audits] == ["decided 3", "asked 3", "decided 2"]
    older = store.audits("caaaaaaaaaa", 3, newest.cursor)
    assert [one.action for one in older.audits] == ["asked 2", "decided 1", "asked 1", "decided 0", "asked 0"]
    assert older.cursor is None


@pytest.mark.parametrize("cursor", ["", "nonsense", "\u20ac", "AAAA", "x" * 2000])
def test_a_cursor_in_the_audit_that_is_not_ours_counts_as_none(store: Store, cursor: str) -> None:
    store.save(Change(audits=(an_audit(),)))
    assert len(store.audits("caaaaaaaaaa", 2, cursor).audits) == 1


@pytest.mark.safety("A cursor leads only through its own client's history", "bot/aws/keys.py")
def test_a_cursor_leads_only_through_its_own_clients_audit(store: Store) -> None:
    for client_id in ("caaaaaaaaaa", "cbbbbbbbbbb"):
        for number in range(3):
            store.save(Change(audits=(an_audit(client_id=client_id, at=NOW + number * SECOND),)))
    foreign = store.audits("caaaaaaaaaa", 2).cursor
    assert len(store.audits("cbbbbbbbbbb", 3, foreign).audits) == 3


def test_those_who_were_refused_add_up_by_person_and_client_last_first(store: Store) -> None:
    first = RefusedPerson("caaaaaaaaaa", "U0EVE", "approve", NOW, "r1")
    for number in range(3):
        store.count_refused(replace(first, last_at=NOW + number * SECOND, detail=f"{number}"))
    store.count_refused(replace(first, actor="U0OLLI", last_at=NOW + 9 * SECOND))
    store.count_refused(replace(first, client_id="cbbbbbbbbbb", last_at=NOW + 9 * SECOND))
    told = store.refused_people("caaaaaaaaaa", 9)
    assert [(one.actor, one.count, one.detail) for one in told] == [("U0OLLI", 1, ""), ("U0EVE", 3, "2")]
    assert [one.actor for one in store.refused_people("caaaaaaaaaa", 1)] == ["U0OLLI"]
    assert store.audits("caaaaaaaaaa", 9).audits == ()


@pytest.mark.safety("Audit lines are part of the transaction", "bot/aws/writes.py")
def test_the_audit_keeps_its_order(store: Store) -> None:
    store.save(Change(audits=(an_audit(at=NOW + SECOND, action="second"),)))
    store.save(Change(audits=(an_audit(at=NOW, action="first", detail="why", request_id="r1"),)))
    assert [audit.action for audit in trail(store, "caaaaaaaaaa")] == ["first", "second"]
    assert trail(store, "caaaaaaaaaa")[0] == an_audit(action="first", detail="why", request_id="r1")


def test_audits_of_one_instant_are_all_kept_in_their_order(store: Store) -> None:
    steps = [f"step {number}" for number in range(12)]
    store.save(Change(audits=tuple(an_audit(action=step) for step in steps)))
    store.save(Change(audits=(an_audit(action="step 0"),)))
    told = [audit.action for audit in trail(store, "caaaaaaaaaa")]
    assert len(told) == 13
    assert [step for step in told if step != "step 0"] == steps[1:]


def test_each_client_has_its_own_trail(store: Store) -> None:
    store.save(Change(audits=(an_audit(), an_audit(client_id="invitation", action="invite"))))
    assert [audit.action for audit in trail(store, "invitation")] == ["invite"]
    assert [audit.action for audit in trail(store, "caaaaaaaaaa")] == ["approve"]


def test_trail_and_timeline_do_not_mix(store: Store) -> None:
    change = Change(client=a_client(), event=an_event(), event_client_id="caaaaaaaaaa", audits=(an_audit(),))
    store.save(change)
    assert len(trail(store, "caaaaaaaaaa")) == 1
    assert len(store.events("caaaaaaaaaa")) == 1


def test_a_whole_step_is_stored_together(store: Store) -> None:
    client = a_client()
    store.save(
        Change(
            client=client,
            requests=(a_request(), a_request(id="r2", state=State.SUPERSEDED)),
            invitations=(an_invitation(account_id=client.stack.account_id),),
            event=an_event(),
            event_client_id=client.id,
            claim=claim_for(client),
            audits=(an_audit(), an_audit(action="supersede")),
        )
    )
    assert store.locate(PARENT, client.stack.account_id, client.stack.role_name).client == replace(client, version=1)
    assert [store.request(one) for one in ("r1", "r2")] == [
        a_request(version=1),
        a_request(id="r2", state=State.SUPERSEDED, version=1),
    ]
    assert len(trail(store, client.id)) == 2


# Invitations


OPEN: list[dict[str, Any]] = [{}, {"accounts": 3, "seats_taken": 2}, {"account_id": "222222222222"}]


def test_invitations_that_can_be_used_are_listed_newest_first(store: Store) -> None:
    for number, changes in enumerate(OPEN):
        made = an_invitation(token_hash=str(number) * 64, created_at=NOW + number * SECOND, **changes)
        store.save(Change(invitations=(made,)))
    assert [one.token_hash[0] for one in store.invitations(NOW, 5)] == ["2", "1", "0"]
    assert [one.token_hash[0] for one in store.invitations(NOW, 2)] == ["2", "1"]
    assert [one.token_hash[0] for one in store.invitations(NOW + SECOND, 5)] == ["2", "1"]


@pytest.mark.safety("Closed invitations are not listed", "bot/aws/writes.py")
@pytest.mark.parametrize("closed", [{"spent_at": NOW}, {"cancelled_at": NOW}, {"seat_of": "b" * 64}])
def test_an_invitation_that_nobody_can_use_any_more_is_not_listed(store: Store, closed: dict[str, Any]) -> None:
    store.save(Change(invitations=(an_invitation(),)))
    store.save(Change(invitations=(an_invitation(version=1, **closed),)))
    assert list(store.invitations(NOW, 5)) == []
    assert store.invitation("a" * 64) is not None


def test_two_invitations_are_stored_together_or_not_at_all(store: Store) -> None:
    store.save(Change(invitations=(an_invitation(),)))
    conflict(store, Change(invitations=(an_invitation(token_hash="b" * 64), an_invitation())))
    assert store.invitation("b" * 64) is None


@pytest.mark.safety(
    "Refused attempts with an invitation are found, however many strangers were refused meanwhile", "bot/aws/writes.py"
)
def test_refused_attempts_add_up_by_account_and_invitation_last_first_with_one_apart_from_without(store: Store) -> None:
    first = RefusedAttempts("333333333333", "", "no such invitation", NOW)
    store.count_refused(first)
    store.count_refused(replace(first, token_hash="a" * 64, last_at=NOW + SECOND))
    store.count_refused(replace(first, reason="expired", last_at=NOW + 2 * SECOND))
    store.count_refused(replace(first, account_id="444444444444", last_at=NOW + 3 * SECOND))
    strangers, [tried] = (store.refused_attempts(NOW, 9, invited=invited) for invited in (False, True))
    assert [(one.account_id[0], one.count, one.reason) for one in strangers] == [
        ("4", 1, "no such invitation"),
        ("3", 2, "expired"),
    ]
    assert (tried.account_id[0], tried.token_hash[:1], tried.count) == ("3", "a", 1)
    assert len(store.refused_attempts(NOW, 1, invited=False)) == 1
    assert store.refused_attempts(NOW + 2 * SECOND, 9, invited=True) == []


@pytest.mark.safety("The turn to be compared is moved on by one sweep alone", "bot/aws/writes.py")
def test_whose_turn_it_is_is_kept_and_moved_on_by_one_alone(store: Store) -> None:
    # Given
    assert store.turn() == Turn()
    store.save(Change(turn=Turn("behind-one")))
    kept = store.turn()
    assert kept == Turn("behind-one", version=1)

    # When two go on from there
    store.save(Change(turn=replace(kept, cursor="")))

    # Then one of them does
    conflict(store, Change(turn=replace(kept, cursor="behind-two")))
    conflict(store, Change(turn=Turn("anew")))
    assert store.turn() == Turn("", version=2)
