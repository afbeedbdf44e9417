"""Makes AWS clients, with the timeouts that each Lambda's own limit allows. No other module does.

Where AWS is comes from the SDK's own environment (`AWS_REGION`, `AWS_ENDPOINT_URL`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from boto3.session import Session
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_ssm import SSMClient

WAITED_FOR = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""While somebody waits for an answer: at most 7 s, within the slack function's 10."""
PATIENT = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
"""For calls that nobody waits for and that are throttled easily: at most about 40 s, within the sweep's 50."""
NEWEST_REGIONS = {
    "aws": ("ap-east-2", "ap-southeast-6", "ap-southeast-7", "mx-central-1"),
    "aws-cn": (),
    "aws-us-gov": (),
}
"""By partition: what AWS has opened since the first botocore of Lambda's Python 3.13 (1.35, November 2024).

Lambda's runtime brings a botocore of its own, which can be months older than a region. Without the newest regions, no
client there could prove its account. Each name is exact, and a test compares the list with the pinned botocore, so it
holds no region and no host that AWS does not name itself.
"""


class Later:
    """Something that is made when it is first used. An AWS client takes some 10 ms of CPU, and most paths use two."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        if "_made" not in vars(self):
            self._made = self._make()
        return getattr(self._made, name)


class AwsClients:
    """Makes each client when it is first asked for, and keeps it."""

    def __init__(self, region: str) -> None:
        self._session = Session(region_name=region)
        self.functions = cast("LambdaClient", self._later("lambda", WAITED_FOR))
        self.cloudformation = cast("CloudFormationClient", self._later("cloudformation", PATIENT))
        self.iam = cast("IAMClient", self._later("iam", PATIENT))
        self.s3 = cast("S3Client", self._later("s3", PATIENT))

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return self._session.client("dynamodb", config=WAITED_FOR)

    @cached_property
    def ssm(self) -> SSMClient:
        return self._session.client("ssm", config=WAITED_FOR)

    def sts_regions(self, partition: str) -> frozenset[str]:
        """Return every region of the partition whose STS may be asked, by exact name (1 ms once a client was made)."""
        named = self._session.get_available_regions("sts", partition_name=partition)
        return frozenset((*named, *NEWEST_REGIONS.get(partition, ())))

    def _later(self, service: Any, config: Config) -> Later:
        return Later(lambda: self._session.client(service, config=config))
