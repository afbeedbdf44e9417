"""The steps of a removal. Each may run again after a crash at any line, and does nothing where it is done."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError, WaiterError

from bot.ports.store import Store
from deploy.adopting import CLOSED
from deploy.deployment import Deployment
from deploy.errors import DeployError
from deploy.inventory import OurStack, clients_of, stack_status

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

HEAD = ("company", "account_id", "role", "level", "standing", "parent_stack", "client_id")
_WAITER: Any = {"Delay": 3, "MaxAttempts": 1200}


def write_clients(store: Store, path: Path) -> int:
    """Write all clients of the table to a CSV file, whole or not at all. Return how many have access."""
    with_access, beside = 0, path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with beside.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(HEAD)
        for client in clients_of(store):
            with_access += client.may_have_group
            given, stack = client.gives, client.stack
            row = (client.company, stack.account_id, given.role_name, given.access_level, client.standing)
            rows.writerow(map(_harmless, (*row, stack.parent_stack_id, client.id)))
    beside.replace(path)
    return with_access


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: companies are called what somebody has typed."""
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell


def empty_bucket(s3: S3Client, name: str, account_id: str) -> None:
    """Delete everything in a bucket, all versions included. Nothing where there is no such bucket of ours."""
    owner: Any = {"Bucket": name, "ExpectedBucketOwner": account_id}
    try:
        for page in s3.get_paginator("list_object_versions").paginate(**owner):
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in found]
            if objects:
                answer = s3.delete_objects(**owner, Delete={"Objects": objects, "Quiet": True})
                _refused(name, answer.get("Errors", []))
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchBucket", "404"):
            raise


def _refused(bucket: str, errors: Iterable[Any]) -> None:
    for one in errors:
        raise DeployError(
            f"S3 keeps {one.get('Key')} in {bucket}: {one.get('Message')} ({one.get('Code')}). Whoever administers the"
            " account has to allow its deletion, or wait until its retention is over. Then run this again."
        )


def delete_bucket(s3: S3Client, name: str, account_id: str) -> None:
    """Empty a bucket and delete it."""
    empty_bucket(s3, name, account_id)
    try:
        s3.delete_bucket(Bucket=name, ExpectedBucketOwner=account_id)
    except ClientError as error:
        if error.response["Error"]["Code"] not in ("NoSuchBucket", "404"):
            raise


def close_bucket(s3: S3Client, name: str, account_id: str) -> None:
    """Empty a bucket and close it to everybody outside of the account. It keeps its name from strangers."""
    empty_bucket(s3, name, account_id)
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=CLOSED, ExpectedBucketOwner=account_id)


@dataclass(frozen=True)
class StackDeletion:
    """Deletes stacks and waits for them."""

    cloudformation: Any
    patience: Any = None
    """A waiter's configuration; None for the usual one."""

    def delete(self, stacks: Iterable[OurStack]) -> None:
        """Delete all of these, each with the service role that it was made with. Raise DeployError as `wait`."""
        asked = list(stacks)
        for stack in asked:
            self.cloudformation.delete_stack(StackName=stack.id, RoleARN=stack.role_arn)
        for stack in asked:
            self.wait(stack.name, stack.id)

    def delete_own(self, deployment: Deployment) -> None:
        """Delete the stage's stack. Raise DeployError as `wait`; nothing where it is gone."""
        name = deployment.stack_name
        if not stack_status(self.cloudformation, name):
            return
        stack_id = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]["StackId"]
        self.cloudformation.delete_stack(StackName=stack_id)
        self.wait(name, stack_id)

    def wait(self, name: str, stack_id: str) -> None:
        """Wait until a stack is gone. Raise DeployError with the reasons of what AWS does not delete."""
        try:
            waiter = self.cloudformation.get_waiter("stack_delete_complete")
            waiter.wait(StackName=stack_id, WaiterConfig=self.patience or _WAITER)
        except WaiterError as error:
            raise DeployError(
                f"CloudFormation does not delete the stack {name}:\n{self._reasons(stack_id)}\nWhoever administers the"
                " account has to mend that. Then run this again: it goes on where it has stopped."
            ) from error

    def _reasons(self, stack_id: str) -> str:
        events = self.cloudformation.describe_stack_events(StackName=stack_id)["StackEvents"]
        failed: dict[str, str] = {}
        for one in events:
            if one["ResourceStatus"] == "DELETE_FAILED" and one["PhysicalResourceId"] != stack_id:
                failed.setdefault(one["LogicalResourceId"], one.get("ResourceStatusReason", "no reason given"))
        return "\n".join(f"  - {one}: {why}" for one, why in failed.items()) or "  - it takes longer than an hour"


def delete_parameters(ssm: Any, names: Iterable[str]) -> None:
    """Delete parameters of SSM; those that are gone are done."""
    for name in names:
        try:
            ssm.delete_parameter(Name=name)
        except ssm.exceptions.ParameterNotFound:
            continue
