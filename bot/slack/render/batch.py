"""Renders the shared message of one invitation's accounts, and the reminder in its thread.

From top to bottom: title, how many accounts stand where, who pressed for all, what all have in common, a line for each,
what the buttons do, the buttons, small print.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bot.domain.vocabulary import State
from bot.ports import Batched, Picture
from bot.settings import Settings
from bot.slack.render import batch_press, states, terms
from bot.slack.render.batch_facts import IN_THE_LINES, ROLE, usual
from bot.slack.render.batch_lines import account_lines, accounts, common, stand_counted, standing
from bot.slack.render.blocks import Block, Message, context, facts, header, section
from bot.slack.render.limits import near_limits
from bot.slack.render.text import Mrkdwn, code, literal, mention, moment

_COMPANY = 100


def shared_message(together: Picture, settings: Settings) -> Message:
    """Render the message of several accounts as it should look now."""
    batch = together.batch
    blocks = [
        header(title(batch)),
        section(_where_they_stand(batch, settings)),
        *([section(batch_press.pressed(together.bulks))] if together.bulks else []),
        *_facts(batch),
        *account_lines(together, settings),
        *batch_press.to_press(together, settings),
        context(_small_print(batch, settings)),
    ]
    return Message(tuple(blocks), _in_short(batch))


def title(batch: Sequence[Batched]) -> str:
    """Return the header: plain text, with the company's name unchanged."""
    company, number = batch[0].request.company[:_COMPANY], len(batch)
    stand = Counter(one.request.state for one in batch)
    if stand[State.PENDING] == number:
        return f"Onboard {number} accounts of {company}?"
    if stand[State.PENDING]:
        more = " more" if stand[State.DONE] else ""
        return f"Onboard {stand[State.PENDING]}{more} of {number} accounts of {company}?"
    if stand[State.APPROVED] or stand[State.PROVISIONING]:
        return f"Onboarding {number} accounts of {company}"
    if stand[State.DONE] == number:
        return f"✅ {number} accounts of {company} are onboarded"
    return f"{company}: {stand[State.DONE]} of {number} accounts onboarded"


def reminder(batch: Sequence[Batched], settings: Settings) -> Message:
    """Render the reply in the thread when accounts wait for a decision, or have failed."""
    people, company = states.who_may(settings.approvers), literal(batch[0].request.company, _COMPANY)
    waiting = [one.request for one in batch if one.request.state is State.PENDING]
    if not waiting:
        failed = accounts(sum(one.request.state is State.FAILED for one in batch))
        text = Mrkdwn("🔴 {}: {} of *{}* failed. The message above gives the reasons. *Review* there offers *Retry*.")
        short = Mrkdwn("{} of {} failed.").format(failed, company)
        return Message((section(text.format(people, failed, company)),), short)
    text = Mrkdwn("⏰ {}: {} of *{}* still wait{} for a decision. The first request expires {}.")
    number, one_waits = accounts(len(waiting)), "" if waiting[1:] else "s"
    expiry = moment(min(one.expiry for one in waiting))
    short = Mrkdwn("{} of {} still wait{} for a decision.").format(number, company, one_waits)
    return Message((section(text.format(people, number, company, one_waits, expiry)),), short)


def _where_they_stand(batch: Sequence[Batched], settings: Settings) -> Mrkdwn:
    """Return how many accounts stand where, and who has to act."""
    counts = stand_counted(batch)
    waiting = [one.request for one in batch if one.request.state is State.PENDING]
    if not waiting:
        return Mrkdwn("{}{}").format(counts, _near_limits(batch, settings))
    needed = max(settings.approvers.approvals_for(request) for request in waiting)
    several = Mrkdwn("\n👥 An account needs up to {} approvals, from different people.").around(needed > 1 and needed)
    text = Mrkdwn("{}\n*Waiting for approval* by {}{}")
    return text.format(counts, states.who_may(settings.approvers), several)


def _near_limits(batch: Sequence[Batched], settings: Settings) -> Mrkdwn:
    """Return the limits of AWS that the account was near when the last of these was approved."""
    told = [one for one in batch if one.request.state is State.DONE and one.request.attempt.near_limits]
    if not told:
        return Mrkdwn("")
    return near_limits(told[-1].request, settings, lacks_group=bool(told[-1].entrance.lack))


def _facts(batch: Sequence[Batched]) -> list[Block]:
    """Return what most accounts have in common."""
    most, by = usual(batch), common(batch, lambda one: one.invited.by)
    shared = facts(
        ("Company", literal(batch[0].request.company, _COMPANY)),
        ("Access level (says the client)", literal(most.level)),
        ("Role", code(most.role, ROLE)),
        *([("Invited by", mention(by))] if by else []),
        *terms.facts(most.terms),
    )
    return [shared, *([context(IN_THE_LINES)] if most.exceptions else [])]


def _small_print(batch: Sequence[Batched], settings: Settings) -> Mrkdwn:
    text = Mrkdwn("One invitation, {} so far · first asked {} · stage {}")
    first = min(one.request.created_at for one in batch)
    return text.format(accounts(len(batch)), moment(first), code(settings.stage))


def _in_short(batch: Sequence[Batched]) -> Mrkdwn:
    """Return one or two sentences for a notification."""
    stand = Counter(standing(one)[1] for one in batch)
    named = Mrkdwn("{}").format(title(batch))
    counts = ", ".join(f"{number} {words}" for words, number in stand.items())
    return Mrkdwn("{}{} {}.").format(named, "" if named.endswith("?") else ".", counts)
