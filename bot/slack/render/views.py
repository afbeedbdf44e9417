"""Renders a request's message in every state, only from what is stored. No other module does.

From top to bottom: title, where it stands, warnings, facts (for an update, what changed), what the buttons do, the
buttons, CloudFormation's timeline, small print.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.domain import transitions
from bot.domain.approvers import grants_administrator
from bot.domain.entrance import Entrance
from bot.domain.model import Event
from bot.domain.request import Request
from bot.domain.verbs import words
from bot.domain.vocabulary import Kind, State, Verb
from bot.settings import Settings
from bot.slack.render import choices, states, terms
from bot.slack.render.blocked import NO_BLOCK, BlockShown
from bot.slack.render.blocks import Block, Button, Confirm, Message, actions, context, facts, header, section
from bot.slack.render.text import Mrkdwn, code, literal, mention, moment, second, sentence
from bot.slack.render.warnings import warnings

TIMELINE_LINES = 12
# Twelve lines at their longest fit into one block; the longest status has 44 characters.
_STATUS, _LOGICAL_ID, _REASON = 46, 40, 80
_DRAWN_AFTER = "presses-"
_COMPANY_CONFIRMED = 150


def request_message(
    request: Request,
    timeline: Sequence[Event],
    settings: Settings,
    entrance: Entrance,
    outdated: Kind | None = None,
    *,
    block: BlockShown = NO_BLOCK,
) -> Message:
    """Render the request's message as it should look now; `outdated` is the kind of change that has ended its grant."""
    does = [choices.what_buttons_do(request, entrance), block.does]
    role_arn = settings.role_arn(request.stack.account_id, request.stack.role_name)
    blocks = [
        header(states.title(request, outdated)),
        section(states.state_line(request, settings, entrance, outdated)),
        *([section(block.line)] if block.line else []),
        *([section(states.members_taken_out(request))] if request.attempt.removed_members else []),
        *map(section, warnings(request)),
        facts(_facts(request)),
        section(Mrkdwn("*Role*\n{}").format(code(role_arn))),
        *([section(_changes(request))] if request.kind is Kind.UPDATE else []),
        *([] if block.line else [*map(section, filter(None, does)), *_buttons(request, entrance, block)]),
        *([context(_timeline(timeline))] if timeline else []),
        context(_small_print(request, settings)),
    ]
    return Message(tuple(blocks), _in_short(request, outdated))


def reminder(request: Request, settings: Settings) -> Message:
    """Render the reply in the thread when nobody has decided for a while, or when something approved has failed."""
    company = literal(request.company)
    if request.state is State.FAILED:
        title = literal(states.title(request))
        text = Mrkdwn("🔴 {}: *{}*. The message above gives the reason. Fix the cause, then press *Retry* there.")
        return Message((section(text.format(states.who_may(settings.approvers), title)),), Mrkdwn("{}.").format(title))
    text = Mrkdwn("⏰ {}: the request for *{}* still waits for *Approve* or *Deny*. It was made {} and expires {}.")
    since = moment(request.deadlines.asked_at)
    text = text.format(states.who_may(settings.approvers), company, since, moment(request.expiry))
    return Message((section(text),), Mrkdwn("The request for {} still waits for a decision.").format(company))


def _facts(request: Request) -> list[tuple[str, Mrkdwn]]:
    claimed = not request.kind.takes_away and request.kind is not Kind.REPAIR
    pairs = [
        ("Company", literal(request.company)),
        ("AWS account", code(request.stack.account_id)),
        ("Access level (says the client)" if claimed else "Access level", literal(request.stack.access_level)),
    ]
    if request.invited.by:
        pairs.append(("Invited by", mention(request.invited.by)))
    return [*pairs, *(terms.facts(request.stack.terms) if request.kind.lets_in else [])]


def _changes(request: Request) -> Mrkdwn:
    """Render each change as old → new, so that nobody has to compare."""
    lines = [Mrkdwn("*What changed*")]
    previous = request.previous
    if request.warnings.recreated:
        lines.append(Mrkdwn("• The client deleted its stack and created it again."))
    if previous is not None and previous.role_name != request.stack.role_name:
        lines.append(Mrkdwn("• Role: {} → {}").format(code(previous.role_name), code(request.stack.role_name)))
    if previous is not None and previous.access_level is not request.stack.access_level:
        lines.append(Mrkdwn("• Access level: *{}* → *{}*").format(previous.access_level, request.stack.access_level))
    if previous is not None and replace(previous, terms=request.stack.terms) == request.stack.grant:
        known = choices.grants_the_same(request) and request.stack.terms is not None
        kept = "Role, access level, MFA and longest session" if known else "Role and access level"
        lines.append(Mrkdwn("• {} are unchanged.").format(kept))
    if previous is not None:
        lines += terms.changes(previous.terms, request.stack.terms)
    else:
        lines.append(Mrkdwn("• The client's stack changed while the access was being set up."))
    return Mrkdwn("\n").join(lines)


def _buttons(request: Request, entrance: Entrance, block: BlockShown) -> list[Block]:
    verbs = transitions.buttons(request.state)
    buttons = [
        Button(
            verb.capitalize(),
            verb.value,
            value=request.id,
            style=words(verb).style,
            confirm=_confirm(request, verb, entrance),
        )
        for verb in verbs
    ]
    buttons += [block.button] if block.button else []
    return [actions(buttons, block_id=f"{_DRAWN_AFTER}{request.presses}")] if buttons else []


def _confirm(request: Request, verb: Verb, entrance: Entrance) -> Confirm | None:
    """Return the question before Administrator access is approved; None for any other press, which can be undone."""
    if verb is not Verb.APPROVE or not grants_administrator(request):
        return None
    text = Mrkdwn("This lets {} do anything in the AWS account {} of *{}*.")
    company = literal(request.company, _COMPANY_CONFIRMED)
    return Confirm(
        "Administrator access?",
        text.format(sentence(entrance.people), code(request.stack.account_id), company),
        "Approve",
        "Not now",
    )


def drawn_after(block_id: str) -> int | None:
    """Return how many presses had counted when the row of buttons with this id was drawn; None for a foreign row."""
    number = block_id.removeprefix(_DRAWN_AFTER)
    return int(number) if number != block_id and re.fullmatch(r"[0-9]{1,6}", number) else None


def _timeline(events: Sequence[Event]) -> Mrkdwn:
    """Render the first event and the latest ones."""
    shown = [_timeline_line(event) for event in events]
    if len(shown) > TIMELINE_LINES:
        left_out = len(shown) - (TIMELINE_LINES - 1)
        shown = [shown[0], Mrkdwn("… {} more").format(left_out), *shown[-(TIMELINE_LINES - 2) :]]
    return Mrkdwn("\n").join([Mrkdwn("*CloudFormation events of the client's stack*"), *shown])


def _timeline_line(event: Event) -> Mrkdwn:
    status = code(event.status, _STATUS)
    what = status if event.about_stack else Mrkdwn("{} {}").format(code(event.logical_id, _LOGICAL_ID), status)
    if event.by_the_gate:
        what = Mrkdwn("{} (from the gate)").format(what)
    reason = Mrkdwn(" {}").format(literal(event.reason, _REASON)) if event.reason else Mrkdwn("")
    return Mrkdwn("{}  {}{}").format(second(event.timestamp), what, reason)


def _small_print(request: Request, settings: Settings) -> Mrkdwn:
    text = Mrkdwn("{} {} · client {} · stage {} · {} {}{}")
    what, since = ("Report", "since") if request.kind is Kind.REPORT else ("Request", "asked")
    attempts = Mrkdwn(" · attempt {}").format(number) if (number := request.attempt.number) > 1 else Mrkdwn("")
    asked = moment(request.deadlines.asked_at)
    return text.format(what, code(request.id), code(request.client_id), code(settings.stage), since, asked, attempts)


def _in_short(request: Request, outdated: Kind | None) -> Mrkdwn:
    """Return one or two sentences for a notification."""
    title = states.title(request, outdated)
    if request.state is State.REPORTED:
        reason = Mrkdwn(": {}").format(request.reason) if request.reason else Mrkdwn("")
        return _ended(Mrkdwn("{}. {}{}").format(title, request.stack_status, reason))
    text = Mrkdwn("{} Account {}, {} access.")
    return text.format(_ended(Mrkdwn("{}").format(title)), request.stack.account_id, request.stack.access_level)


def _ended(text: Mrkdwn) -> Mrkdwn:
    return text if text.endswith((".", "!", "?", "…")) else Mrkdwn("{}.").format(text)
