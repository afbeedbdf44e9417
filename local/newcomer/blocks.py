"""The fenced blocks of a page: what it tells its reader to run, to write down, or to type in Slack."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Block:
    """A fenced block, and the heading that it stands under."""

    heading: str
    language: str
    text: str

    @property
    def commands(self) -> list[str]:
        """Return its commands, each as one line; a backslash joins lines, as in a shell."""
        return [line for line in self.text.replace("\\\n", " ").splitlines() if line.strip()]


def blocks(page: Path) -> Iterator[Block]:
    """Yield the page's blocks in order, those of a list's items too."""
    heading, language, lines = "", None, list[str]()
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = re.fullmatch(r"\s*```(\w*)", line)
        if fence and language is None:
            language, lines = fence[1], []
        elif fence and language is not None:
            yield Block(heading, language, "\n".join(lines))
            language = None
        elif language is not None:
            lines.append(line.strip())
        elif line.startswith("#"):
            heading = line.lstrip("# ").strip()
