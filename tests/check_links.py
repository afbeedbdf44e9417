"""`make check-links`: ask every address outside this repository that a page links whether it is still there.

It needs the Internet, so `make test` does not run it. Links within the repository are checked by tests/unit/pages.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PROJECT = Path(__file__).parents[1]
_OUTSIDE = re.compile(r"\]\((https?://[^)#\s]+)")
_PATIENCE_SECONDS = 20
_THERE_FOR_PEOPLE = {401, 403, 405, 429}
"""What sites answer that turn away programs, not people."""


def main() -> int:
    """Return 0 when every address answers, 1 when one does not; each is named with the pages that link it."""
    return report(outside_links(PROJECT))


def outside_links(project: Path) -> dict[str, list[str]]:
    """Return each address with the pages that link it."""
    found: dict[str, list[str]] = {}
    for page in [*project.glob("*.md"), *project.glob("docs/**/*.md"), *project.glob("client-templates/*.md")]:
        for address in sorted(set(_OUTSIDE.findall(page.read_text(encoding="utf-8")))):
            found.setdefault(address, []).append(str(page.relative_to(project)))
    return found


def report(links: Mapping[str, list[str]]) -> int:
    """Print every address with what is wrong with it; return 1 if one is gone."""
    with ThreadPoolExecutor(8) as threads:
        troubles = list(threads.map(trouble, links))
    for (address, pages), wrong in zip(links.items(), troubles, strict=True):
        print(f"gone  {address}  {wrong}: {', '.join(pages)}" if wrong else f"there  {address}")
    return 1 if any(troubles) else 0


def trouble(address: str) -> str:
    """Return why nobody would see the page, or nothing."""
    asked = Request(address, headers={"User-Agent": "Mozilla/5.0 (a check of links)"})
    try:
        with urlopen(asked, timeout=_PATIENCE_SECONDS):
            return ""
    except HTTPError as answer:
        return "" if answer.code in _THERE_FOR_PEOPLE else f"HTTP {answer.code}"
    except OSError as error:
        return str(error)


if __name__ == "__main__":
    sys.exit(main())
