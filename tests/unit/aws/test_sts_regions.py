"""Our list of the newest regions against the pinned botocore's: exact, complete, and nothing in it that is not needed.

When this fails after a newer botocore was pinned, AWS has opened a region: write it into `NEWEST_REGIONS` of
`bot/aws/clients.py`. Only there does it count before Lambda's runtime knows it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import botocore
import pytest

from bot.aws.clients import NEWEST_REGIONS, AwsClients

PINNED: dict[str, Any] = {
    partition["partition"]: partition
    for partition in json.loads((Path(botocore.__file__).parent / "data" / "endpoints.json").read_text("utf-8"))[
        "partitions"
    ]
}
PARTITIONS = ["aws", "aws-cn", "aws-us-gov"]
OLDEST = {
    "aws": "af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 "
    "ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ca-central-1 ca-west-1 eu-central-1 eu-central-2 "
    "eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 sa-east-1 "
    "us-east-1 us-east-2 us-west-1 us-west-2",
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
}
"""What botocore 1.35.60 names, of November 2024: no runtime of Lambda's Python 3.13 is older."""
SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}


def pinned_regions(partition: str) -> set[str]:
    """The regions with an STS endpoint, without pseudo-regions such as `aws-global`."""
    return set(PINNED[partition]["services"]["sts"]["endpoints"]) & set(PINNED[partition]["regions"])


def pinned_host(partition: str, region: str) -> str:
    """The host that botocore's own data gives to a region's STS; what it does not name is an error."""
    facts = PINNED[partition]
    sts = facts["services"]["sts"]
    endpoint = {**facts["defaults"], **sts.get("defaults", {}), **sts["endpoints"][region]}
    return str(endpoint["hostname"].format(service="sts", region=region, dnsSuffix=facts["dnsSuffix"]))


@pytest.mark.safety("Only regions on a list are asked, each at the host that AWS names", "bot/aws/clients.py")
@pytest.mark.parametrize("partition", PARTITIONS)
def test_our_list_is_what_the_pinned_botocore_names_and_an_older_runtime_may_not(partition: str) -> None:
    assert set(NEWEST_REGIONS[partition]) == pinned_regions(partition) - set(OLDEST[partition].split())
    assert len(set(NEWEST_REGIONS[partition])) == len(NEWEST_REGIONS[partition])


@pytest.mark.safety("Only regions on a list are asked, each at the host that AWS names", "bot/aws/clients.py")
@pytest.mark.parametrize("partition", PARTITIONS)
def test_every_host_is_the_one_the_pinned_botocore_names(partition: str) -> None:
    for region in AwsClients("eu-west-1").sts_regions(partition):
        assert pinned_host(partition, region) == f"sts.{region}.{SUFFIXES[partition]}"


@pytest.mark.safety(
    "A region that is newer than the runtime's botocore is on the list of STS regions", "bot/aws/clients.py"
)
@pytest.mark.parametrize("partition", PARTITIONS)
def test_with_an_older_botocore_the_newest_regions_count_all_the_same(
    partition: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given the data of a botocore that was made before the newest regions
    older = [_without(one, NEWEST_REGIONS.get(name, ())) for name, one in PINNED.items()]
    (tmp_path / "endpoints.json").write_text(json.dumps({"version": 3, "partitions": older}))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))

    # When
    clients = AwsClients("eu-west-1")

    # Then
    assert clients.sts_regions(partition) == pinned_regions(partition)


def test_with_the_pinned_botocore_nothing_is_added() -> None:
    clients = AwsClients("eu-west-1")
    assert all(clients.sts_regions(one) == pinned_regions(one) for one in PARTITIONS)


def test_no_pattern_lets_a_region_in() -> None:
    known = AwsClients("eu-west-1").sts_regions("aws")
    for region in (
        "eu-west-9",
        "ap-east-3",
        "cn-north-1",
        "us-gov-west-1",
        "aws-global",
        "EU-WEST-1",
        "",
        "mx-central-1 ",
    ):
        assert region not in known


def test_a_partition_without_news_is_botocores_alone() -> None:
    assert AwsClients("us-iso-east-1").sts_regions("aws-iso") == pinned_regions("aws-iso")


def _without(partition: dict[str, Any], regions: tuple[str, ...]) -> dict[str, Any]:
    sts = partition["services"].get("sts", {})
    kept = {name: one for name, one in sts.get("endpoints", {}).items() if name not in regions}
    listed = {name: one for name, one in partition["regions"].items() if name not in regions}
    return {**partition, "regions": listed, "services": {**partition["services"], "sts": {**sts, "endpoints": kept}}}
