"""What is measured: a commit's package, unpacked, with its bytecode and without; and the runtime's boto3."""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.errors import NotReady
from deploy.packaging import INSTALLED, PROJECT, build_package, lambda_python

RUNTIME = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "urllib3", "six.py")
"""What Lambda's Python brings along, taken from .venv, where the same version is pinned for the tests."""


@dataclass(frozen=True)
class Package:
    """A commit's package on disk: `folders` by whether they hold bytecode."""

    name: str
    archive: Path
    folders: dict[bool, Path]


@dataclass(frozen=True)
class Workshop:
    """A folder for the measurement, the Python that is measured, and the runtime's libraries for it."""

    folder: Path
    python: str
    runtime: Path

    def package(self, name: str, tree: Path) -> Package:
        """Package this tree's code as `make deploy` packages ours, with our pinned libraries."""
        staged = self.folder / f"tree-{name}"
        (staged / INSTALLED).parent.mkdir(parents=True)
        for part in ("bot", "handlers"):
            (staged / part).symlink_to(tree / part)
        (staged / INSTALLED).symlink_to((PROJECT / INSTALLED).resolve())
        archive, _ = build_package(staged)
        return Package(name, archive, {compiled: self._unpacked(archive, compiled) for compiled in (True, False)})

    def floor(self) -> Package:
        """Return the libraries alone, all of them compiled, beside the code of `bench/floor.py`."""
        folders = {}
        for compiled in (True, False):
            folder = folders[compiled] = self.folder / f"floor-{compiled}"
            shutil.copytree(PROJECT / INSTALLED, folder, ignore=shutil.ignore_patterns("__pycache__"))
            shutil.copy(PROJECT / "bench" / "floor.py", folder)
            if compiled:
                compile_all(self.python, folder)
        return Package("floor", self.folder, folders)

    def _unpacked(self, archive: Path, compiled: bool) -> Path:
        folder = archive.parent / ("compiled" if compiled else "source")
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(folder)
        if not compiled:
            for cache in [*folder.rglob("__pycache__")]:
                shutil.rmtree(cache)
        return folder


def compile_all(python: str, folder: Path) -> None:
    """Compile every module below a folder, as packaging does."""
    command = [python, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash", str(folder)]
    subprocess.run(command, check=False)  # a template of botocore's tests needs not compile


def workshop(folder: Path) -> Workshop:
    """Prepare a folder. Raise NotReady where there is no Python of the Lambdas' version."""
    python = lambda_python(os.environ)
    if python is None:
        raise NotReady(
            "There is no Python 3.13, on which the Lambdas run. Install one: .venv/bin/uv python install 3.13"
        )
    runtime, installed = folder / "runtime", Path(sysconfig.get_path("purelib"))
    runtime.mkdir()
    for name in RUNTIME:
        copy = shutil.copy if name.endswith(".py") else shutil.copytree
        copy(installed / name, runtime / name)
    compile_all(python, runtime)
    return Workshop(folder, python, runtime)


@contextmanager
def tree_of(commit: str, folder: Path) -> Iterator[Path]:
    """Check out a commit of this repository beside our own tree, and take it away again."""
    tree = folder / "base"
    subprocess.run(["git", "worktree", "add", "--quiet", "--detach", str(tree), commit], cwd=PROJECT, check=True)
    try:
        yield tree
    finally:
        subprocess.run(["git", "worktree", "remove", "--force", str(tree)], cwd=PROJECT, check=True)
