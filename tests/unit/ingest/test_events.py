"""The body of POST /events: what is read out of it, and what is refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import Malformed
from bot.ingest.payload import Incoming, parse, parse_notification
from tests.fakes import event_body, stack_id

AT = datetime(2026, 11, 23, 6, 5, 54, 123000, tzinfo=UTC)


def parsed(**fields: Any) -> Incoming:
    return parse(event_body("CREATE_COMPLETE", AT, **fields), "aws")


def test_a_notification_becomes_an_event() -> None:
    incoming = parsed(token="secret", reason="it's done\nreally", event_id="e1")
    event = incoming.event
    assert incoming.token == "secret"
    assert (event.status, event.reason, event.timestamp) == ("CREATE_COMPLETE", "it's done\nreally", AT)
    assert event.about_stack
    assert parsed(reason="set a='b' first").event.reason == "set a='b' first"
    assert event.key == f"{event.child_stack_id}/e1"


def test_an_event_about_a_resource_is_not_about_the_stack() -> None:
    assert not parsed(resource="AccessRole").event.about_stack


def test_a_nested_stack_of_the_child_is_not_the_child() -> None:
    other = stack_id("deeper")
    body = json.loads(event_body("CREATE_COMPLETE", AT))
    lines = body["notification"].splitlines(keepends=True)
    body["notification"] = "".join(f"PhysicalResourceId='{other}'\n" if "PhysicalRes" in x else x for x in lines)
    assert not parse(json.dumps(body).encode(), "aws").event.about_stack


def test_the_gates_last_word_is_told_from_a_notification() -> None:
    told = parse(event_body("DELETE_COMPLETE", AT, event_id="e9"), "aws").event
    last = parse(event_body("-", AT, last_word=True), "aws").event
    assert (told.deletes, told.by_the_gate) == (True, False)
    assert (last.deletes, last.by_the_gate) == (True, True)
    assert told.key != last.key


def test_the_gate_has_one_last_word_about_a_parent() -> None:
    last, again = (parse(event_body("-", at, last_word=True), "aws").event for at in (AT, AT + timedelta(seconds=5)))
    assert last.key == again.key


@pytest.mark.safety("Nothing that comes over the topic is taken for the gate's word", "bot/ingest/payload.py")
def test_a_notification_without_a_child_is_not_taken_for_the_gates_word() -> None:
    body = json.loads(event_body("DELETE_COMPLETE", AT)) | {"child_stack_id": None}
    with pytest.raises(Malformed, match="another stack"):
        parse(json.dumps(body).encode(), "aws")


def test_the_deletion_of_a_resource_is_not_the_stacks() -> None:
    last = parse(event_body("-", AT, last_word=True), "aws").event
    assert parse(event_body("DELETE_COMPLETE", AT, resource="AccessRole"), "aws").event.key != last.key


@pytest.mark.parametrize(("own", "other"), [(":222222222222:", ":333333333333:"), (":eu-west-1:", ":us-east-1:")])
def test_a_child_stack_is_where_its_parent_is(own: str, other: str) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", AT))
    body |= {name: body[name].replace(own, other) for name in ("child_stack_id", "notification")}
    with pytest.raises(Malformed, match="another account or region"):
        parse(json.dumps(body).encode(), "aws")


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
values = texts.map(lambda text: text.rstrip("\n").rstrip("'")).filter(lambda text: "='" not in f"{text}'")


@given(st.dictionaries(st.from_regex(r"[A-Z]\w{0,20}", fullmatch=True), values, min_size=1))
def test_values_may_hold_quotes_and_newlines(fields: dict[str, str]) -> None:
    message = "".join(f"{key}='{value}'\n" for key, value in fields.items())
    assert parse_notification(message) == fields


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"version": 3}, "version"),
        ({"version": "1"}, "version"),
        ({"account_id": "22222222222"}, "account_id"),
        ({"account_id": "\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12\uff12"}, "account_id"),
        ({"account_id": "333333333333"}, "parent_stack_id"),
        ({"parent_stack_id": stack_id().replace("arn:aws:", "arn:aws-cn:")}, "parent_stack_id"),
        ({"parent_stack_id": stack_id() + "\n"}, "parent_stack_id"),
        ({"child_stack_id": stack_id("other")}, "child_stack_id"),
        ({"child_stack_id": None}, "child_stack_id"),
        ({"child_stack_id": stack_id(account="333333333333")}, "child_stack_id"),
        ({"role_name": "x*"}, "role_name"),
        ({"role_name": "x${aws:username}"}, "role_name"),
        ({"role_name": "x?"}, "role_name"),
        ({"role_name": "x\n"}, "role_name"),
        ({"role_name": "path/x"}, "role_name"),
        ({"role_name": "x" * 44}, "role_name"),
        ({"access_level": "Root"}, "access_level"),
        ({"company": ""}, "company"),
        ({"company": 7}, "company"),
        ({"company": "x" * 257}, "company"),
        ({"invitation": "x y"}, "invitation"),
        ({"invitation": None}, "invitation"),
        ({"notification": "hello"}, "StackId"),
        ({"last_word": {"timestamp": "2026-11-23T06:05:54Z"}}, "Exactly one"),
    ],
)
def test_a_wrong_field_is_named(fields: dict[str, Any], named: str) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", AT)) | fields
    with pytest.raises(Malformed, match=named):
        parse(json.dumps(body).encode(), "aws")


@pytest.mark.parametrize("field", ["Timestamp", "ResourceStatus", "EventId", "ResourceType", "LogicalResourceId"])
def test_a_notification_without_a_field_is_malformed(field: str) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", AT))
    body["notification"] = body["notification"].replace(f"{field}=", "Other=")
    with pytest.raises(Malformed, match=field):
        parse(json.dumps(body).encode(), "aws")


@pytest.mark.parametrize("word", [None, "gone", {}, {"timestamp": "yesterday"}, {"timestamp": 5}])
def test_a_last_word_needs_its_time(word: object) -> None:
    body = json.loads(event_body("-", AT, last_word=True)) | {"last_word": word}
    with pytest.raises(Malformed, match="last_word"):
        parse(json.dumps(body).encode(), "aws")


@pytest.mark.parametrize(
    "stamp",
    ["2026-11-23T06:05:54.123Z", "2026-11-23T08:05:54.123+02:00", "2026-11-23T06:05:54.123"],
)
def test_a_time_is_kept_in_utc_wherever_it_was_written(stamp: str) -> None:
    body = json.loads(event_body("-", AT, last_word=True)) | {"last_word": {"timestamp": stamp}}
    timestamp = parse(json.dumps(body).encode(), "aws").event.timestamp
    assert (timestamp, timestamp.tzinfo) == (AT, UTC)


def test_a_reason_is_cut_to_what_is_worth_keeping() -> None:
    assert parsed(reason="x" * 1001).event.reason == "x" * 1000


@pytest.mark.parametrize("body", [b"[]", b"7", b"null", b'"text"'])
def test_json_that_is_no_object_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed, match="JSON object"):
        parse(body, "aws")


@given(st.binary(max_size=200))
def test_any_other_bytes_are_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body, "aws")
