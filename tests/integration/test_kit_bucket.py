"""Teams' kits in their bucket: what is written there, and what a refusal or an outage of S3 leaves."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber

from bot.aws.clients import AwsClients
from bot.aws.kit_bucket import KitBucket
from bot.domain.errors import TryAgain
from bot.domain.page import Teams
from bot.domain.team_kit import kit_changes
from bot.kit.files import KitFile
from bot.kit.renewing import KitRenewal
from bot.ports.store import Change
from handlers import kit
from tests.fakes import World
from tests.faults.stand_ins import KitShelf
from tests.unit.aws.test_cloudformation_stacks import SETTINGS

BUCKET = "switchyard-prod-kits-111111111111-eu-west-1"
MOTO = replace(SETTINGS, provider_account_id="123456789012")
"""With the account that moto gives everybody."""
TEAMS = Teams(("operators", "auditors"), client_groups=False)


class Broken(KitShelf):
    """A Shelf that one team's kit can't be put on."""

    def __init__(self, fault: Exception) -> None:
        super().__init__()
        self.fault = fault

    def put(self, team: str, file: KitFile) -> None:
        if team == "auditors":
            raise self.fault
        super().put(team, file)


def renewal_on(shelf: KitShelf) -> tuple[World, KitRenewal]:
    """Two teams' kits to be renewed."""
    world = World(teams=TEAMS)
    world.onboard()
    world.store.save(Change(kits=kit_changes(["auditors"], world.clock.now())))
    return world, KitRenewal(world.store, shelf, SETTINGS, world.clock)


def test_a_file_lies_under_its_teams_name(aws: AwsClients) -> None:
    where = replace(MOTO, region="eu-west-1").kit_bucket
    aws.s3.create_bucket(Bucket=where, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    bucket = KitBucket(aws.s3, MOTO)
    bucket.put("operators", KitFile("config", "[profile é]\n"))
    bucket.put("operators", KitFile("config", "[profile ü]\n"))
    bucket.put("operators", KitFile("bookmarks.html", "<p>"))
    [*listed] = [one["Key"] for one in aws.s3.list_objects_v2(Bucket=where)["Contents"]]
    assert listed == ["operators/bookmarks.html", "operators/config"]
    lying = aws.s3.get_object(Bucket=where, Key="operators/config")
    assert (lying["Body"].read().decode(), lying["ContentType"]) == ("[profile ü]\n", "text/plain; charset=utf-8")
    assert aws.s3.head_object(Bucket=where, Key="operators/bookmarks.html")["ContentType"].startswith("text/html")


@pytest.mark.safety("No list of clients is written into a stranger's bucket of that name", "bot/aws/kit_bucket.py")
def test_a_bucket_of_another_account_gets_nothing(aws: AwsClients) -> None:
    expected: dict[str, Any] = {"Bucket": BUCKET, "ExpectedBucketOwner": "111111111111", "Key": "operators/clients.csv"}
    expected |= {"ContentType": "text/csv; charset=utf-8", "Body": b"a"}
    with Stubber(aws.s3) as s3:
        s3.add_client_error("put_object", "AccessDenied", http_status_code=403, expected_params=expected)
        with pytest.raises(ClientError):
            KitBucket(aws.s3, SETTINGS).put("operators", KitFile("clients.csv", "a"))
        s3.assert_no_pending_responses()


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("InternalError", 500), ("RequestTimeout", 400)])
def test_an_outage_is_for_later(aws: AwsClients, code: str, status: int) -> None:
    with Stubber(aws.s3) as s3:
        s3.add_client_error("put_object", code, http_status_code=status)
        with pytest.raises(TryAgain):
            KitBucket(aws.s3, SETTINGS).put("operators", KitFile("config", "a"))


def test_an_outage_leaves_the_kit_to_the_sweep_and_the_others_are_renewed(caplog: pytest.LogCaptureFixture) -> None:
    shelf = Broken(TryAgain("S3 does not answer"))
    world, renewal = renewal_on(shelf)
    kit.create_handler(world_without_sending, lambda: renewal)({"renew": ["auditors", "operators"]}, None)
    assert {team for team, _ in shelf.files} == {"operators"}
    assert [record.levelno for record in caplog.records if record.name.startswith("bot.kit")] == [logging.WARNING]
    world.clock.turn(minutes=1, seconds=1)
    assert world.store.due_kits(world.clock.now(), 9) == ["auditors"]


@pytest.mark.safety("A kit that is refused rings, and keeps no other waiting", "bot/kit/renewing.py")
def test_a_refusal_is_an_error_of_the_lambda_after_the_others_are_renewed() -> None:
    shelf = Broken(ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject"))
    world, renewal = renewal_on(shelf)
    with pytest.raises(ClientError):
        kit.create_handler(world_without_sending, lambda: renewal)({"renew": ["auditors", "operators"]}, None)
    assert {team for team, _ in shelf.files} == {"operators"}
    assert world.store.kit("operators").renewed == world.store.kit("operators").wanted > 0


def test_a_team_without_clients_gets_files_without_clients() -> None:
    shelf = KitShelf()
    _, renewal = renewal_on(shelf)
    renewal.renew(["auditors"])
    assert {name for team, name in shelf.files if team == "auditors"} == {name for _, name in shelf.files}
    renewal.renew(["operators"])
    assert "222222222222" in shelf.files["operators", "config"]
    assert "222222222222" not in shelf.files["auditors", "config"]


def world_without_sending() -> Any:
    raise AssertionError("nothing was to be sent")
