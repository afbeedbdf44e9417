"""An upgrade from the commit before App Home loses nothing: told by `local.upgrade`, whose parts are tried here."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from local.demo.transcript import Transcript
from local.upgrade.__main__ import PINNED, upgrade_from
from local.upgrade.checkout import REPOSITORY, NoSuchVersion, check_out, commit_of
from tests.proving import PROVING


@pytest.mark.skipif(not PROVING, reason="takes minutes: `make prove` and `make prove-upgrade`")
def test_nothing_is_lost() -> None:
    try:
        commit_of(PINNED)
    except NoSuchVersion as shallow:
        pytest.skip(str(shallow))
    upgrade_from(PINNED, Transcript())


def test_a_version_is_written_out_and_shares_what_is_installed(tmp_path: Path) -> None:
    """Beside the repository, or the file system may not link files to it."""
    folder = REPOSITORY / ".local" / tmp_path.name
    try:
        older = check_out("HEAD", folder)
        assert (older / "Makefile").is_file()
        assert (older / "build" / "lambda").resolve() == (REPOSITORY / "build" / "lambda").resolve()
        assert (older / "node_modules" / ".bin" / "osls").exists()
        assert not (older / "node_modules").is_symlink()
    finally:
        shutil.rmtree(folder)


def test_what_is_not_the_same_is_not_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local.upgrade.checkout._SHARED", {"build/lambda": ("README.md", "no-such-file")})
    assert not (check_out("HEAD", tmp_path / "older") / "build" / "lambda").exists()


def test_a_commit_that_git_does_not_have_is_told() -> None:
    with pytest.raises(NoSuchVersion, match="fetch --unshallow"):
        commit_of("0" * 40)
    with pytest.raises(NoSuchVersion):
        commit_of("--help")


def test_the_page_starts_from_the_same_commit() -> None:
    assert f"make prove-upgrade FROM={PINNED}" in (REPOSITORY / "docs" / "upgrading.md").read_text()
