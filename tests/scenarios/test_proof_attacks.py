"""The proof, attacked: made for something else, at another time, or no longer fitting what it came with.

Every test ends with the unaltered event being taken (the fixture `siege` sees to it).
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from tests.fakes import event_body, stack_id
from tests.scenarios.siege import Siege
from tests.unit.aws.sts_proofs import QUESTION

OTHER = "333333333333"

# Something else than what was signed


@pytest.mark.safety("A proof covers the whole body of the event", "bot/ingest/receive.py")
@pytest.mark.parametrize(
    ("honest", "altered"),
    [
        ('"company": "Acme"', '"company": "Globex"'),
        ('"access_level": "ReadOnly"', '"access_level": "Administrator"'),
        ("ResourceStatus='CREATE_COMPLETE'", "ResourceStatus='DELETE_COMPLETE'"),
        ('{"version": 2,', '{"version":  2,'),
        ('"company": "Acme"', '"company": "\\u0041cme"'),
    ],
    ids=["company", "level", "status", "a space", "the same text, spelled otherwise"],
)
def test_an_altered_body_has_lost_its_proof(siege: Siege, honest: str, altered: str) -> None:
    assert honest in siege.body.decode()
    siege.repels(401, body=siege.body.decode().replace(honest, altered).encode())


def test_an_altered_role_has_lost_its_proof(siege: Siege) -> None:
    siege.repels(401, body=siege.claiming(role_name="another-role"))


def test_a_proof_counts_for_no_other_role_even_when_it_is_signed_over_it(siege: Siege) -> None:
    body = siege.claiming(role_name="another-role")
    siege.repels(401, siege.scene.proof(body), body=body)


def test_a_proof_counts_for_no_other_account_even_when_it_is_signed_over_it(siege: Siege) -> None:
    token = json.loads(siege.body)["invitation"]
    body = event_body("CREATE_COMPLETE", siege.scene.clock.now(), token=token, account=OTHER)
    siege.repels(401, siege.scene.proof(body), body=body)


def test_a_stack_in_another_account_than_the_proven_one_is_malformed(siege: Siege) -> None:
    token = json.loads(siege.body)["invitation"]
    there = event_body("CREATE_COMPLETE", siege.scene.clock.now(), token=token, account=OTHER)
    both = json.dumps(json.loads(there) | {"account_id": "222222222222"}).encode()
    for body in (siege.claiming(parent_stack_id=stack_id(account=OTHER)), both):
        siege.repels(400, siege.scene.proof(body), body=body)


def test_a_proof_taken_from_another_event_does_not_fit(siege: Siege) -> None:
    siege.repels(401, siege.scene.proof(event_body("UPDATE_COMPLETE", siege.scene.clock.now())))


def test_somebody_elses_invitation_does_not_slip_in_under_a_proof(siege: Siege) -> None:
    siege.repels(401, body=siege.claiming(invitation="somebody-elses-invitation"))


# Somewhere else


@pytest.mark.parametrize(
    "audience",
    ["switchyard/test/111111111111", f"switchyard/prod/{OTHER}", "switchyard/prod/111111111111/", "", None],
    ids=["stage", "provider", "longer", "empty", "unsigned"],
)
def test_a_proof_for_another_audience_does_not_count_here(siege: Siege, audience: str | None) -> None:
    siege.repels(401, siege.signed(x_switchyard_audience=audience))


def test_a_proof_that_names_no_event_does_not_count(siege: Siege) -> None:
    siege.repels(401, siege.signed(x_switchyard_event_sha256=None))


def test_a_signature_for_another_region_does_not_count(siege: Siege) -> None:
    siege.repels(401, siege.signed(region="us-east-1", host="sts.eu-west-1.amazonaws.com"))
    siege.repels(401, siege.bent(region="us-east-1"))


def test_a_proof_from_another_region_than_the_stacks_does_not_count(siege: Siege) -> None:
    siege.repels(401, siege.signed(region="us-east-1"))


@pytest.mark.parametrize(
    "host", ["sts.amazonaws.com", "sts.s3-eu-west-1.amazonaws.com", "sts.eu-west-1.amazonaws.com.cn", "evil.example"]
)
def test_a_signature_for_another_host_does_not_count(siege: Siege, host: str) -> None:
    siege.repels(401, siege.signed(host=host))


@pytest.mark.parametrize("region", ["cn-north-1", "us-gov-west-1", "us-iso-east-1"])
def test_another_partition_is_not_asked(siege: Siege, region: str) -> None:
    siege.repels(401, siege.bent(region=region), unasked=True)


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_a_stack_of_another_partition_is_malformed(siege: Siege, partition: str) -> None:
    body = siege.claiming(parent_stack_id=stack_id().replace("arn:aws:", f"arn:{partition}:"))
    siege.repels(400, siege.scene.proof(body), body=body)


# Another time


@pytest.mark.parametrize("minutes", [-60 * 24 * 365, -60, -301 / 60, 301 / 60, 60, 60 * 24, 60 * 24 * 365])
def test_an_expired_proof_or_one_from_the_future_is_refused(siege: Siege, minutes: float) -> None:
    at = siege.scene.clock.moment + timedelta(minutes=minutes)
    siege.repels(401, siege.signed(at=at), unasked=True)


def test_an_expired_proof_is_not_made_young_by_another_date(siege: Siege) -> None:
    expired = siege.signed(at=siege.scene.clock.moment - timedelta(hours=1))
    siege.repels(401, siege.bent(signature=expired.signature))


def test_malformed_dates_are_refused(siege: Siege) -> None:
    day = siege.proof.date[:8]
    for date in ("", day, f"{day}T060000", f"{day}t060000z", f"{day}T250000Z", f"{day}T060060Z", "20261323T060000Z"):
        siege.repels(401, siege.bent(date=date), unasked=True)
    for date in ("2026-11-23T06:00:00Z", f"{day}T060000+0000", f"{day}T060000Z ", "Mon, 23 Nov 2026 06:00:00 GMT"):
        siege.repels(401, siege.bent(date=date), unasked=True)


@pytest.mark.parametrize("at", [datetime(2019, 12, 31), datetime(2126, 1, 1)])
def test_an_event_at_an_impossible_time_is_malformed_however_well_proved(siege: Siege, at: datetime) -> None:
    body = event_body("CREATE_COMPLETE", at, token=json.loads(siege.body)["invitation"])
    siege.repels(400, siege.scene.proof(body), body=body)


# Another question (CVE-2020-16250: Vault; CVE-2022-2385: aws-iam-authenticator)


@pytest.mark.parametrize(
    "question",
    [
        b"Action=GetSessionToken&Version=2011-06-15",
        b"Action=AssumeRole&Version=2011-06-15&RoleArn=x&RoleSessionName=switchyard-forwarder-switchyard-access",
        b"Action=GetFederationToken&Name=x&Version=2011-06-15",
        QUESTION + b"&Action=GetSessionToken",
        b"Action=GetSessionToken&" + QUESTION,
        QUESTION + b"&action=GetSessionToken",
        b"Version=2011-06-15&Action=GetCallerIdentity",
        QUESTION + b"&Version=2011-06-15",
        b"",
    ],
)
def test_a_signature_for_another_question_is_worth_nothing(siege: Siege, question: bytes) -> None:
    siege.repels(401, siege.signed(question))
    assert {asked for _, _, asked in siege.scene.sts.received} == {QUESTION}


def test_a_signature_over_more_headers_is_worth_nothing(siege: Siege) -> None:
    siege.repels(401, siege.signed(x_amz_target="anything"))
    siege.repels(401, siege.signed(accept="text/xml"))
