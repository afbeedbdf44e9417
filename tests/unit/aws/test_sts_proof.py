"""Which proofs of the account hold, and what reaches STS. The attacks on it are in tests/scenarios/test_proof_*.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from bot.aws.clients import AwsClients
from bot.domain.errors import ProofRefused, TryAgain
from bot.ports import Identity, Proof
from tests.unit.aws.sts_proofs import AUDIENCE, DATE, EVENT, NOW, QUESTION, REGION, proof_of, signed_headers, verifier
from tests.unit.aws.sts_server import (
    ACCESS_KEY_ID,
    ARN,
    SECRET,
    SESSION_TOKEN,
    SIGNED,
    Answer,
    StsServer,
    identity,
    serve,
)


@pytest.fixture
def sts() -> Iterator[StsServer]:
    with serve() as server:
        yield server


def test_a_forwarders_proof_is_believed(sts: StsServer) -> None:
    assert verifier(sts.url).verify(proof_of(), EVENT) == Identity("222222222222", "switchyard-access")


def test_the_published_forwarder_and_the_verifier_agree(sts: StsServer) -> None:
    from messenger import prove_account  # as clients deploy it

    # Given
    body = b'{"company": "Acme"}'
    made = prove_account(
        body,
        {
            "AWS_REGION": REGION,
            "AWS_ACCESS_KEY_ID": ACCESS_KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_SESSION_TOKEN": SESSION_TOKEN,
            "STS_HOST": f"sts.{REGION}.amazonaws.com",
            "AUDIENCE": AUDIENCE,
        },
    )
    # When its proof is checked now
    names = ("Region", "Date", "Access-Key-Id", "Session-Token", "Signature")
    proof = Proof(*(made[f"X-Switchyard-{name}"] for name in names))
    now = SimpleNamespace(now=lambda: datetime.now(UTC))
    identity = verifier(sts.url, clock=now).verify(proof, hashlib.sha256(body).hexdigest())
    # Then it holds
    assert identity.account_id == "222222222222"


def test_what_reaches_sts_is_the_one_question_and_nothing_else(sts: StsServer) -> None:
    verifier(sts.url).verify(proof_of(), EVENT)
    [(path, headers, body)] = sts.received
    assert (path, body) == ("/", QUESTION)
    assert set(headers) == {*SIGNED, "authorization", "content-length"}
    assert headers["host"] == "sts.eu-west-1.amazonaws.com"


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1"])
def test_every_region_of_the_list_is_asked_by_its_own_name(sts: StsServer, region: str) -> None:
    verifier(sts.url).verify(proof_of(region=region), EVENT)
    assert sts.received[0][1]["host"] == f"sts.{region}.amazonaws.com"


def test_china_has_a_suffix_and_arns_of_its_own(sts: StsServer) -> None:
    sts.says = Answer(body=identity(arn=ARN.replace("arn:aws:", "arn:aws-cn:")))
    china = verifier(sts.url, partition="aws-cn", regions={"cn-north-1"})
    proof = proof_of(signed_headers(host="sts.cn-north-1.amazonaws.com.cn"), region="cn-north-1")
    assert china.verify(proof, EVENT) == Identity("222222222222", "switchyard-access")
    assert sts.received[0][1]["host"] == "sts.cn-north-1.amazonaws.com.cn"


# Time


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_proof_counts_five_minutes(sts: StsServer, seconds: int) -> None:
    clock = SimpleNamespace(now=lambda: NOW + timedelta(seconds=seconds))
    assert verifier(sts.url, clock=clock).verify(proof_of(), EVENT).account_id == "222222222222"


# The form of each scalar


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("date", "20261323T060554Z"),
        ("date", "20261123T250554Z"),
        ("date", "2026-11-23T06:05:54Z"),
        ("date", "\uff120261123T060554Z"),
        ("date", "20261123t060554z"),
        ("access_key_id", "AKIA2222222222222222"),
        ("access_key_id", "asia2222222222222222"),
        ("access_key_id", "ASIA222222222222222\u0662"),
        ("access_key_id", "ASIA" + "A" * 125),
        ("access_key_id", "ASIA2222/20261123/us-east-1/sts/aws4_request"),
        ("session_token", "A" * 4097),
        ("session_token", "short"),
        ("signature", "A" * 64),
        ("signature", "0" * 63),
        ("signature", "0" * 65),
        ("signature", "g" * 64),
    ],
)
def test_a_scalar_of_another_form_is_refused_unasked(sts: StsServer, name: str, value: str) -> None:
    with pytest.raises(ProofRefused):
        verifier(sts.url).verify(replace(proof_of(), **{name: value}), EVENT)
    assert not sts.received


def test_a_guessed_signature_is_refused(sts: StsServer) -> None:
    with pytest.raises(ProofRefused):
        verifier(sts.url).verify(replace(proof_of(), signature="0" * 64), EVENT)
    assert len(sts.received) == 1


def test_a_refusal_tells_nothing_of_what_was_sent(sts: StsServer) -> None:
    with pytest.raises(ProofRefused) as caught:
        verifier(sts.url).verify(replace(proof_of(), signature="0" * 64), EVENT)
    said = str(caught.value)
    for secret in (SESSION_TOKEN, ACCESS_KEY_ID, AUDIENCE, DATE, "Signature"):
        assert secret not in said
    assert caught.value.__notes__ == ["STS answered 403 SignatureDoesNotMatch"]


# The list of endpoints


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_regions_are_botocores_and_every_host_is_the_one_botocore_would_ask(partition: str) -> None:
    from botocore.session import Session

    resolver = Session().get_component("endpoint_resolver")
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    regions = AwsClients("eu-west-1").sts_regions(partition)
    assert len(regions) >= 2
    for region in regions:
        found = resolver.construct_endpoint("sts", region, partition)
        assert found["hostname"] == f"sts.{region}.{suffix}"
        assert found["partition"] == partition


def test_no_partition_lists_a_region_of_another() -> None:
    clients = AwsClients("eu-west-1")
    aws, china, gov = (clients.sts_regions(one) for one in ("aws", "aws-cn", "aws-us-gov"))
    assert not (aws & china or aws & gov or china & gov)
    assert {"eu-west-1", "us-east-1", "af-south-1"} <= aws
    assert not any("global" in region or "fips" in region for region in aws | china | gov)


def test_without_an_endpoint_the_signed_host_itself_is_asked_past_every_proxy(
    sts: StsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, sts.url)
    with pytest.raises(TryAgain) as caught:
        verifier(None, regions={"nowhere.invalid"}).verify(replace(proof_of(), region="nowhere.invalid"), EVENT)
    assert isinstance(caught.value.__cause__, OSError)
    assert not sts.received
