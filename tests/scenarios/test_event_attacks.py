"""The event, attacked under a proof that holds: said twice, said more than there is to say, too long, in disguise."""

from __future__ import annotations

import json

import pytest

from tests.scenarios.siege import Siege


def proved(siege: Siege, body: bytes, status: int = 400) -> None:
    """The client itself signs what it sends, so the proof is no reason to refuse it."""
    siege.repels(status, siege.scene.proof(body), body=body)


@pytest.mark.parametrize(
    "field", ["company", "access_level", "account_id", "role_name", "invitation", "version", "require_mfa"]
)
def test_a_field_that_stands_twice_makes_an_event_malformed(siege: Siege, field: str) -> None:
    name = f'"{field}"'
    value = json.dumps(json.loads(siege.body)[field])
    proved(siege, siege.body.decode().replace(name, f"{name}: {value}, {name}", 1).encode())
    spelled = f'"{field[0]}\\u{ord(field[1]):04x}{field[2:]}"'
    proved(siege, siege.body.decode().replace(name, f"{spelled}: {value}, {name}", 1).encode())


@pytest.mark.parametrize("field", ["Company", "approved", "client_id", "request_id", "token", "", "__proto__"])
def test_a_field_that_no_version_has_makes_an_event_malformed(siege: Siege, field: str) -> None:
    proved(siege, siege.claiming(**{field: "x"}))


def test_two_kinds_of_news_make_an_event_malformed(siege: Siege) -> None:
    proved(siege, siege.claiming(last_word={"timestamp": "2026-11-23T06:00:00Z"}))
    proved(siege, siege.claiming(knock={"timestamp": "2026-11-23T06:00:00Z"}))


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-32"])
def test_another_encoding_makes_an_event_malformed(siege: Siege, encoding: str) -> None:
    body = siege.body.decode().encode(encoding)
    siege.repels(400, siege.scene.proof(body), body=body, as_base64=True)


@pytest.mark.parametrize(
    "claims",
    [
        {"version": True},
        {"version": 1},
        {"version": 3},
        {"require_mfa": 1},
        {"max_session_seconds": True},
        {"role_name": "*"},
        {"role_name": "x${aws:username}"},
        {"role_name": "path/x"},
        {"role_name": "x\n"},
        {"company": "x" * 10_000},
        {"company": ""},
        {"access_level": "Root"},
        {"invitation": "x" * 201},
        {"invitation": "t\u00f6ken"},
    ],
    ids=lambda claims: f"{next(iter(claims.items()))!r:.40}",
)
def test_a_claim_of_another_form_makes_an_event_malformed(siege: Siege, claims: dict[str, object]) -> None:
    proved(siege, siege.claiming(**claims))


def test_an_event_of_more_than_64_kib_is_too_large(siege: Siege) -> None:
    body = siege.body + b" " * (65537 - len(siege.body))
    proved(siege, body, 413)
    siege.repels(413, siege.scene.proof(body), body=body, as_base64=True)
