"""The versions of an event: 1 without terms, as ever; 2 with both. Of others, a refusal says whose it is to mend."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.errors import Malformed
from bot.domain.model import Event, Terms
from bot.ingest.payload import parse
from tests.fakes import TERMS, event_body

AT = datetime(2026, 11, 23, 6, 5, 54, tzinfo=UTC)
MISSING = object()


def parsed(**fields: Any) -> Event:
    """The event in a body with these fields; a field that is MISSING is left out."""
    body = json.loads(event_body("CREATE_COMPLETE", AT, terms=fields.pop("terms", TERMS)))
    body |= fields
    return parse(
        json.dumps({name: value for name, value in body.items() if value is not MISSING}).encode(), "aws"
    ).event


@pytest.mark.safety("Events of version 1 are taken as ever, and have no terms", "bot/ingest/payload.py")
def test_version_1_is_taken_as_ever_and_its_terms_are_unknown() -> None:
    assert parsed(terms=None).stack.terms is None


@pytest.mark.parametrize("terms", [Terms(True, 3600), Terms(False, 3600), Terms(True, 43200), Terms(False, 5400)])
def test_version_2_says_both_terms(terms: Terms) -> None:
    assert parsed(terms=terms).stack.terms == terms


@pytest.mark.safety("Events of version 1 are taken as ever, and have no terms", "bot/ingest/payload.py")
@pytest.mark.parametrize("extra", [{"require_mfa": True}, {"max_session_seconds": 3600}, {"require_mfa": None}])
def test_version_1_has_no_terms(extra: dict[str, object]) -> None:
    with pytest.raises(Malformed, match="version 1 has no such field"):
        parsed(terms=None, **extra)


@pytest.mark.safety(
    "Events of version 2 need both terms, of the right types and within the limits of IAM", "bot/ingest/payload.py"
)
@pytest.mark.parametrize("value", [MISSING, None, 1, 0, "true", "false", [], {}])
def test_version_2_needs_require_mfa_to_be_true_or_false(value: object) -> None:
    with pytest.raises(Malformed, match=r"^require_mfa: "):
        parsed(require_mfa=value)


@pytest.mark.safety(
    "Events of version 2 need both terms, of the right types and within the limits of IAM", "bot/ingest/payload.py"
)
@pytest.mark.parametrize("value", [MISSING, None, True, "3600", 3600.0, 0, -3600, 3599, 43201, 10**400, [3600]])
def test_version_2_needs_a_session_that_iam_would_allow(value: object) -> None:
    with pytest.raises(Malformed, match=r"^max_session_seconds: "):
        parsed(max_session_seconds=value)


@pytest.mark.safety(
    "Events of version 2 need both terms, of the right types and within the limits of IAM", "bot/ingest/payload.py"
)
def test_version_2_without_terms_is_malformed_not_version_1() -> None:
    with pytest.raises(Malformed, match=r"^require_mfa: version 2 needs"):
        parsed(terms=None, version=2)


@pytest.mark.safety("Nothing of an event of an unknown version is believed", "bot/ingest/payload.py")
@pytest.mark.parametrize("version", [3, 4, 2**63])
def test_a_newer_version_is_the_providers_to_mend(version: int) -> None:
    with pytest.raises(Malformed, match=r"^version: .*The provider has to deploy a newer Switchyard\.$"):
        parsed(version=version)


@pytest.mark.parametrize("version", [0, MISSING, "2"])
def test_what_never_was_a_version_is_the_clients_to_mend(version: object) -> None:
    with pytest.raises(Malformed, match=r"^version: .*The client has to update its stack"):
        parsed(version=version)


@pytest.mark.parametrize("last_word", [True, False])
def test_every_kind_of_news_says_the_terms(last_word: bool) -> None:
    assert parse(event_body("UPDATE_COMPLETE", AT, last_word=last_word), "aws").event.stack.terms == TERMS
