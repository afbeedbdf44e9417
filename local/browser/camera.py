"""Takes the documentation's pictures, and keeps the words that each shows beside them, so that a stale one is found.

What differs from run to run (times, ids, tokens, ports) is the same in every picture. No picture has a real token.
"""

import json
import re
from difflib import unified_diff
from pathlib import Path

from playwright.sync_api import Locator

from local.browser.png import smaller

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
_TEXTS = IMAGES / "texts.json"
_COPY = (Path(__file__).parent / "photo.js").read_text()
EXAMPLE_TOKEN = "ExampleTokenExampleTokenExample0"
_DAY, _CLOCK = "1 Dec 2026", "10:00"
_REPLACEMENTS = (
    (r"127\.0\.0\.1(:|%3A)\d+", "127.0.0.1$14566"),
    (r"execute-api/[0-9a-z]+", "execute-api/example"),
    (r"(InvitationToken ?= ?)[A-Za-z0-9_-]{32}", f"$1{EXAMPLE_TOKEN}"),
    (r"^(?=.*[A-Z])[A-Za-z0-9_-]{32}$", EXAMPLE_TOKEN),
    (r"\br[a-z2-7]{16}\b", "rexample234567ab"),
    (r"\b\d{1,2} [A-Z][a-z]{2,8} 20\d\d\b", _DAY),
    (r"\b(today|yesterday|tomorrow)\b(?= at)", "today"),
    (r"\b\d\d:\d\d:\d\d\b", f"{_CLOCK}:00"),
    (r"(?<![:\d])\d\d:\d\d\b(?!:)", _CLOCK),
    (r"\b(\d+ (second|minute)s? ago|now)\b", "1 minute ago"),
)
_WHICH_ACCOUNT = re.compile(r"(?<=88000000)\d{4}\b")
"""Which of the twenty accounts comes first in a message differs from run to run."""


class Camera:
    """Notes the words of what it is shown; with a folder, writes a picture of it too."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self.texts: dict[str, list[str]] = {}

    def take(self, name: str, shown: Locator, width: int = 760, height: int = 0) -> None:
        """Take the picture `name` of an element, this many CSS pixels wide; a `height` cuts off what is below."""
        page = shown.page
        page.mouse.move(0, 0)  # what the pointer is on looks different
        size = {"width": width, "height": height}
        page.evaluate(_COPY, {"element": shown.element_handle(), **size, "replacements": _REPLACEMENTS})
        photo = page.locator("#photo")
        self.texts[name] = [_WHICH_ACCOUNT.sub("", line.strip()) for line in _lines_of(photo) if line.strip()]
        if self._folder:
            taken = photo.screenshot(animations="disabled", caret="hide")
            (self._folder / f"{name}.png").write_bytes(smaller(page.context, taken))
        photo.evaluate("photo => photo.close()")


def _lines_of(photo: Locator) -> list[str]:
    """Return the lines of text that are seen, and what is filled in."""
    fields = photo.locator("input:visible, textarea:visible").all()
    return [*photo.inner_text().splitlines(), *(field.input_value() for field in fields)]


def kept_texts() -> dict[str, list[str]]:
    """Return the words that the pictures in the documentation show, a list of lines for each."""
    found: dict[str, list[str]] = json.loads(_TEXTS.read_text())
    return found


def differences(seen: dict[str, list[str]]) -> list[str]:
    """Return, line by line, how what is seen differs from what the pictures show; nothing where it does not."""
    kept = kept_texts()
    return [
        line
        for name in sorted({*kept, *seen})
        for line in unified_diff(kept.get(name, []), seen.get(name, []), f"{name}.png", "today", lineterm="", n=0)
    ]


def keep_texts(texts: dict[str, list[str]]) -> None:
    """Keep what the pictures show."""
    _TEXTS.write_text(json.dumps(texts, indent=1, ensure_ascii=False) + "\n")
