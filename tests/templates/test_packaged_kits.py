"""The packaged serverless.yml: the bucket of the teams' kits."""

import pytest

from tests.templates.packaged import FUNCTIONS, Package
from tests.templates.policy_judge import Asked, Statement, denied

KITS = "arn:aws:s3:::switchyard-test-kits-111111111111-us-east-1"
OURS, OTHERS = "arn:aws:iam::111111111111:role/switchyard-test", "arn:aws:iam::111111111111"
WRITES = ("PutObject", "PutObjectAcl", "PutObjectTagging", "ReplicateObject")


def test_the_bucket_of_the_kits_is_closed_to_the_public(packaged: Package) -> None:
    bucket = packaged.resolved("KitBucket")

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(bucket["PublicAccessBlockConfiguration"]) == 4
    assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    [encryption] = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    assert bucket["BucketName"] == KITS.removeprefix("arn:aws:s3:::")


@pytest.mark.safety(
    "Nobody but the function kit writes a kit, whatever IAM lets them do", "deploy/cloudformation/kit-bucket.yml"
)
@pytest.mark.parametrize(
    "principal",
    [
        *(f"{OURS}-{name}" for name in FUNCTIONS if name != "kit"),
        *(f"{OTHERS}:root", f"{OTHERS}:role/admin", f"{OURS}-kit2", None),
        "arn:aws:iam::222222222222:role/switchyard-test-kit",
    ],
)
def test_the_bucket_of_the_kits_refuses_what_anybody_else_writes(packaged: Package, principal: str | None) -> None:
    policy = _bucket_policy(packaged)
    tls = {"aws:SecureTransport": "true"}
    context = {**tls, "aws:PrincipalArn": principal} if principal else tls

    assert all(denied(policy, Asked(f"s3:{one}", f"{KITS}/operators/config", context)) for one in WRITES)
    assert not denied(policy, Asked("s3:DeleteObject", f"{KITS}/operators/config", context))
    assert not denied(policy, Asked("s3:GetObject", f"{KITS}/operators/config", context))


def test_the_function_kit_writes_there_over_tls_alone(packaged: Package) -> None:
    policy, kit = _bucket_policy(packaged), {"aws:PrincipalArn": f"{OURS}-kit"}

    for action, resource in [("s3:PutObject", f"{KITS}/operators/config"), ("s3:ListBucket", KITS)]:
        assert not denied(policy, Asked(action, resource, {**kit, "aws:SecureTransport": "true"}))
        assert denied(policy, Asked(action, resource, {**kit, "aws:SecureTransport": "false"}))


def _bucket_policy(packaged: Package) -> list[Statement]:
    """The policy's statements, which concern everybody and may only deny, as the judge of IAM's policies takes them."""
    found = packaged.resolved("KitBucketPolicy")["PolicyDocument"]["Statement"]
    assert {(one["Effect"], one["Principal"]) for one in found} == {("Deny", "*")}
    return [{key: value for key, value in one.items() if key != "Principal"} for one in found]
