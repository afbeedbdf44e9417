"""What of STS's answers is believed, and what the answers that can't be believed mean."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import ProofRefused, TryAgain
from tests.unit.sts_proofs import EVENT, proof_of, verifier
from tests.unit.sts_server import ARN, Answer, StsServer, identity, serve


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


@pytest.mark.parametrize(
    "arn",
    [
        ARN.replace("switchyard-forwarder-switchyard-access", "xswitchyard-forwarder-switchyard-access"),
        ARN.replace("switchyard-forwarder-switchyard-access", "switchyard-forwarder-"),
        ARN.replace("switchyard-forwarder-switchyard-access", "Switchyard-Forwarder-switchyard-access"),
        ARN.replace("switchyard-forwarder-switchyard-access", "switchyard-forwarder-" + "r" * 44),
        ARN.replace("switchyard-forwarder-switchyard-access", "switchyard-forwarder-a/b"),
        ARN.replace("switchyard-forwarder-switchyard-access", "switchyard-forwarder-*"),
        ARN.replace("switchyard-forwarder-switchyard-access", "switchyard-forwarder-r\u00e9"),
        ARN.replace("switchyard-forwarder-switchyard-access", "admin"),
        "arn:aws:sts::222222222222:assumed-role/admin/switchyard-forwarder-switchyard-access",
        "arn:aws:iam::222222222222:user/switchyard-forwarder-switchyard-access",
        "arn:aws:iam::222222222222:role/switchyard-forwarder-switchyard-access",
        "arn:aws:sts::222222222222:federated-user/switchyard-forwarder-switchyard-access",
        "arn:aws:iam::222222222222:root",
        ARN.replace("arn:aws:", "arn:aws-cn:"),
        ARN.replace("arn:aws:", "arn:aws-us-gov:"),
        ARN.replace("arn:aws:", "ARN:AWS:"),
        ARN.replace(":sts:", ":iam:"),
        ARN.replace("222222222222", "22222222222"),
        ARN.replace("222222222222", "2222222222222"),
        ARN.replace("222222222222", "\u0662" * 12),
        ARN.rpartition("/")[0],
        ARN + "/more",
        ARN + "\n",
        " " + ARN,
        ARN + " arn:aws:sts::333333333333:assumed-role/switchyard-forwarder-x/y",
        "",
    ],
)
def test_nobody_but_a_forwarders_role_is_believed(sts: StsServer, arn: str) -> None:
    with pytest.raises(ProofRefused):
        role_of(sts, Answer(body=identity(arn=arn)))


@pytest.mark.parametrize("account", ["333333333333", "", "22222222222", "222222222222 ", "\u0662" * 12])
def test_the_account_must_be_the_one_in_the_arn(sts: StsServer, account: str) -> None:
    with pytest.raises(ProofRefused):
        role_of(sts, Answer(body=identity(account=account)))


# Answers that are none

GOOD = json.loads(identity())
RESULT = GOOD["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
XML = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>{ARN}</Arn><UserId>A:b</UserId><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""


def answered(**changes: Any) -> bytes:
    response = {"GetCallerIdentityResult": RESULT, "ResponseMetadata": {"RequestId": "1"}}
    return json.dumps({"GetCallerIdentityResponse": {**response, **changes}}).encode()


NO_ANSWERS: dict[str, bytes] = {
    "xml": XML.encode(),
    "xml after json": identity() + XML.encode(),
    "nothing": b"",
    "null": b"null",
    "a list": b"[" + identity() + b"]",
    "twice": identity() + identity(),
    "the bare result": json.dumps(RESULT).encode(),
    "another action": identity().replace(b"GetCallerIdentity", b"GetFederationToken"),
    "another action beside": json.dumps({**GOOD, "GetSessionTokenResponse": {}}).encode(),
    "another result beside": answered(AssumeRoleResult={}),
    "more in the result": answered(GetCallerIdentityResult={**RESULT, "Extra": "x"}),
    "less in the result": answered(GetCallerIdentityResult={"Account": "222222222222", "Arn": ARN}),
    "no metadata": json.dumps({"GetCallerIdentityResponse": {"GetCallerIdentityResult": RESULT}}).encode(),
    "a number": answered(GetCallerIdentityResult={**RESULT, "Account": 222222222222}),
    "lists": answered(GetCallerIdentityResult={**RESULT, "Arn": [ARN]}),
    "user id in a list": answered(GetCallerIdentityResult={**RESULT, "UserId": ["AROA:b"]}),
    "metadata as text": answered(ResponseMetadata="1"),
    "result as text": answered(GetCallerIdentityResult=json.dumps(RESULT)),
    "case": identity().replace(b'"Arn"', b'"arn"'),
    "doubled arn": identity().replace(b'"Arn":', b'"Arn": "arn:aws:iam::333333333333:root", "Arn":'),
    "doubled account": identity().replace(b'"Account":', b'"Account": "333333333333", "Account":'),
    "doubled response": b'{"GetCallerIdentityResponse": {}, ' + identity()[1:],
    "utf-16": identity().decode().encode("utf-16"),
    "no utf-8": identity().replace(b"AROA", b"\xff\xfe"),
    "byte order mark": b"\xef\xbb\xbf" + identity(),
    "deep": b"[" * 16000,
    "huge": identity()[:-1] + b" " * 20_000 + b"}",
}


@pytest.mark.safety("An answer of STS with more or less in it than usual is not believed", "bot/aws/sts_answer.py")
@pytest.mark.safety(
    "An answer of STS whose account, role or user id is no text is not believed", "bot/aws/sts_answer.py"
)
@pytest.mark.safety("An answer of STS in which a name stands twice is not believed", "bot/aws/sts_answer.py")
@pytest.mark.safety(
    "An answer of STS that is not UTF-8, or nested without end, is not believed", "bot/aws/sts_answer.py"
)
@pytest.mark.parametrize("name", NO_ANSWERS)
def test_only_the_exact_answer_is_one(sts: StsServer, name: str) -> None:
    with pytest.raises(TryAgain):
        role_of(sts, Answer(body=NO_ANSWERS[name]))


def test_the_answer_these_differ_from_is_believed(sts: StsServer) -> None:
    assert role_of(sts, Answer(body=answered())) == "switchyard-access"


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


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_final_whatever_its_body_says(sts: StsServer, status: int) -> None:
    with pytest.raises(ProofRefused):
        role_of(sts, Answer(status))


@pytest.mark.safety("A refusal of STS stays one, whatever its error code is", "bot/aws/sts_answer.py")
@pytest.mark.parametrize("code", [["Throttling"], {"Throttling": 1}, 429, None])
def test_so_is_one_whose_code_is_none(sts: StsServer, code: Any) -> None:
    with pytest.raises(ProofRefused):
        role_of(sts, Answer(400, json.dumps({"Error": {"Code": code}}).encode()))


@pytest.mark.parametrize("status", [201, 204, 206, 404, 408, 409, 413, 429, 500, 502, 503, 599])
def test_any_other_status_is_no_answer_yet(sts: StsServer, status: int) -> None:
    with pytest.raises(TryAgain):
        role_of(sts, Answer(status, body=b"" if status == 204 else identity()))


@pytest.mark.safety("Throttling by STS is known in JSON and in XML, and is no refusal", "bot/aws/sts_answer.py")
@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "RequestLimitExceeded"])
def test_throttling_is_no_refusal(sts: StsServer, code: str) -> None:
    with pytest.raises(TryAgain):
        role_of(sts, Answer(400, json.dumps({"Error": {"Code": code}}).encode()))
    with pytest.raises(TryAgain):
        role_of(sts, Answer(400, f"<Error><Code>{code}</Code></Error>".encode(), "text/xml"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(sts: StsServer, status: int) -> None:
    with serve() as elsewhere:
        with pytest.raises(TryAgain):
            role_of(sts, Answer(status, headers={"Location": f"{elsewhere.url}/"}))
        assert not elsewhere.received
    assert len(sts.received) == 1


# Connections that are none


def test_nobody_there_means_try_again() -> None:
    with serve() as gone:
        url = gone.url
    with pytest.raises(TryAgain):
        verifier(url).verify(proof_of(), EVENT)


def writing(*parts: bytes) -> Callable[[Any], None]:
    def write(wire: Any) -> None:
        for part in parts:
            wire.write(part)

    return write


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no http\r\n\r\n",
        HEAD + b"Content-Length: 5000\r\n\r\n" + identity(),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + identity(),
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"\r\n" + identity() + b" " * 20_000,
    ],
    ids=["hangs up", "no http", "broken off", "broken chunk", "endless header", "too long, without its length"],
)
def test_a_broken_answer_means_try_again(sts: StsServer, raw: bytes) -> None:
    sts.writes = writing(raw)
    with pytest.raises(TryAgain):
        verifier(sts.url).verify(proof_of(), EVENT)


def test_a_chunked_answer_is_read(sts: StsServer) -> None:
    body = identity()
    halves = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:50], body[50:]))
    sts.writes = writing(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + halves + b"0\r\n\r\n")
    assert verifier(sts.url).verify(proof_of(), EVENT).account_id == "222222222222"


def test_two_content_types_are_none(sts: StsServer) -> None:
    sts.says = Answer(headers={"content-type": "text/xml"})
    with pytest.raises(TryAgain):
        verifier(sts.url).verify(proof_of(), EVENT)


def test_silence_ends_at_the_time_limit(sts: StsServer) -> None:
    def wait(wire: Any) -> None:
        sts.ended.wait(10)

    sts.writes = wait
    began = time.monotonic()
    with pytest.raises(TryAgain):
        verifier(sts.url, timeout=0.2).verify(proof_of(), EVENT)
    assert time.monotonic() - began < 2


def test_a_trickle_ends_at_the_time_limit_too(sts: StsServer) -> None:
    def trickle(wire: Any) -> None:
        wire.write(HEAD + b"Content-Length: 5000\r\n\r\n")
        while not sts.ended.wait(0.02):
            wire.write(b" ")
            wire.flush()

    sts.writes = trickle
    began = time.monotonic()
    with pytest.raises(TryAgain):
        verifier(sts.url, timeout=0.3).verify(proof_of(), EVENT)
    assert time.monotonic() - began < 2


def test_a_header_that_trickles_ends_at_the_time_limit_as_well(sts: StsServer) -> None:
    def trickle(wire: Any) -> None:
        wire.write(HEAD + b"X: ")
        while not sts.ended.wait(0.02):
            wire.write(b"x")
            wire.flush()

    sts.writes = trickle
    began = time.monotonic()
    with pytest.raises(TryAgain):
        verifier(sts.url, timeout=0.3).verify(proof_of(), EVENT)
    assert time.monotonic() - began < 2


def test_an_endless_answer_is_cut_off(sts: StsServer) -> None:
    written = []

    def flood(wire: Any) -> None:
        wire.write(HEAD + b"\r\n")
        while not sts.ended.is_set():
            wire.write(b" " * 65536)
            written.append(1)

    sts.writes = flood
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
