"""Holds a process to a share of one processor, as Lambda does, where we may make a cgroup (Linux, root)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PERIOD_US = 20_000
"""How often the share is given anew."""
_V1, _V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


@contextmanager
def held_to(share: float) -> Iterator[str]:
    """Yield a shell command that moves its own process into a cgroup of this share; empty where there can be none."""
    version_1 = (_V1 / "cpu.cfs_quota_us").exists()
    group = (_V1 if version_1 else _V2) / f"switchyard-bench-{round(share * 1000)}"
    quota = round(share * PERIOD_US)
    try:
        group.mkdir(exist_ok=True)
        if version_1:
            (group / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (group / "cpu.cfs_quota_us").write_text(str(quota))
        else:
            (group / "cpu.max").write_text(f"{quota} {PERIOD_US}")
    except OSError:
        yield ""
        return
    try:
        yield f"echo $$ > {group}/cgroup.procs"
    finally:
        group.rmdir()
