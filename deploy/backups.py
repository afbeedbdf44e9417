"""Backups of the table: one before it goes, and the table made from one under its own name.

DynamoDB restores into a new table only, and the stack has a fixed name for it. So the table is deleted once a backup of
it exists, and made again under its name: for the stack it is the table that it has made. What a restored table lacks is
set again (DynamoDB Developer Guide, "Restore a table in DynamoDB"): TTL, tags, point-in-time recovery.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_POLL = 5.0
_LONGEST = 6 * 3600.0
"""Seconds. A restore takes minutes for a small table, hours for a large one."""
_HOW = "See which there are: aws dynamodb list-backups --table-name {} --backup-type ALL"


@dataclass(frozen=True)
class Backups:
    """The table of one stage and its backups. Every method may run again after a crash at any line."""

    dynamodb: DynamoDBClient
    deployment: Deployment
    sleep: Callable[[float], None] = time.sleep

    @property
    def table(self) -> str:
        """Return the table's name."""
        return self.deployment.stack_name

    def is_there(self, table: str = "") -> bool:
        """Return whether the stage's table exists, or another one."""
        return self._status(table or self.table) != ""

    def make(self, why: str, table: str = "") -> str:
        """Make a backup of the stage's table, or of another one, wait for it, and return its ARN."""
        name = f"{self.table}-{why}-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        made = self.dynamodb.create_backup(TableName=table or self.table, BackupName=name)
        arn = made["BackupDetails"]["BackupArn"]
        self._until(lambda: self._is_available(arn), f"The backup {name} is not available yet")
        print(f"Backup {name}: {arn}", flush=True)
        return arn

    def made_at(self, arn: str) -> datetime:
        """Return when a backup of the table was made. Raise NotReady for one that is not there, or of another table."""
        here = self.deployment
        tables = f"arn:{here.partition}:dynamodb:{here.region}:{here.account_id}:table/{self.table}"
        if not re.fullmatch(rf"{re.escape(tables)}(-as-of-\w+)?/backup/[\w-]+", arn):
            raise NotReady(f"{arn!r} is no backup of the table {self.table}. {_HOW.format(self.table)}")
        try:
            found = self.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        except self.dynamodb.exceptions.BackupNotFoundException as error:
            raise NotReady(f"There is no backup {arn}. {_HOW.format(self.table)}") from error
        if found["BackupStatus"] != "AVAILABLE":
            raise NotReady(f"The backup {arn} is {found['BackupStatus']}, not AVAILABLE.")
        return found["BackupCreationDateTime"].astimezone(UTC)

    def as_of(self, at: datetime) -> str:
        """Return the ARN of a backup of the table as it was then, made by way of a table beside it, which is deleted.

        Raise NotReady for a time that point-in-time recovery does not reach.
        """
        beside = f"{self.table}-as-of-{at:%Y%m%dT%H%M%S}"
        known = self.dynamodb.list_backups(TableName=beside)["BackupSummaries"]
        if known and not self.is_there(beside):
            return known[-1]["BackupArn"]
        if not self.is_there(beside):
            try:
                self.dynamodb.restore_table_to_point_in_time(
                    SourceTableName=self.table, TargetTableName=beside, RestoreDateTime=at
                )
            except (
                self.dynamodb.exceptions.InvalidRestoreTimeException,
                self.dynamodb.exceptions.PointInTimeRecoveryUnavailableException,
                self.dynamodb.exceptions.TableNotFoundException,
            ) as error:
                raise NotReady(f"{self.table} can't be restored as of {at:%Y-%m-%dT%H:%M:%SZ}: {error}") from error
        self._until(lambda: self._status(beside) == "ACTIVE", f"The table {beside} is still being restored")
        arn = self.make("as-of", beside)
        self.delete(beside)
        return arn

    def delete(self, table: str = "") -> None:
        """Delete the stage's table, or another one, and wait until it is gone; protection is taken off first."""
        name = table or self.table
        if self._status(name) not in ("", "DELETING"):
            if self.dynamodb.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
                self.dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
                self._until(lambda: self._status(name) == "ACTIVE", f"The table {name} is still being changed")
            self.dynamodb.delete_table(TableName=name)
        self._until(lambda: not self.is_there(name), f"The table {name} is still being deleted")

    def restore(self, arn: str) -> None:
        """Make the table from a backup, wait for it, and set what a restored table lacks."""
        if not self.is_there():
            self.dynamodb.restore_table_from_backup(
                TargetTableName=self.table,
                BackupArn=arn,
                BillingModeOverride="PAY_PER_REQUEST",
                SSESpecificationOverride={"Enabled": True},
            )
        self._until(lambda: self._status(self.table) == "ACTIVE", f"The table {self.table} is still being restored")
        self._until(self._has_what_restored_tables_lack, f"The settings of the table {self.table} are not taken yet")

    def _has_what_restored_tables_lack(self) -> bool:
        """Set what deploy/cloudformation/table.yml says besides. Return False where DynamoDB can't do it yet."""
        ttl = self.dynamodb.describe_time_to_live(TableName=self.table)["TimeToLiveDescription"]
        if ttl.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            wanted: Any = {"AttributeName": "expires_at", "Enabled": True}
            self.dynamodb.update_time_to_live(TableName=self.table, TimeToLiveSpecification=wanted)
        arn = self.dynamodb.describe_table(TableName=self.table)["Table"]["TableArn"]
        tags: Any = [{"Key": "application", "Value": "switchyard"}, {"Key": "stage", "Value": self.deployment.stage}]
        self.dynamodb.tag_resource(ResourceArn=arn, Tags=tags)
        try:
            self.dynamodb.update_continuous_backups(
                TableName=self.table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
            )
        except self.dynamodb.exceptions.ContinuousBackupsUnavailableException:
            return False
        return True

    def _status(self, table: str) -> str:
        try:
            return self.dynamodb.describe_table(TableName=table)["Table"]["TableStatus"]
        except self.dynamodb.exceptions.ResourceNotFoundException:
            return ""

    def _is_available(self, arn: str) -> bool:
        details = self.dynamodb.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        return details["BackupStatus"] == "AVAILABLE"

    def _until(self, done: Callable[[], bool], what: str) -> None:
        """Wait for it. Raise DeployError after a very long time."""
        deadline = time.monotonic() + _LONGEST
        while not done():
            if time.monotonic() > deadline:
                raise DeployError(f"{what}. Run the same command again later: it goes on.")
            self.sleep(_POLL)
