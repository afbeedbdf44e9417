"""The one place that makes AWS clients, with the patience each Lambda's own time limit leaves.

botocore alone, without boto3: the same clients, and less to import while Slack waits for its 3 seconds.
Where AWS is comes from the SDK's own environment (`AWS_REGION`, `AWS_ENDPOINT_URL`).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.session import Session

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_ssm import SSMClient

WAITED_FOR = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "total_max_attempts": 2})
"""While somebody waits for an answer: 7 s at the very worst, inside the slack function's 10."""
PATIENT = Config(connect_timeout=2, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})
"""For what nobody waits for, and what throttles easily: about 40 s at the very worst, inside the sweep's 50."""


class AwsClients:
    """Each client is made when it is first asked for, and kept."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._session = Session()

    @cached_property
    def dynamodb(self) -> DynamoDBClient:
        return cast("DynamoDBClient", self._client("dynamodb", WAITED_FOR))

    @cached_property
    def ssm(self) -> SSMClient:
        return cast("SSMClient", self._client("ssm", WAITED_FOR))

    @cached_property
    def functions(self) -> LambdaClient:
        return cast("LambdaClient", self._client("lambda", WAITED_FOR))

    @cached_property
    def cloudformation(self) -> CloudFormationClient:
        return cast("CloudFormationClient", self._client("cloudformation", PATIENT))

    @cached_property
    def iam(self) -> IAMClient:
        return cast("IAMClient", self._client("iam", PATIENT))

    def sts_regions(self, partition: str) -> frozenset[str]:
        """Every region of the partition with an STS endpoint, by botocore's own list (1 ms once a client was made)."""
        return frozenset(self._session.get_available_regions("sts", partition_name=partition))

    def _client(self, service: str, patience: Config) -> Any:
        return self._session.create_client(service, region_name=self._region, config=patience)
