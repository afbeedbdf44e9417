"""Taking over what a stage has left behind: its names are taken, so its new stack could not be made beside it.

What stays of a stage is what its stack retains (deploy/cloudformation). Without its stack, all of it that exists is
imported into a new one, before osls updates that to the rest. What somebody may have added to a role or a bucket
meanwhile is taken away first, and the update writes what the stack says of it. A table that others were let into is
refused; what is in it is believed, as it is of a table in use.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from botocore.exceptions import ClientError, WaiterError

from bot.domain.errors import SwitchyardError
from deploy.actual_access import read_access
from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady
from deploy.leftovers import bucket_exists, kept_roles, require_own_table, table_exists
from deploy.packaging import PROJECT
from deploy.unsettled import note_unsettled

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client

CHANGE_SET = "adopt"
_NOBODY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Deny", "Principal": {"Service": "cloudformation.amazonaws.com"}, "Action": "*"}],
}
"""Not what the role says, so that the update after the import writes what it should say."""
CLOSED: Any = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
"""What keeps a bucket from everybody outside of its account, whatever its policy says."""
_PATIENCE: Any = {"Delay": 2, "MaxAttempts": 60}


@dataclass(frozen=True)
class Leftover:
    """One resource that a stack of ours can take over."""

    logical_id: str
    type: str
    identifier: tuple[str, str]
    properties: dict[str, Any]

    @property
    def name(self) -> str:
        """Return what it is called in AWS."""
        return self.identifier[1]

    @property
    def declared(self) -> dict[str, Any]:
        """Return its place in the template that imports it: no more than it takes, as the update says the rest."""
        return {"Type": self.type, "DeletionPolicy": "RetainExceptOnCreate", "Properties": self.properties}

    @property
    def asked(self) -> Any:
        """Return it as CreateChangeSet takes it."""
        return {
            "ResourceType": self.type,
            "LogicalResourceId": self.logical_id,
            "ResourceIdentifier": dict([self.identifier]),
        }


def adopt(session: Session, deployment: Deployment) -> tuple[str, ...]:
    """Have a new stack of the stage take over what exists of it, where it has no stack. Return the names of that.

    Raise NotReady, with nothing changed, for what is not this stage's. Started again after a crash, it goes on. That
    the new table has to be told of pages is noted before anything is changed, so that no crash forgets it.
    """
    cloudformation = session.client("cloudformation")
    if _status(cloudformation, deployment) not in ("", "REVIEW_IN_PROGRESS"):
        return ()
    found = list(_leftovers(session, deployment))
    if not found:
        return ()
    names = tuple(one.name for one in found)
    if needs_settling(deployment, names):
        _require_sight(session, deployment)
        note_unsettled(session.client("ssm"), deployment)
    _strip(session, found)
    _import(cloudformation, deployment, found)
    return names


def needs_settling(deployment: Deployment, adopted: Collection[str]) -> bool:
    """Return whether there may be pages that the table does not know: the roles have stayed, the table has not."""
    return deployment.stack_name not in adopted and bool({*deployment.service_roles.values()} & {*adopted})


def _require_sight(session: Session, deployment: Deployment) -> None:
    """Raise NotReady unless these credentials may see what the new table has to be told (deploy/settling.py)."""
    try:
        read_access(session.client("cloudformation"), session.client("iam"), deployment)
    except (ClientError, SwitchyardError) as error:
        raise NotReady(
            "A removed stage of this name has left its roles, and a new table has to be told what else there is. These"
            f" credentials may not look: {error}. Deploy this once as an administrator of the account."
        ) from error


def _status(cloudformation: Any, deployment: Deployment) -> str:
    try:
        return str(cloudformation.describe_stacks(StackName=deployment.stack_name)["Stacks"][0]["StackStatus"])
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise


def _leftovers(session: Session, deployment: Deployment) -> Iterator[Leftover]:
    for logical_id, name in kept_roles(session.client("iam"), deployment).items():
        properties = {"RoleName": name, "AssumeRolePolicyDocument": _NOBODY}
        yield Leftover(logical_id, "AWS::IAM::Role", ("RoleName", name), properties)
    for logical_id, name in {"TemplatesBucket": deployment.bucket, "KitBucket": deployment.kit_bucket}.items():
        if bucket_exists(session.client("s3"), deployment, name):
            yield Leftover(logical_id, "AWS::S3::Bucket", ("BucketName", name), {"BucketName": name})
    if table_exists(session.client("dynamodb"), deployment):
        name = deployment.stack_name
        require_own_table(session.client("dynamodb"), name)
        yield Leftover("Table", "AWS::DynamoDB::Table", ("TableName", name), _table(deployment))


def _table(deployment: Deployment) -> dict[str, Any]:
    """Return the table as the stack will say it: an update makes one index at most, and these are there."""
    text = (PROJECT / "deploy" / "cloudformation" / "table.yml").read_text(encoding="utf-8")
    resources = yaml.safe_load(text.replace("${sls:stage}", deployment.stage).partition("\nOutputs:")[0])["Resources"]
    properties: dict[str, Any] = resources["Table"]["Properties"]
    return properties


def _strip(session: Session, found: list[Leftover]) -> None:
    """Take away what no stack of ours says of them, and what it would make beside them."""
    iam, s3 = session.client("iam"), session.client("s3")
    for one in found:
        if one.type == "AWS::IAM::Role":
            _strip_role(iam, one.name)
        elif one.type == "AWS::S3::Bucket":
            _strip_bucket(s3, one.name)


def _strip_role(iam: IAMClient, name: str) -> None:
    attached = [one["PolicyName"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    if attached:
        raise NotReady(
            f"Somebody has attached {', '.join(attached)} to the role {name}, which an earlier deployment of this stage"
            " has left. Detach that in IAM, and deploy again."
        )
    for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
        iam.delete_role_policy(RoleName=name, PolicyName=policy)


def _strip_bucket(s3: S3Client, name: str) -> None:
    """Take its policy away, once the bucket is closed without it: the stack makes both anew."""
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=CLOSED)
    s3.delete_bucket_policy(Bucket=name)


def _import(cloudformation: Any, deployment: Deployment, found: list[Leftover]) -> None:
    """Import them into a new stack, and wait for it. Raise DeployError with CloudFormation's reason."""
    stack, change_set = deployment.stack_name, {"StackName": deployment.stack_name, "ChangeSetName": CHANGE_SET}
    if _status(cloudformation, deployment):
        cloudformation.delete_change_set(**change_set)
    template = json.dumps({"Resources": {one.logical_id: one.declared for one in found}})
    cloudformation.create_change_set(
        **change_set,
        ChangeSetType="IMPORT",
        TemplateBody=template,
        ResourcesToImport=[one.asked for one in found],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**change_set, WaiterConfig=_PATIENCE)
        cloudformation.execute_change_set(**change_set)
        cloudformation.get_waiter("stack_import_complete").wait(StackName=stack, WaiterConfig=_PATIENCE)
    except WaiterError as error:
        reason = error.last_response.get("StatusReason", "") or _status(cloudformation, deployment)
        raise DeployError(
            f"CloudFormation does not take over what an earlier {stack} has left ({', '.join(o.name for o in found)}):"
            f" {reason}. Nothing was deleted. Mend that, delete the stack {stack} if there is one, and deploy again."
        ) from error


def adopted_text(names: tuple[str, ...]) -> str:
    """Return the sentence about what was taken over; empty for nothing."""
    return f"Taken over from an earlier deployment of this stage: {', '.join(names)}." if names else ""
