"""The proof, attacked from STS's side: answers that are none, and answers that name somebody else than a forwarder.

Whatever the stand-in says here, it says to a good signature, so only the reading of its answer is on trial.
"""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any

import pytest

from tests.scenarios.siege import Siege
from tests.unit.aws.sts_server import ARN, Answer, identity, serve

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
FORWARDER = "switchyard-forwarder-switchyard-access"

# Whom STS names


@pytest.mark.parametrize(
    "arn",
    [
        f"arn:aws:iam::222222222222:user/{FORWARDER}",
        f"arn:aws:sts::222222222222:federated-user/{FORWARDER}",
        "arn:aws:iam::222222222222:root",
        f"arn:aws:iam::222222222222:role/{FORWARDER}",
        ARN.replace(FORWARDER, "admin"),
        ARN.replace(FORWARDER, f"x{FORWARDER}"),
        ARN.replace(FORWARDER, "switchyard-forwarder-"),
        ARN.replace(FORWARDER, "Switchyard-Forwarder-switchyard-access"),
        ARN.replace(FORWARDER, "switchyard-forwarder-a/b"),
        ARN.replace(FORWARDER, "switchyard-forwarder-*"),
        ARN.replace(FORWARDER, "switchyard-forwarder-r\u00e9"),
        ARN.replace("arn:aws:", "ARN:AWS:"),
        ARN.replace(":sts:", ":iam:"),
        ARN.replace("222222222222", "22222222222"),
        ARN.replace("222222222222", "2222222222222"),
        ARN.replace("222222222222", "\u0662" * 12),
        ARN.rpartition("/")[0],
        f" {ARN}",
        f"{ARN} arn:aws:sts::333333333333:assumed-role/switchyard-forwarder-x/y",
        "",
        f"arn:aws:sts::222222222222:assumed-role/admin/{FORWARDER}",
        ARN + "/more",
        ARN + "\n",
        f"arn:aws:iam::222222222222:user/{FORWARDER}/in-a-path",
        f"arn:aws:sts::222222222222:federated-user/{FORWARDER}/session",
        f"arn:aws:iam::222222222222:assumed-role/{FORWARDER}/session",
    ],
)
def test_whoever_is_no_forwarders_role_is_refused(siege: Siege, arn: str) -> None:
    siege.scene.sts.says = Answer(body=identity(arn=arn))
    siege.repels(401)


@pytest.mark.parametrize("role", ["admin", "switchyard-forwarder", "xswitchyard-forwarder-admin"])
def test_a_role_that_is_no_forwarder_does_not_speak_even_for_itself(siege: Siege, role: str) -> None:
    """Or every role of a client's account could have itself onboarded, and be what our operators switch into."""
    body = siege.claiming(role_name=role)
    siege.scene.sts.says = Answer(body=identity(arn=ARN.replace(FORWARDER, role)))
    siege.repels(401, siege.scene.proof(body), body=body)


@pytest.mark.parametrize("role", ["switchyard-access-2", "switchyard-acces", "Switchyard-Access", "other", "r" * 44])
def test_a_forwarder_of_another_role_is_refused_even_when_its_name_starts_like_ours(siege: Siege, role: str) -> None:
    siege.scene.sts.says = Answer(body=identity(arn=ARN.replace(FORWARDER, f"switchyard-forwarder-{role}")))
    siege.repels(401)


def test_a_forwarder_of_another_account_is_refused(siege: Siege) -> None:
    there = ARN.replace("222222222222", "333333333333")
    for account in ("333333333333", "", "22222222222", "222222222222 ", "\u0662" * 12):
        siege.scene.sts.says = Answer(body=identity(account, ARN))
        siege.repels(401)
    for account in ("333333333333", "222222222222"):
        siege.scene.sts.says = Answer(body=identity(account, there))
        siege.repels(401)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-iso", ""])
def test_a_forwarder_of_another_partition_is_refused(siege: Siege, partition: str) -> None:
    siege.scene.sts.says = Answer(body=identity(arn=ARN.replace("arn:aws:", f"arn:{partition}:")))
    siege.repels(401)


# What is no answer to our question

XML = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>{ARN}</Arn><UserId>A:b</UserId><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
GOOD = json.loads(identity())
RESULT = GOOD["GetCallerIdentityResponse"]["GetCallerIdentityResult"]


def answered(**changes: Any) -> bytes:
    response = {"GetCallerIdentityResult": RESULT, "ResponseMetadata": {"RequestId": "1"}}
    return json.dumps({"GetCallerIdentityResponse": {**response, **changes}}).encode()


NO_ANSWERS: dict[str, bytes] = {
    "xml": XML.encode(),
    "xml after json": identity() + XML.encode(),
    "nothing": b"",
    "half of it": identity()[:80],
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
    "deep": b"[" * 16_000,
    "huge": identity()[:-1] + b" " * 50_000 + b"}",
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
def test_what_is_not_exactly_the_answer_is_not_believed(siege: Siege, name: str) -> None:
    siege.scene.sts.says = Answer(body=answered())
    honest = siege.scene.workflow.verifier.verify(siege.proof, hashlib.sha256(siege.body).hexdigest())
    assert honest.account_id == "222222222222", "the answer that these differ from is believed"
    siege.scene.sts.says = Answer(body=NO_ANSWERS[name])
    siege.repels(503)


@pytest.mark.parametrize(
    "answer", [Answer(body=XML.encode(), content_type="text/xml"), Answer(content_type="text/xml")]
)
def test_what_is_said_in_xml_is_not_believed(siege: Siege, answer: Answer) -> None:
    siege.scene.sts.says = answer
    siege.repels(503)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refusal_is_final_whatever_its_body_says(siege: Siege, status: int) -> None:
    siege.scene.sts.says = Answer(status)
    siege.repels(401)


@pytest.mark.safety("A refusal of STS stays one, whatever its error code is", "bot/aws/sts_answer.py")
@pytest.mark.parametrize("code", ["ExpiredToken", ["Throttling"], {"Throttling": 1}, 429, None])
def test_a_refusal_is_final_whatever_its_code_is(siege: Siege, code: Any) -> None:
    siege.scene.sts.says = Answer(400, json.dumps({"Error": {"Code": code}}).encode())
    siege.repels(401)
    siege.scene.sts.says = Answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "text/xml")
    siege.repels(401)


@pytest.mark.parametrize("status", [201, 204, 206, 404, 408, 409, 413, 429, 500, 502, 503, 599])
def test_any_other_status_is_no_answer_yet(siege: Siege, status: int) -> None:
    siege.scene.sts.says = Answer(status, body=b"" if status == 204 else identity())
    siege.repels(503)


@pytest.mark.safety("Throttling by STS is known in JSON and in XML, and is no refusal", "bot/aws/sts_answer.py")
@pytest.mark.parametrize("code", ["Throttling", "ThrottlingException", "RequestLimitExceeded"])
def test_throttling_is_no_refusal(siege: Siege, code: str) -> None:
    siege.scene.sts.says = Answer(400, json.dumps({"Error": {"Code": code}}).encode())
    siege.repels(503)
    siege.scene.sts.says = Answer(400, f"<Error><Code>{code}</Code></Error>".encode(), "text/xml")
    siege.repels(503)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(siege: Siege, status: int) -> None:
    with serve() as elsewhere:
        siege.scene.sts.says = Answer(status, headers={"Location": f"{elsewhere.url}/"})
        siege.repels(503)
        assert elsewhere.received == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no http\r\n\r\n",
        HEAD + b"Content-Length: 5000\r\n\r\n" + identity(),
        HEAD + b"Content-Length: 400\r\n\r\n" + identity()[:40],
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n" + identity(),
        HEAD + b"X: " + b"x" * 70_000 + b"\r\n\r\n",
        HEAD + b"X: x\r\n" * 200 + b"\r\n" + identity(),
        HEAD + b"\r\n" + identity() + b" " * 20_000,
    ],
    ids=[
        "hangs up",
        "no http",
        "too short",
        "broken off",
        "broken chunk",
        "endless header",
        "endless headers",
        "too long, without its length",
    ],
)
def test_a_truncated_answer_is_asked_for_again(siege: Siege, raw: bytes) -> None:
    siege.scene.sts.writes = lambda wire: wire.write(raw)
    siege.repels(503)


SLOWLY = {"silence": b"", "header": HEAD + b"X: ", "body": HEAD + b"Content-Length: 5000\r\n\r\n"}


@pytest.mark.parametrize("name", SLOWLY)
def test_a_slow_answer_is_asked_for_again(siege: Siege, name: str) -> None:
    def trickle(wire: Any) -> None:
        wire.write(SLOWLY[name])
        while not siege.scene.sts.ended.wait(0.02):
            wire.write(b" " if SLOWLY[name] else b"")
            wire.flush()

    siege.scene.sts.writes = trickle
    siege.hurry()
    began = time.monotonic()
    siege.repels(503)
    assert time.monotonic() - began < 30, "the answer would never end"


def test_an_endless_answer_is_cut_off(siege: Siege) -> None:
    def flood(wire: Any) -> None:
        wire.write(HEAD + b"\r\n")
        while not siege.scene.sts.ended.is_set():
            wire.write(b" " * 65536)

    siege.scene.sts.writes = flood
    siege.repels(503)
