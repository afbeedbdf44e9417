"""The forwarder as Lambda runs it: what reaches the events endpoint, what is tried again, what is given up."""

import datetime
import hashlib
import ipaddress
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from forwarder import Forwarder, handler
from messenger import PATIENCE, Messenger, NotTaken

from tests.templates.endpoints import Answer, Endpoint, endpoint_running, notification_lines
from tests.templates.forwarder_environment import CHILD_STACK, CONTEXT, FUNCTION_ARN, PARENT_STACK, environment
from tests.templates.test_forwarder_proof import expected_signature

NOTIFICATION = notification_lines(
    [
        ("StackId", CHILD_STACK),
        ("Timestamp", "2026-11-23T06:05:54.123Z"),
        ("EventId", "6b1f0a10"),
        ("LogicalResourceId", "switchyard-access-ChildStack-1ABC"),
        ("ResourceStatus", "CREATE_FAILED"),
        ("ResourceStatusReason", "it's broken\nStackId='arn:of:another'"),
    ]
)
EVENT_KEYS = {"version", "account_id", "company", "role_name", "access_level", "invitation", "parent_stack_id"}


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    with endpoint_running() as running:
        for name, value in environment(f"{running.url}/events").items():
            monkeypatch.setenv(name, value)
        yield running


def sns(*messages: str) -> dict[str, Any]:
    subject = "AWS CloudFormation Notification"
    return {"Records": [{"EventSource": "aws:sns", "Sns": {"Subject": subject, "Message": m}} for m in messages]}


def test_notification_arrives_with_what_the_client_claims(endpoint: Endpoint) -> None:
    handler(sns(NOTIFICATION), CONTEXT)

    [request] = endpoint.received
    assert (request.method, request.path) == ("POST", "/events")
    assert request.headers["content-type"] == "application/json"
    assert json.loads(request.body) == {
        "version": 2,
        "account_id": "222222222222",
        "company": "Müller & Söhne",
        "role_name": "switchyard-access",
        "access_level": "ReadOnly",
        "require_mfa": True,
        "max_session_seconds": 3600,
        "invitation": "invitation-token",
        "parent_stack_id": PARENT_STACK,
        "child_stack_id": CHILD_STACK,
        "notification": NOTIFICATION,
    }


@pytest.mark.parametrize(("chosen", "claimed"), [("true", True), ("false", False)])
def test_says_whether_mfa_is_required(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, chosen: str, claimed: bool
) -> None:
    monkeypatch.setenv("REQUIRE_MFA", chosen)
    handler(sns(NOTIFICATION), CONTEXT)
    assert json.loads(endpoint.received[0].body)["require_mfa"] is claimed


@pytest.mark.parametrize(("chosen", "claimed"), [("43200", 43200), ("7200.0", 7200), ("7.2e3", 7200), (" 3600", 3600)])
def test_says_the_longest_session_however_cloudformations_number_is_written(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, chosen: str, claimed: int
) -> None:
    monkeypatch.setenv("MAX_SESSION_SECONDS", chosen)
    handler(sns(NOTIFICATION), CONTEXT)
    body = endpoint.received[0].body
    assert json.loads(body)["max_session_seconds"] == claimed
    assert f'"max_session_seconds": {claimed},'.encode() in body, "a whole number, as the bot's parser wants it"


def test_notification_arrives_with_a_proof_of_exactly_these_bytes(endpoint: Endpoint) -> None:
    handler(sns(NOTIFICATION), CONTEXT)

    [request] = endpoint.received
    proof = {
        "X-Switchyard-" + name: request.headers["x-switchyard-" + name.lower()]
        for name in ("Region", "Date", "Access-Key-Id", "Session-Token", "Signature")
    }
    assert proof["X-Switchyard-Signature"] == expected_signature(proof, request.body)
    assert hashlib.sha256(request.body).hexdigest() not in request.headers.values()


def test_account_is_read_from_the_functions_arn_in_any_partition(endpoint: Endpoint) -> None:
    arn = "arn:aws-cn:lambda:cn-north-1:333333333333:function:forwarder"
    handler(sns(NOTIFICATION), SimpleNamespace(**{**vars(CONTEXT), "invoked_function_arn": arn}))
    assert json.loads(endpoint.received[0].body)["account_id"] == "333333333333"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429, 301, 307])
def test_lambda_tries_again_when_switchyard_cannot_take_it_now(endpoint: Endpoint, status: int) -> None:
    endpoint.answer("/events", status)
    with pytest.raises(NotTaken, match=str(status)):
        handler(sns(NOTIFICATION), CONTEXT)
    assert len(endpoint.received) == 1, "no retry of its own, and no redirect followed"


def test_lambda_tries_again_when_the_connection_breaks(endpoint: Endpoint) -> None:
    endpoint.answer("/events", "drop")
    with pytest.raises(NotTaken):
        handler(sns(NOTIFICATION), CONTEXT)


def test_lambda_tries_again_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint_running() as gone:
        pass
    for name, value in environment(f"{gone.url}/events").items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotTaken):
        handler(sns(NOTIFICATION), CONTEXT)


@dataclass
class Invocation:
    """An invocation of so many seconds, in which nothing but waiting takes time."""

    seconds: float
    waits: list[float] = field(default_factory=list)

    def of(self, url: str) -> Forwarder:
        settings = environment(url)
        left = lambda: self.seconds - sum(self.waits)  # noqa: E731
        return Forwarder(Messenger(settings, FUNCTION_ARN, PATIENCE, pause=self.waits.append, time_left=left))


@pytest.mark.parametrize("trouble", [429, 500, 503, "drop"])
def test_it_tries_again_and_again_within_one_invocation(endpoint: Endpoint, trouble: Answer) -> None:
    invocation = Invocation(900)
    endpoint.answer("/events", *[trouble] * 7, 202)
    invocation.of(f"{endpoint.url}/events").forward(NOTIFICATION)
    assert len(endpoint.received) == 8
    assert all(1 <= wait <= 60 for wait in invocation.waits)
    assert invocation.waits[-1] >= 30 > invocation.waits[0]
    assert len({request.body for request in endpoint.received}) == 1


def test_it_leaves_off_before_lambda_ends_it_and_lambda_repeats_it(endpoint: Endpoint) -> None:
    invocation = Invocation(900)
    endpoint.answer("/events", 503)
    with pytest.raises(NotTaken):
        invocation.of(f"{endpoint.url}/events").forward(NOTIFICATION)
    assert 900 - 60 - PATIENCE.spare <= sum(invocation.waits) <= 900 - PATIENCE.spare
    assert sum(PATIENCE.events) < PATIENCE.spare


def test_a_refusal_is_not_tried_again(endpoint: Endpoint) -> None:
    invocation = Invocation(900)
    endpoint.answer("/events", 403)
    invocation.of(f"{endpoint.url}/events").forward(NOTIFICATION)
    assert (len(endpoint.received), invocation.waits) == (1, [])


def test_forwarders_do_not_come_back_in_step(endpoint: Endpoint) -> None:
    endpoint.answer("/events", 503)
    invocations = [Invocation(200) for _ in range(5)]
    for invocation in invocations:
        with pytest.raises(NotTaken):
            invocation.of(f"{endpoint.url}/events").forward(NOTIFICATION)
    assert len({invocation.waits[0] for invocation in invocations}) > 1


def test_another_try_sends_the_same_event(endpoint: Endpoint) -> None:
    answers: list[Answer] = [503, 202]
    endpoint.answer("/events", *answers)
    with pytest.raises(NotTaken):
        handler(sns(NOTIFICATION), CONTEXT)
    handler(sns(NOTIFICATION), CONTEXT)
    first, second = endpoint.received
    assert first.body == second.body


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_refusal_is_final_and_logged(endpoint: Endpoint, status: int, caplog: pytest.LogCaptureFixture) -> None:
    endpoint.answer("/events", status)
    handler(sns(NOTIFICATION), CONTEXT)
    assert f"({status})" in caplog.text
    assert "said by the endpoint" in caplog.text


@pytest.mark.parametrize("status", [202, 403, 503])
def test_log_holds_no_secrets(endpoint: Endpoint, status: int, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    endpoint.answer("/events", status)
    try:
        handler(sns(NOTIFICATION), CONTEXT)
    except NotTaken as error:
        said = caplog.text + str(error)
    else:
        said = caplog.text
    assert "Switchyard" in said
    for name in ("INVITATION", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        assert environment("")[name] not in said


@pytest.mark.parametrize(
    "event",
    [{}, [], "text", None, {"Records": []}, {"Records": [{"Sns": {}}]}, {"Records": [{"s3": {}}]}, sns("other news")],
)
def test_what_is_no_notification_is_ignored(endpoint: Endpoint, event: Any) -> None:
    handler(event, CONTEXT)
    assert endpoint.received == []


def test_proxies_of_the_environment_are_not_used(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    handler(sns(NOTIFICATION), CONTEXT)
    assert len(endpoint.received) == 1


def test_endpoint_without_a_trusted_certificate_gets_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with endpoint_running(self_signed_certificate(tmp_path)) as impostor:
        for name, value in environment(f"{impostor.url}/events").items():
            monkeypatch.setenv(name, value)
        with pytest.raises(NotTaken, match="SSLError"):
            handler(sns(NOTIFICATION), CONTEXT)
    assert impostor.received == []


def self_signed_certificate(folder: Path) -> tuple[str, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return str(certificate_file), str(key_file)
