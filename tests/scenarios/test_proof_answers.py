"""The proof, attacked from STS's side: answers that are none, and answers that name somebody else than a forwarder.

Whatever the stand-in says here, it says to a good signature, so only the reading of its answer is on trial.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.scenarios.siege import Siege
from tests.unit.sts_server import ARN, Answer, identity, serve

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
    for account, arn in (("333333333333", there), ("222222222222", there), ("333333333333", ARN), ("", ARN)):
        siege.scene.sts.says = Answer(body=identity(account, arn))
        siege.repels(401)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov", "aws-iso", ""])
def test_a_forwarder_of_another_partition_is_refused(siege: Siege, partition: str) -> None:
    siege.scene.sts.says = Answer(body=identity(arn=ARN.replace("arn:aws:", f"arn:{partition}:")))
    siege.repels(401)


# What is no answer to our question

XML = f"""<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>{ARN}</Arn><UserId>A:b</UserId><Account>222222222222</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"""
SAID: dict[str, tuple[int, Answer]] = {
    "xml": (503, Answer(body=XML.encode(), content_type="text/xml")),
    "xml as json": (503, Answer(body=XML.encode())),
    "json as xml": (503, Answer(content_type="text/xml")),
    "another action": (503, Answer(body=identity().replace(b"GetCallerIdentity", b"GetSessionToken"))),
    "two arns": (503, Answer(body=identity().replace(b'"Arn":', b'"Arn": "arn:aws:iam::333333333333:root", "Arn":'))),
    "nothing": (503, Answer(body=b"")),
    "half of it": (503, Answer(body=identity()[:80])),
    "huge": (503, Answer(body=identity()[:-1] + b" " * 50_000 + b"}")),
    "deep": (503, Answer(body=b"[" * 16_000)),
    "400": (401, Answer(400)),
    "403": (401, Answer(403)),
    "403 in json": (401, Answer(403, json.dumps({"Error": {"Code": "ExpiredToken"}}).encode())),
    "404": (503, Answer(404)),
    "403 in xml": (401, Answer(403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>", "text/xml")),
    "204": (503, Answer(204, b"")),
    "206": (503, Answer(206)),
    "500": (503, Answer(500)),
    "503": (503, Answer(503, b"busy")),
    "throttled": (503, Answer(400, json.dumps({"Error": {"Code": "Throttling"}}).encode())),
    "throttled in xml": (503, Answer(400, b"<Error><Code>Throttling</Code></Error>", "text/xml")),
}


@pytest.mark.parametrize("name", SAID)
def test_what_is_not_exactly_the_answer_is_not_believed(siege: Siege, name: str) -> None:
    status, siege.scene.sts.says = SAID[name]
    siege.repels(status)


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
    ],
    ids=["hangs up", "no http", "too short", "broken off", "broken chunk", "endless header", "endless headers"],
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
