"""The proof of the account: a signed GetCallerIdentity, relayed by somebody else, answered by STS in JSON."""

import hashlib
import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local.test_aws_gaps.accounts import Account

HOST = "sts.us-east-1.amazonaws.com"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
EVENT = b'{"version": 1}'


@pytest.fixture(scope="module")
def session(local_aws: Any) -> dict[str, str]:
    """Temporary credentials of a forwarder's role in the client's account."""
    client = Account(local_aws.url, "222222222222")
    role = client.role("switchyard-forwarder-acme", {"AWS": "222222222222"})
    taken = client.client("sts").assume_role(RoleArn=role, RoleSessionName="forwarder")["Credentials"]
    return {name: str(value) for name, value in taken.items()}


def signed_headers(session: dict[str, str]) -> dict[str, str]:
    """What a forwarder signs: exactly the headers the verifier will rebuild."""
    headers = {
        "accept": "application/json",
        "content-type": "application/x-www-form-urlencoded; charset=utf-8",
        "host": HOST,
        "x-switchyard-audience": "switchyard/test/111111111111",
        "x-switchyard-event-sha256": hashlib.sha256(EVENT).hexdigest(),
    }
    credentials = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    request = AWSRequest("POST", f"https://{HOST}/", headers=headers, data=BODY)
    SigV4Auth(credentials, "sts", "us-east-1").add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def relay(url: str, headers: dict[str, str], body: bytes = BODY) -> tuple[int, dict[str, Any], str]:
    """Send the request to the local AWS as it was signed: status, JSON, content type."""
    request = urllib.request.Request(url + "/", data=body, headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer), answer.headers["content-type"]
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused), refused.headers["content-type"]


def test_sts_tells_in_json_whose_signature_it_is(provider: Account, session: dict[str, str]) -> None:
    # When
    status, answer, content_type = relay(provider.url, signed_headers(session))

    # Then
    assert (status, content_type) == (200, "application/json")
    result = answer["GetCallerIdentityResponse"]["GetCallerIdentityResult"]
    assert result["Account"] == "222222222222"
    assert result["Arn"] == "arn:aws:sts::222222222222:assumed-role/switchyard-forwarder-acme/forwarder"
    assert set(result) == {"Account", "Arn", "UserId"}
    assert answer["GetCallerIdentityResponse"]["ResponseMetadata"]["RequestId"]


@pytest.mark.parametrize(
    "changed",
    [
        {"x-switchyard-audience": "switchyard/test/333333333333"},
        {"x-switchyard-event-sha256": hashlib.sha256(b"another event").hexdigest()},
        {"host": "sts.eu-west-1.amazonaws.com"},
        {"x-amz-date": "20200101T000000Z"},
        {"x-amz-security-token": "another"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_a_changed_request_is_refused_in_json(
    provider: Account, session: dict[str, str], changed: dict[str, str]
) -> None:
    status, answer, content_type = relay(provider.url, {**signed_headers(session), **changed})
    assert (status, content_type) == (403, "application/json")
    assert answer["Error"]["Type"] == "Sender"
    assert answer["Error"]["Code"] in ("SignatureDoesNotMatch", "InvalidClientTokenId")
    assert answer["RequestId"]


def test_another_action_under_the_signature_is_refused(provider: Account, session: dict[str, str]) -> None:
    status, _, _ = relay(provider.url, signed_headers(session), BODY.replace(b"GetCallerIdentity", b"GetSessionToken"))
    assert status == 403


def test_whoever_asks_for_xml_gets_xml(provider: Account) -> None:
    assert provider.client("sts").get_caller_identity()["Account"] == "111111111111"
