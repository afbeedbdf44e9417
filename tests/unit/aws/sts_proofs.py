"""Proofs as a forwarder makes them, and a verifier that asks the stand-in."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from bot.aws.sts import StsVerifier
from bot.ports import Proof
from tests.fakes import TurnableClock
from tests.unit.aws.sts_server import ACCESS_KEY_ID, SESSION_TOKEN, sign

NOW = datetime(2026, 11, 23, 6, 5, 54, tzinfo=UTC)
DATE = "20261123T060554Z"
REGION = "eu-west-1"
AUDIENCE = "switchyard/prod/111111111111"
EVENT = hashlib.sha256(b'{"version": 1}').hexdigest()
QUESTION = b"Action=GetCallerIdentity&Version=2011-06-15"


def signed_headers(**changes: str) -> dict[str, str]:
    headers = {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": f"sts.{REGION}.amazonaws.com",
        "x-amz-date": DATE,
        "x-amz-security-token": SESSION_TOKEN,
        "x-switchyard-audience": AUDIENCE,
        "x-switchyard-event-sha256": EVENT,
    }
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}


def proof_of(
    headers: dict[str, str] | None = None, body: bytes = QUESTION, region: str = REGION, date: str = DATE
) -> Proof:
    """A proof that signs exactly these headers and this body."""
    headers = headers or signed_headers(host=f"sts.{region}.amazonaws.com", x_amz_date=date)
    signature = sign(headers["host"], region, date, headers, body)
    return Proof(region, date, ACCESS_KEY_ID, SESSION_TOKEN, signature)


def verifier(endpoint: str | None, **changes: Any) -> StsVerifier:
    facts: dict[str, Any] = {
        "partition": "aws",
        "regions": {"eu-west-1", "us-east-1"},
        "audience": AUDIENCE,
        "clock": TurnableClock(NOW),
        "endpoint": endpoint,
        "timeout": 30,
    }
    return StsVerifier(**{**facts, **changes})
