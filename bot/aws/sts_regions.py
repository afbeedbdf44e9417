"""The regions with an STS endpoint: all that this runtime's botocore names, and newer ones that it may not know.

Lambda's runtime brings a botocore of its own, which can be months older than a region. Without the newest regions, no
client there could prove its account. Each name is exact, and a test compares the list with the pinned botocore, so it
holds no region and no host that AWS does not name itself.
"""

from __future__ import annotations

from collections.abc import Iterable

NEWEST = {
    "aws": ("ap-east-2", "ap-southeast-6", "ap-southeast-7", "mx-central-1"),
    "aws-cn": (),
    "aws-us-gov": (),
}
"""By partition: what AWS has opened since the first botocore of Lambda's Python 3.13 (1.35, November 2024)."""


def with_newest(partition: str, named_by_botocore: Iterable[str]) -> frozenset[str]:
    """Return the regions of the partition whose STS may be asked."""
    return frozenset((*named_by_botocore, *NEWEST.get(partition, ())))
