"""The local AWS answers programs of this machine, and no website that is open in the developer's browser."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account

NAME = "/switchyard/demo/slack-bot-token"


def read_token(provider: Account, host: str, method: str = "POST", **headers: str) -> tuple[int, str, str]:
    """Ask for a secret as a website could, which knows the credentials. Return status, who may read the answer, it."""
    body = json.dumps({"Name": NAME, "WithDecryption": True})
    signed = AWSRequest(
        "POST",
        f"http://{host}/",
        {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AmazonSSM.GetParameter", "Host": host},
        body,
    )
    SigV4Auth(Credentials(PROVIDER, "test"), "ssm", REGION).add_auth(signed)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = urllib.request.Request(provider.url, body.encode(), {**signed.headers, **named}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get("Access-Control-Allow-Origin", ""), answer.read().decode()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers.get("Access-Control-Allow-Origin", ""), refused.read().decode()


def own_host(provider: Account) -> str:
    return provider.url.removeprefix("http://")


@pytest.fixture(autouse=True)
def token(provider: Account) -> None:
    provider.client("ssm").put_parameter(Name=NAME, Value="xoxb-1", Type="SecureString", Overwrite=True)


def test_a_program_reads_the_token(provider: Account) -> None:
    status, _, told = read_token(provider, own_host(provider))
    assert status == 200
    assert "xoxb-1" in told


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "null"},
        {"Origin": "https://evil.example", "method": "OPTIONS"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
    ids=str,
)
def test_a_website_does_not(provider: Account, headers: dict[str, str]) -> None:
    status, readers, told = read_token(provider, own_host(provider), **headers)
    assert (status, readers) == (403, "")
    assert "xoxb-1" not in told


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"])
def test_nor_does_a_name_that_leads_here(provider: Account, name: str) -> None:
    status, _, told = read_token(provider, f"{name}:{own_host(provider).partition(':')[2]}")
    assert status == 403
    assert "xoxb-1" not in told


@pytest.mark.parametrize(
    ("path", "status"),
    [("/cloudformation/home", 200), ("/switchrole", 200), ("/_ministack/health", 403), ("/?Action=ListUsers", 403)],
)
def test_a_link_elsewhere_opens_the_consoles_pages_only(provider: Account, path: str, status: int) -> None:
    request = urllib.request.Request(f"{provider.url}{path}", headers={"Sec-Fetch-Site": "cross-site"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            found = answer.status
    except urllib.error.HTTPError as refused:
        with refused:
            found = refused.code
    assert found == status
