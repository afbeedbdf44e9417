"""What may be there of a stage without its stack: its two service roles, its buckets, its table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.deployment import Deployment
from deploy.errors import NotReady

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_s3 import S3Client

_FORBIDDEN = 403


def kept_roles(iam: IAMClient, deployment: Deployment) -> dict[str, str]:
    """Return the names of the service roles that exist, by their logical ids. Raise NotReady for another region's.

    A role's name is unique in the account, while a stage lives in one region: another region's roles may serve a stage
    that is alive there.
    """
    found = {}
    for logical_id, name in deployment.service_roles.items():
        try:
            tags = iam.get_role(RoleName=name)["Role"].get("Tags", [])
        except iam.exceptions.NoSuchEntityException:
            continue
        region = next((tag["Value"] for tag in tags if tag["Key"] == "region"), "")
        if region != deployment.region:
            where = f"belongs to a stage in {region}" if region else "does not say which region's stage it belongs to"
            raise NotReady(
                f"The role {name} exists, and {where}; this is {deployment.region}. Set AWS_REGION to that region, or"
                f" choose another stage's name. If no stage {deployment.stage} is left in any other region, say so:"
                f" aws iam tag-role --role-name {name} --tags Key=region,Value={deployment.region}"
            )
        found[logical_id] = name
    return found


def bucket_exists(s3: S3Client, deployment: Deployment, name: str) -> bool:
    """Return whether the stage has this bucket. Its name can be guessed, so a stranger's bucket is refused."""
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=deployment.account_id)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] == _FORBIDDEN:
            raise NotReady(
                f"The bucket {name} can't be used: it belongs to another account, or these"
                " credentials lack s3:ListBucket on it. Choose another stage, or ask the account's administrator."
            ) from error
        return False
    return True


def table_exists(dynamodb: DynamoDBClient, deployment: Deployment) -> bool:
    """Return whether the stage's table is there."""
    try:
        dynamodb.describe_table(TableName=deployment.stack_name)
    except dynamodb.exceptions.ResourceNotFoundException:
        return False
    return True


def require_own_table(dynamodb: DynamoDBClient, name: str) -> None:
    """Raise NotReady where somebody has opened the table to others: no stack of ours says so, and none would undo it.

    A resource policy lets in other accounts, and a stream and replicas carry the table to where others rule.
    """
    table = dynamodb.describe_table(TableName=name)["Table"]
    found = ["a stream"] if table.get("StreamSpecification", {}).get("StreamEnabled") else []
    found += ["replicas"] if table.get("Replicas") else []
    try:
        dynamodb.get_resource_policy(ResourceArn=table["TableArn"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "PolicyNotFoundException":
            raise
    else:
        found.append("a resource policy")
    if found:
        raise NotReady(
            f"Somebody has given {' and '.join(found)} to the table {name}, which an earlier deployment of this stage"
            " has left. Nothing was changed. Take that away in DynamoDB, and deploy again; if nobody knows who wrote to"
            " the table meanwhile, restore a backup from before (docs/operating.md)."
        )
