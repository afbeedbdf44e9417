"""In headless Chromium: Home → invite window → the client's stack → approve → search → switch → kit; twenty at once.

Real clicks and typing at the local workspace's page and the local console, with everything deployed to the local AWS.
The documentation's pictures are taken on the way, though not kept: what they show today is what they showed.
"""

import os
import shutil
from pathlib import Path

import pytest

from local.browser.camera import Camera, differences
from local.browser.chromium import HOW_TO_GET_IT, NoChromium, find_chromium
from local.browser.playing import play
from local.demo.transcript import Transcript
from local.demo.workspace import REPOSITORY

SEEN = REPOSITORY / ".local" / "browser-test"


def test_the_stories_come_true_in_a_browser_and_the_pictures_show_what_they_did() -> None:
    # Given
    _chromium_or_skip()
    shutil.rmtree(SEEN, ignore_errors=True)
    camera, tell = Camera(), Transcript()

    # When
    play(tell, camera, SEEN)

    # Then
    assert tell.checks
    stale = differences(camera.texts)
    assert not stale, "\n".join(["Pictures show what is no longer drawn: run make pictures.", *stale])


def _chromium_or_skip() -> None:
    """Skip where there is no Chromium; in CI that is a failure, since nobody would notice."""
    try:
        find_chromium()
    except NoChromium as missing:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(missing))


def test_without_chromium_its_absence_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoChromium, match="apt-get install chromium"):
        find_chromium()
    assert "CHROMIUM" in HOW_TO_GET_IT


def test_without_chromium_the_stories_are_skipped_but_fail_in_ci(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        _chromium_or_skip()
    monkeypatch.setenv("CI", "true")
    with pytest.raises(NoChromium):
        _chromium_or_skip()


def test_the_chromium_that_is_named_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/opt/elsewhere/chrome")
    assert find_chromium() == "/opt/elsewhere/chrome"
