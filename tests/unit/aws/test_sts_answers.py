"""How STS's answers are read. Those that can't be believed are in tests/scenarios/test_proof_answers.py."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import TryAgain
from tests.unit.aws.sts_proofs import EVENT, proof_of, verifier
from tests.unit.aws.sts_server import Answer, StsServer, identity, serve


@pytest.fixture
def sts() -> Iterator[StsServer]:
    with serve() as server:
        yield server


def role_of(sts: StsServer, answer: Answer, **changes: Any) -> str:
    sts.says = answer
    return verifier(sts.url, **changes).verify(proof_of(), EVENT).role_name


# Whom STS names


@pytest.mark.parametrize("role", ["x", "switchyard-access", "a+b=c,d.e@f_g-H9", "r" * 43, "switchyard-forwarder-x"])
def test_the_role_is_what_follows_the_forwarders_name(sts: StsServer, role: str) -> None:
    arn = f"arn:aws:sts::222222222222:assumed-role/switchyard-forwarder-{role}/session"
    assert role_of(sts, Answer(body=identity(arn=arn))) == role


def test_one_role_does_not_speak_for_another(sts: StsServer) -> None:
    arn = "arn:aws:sts::222222222222:assumed-role/switchyard-forwarder-x/switchyard-forwarder-y"
    assert role_of(sts, Answer(body=identity(arn=arn))) == "x"


# How an answer is written


@pytest.mark.safety("Only JSON counts as STS's answer, however its content type is spelled", "bot/aws/sts_answer.py")
@pytest.mark.parametrize(
    "content_type", ["text/xml", "text/html", "", "application/jsonp", "text/plain; application/json"]
)
def test_only_json_is_read(sts: StsServer, content_type: str) -> None:
    with pytest.raises(TryAgain):
        role_of(sts, Answer(content_type=content_type))


@pytest.mark.safety("Only JSON counts as STS's answer, however its content type is spelled", "bot/aws/sts_answer.py")
@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON"])
def test_json_is_json_however_it_is_written(sts: StsServer, content_type: str) -> None:
    assert role_of(sts, Answer(content_type=content_type)) == "switchyard-access"


# The connection


def test_nobody_there_means_try_again() -> None:
    with serve() as gone:
        url = gone.url
    with pytest.raises(TryAgain):
        verifier(url).verify(proof_of(), EVENT)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def test_a_chunked_answer_is_read(sts: StsServer) -> None:
    body = identity()
    halves = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:]))
    sts.writes = lambda wire: wire.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + halves + b"0\r\n\r\n")
    assert verifier(sts.url).verify(proof_of(), EVENT).account_id == "222222222222"


def test_two_content_types_are_none(sts: StsServer) -> None:
    sts.says = Answer(headers={"content-type": "text/xml"})
    with pytest.raises(TryAgain):
        verifier(sts.url).verify(proof_of(), EVENT)


def test_a_certificate_nobody_vouches_for_gets_no_question(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_self_signed(tmp_path))
    with serve(wrap=lambda plain: context.wrap_socket(plain, server_side=True)) as impostor:
        with pytest.raises(TryAgain) as caught:
            verifier(impostor.url).verify(proof_of(), EVENT)
        assert isinstance(caught.value.__cause__, ssl.SSLCertVerificationError)
        assert not impostor.received


def _self_signed(folder: Path) -> Path:
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
    certificate = made.not_valid_after(datetime.now(UTC) + timedelta(days=1)).sign(key, hashes.SHA256())
    path = folder / "impostor.pem"
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, *plain) + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
