"""Fills the Jinja2 templates of `bot/templates`: texts too long to be pleasant in Python.

`plain_text` is for files that people paste: every value becomes one visible line, so that none can add a line.
`markup` is for Slack: every value that is no Mrkdwn becomes `literal`. A value that the caller forgot is an error.
Jinja2 takes about 40 ms to import, so this module is imported where it's used, not at a cold start.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.slack.render.text import Mrkdwn, one_line

_FOLDER = Path(__file__).parents[2] / "templates"


def plain_text(template: str, **values: str) -> str:
    """Fill a template that is no Slack markup."""
    return _environment().get_template(template).render({name: one_line(value) for name, value in values.items()})


def markup(template: str, **values: str) -> Mrkdwn:
    """Fill a template that is Slack markup."""
    safe = {name: Mrkdwn("{}").format(value) for name, value in values.items()}
    return Mrkdwn(_environment().get_template(template).render(safe))


@cache
def _environment() -> Environment:
    # Slack's markup and ini files are no HTML: the escaping is done above, on every value.
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
