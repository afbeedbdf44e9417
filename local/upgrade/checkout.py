"""An older version of Switchyard in a folder of its own, ready for `make deploy`."""

import os
import shutil
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_SHARED = {
    ".venv": ("locks/dev.txt", "locks/uv.txt"),
    "build/lambda": ("locks/lambda.txt",),
    "node_modules": ("package.json", "package-lock.json", ".npmrc"),
}
"""What `make setup` installs, and the files that say what it is to be. What is the same is not installed again."""


class NoSuchVersion(Exception):
    """Git does not have the commit, as in a shallow clone."""


def commit_of(version: str) -> str:
    """Return the full id of a commit. Raises NoSuchVersion."""
    command = ["git", "rev-parse", "--verify", "--quiet", "--end-of-options", f"{version}^{{commit}}"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoSuchVersion(
            f"Git has no commit {version} here. In a shallow clone, 'git fetch --unshallow' fetches the history."
        )
    return done.stdout.strip()


def check_out(version: str, folder: Path) -> Path:
    """Write a version's files to this folder, and share with it what is installed here and is the same there."""
    commit = commit_of(version)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "archive", commit], cwd=REPOSITORY, stdout=subprocess.PIPE, check=True)
    with tarfile.open(fileobj=BytesIO(archive.stdout)) as files:
        files.extractall(folder, filter="data")
    for installed, named_by in _SHARED.items():
        if (REPOSITORY / installed).exists() and all(_same(name, folder) for name in named_by):
            _share(installed, folder)
    return folder


def _same(name: str, folder: Path) -> bool:
    here, there = REPOSITORY / name, folder / name
    return here.exists() and there.exists() and here.read_bytes() == there.read_bytes()


def _share(installed: str, folder: Path) -> None:
    """Let the older version use what is installed here. osls wants node_modules to be a folder, not a link."""
    (folder / installed).parent.mkdir(exist_ok=True)
    if installed == "node_modules":
        shutil.copytree(REPOSITORY / installed, folder / installed, copy_function=os.link, symlinks=True)
    else:
        (folder / installed).symlink_to((REPOSITORY / installed).resolve())
