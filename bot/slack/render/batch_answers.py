"""Tells whoever has pressed for all accounts what the press covers, privately."""

from __future__ import annotations

from bot.domain.bulk import Pressed
from bot.settings import Settings
from bot.slack.render.batch_lines import accounts
from bot.slack.render.blocks import Message, paragraph
from bot.slack.render.text import Mrkdwn, mention

_TAKEN = Mrkdwn("*{} all* counts for {}. The message in {} shows each as it is decided.{}")


def pressed(done: Pressed, settings: Settings) -> Message:
    """Render how many accounts the press decides, and how many it does not, and why."""
    needing, alone, changed, late = done.needing_others, done.alone, done.changed, done.late
    more = [
        Mrkdwn("👥 {} still need{} another approver after this.").format(accounts(needing), _s(needing)),
        Mrkdwn("⚠️ {} {} left out for the reason in {}: press *Review*.").format(
            accounts(alone), "is" if alone == 1 else "are", "its line" if alone == 1 else "their lines"
        ),
        Mrkdwn("🆕 {} changed since your button was drawn and {} not included.").format(
            accounts(changed), "is" if changed == 1 else "are"
        ),
        Mrkdwn("🆕 {} came after your button was drawn and {} not included.").format(
            accounts(late), "is" if late == 1 else "are"
        ),
    ]
    told = [line for line, number in zip(more, (needing, alone, changed, late), strict=True) if number]
    lines = Mrkdwn("").join(Mrkdwn("\n{}").format(line) for line in told)
    bulk = done.bulk
    text = _TAKEN.format(bulk.verb.capitalize(), accounts(len(bulk.covers)), mention(settings.channel_id), lines)
    return paragraph(text)


def _s(number: int) -> str:
    return "s" if number == 1 else ""
