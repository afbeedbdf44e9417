"""Fills the Jinja2 templates of this folder: files and texts too long to be pleasant in Python.

`plain_text` is for files that people paste: every value becomes one visible line, so that none can add a line. A value
that the caller forgot is an error. Jinja2 takes about 40 ms to import, so this package is imported where it's used, not
at a cold start. Slack's markup has its own way in, `bot/slack/render/templating.py`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from bot.domain.spelling import one_line


def plain_text(template: str, **values: str) -> str:
    """Fill a template with values that are each on one visible line. In HTML they are escaped as well."""
    return environment().get_template(template).render({name: one_line(value) for name, value in values.items()})


@cache
def environment() -> Environment:
    """Return what reads the templates."""
    # ini files are no HTML: what they need, `plain_text` does to every value.
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=select_autoescape(["html.j2"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
