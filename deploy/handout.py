"""Writes what a provider sends to a client's security officer: the page for clients, what it leads to, and the
templates as they are deployed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from deploy.packaging import PROJECT

PAGES = {
    "docs/for-clients.md": "for-clients.md",
    "docs/security.md": "security.md",
    "client-templates/CHANGELOG.md": "templates-changelog.md",
    "SECURITY.md": "reporting.md",
}
"""The pages that go along, each under the name that it has there."""
_LINK = re.compile(r"\[([^\]]+)\]\(([^)#\s]*)(#[^)\s]*)?\)")
_PINNED = re.compile(r"-[0-9a-f]{16}(?=\.yaml$)")


def write_handout(stage: str, templates: Mapping[str, bytes], project: Path = PROJECT) -> str:
    """Write all of it into a folder that Git ignores, and return the folder's path within the project.

    `templates` are the rendered templates of clients, by key. OSError where it can't be written.
    """
    folder = Path("build") / f"for-clients-{stage}"
    (project / folder).mkdir(parents=True, exist_ok=True)
    for page, name in PAGES.items():
        text = (PROJECT / page).read_text(encoding="utf-8")
        (project / folder / name).write_text(_by_itself(text, Path(page).parent), encoding="utf-8")
    for key, template in templates.items():
        (project / folder / _PINNED.sub("", Path(key).name)).write_bytes(template)
    return str(folder)


def _by_itself(text: str, home: Path) -> str:
    """Return a page whose links lead to what goes along; of other links within the project, only the words are left."""

    def link(found: re.Match[str]) -> str:
        words, target, part = found[1], found[2], found[3] or ""
        if not target or "://" in target:
            return found[0]
        name = PAGES.get(os.path.normpath(home / target))
        return f"[{words}]({name}{part})" if name else words

    return _LINK.sub(link, text)
