"""The documentation's pictures are those that `make pictures` takes; each is shown on a page, and small.

That they show what is drawn today, tests/local/test_browser sees.
"""

import re
from pathlib import Path

import pytest

from local.browser.camera import IMAGES, differences, kept_texts

REPOSITORY = IMAGES.parents[1]
MOST_BYTES = 200_000
SHOWN = re.compile(r"!\[(?P<meaning>[^\]]+)\]\((?P<path>[^)\s]+\.png)\)")


def pages() -> list[Path]:
    return [*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").rglob("*.md")]


def shown() -> dict[Path, str]:
    """Return each picture that a page shows, with the words for those who can't see it."""
    found = [(page, each) for page in pages() for each in SHOWN.finditer(page.read_text())]
    return {(page.parent / each["path"]).resolve(): each["meaning"] for page, each in found}


def test_the_pictures_are_those_that_are_taken_and_no_others() -> None:
    assert {path.stem for path in IMAGES.glob("*.png")} == set(kept_texts())
    assert {path.suffix for path in IMAGES.iterdir()} == {".png", ".json"}


def test_every_picture_is_shown_on_a_page_and_every_page_shows_one_that_there_is() -> None:
    assert set(shown()) == set(IMAGES.glob("*.png"))


@pytest.mark.parametrize("picture", sorted(IMAGES.glob("*.png")), ids=lambda path: path.stem)
def test_a_picture_is_a_small_png(picture: Path) -> None:
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert picture.stat().st_size < MOST_BYTES


def test_no_picture_shows_what_differs_from_run_to_run() -> None:
    words = "\n".join(line for lines in kept_texts().values() for line in lines)
    assert set(re.findall(r"\b(?=\w*[A-Z])(?=\w*[a-z])[A-Za-z0-9_-]{32}\b", words)) <= {
        "ExampleTokenExampleTokenExample0"
    }
    assert set(re.findall(r"127\.0\.0\.1:(\d+)", words)) == {"4566"}
    assert set(re.findall(r"\b\d\d:\d\d\b", words)) == {"10:00"}
    assert set(re.findall(r"\b\d{1,2} [A-Z][a-z]+ 20\d\d\b", words)) == {"1 Dec 2026"}
    assert set(re.findall(r"switchyard-demo-(c\w+)", words)) == {"cexample234"}


def test_a_stale_picture_is_named_with_the_line_that_differs() -> None:
    seen = kept_texts()
    assert differences(seen) == []
    was = seen["card"][0]
    seen["card"] = ["Another", *seen["card"][1:]]
    found = differences(seen)
    assert found[:2] == ["--- card.png", "+++ today"]
    assert {f"-{was}", "+Another"} <= set(found)
    assert differences({name: lines for name, lines in kept_texts().items() if name != "home"})[0] == "--- home.png"
