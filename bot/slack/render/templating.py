"""Fills the templates of `bot/templates` that are Slack markup: every value that is no Mrkdwn becomes `literal`."""

from __future__ import annotations

from bot.slack.render.text import Mrkdwn
from bot.templates import environment


def markup(template: str, **values: str) -> Mrkdwn:
    """Fill a template that is Slack markup."""
    safe = {name: Mrkdwn("{}").format(value) for name, value in values.items()}
    return Mrkdwn(environment().get_template(template).render(safe))
