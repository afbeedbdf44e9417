"""Starts headless Chromium: the machine's own, driven by playwright, which downloads no browser of its own."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HOW_TO_GET_IT = (
    "No Chromium was found. On Debian: apt-get install chromium. Elsewhere install Chromium or Chrome, or set CHROMIUM "
    "to its path."
)
PATIENCE_SECONDS = 240.0
"""How long anything on a page may take. A machine with many other things to do is several times slower than an idle
one."""


class NoChromium(Exception):
    """The machine has no Chromium; the sentence says how to get one."""


def find_chromium() -> str:
    """Return the path of the machine's Chromium; raise NoChromium where there is none."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    if not found:
        raise NoChromium(HOW_TO_GET_IT)
    return found


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run Chromium for the length of the `with` block. Raises NoChromium."""
    path = find_chromium()
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, timeout=PATIENCE_SECONDS * 1000)
        try:
            yield browser
        finally:
            browser.close()
