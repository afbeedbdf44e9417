"""The proof, attacked by what carries it: headers too many, twice, in disguise; scalars that hold more than one."""

from __future__ import annotations

import pytest

from tests.scenarios.scene import headers_of
from tests.scenarios.siege import Siege

HEADERS = [f"x-switchyard-{name}" for name in ("region", "date", "access-key-id", "session-token", "signature")]
SCALARS = ["region", "date", "access_key_id", "session_token", "signature"]

# Headers


@pytest.mark.parametrize("name", HEADERS)
def test_a_proof_without_one_of_its_headers_is_none(siege: Siege, name: str) -> None:
    headers = headers_of(siege.proof)
    del headers[name]
    siege.repels(401, headers=headers, unasked=True)


def test_without_any_header_there_is_no_proof(siege: Siege) -> None:
    siege.repels(401, headers={}, unasked=True)
    siege.repels(401, headers={name.removeprefix("x-"): value for name, value in headers_of(siege.proof).items()})


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_that_stands_twice_makes_no_proof(siege: Siege, name: str) -> None:
    """As two entries that differ in case, or joined with a comma, as API Gateway hands over a repeated header."""
    honest = headers_of(siege.proof)
    for again in (name.upper(), name.title(), name.replace("s", "\u017f", 1)):
        siege.repels(401, headers=honest | {again: honest[name]}, unasked=True)
        siege.repels(401, headers={again: "something else"} | honest, unasked=True)
    for joined in (f"{honest[name]},{honest[name]}", f"{honest[name]}, evil", f"evil,{honest[name]}"):
        siege.repels(401, headers=honest | {name: joined}, unasked=True)


@pytest.mark.parametrize(
    "extra",
    ["audience", "event-sha256", "host", "action", "body", "regio", "", "Region2", "\u0441", "access-key-id\x00"],
)
def test_a_header_more_makes_no_proof(siege: Siege, extra: str) -> None:
    siege.repels(401, headers=headers_of(siege.proof) | {f"x-switchyard-{extra}": "x"}, unasked=True)
    siege.repels(401, headers=headers_of(siege.proof) | {f"X-Switchyard-{extra}": "x"}, unasked=True)


@pytest.mark.parametrize("name", HEADERS)
def test_a_header_in_disguise_is_not_the_header(siege: Siege, name: str) -> None:
    headers = headers_of(siege.proof)
    for disguise in (name.replace("s", "\u017f", 1), f" {name}", f"{name} ", name.replace("-", "_"), f"{name}\n"):
        rest = {other: value for other, value in headers.items() if other != name}
        siege.repels(401, headers=rest | {disguise: headers[name]}, unasked=True)


def test_the_case_of_a_header_is_its_senders_own_affair(siege: Siege) -> None:
    """HTTP's names have no case; what is refused above is saying one thing twice."""
    shouted = {name.upper(): value for name, value in headers_of(siege.proof).items()}
    assert siege.scene.deliver(siege.body, shouted)[0] == 202


# Scalars


@pytest.mark.parametrize("name", SCALARS)
def test_a_scalar_with_a_header_in_it_is_refused(siege: Siege, name: str) -> None:
    value = getattr(siege.proof, name)
    for injected in (
        "\r\nX-Amz-Target: x",
        "\nHost: evil.example",
        "\r\n\r\nPOST / HTTP/1.1",
        "\x00",
        "\x0b",
        "%0d%0a",
    ):
        siege.repels(401, siege.bent(**{name: value + injected}), unasked=True)
        siege.repels(401, siege.bent(**{name: injected + value}), unasked=True)
    for blank in ("\n", "\r\n", " ", "\t", "\u2028", "\u00a0"):
        siege.repels(401, siege.bent(**{name: value + blank}), unasked=True)
        siege.repels(401, siege.bent(**{name: blank + value}), unasked=True)


@pytest.mark.parametrize("name", SCALARS)
def test_a_scalar_with_another_parameter_in_it_is_refused(siege: Siege, name: str) -> None:
    value = getattr(siege.proof, name)
    for more in (", SignedHeaders=host", "&Action=GetSessionToken", "&X-Amz-Date=20200101T000000Z", ";x", ",", '"'):
        siege.repels(401, siege.bent(**{name: value + more}), unasked=True)


@pytest.mark.parametrize("name", SCALARS)
def test_an_oversized_or_empty_scalar_is_refused(siege: Siege, name: str) -> None:
    value = getattr(siege.proof, name)
    for size in (5_000, 200_000):
        siege.repels(401, siege.bent(**{name: value + "A" * size}), unasked=True)
    siege.repels(401, siege.bent(**{name: ""}), unasked=True)


@pytest.mark.parametrize("name", SCALARS)
def test_a_scalar_that_is_not_ascii_is_refused(siege: Siege, name: str) -> None:
    value = getattr(siege.proof, name)
    for char in ("\u00e9", "\u0661", "\uff12", "\u202e", "\u200b", "\ud83d\ude00", "\udc80", "\u0430"):
        siege.repels(401, siege.bent(**{name: value + char}), unasked=True)
        siege.repels(401, siege.bent(**{name: char + value[1:]}), unasked=True)


def test_scalars_in_another_case_are_refused(siege: Siege) -> None:
    proof = siege.proof
    siege.repels(401, siege.bent(region=proof.region.upper()), unasked=True)
    siege.repels(401, siege.bent(signature=proof.signature.upper()), unasked=True)
    siege.repels(401, siege.bent(access_key_id=proof.access_key_id.lower()), unasked=True)
    siege.repels(401, siege.bent(session_token=proof.session_token.swapcase()))


@pytest.mark.parametrize(
    "region",
    [
        "eu-west-1.evil.example/",
        "eu-west-1.evil.example#",
        "eu-west-1.evil.example?",
        "eu-west-1@evil.example",
        "eu-west-1:443@evil.example",
        "evil.example#",
        "evil.example/?",
        "s3-eu-west-1",
        "eu-west-1:443",
        "eu-west-1\r\nHost: evil.example",
        "eu-west-1\u3002evil",
        "eu-west-\u0661",
        "eu\u2010west\u20101",
        "eu-west-1%00",
        "../eu-west-1",
        "eu-west-9",
        "aws-global",
        "",
    ],
)
def test_a_region_never_becomes_another_host(siege: Siege, region: str) -> None:
    siege.repels(401, siege.bent(region=region), unasked=True)


# Credentials


def test_credentials_without_a_session_token_are_no_roles(siege: Siege) -> None:
    """A user's or root's long-lived key."""
    siege.repels(401, siege.signed(x_amz_security_token=None))
    siege.repels(401, siege.bent(session_token=""), unasked=True)
    siege.repels(401, siege.bent(access_key_id="AKIA2222222222222222"), unasked=True)
    siege.repels(401, siege.bent(access_key_id="AKIA2222222222222222", session_token=""), unasked=True)


def test_a_scope_in_the_access_key_id_is_refused(siege: Siege) -> None:
    key = siege.proof.access_key_id
    siege.repels(401, siege.bent(access_key_id=f"{key}/20261123/us-east-1/sts/aws4_request"), unasked=True)
