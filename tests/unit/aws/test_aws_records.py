"""Records to attribute values and back, for any record there can be."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.aws.records import RecordUnreadable, from_attributes, to_attributes
from bot.domain.invitation import Invitation
from bot.domain.message import stamp
from bot.domain.model import Audit, Client, Event
from bot.domain.record import Record
from bot.domain.request import Decision, Request
from bot.domain.vocabulary import Verb
from tests.changed import changed
from tests.integration.records import a_full_client, a_full_request, an_event

MOMENTS = st.datetimes(timezones=st.just(UTC))
st.register_type_strategy(datetime, MOMENTS)
for known in Record.__subclasses__():
    fields(known)  # compiles `__init__`, from whose arguments a strategy is made


@pytest.mark.parametrize("kind", [Client, Request, Event, Invitation, Audit])
@given(drawn=st.data())
def test_every_record_comes_back_as_it_was(kind: type[Any], drawn: st.DataObject) -> None:
    record = drawn.draw(st.from_type(kind))
    assert from_attributes(kind, to_attributes(record)) == record


@given(MOMENTS, MOMENTS)
def test_stamps_sort_as_times_do(one: datetime, other: datetime) -> None:
    assert (stamp(one) < stamp(other)) == (one < other)


def test_a_time_is_stored_in_utc_to_the_microsecond() -> None:
    east = timezone(timedelta(hours=2))
    assert stamp(datetime(2026, 11, 23, 8, 5, 54, tzinfo=east)) == "2026-11-23T06:05:54.000000Z"


def test_a_time_without_a_zone_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        stamp(datetime(2026, 11, 23))


class Small(Record):
    name: str
    count: int = 3
    maybe: str | None = None
    required_maybe: int | None = None


def test_none_is_not_stored() -> None:
    assert to_attributes(Small("x")) == {"name": {"S": "x"}, "count": {"N": "3"}}


def test_unknown_attributes_are_passed_over_and_missing_ones_take_their_default() -> None:
    assert from_attributes(Small, {"name": {"S": "x"}, "gone": {"S": "y"}, "maybe": {"NULL": True}}) == Small("x")


def test_a_decision_from_before_there_were_reasons_has_none() -> None:
    stored = to_attributes(Decision(Verb.DENY, "U0ADA", datetime(2026, 1, 1, tzinfo=UTC), "No contract"))
    del stored["reason"]
    assert from_attributes(Decision, stored).reason == ""


def test_a_field_without_default_must_be_there() -> None:
    with pytest.raises(RecordUnreadable, match="a stored Small lacks name"):
        from_attributes(Small, {})


@pytest.mark.parametrize("wrong", [{"N": "1"}, {"L": []}])
def test_a_value_of_another_form_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(RecordUnreadable, match=r"Small\.name"):
        from_attributes(Small, {"name": wrong})


def test_a_word_that_is_no_member_of_its_enum_is_named() -> None:
    audit = to_attributes(Audit(datetime(2026, 1, 1, tzinfo=UTC), "a", "b", "c"))
    assert from_attributes(Audit, audit).actor == "a"
    with pytest.raises(RecordUnreadable, match=r"Audit\.at"):
        from_attributes(Audit, {**audit, "at": {"S": "yesterday"}})


def test_a_value_with_no_form_is_a_mistake() -> None:
    with pytest.raises(TypeError, match="float"):
        to_attributes(Small(1.5))  # type: ignore[arg-type]


def without_terms(stored: Any) -> Any:
    """Attributes as a forwarder that says no terms has them stored."""
    if not isinstance(stored, dict):
        return stored
    return {name: without_terms(value) for name, value in stored.items() if name != "terms"}


def stored_before_terms(kind: type[Any], record: Any) -> Any:
    return from_attributes(kind, without_terms(to_attributes(record)))


@pytest.mark.safety("A record that says no terms has unknown terms, not lax ones", "bot/aws/records.py")
def test_terms_that_are_not_stored_are_unknown() -> None:
    client, request = a_full_client(), a_full_request()
    assert client.given is not None
    assert request.previous is not None
    assert stored_before_terms(Client, client) == changed(client, terms=None, given=changed(client.given, terms=None))
    unknown = changed(request, terms=None, previous=replace(request.previous, terms=None))
    assert stored_before_terms(Request, request) == unknown
    event = changed(an_event(), terms=client.stack.terms)
    assert stored_before_terms(Event, event) == an_event()


def test_unknown_terms_are_not_stored() -> None:
    assert "terms" not in to_attributes(changed(a_full_client(), terms=None))["stack"]["M"]
