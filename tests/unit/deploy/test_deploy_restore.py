"""`make restore`: backups as DynamoDB has them in memory. tests/local/test_removing.py plays the whole."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import boto3
import pytest

from deploy.backups import Backups
from deploy.errors import NotReady
from deploy.restore import Restoring, Wanted, _time, report
from deploy.settling import Settled
from tests.dynamodb_table import create_table
from tests.unit.deploy.account import HERE, account, put_function
from tests.unit.deploy.test_deploy_remove import Session

__all__ = ["account"]

ITEM: Any = {"pk": {"S": "client#c"}, "sk": {"S": "client"}}
AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
BESIDE = f"{HERE.stack_name}-as-of-20261126T120000"


@pytest.fixture
def backups(account: boto3.Session) -> Backups:
    dynamodb = account.client("dynamodb")
    create_table(dynamodb, HERE.stack_name)
    dynamodb.update_continuous_backups(
        TableName=HERE.stack_name, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    dynamodb.put_item(TableName=HERE.stack_name, Item=ITEM)
    return Backups(dynamodb, HERE, lambda _: None)


def items(backups: Backups) -> int:
    return int(backups.dynamodb.scan(TableName=HERE.stack_name)["Count"])


def test_the_table_is_made_anew_under_its_name_and_set_up(backups: Backups) -> None:
    # Given
    arn = backups.make("test")
    backups.dynamodb.delete_item(TableName=HERE.stack_name, Key=ITEM)
    assert backups.made_at(arn).tzinfo is UTC

    # When, twice as after a crash
    backups.delete()
    backups.delete()
    backups.restore(arn)
    backups.restore(arn)

    # Then
    assert items(backups) == 1
    described = backups.dynamodb.describe_table(TableName=HERE.stack_name)["Table"]
    assert {index["IndexName"] for index in described["GlobalSecondaryIndexes"]} == {"listing", "attention"}
    ttl = backups.dynamodb.describe_time_to_live(TableName=HERE.stack_name)["TimeToLiveDescription"]
    assert (ttl["TimeToLiveStatus"], ttl["AttributeName"]) == ("ENABLED", "expires_at")
    recovery = backups.dynamodb.describe_continuous_backups(TableName=HERE.stack_name)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    tags = backups.dynamodb.list_tags_of_resource(ResourceArn=described["TableArn"])["Tags"]
    assert {tag["Key"]: tag["Value"] for tag in tags} == {"application": "switchyard", "stage": "demo"}


@pytest.mark.parametrize("left", ["nothing", "the table beside", "the backup"])
def test_a_point_in_time_becomes_a_backup_by_way_of_a_table_beside(backups: Backups, left: str) -> None:
    # Given an earlier run that was cut short
    if left != "nothing":
        backups.dynamodb.restore_table_to_point_in_time(
            SourceTableName=HERE.stack_name, TargetTableName=BESIDE, UseLatestRestorableTime=True
        )
    earlier = ""
    if left == "the backup":
        earlier = backups.make("as-of", BESIDE)
        backups.delete(BESIDE)
        backups.delete()

    # When
    arn = backups.as_of(AT)

    # Then
    assert not earlier or arn == earlier
    assert not backups.is_there(BESIDE)
    assert backups.made_at(arn)
    backups.delete()
    backups.restore(arn)
    assert items(backups) == 1


def test_only_backups_of_this_stages_table_are_restored(backups: Backups) -> None:
    arn = backups.make("test")
    other = arn.replace("table/switchyard-demo/", "table/switchyard-prod/")
    for wrong in (other, f"{arn}x", "", "arn:aws:s3:::bucket", arn.replace("demo/backup", "demo2/backup")):
        with pytest.raises(NotReady, match="list-backups"):
            backups.made_at(wrong)


def test_a_stage_that_is_not_deployed_is_not_restored(account: boto3.Session, backups: Backups) -> None:
    wanted = Wanted(backup=backups.make("test"), yes="demo")
    with pytest.raises(NotReady, match="is not deployed here"):
        Restoring(cast(Any, Session(account)), HERE, wanted).run()
    assert items(backups) == 1


@pytest.mark.parametrize("stopped", [False, True])
def test_a_time_that_is_not_to_be_had_leaves_the_functions_as_they_were(
    account: boto3.Session, backups: Backups, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    # Given; functions that are stopped may stand before a table that an earlier restore has not settled
    put_function(account, {})
    functions, name = account.client("lambda"), f"{HERE.stack_name}-slack"
    if stopped:
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    def too_early(_self: Backups, _at: datetime) -> str:
        raise NotReady("can't be restored as of")

    monkeypatch.setattr(Backups, "as_of", too_early)

    # When
    session = cast(Any, Session(account, {}))
    with pytest.raises(NotReady, match="can't be restored as of"):
        Restoring(session, HERE, Wanted(at=AT, yes="demo"), sleep=lambda _: None).run()

    # Then
    concurrency = functions.get_function_concurrency(FunctionName=name)
    assert concurrency.get("ReservedConcurrentExecutions") == (0 if stopped else None)
    assert items(backups) == 1


@pytest.mark.parametrize("text", ["2026-11-26T12:00:00", "yesterday", "", "12:00Z"])
def test_a_time_without_its_zone_is_refused(text: str) -> None:
    with pytest.raises(NotReady, match=f"AT={text}"):
        _time(text)


def test_a_time_may_stand_in_any_zone() -> None:
    assert _time("2026-11-26T13:00:00.5+01:00") == _time("2026-11-26T12:00:00Z") == AT


def test_what_was_found_is_told_and_nothing_in_it_is_obeyed_by_a_terminal() -> None:
    settled = Settled(failed=["Ac\x1b[2Jme (2): onboard"], unknown_groups=["caaaaaaaaa1"])
    said = report(HERE, settled)
    assert "Retry in Slack:\n  - Ac\\x1b[2Jme (2): onboard" in said
    assert "\n  - switchyard-demo-client-caaaaaaaaa1" in said
    assert report(HERE, Settled()) == "\nThe table is restored, and the functions run again."
