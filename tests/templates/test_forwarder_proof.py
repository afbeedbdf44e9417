"""The proof of the account: what the forwarder signs is exactly what Switchyard rebuilds, and nothing else fits it.

The signature is recomputed here by hand, from AWS's "Create a signed AWS API request", without botocore.
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from messenger import prove_account

SETTINGS = {
    "AWS_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "ASIAEXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "the-secret-key",
    "AWS_SESSION_TOKEN": "the+session/token==",
    "STS_HOST": "sts.eu-central-1.amazonaws.com",
    "AUDIENCE": "switchyard/prod/111111111111",
}
BODY = '{"version": 1, "company": "Müller"}'.encode()


def expected_signature(
    proof: dict[str, str], body: bytes, host: str = SETTINGS["STS_HOST"], audience: str = SETTINGS["AUDIENCE"]
) -> str:
    """The signature of the one request that Switchyard sends to STS for this proof."""
    question = b"Action=GetCallerIdentity&Version=2011-06-15"
    headers = {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": host,
        "x-amz-date": proof["X-Switchyard-Date"],
        "x-amz-security-token": proof["X-Switchyard-Session-Token"],
        "x-switchyard-audience": audience,
        "x-switchyard-event-sha256": hashlib.sha256(body).hexdigest(),
    }
    lines = [f"{name}:{value}" for name, value in headers.items()]
    canonical = "\n".join(["POST", "/", "", *lines, "", ";".join(headers), hashlib.sha256(question).hexdigest()])
    day, region = proof["X-Switchyard-Date"][:8], proof["X-Switchyard-Region"]
    scope = f"{day}/{region}/sts/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", proof["X-Switchyard-Date"], scope, digest])
    key = b"AWS4" + SETTINGS["AWS_SECRET_ACCESS_KEY"].encode()
    for part in (*scope.split("/"), to_sign):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key.hex()


def test_signature_is_that_of_the_rebuilt_request() -> None:
    proof = prove_account(BODY, SETTINGS)
    assert proof["X-Switchyard-Signature"] == expected_signature(proof, BODY)


def test_consists_of_five_scalars_and_never_the_secret_key() -> None:
    proof = prove_account(BODY, SETTINGS)
    assert set(proof) == {
        "X-Switchyard-Region",
        "X-Switchyard-Date",
        "X-Switchyard-Access-Key-Id",
        "X-Switchyard-Session-Token",
        "X-Switchyard-Signature",
    }
    assert proof["X-Switchyard-Region"] == "eu-central-1"
    assert proof["X-Switchyard-Access-Key-Id"] == "ASIAEXAMPLE"
    assert proof["X-Switchyard-Session-Token"] == "the+session/token=="
    assert SETTINGS["AWS_SECRET_ACCESS_KEY"] not in "".join(proof.values())


def test_is_dated_now() -> None:
    signed_at = datetime.strptime(prove_account(BODY, SETTINGS)["X-Switchyard-Date"], "%Y%m%dT%H%M%SZ")
    assert abs(datetime.now(UTC) - signed_at.replace(tzinfo=UTC)) < timedelta(minutes=1)


def test_fits_no_other_event_audience_host_region_or_date() -> None:
    proof = prove_account(BODY, SETTINGS)
    others = {
        expected_signature(proof, BODY + b" "),
        expected_signature(proof, BODY, audience="switchyard/other/111111111111"),
        expected_signature(proof, BODY, host="sts.us-east-1.amazonaws.com"),
        expected_signature({**proof, "X-Switchyard-Region": "us-east-1"}, BODY),
        expected_signature({**proof, "X-Switchyard-Date": "20261123T060554Z"}, BODY),
        expected_signature({**proof, "X-Switchyard-Session-Token": "another"}, BODY),
    }
    assert len(others) == 6
    assert proof["X-Switchyard-Signature"] not in others


@pytest.mark.parametrize(
    ("region", "host"),
    [("cn-north-1", "sts.cn-north-1.amazonaws.com.cn"), ("us-gov-west-1", "sts.us-gov-west-1.amazonaws.com")],
)
def test_is_signed_for_the_regional_host_of_every_partition(region: str, host: str) -> None:
    proof = prove_account(BODY, {**SETTINGS, "AWS_REGION": region, "STS_HOST": host})
    assert proof["X-Switchyard-Signature"] == expected_signature(proof, BODY, host=host)
