"""An event is read in one way only: nothing stands in it twice, nothing unknown, nothing in another encoding."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.errors import Malformed
from bot.domain.model import Terms
from bot.ingest.payload import parse
from tests.fakes import TERMS, event_body

AT = datetime(2026, 11, 23, 6, 5, 54, 123000, tzinfo=UTC)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "utf-16-le"])
def test_only_plain_utf_8_is_read(encoding: str) -> None:
    with pytest.raises(Malformed, match="UTF-8"):
        parse(event_body("CREATE_COMPLETE", AT).decode().encode(encoding), "aws")


@pytest.mark.safety("Nothing of an event of an unknown version is believed", "bot/ingest/payload.py")
@pytest.mark.parametrize("terms", [None, TERMS], ids=["version 1", "version 2"])
@pytest.mark.parametrize("version", [True, 1.0, 2.0, "1", "2", None, 0, -1, [1]])
def test_a_version_is_a_number_and_nothing_else(version: object, terms: Terms | None) -> None:
    with pytest.raises(Malformed, match=r"^version: must be the number 1 or 2"):
        parse(event_body("CREATE_COMPLETE", AT, terms=terms, version=version), "aws")


COMPLETED = {"operation": "CREATE", "request_id": "r", "timestamp": "2026-11-23T06:05:54Z"}
WORD = {"timestamp": "2026-11-23T06:05:54Z"}


def flat(name: str, news: dict[str, Any]) -> bytes:
    body = json.loads(event_body("-", AT, last_word=True))
    del body["last_word"]
    return json.dumps(body | {name: news}).encode()


@pytest.mark.parametrize("extra", ["Company", "compan\u0443", "stack_id", "", "\u0000"])
@pytest.mark.parametrize("terms", [None, TERMS], ids=["version 1", "version 2"])
def test_a_field_that_a_version_does_not_have_is_malformed(extra: str, terms: Terms | None) -> None:
    with pytest.raises(Malformed, match="no such field"):
        parse(json.dumps(json.loads(event_body("CREATE_COMPLETE", AT, terms=terms)) | {extra: "x"}).encode(), "aws")


@pytest.mark.parametrize(("name", "news"), [("completed", COMPLETED), ("last_word", WORD), ("knock", WORD)])
def test_what_the_forwarder_says_by_itself_has_no_other_fields_either(name: str, news: dict[str, Any]) -> None:
    assert parse(flat(name, news), "aws").event.about_stack
    with pytest.raises(Malformed, match="no such field"):
        parse(flat(name, news | {"Timestamp": "2026-11-23T06:05:54Z"}), "aws")


@pytest.mark.parametrize(
    ("first", "twice"),
    [
        (b'"company":', b'"company": "Globex", "company":'),
        (b'"version":', b'"version": 1, "version":'),
        (b'"require_mfa":', b'"require_mfa": false, "require_mfa":'),
        (b'"company":', b'"c\\u006fmpany": "Globex", "company":'),
        (b'"timestamp":', b'"timestamp": "2020-01-01T00:00:00Z", "timestamp":'),
        (b'{"timestamp": "2026', b'{"timestamp": [{"a": 1, "a": 2}], "x": "2026'),
    ],
    ids=["claim", "version", "terms", "escaped", "nested", "deeper"],
)
def test_what_is_said_twice_is_malformed(first: bytes, twice: bytes) -> None:
    body = flat("last_word", WORD)
    assert first in body
    with pytest.raises(Malformed, match="twice"):
        parse(body.replace(first, twice), "aws")
