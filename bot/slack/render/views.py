"""Renders a request's message in every state, only from what is stored. No other module does.

From top to bottom: title, where it stands, warnings, facts (for an update, what changed), what the buttons do, the
buttons, CloudFormation's timeline, small print.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import ConfirmObject

from bot.domain import policy, transitions
from bot.domain.approvers import grants_administrator
from bot.domain.entrance import Entrance
from bot.domain.model import Event
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, Verb
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.ids import row_of_presses
from bot.slack.render import choices, regrouping, states, team_choice, terms
from bot.slack.render.blocked import block_button, blocked_by, what_block_does
from bot.slack.render.blocks import Block, Message, actions, button, confirmation, context, facts, header, section
from bot.slack.render.client_text import client_text_button
from bot.slack.render.text import Mrkdwn, code, divided, literal, mention, moment, second, sentence
from bot.slack.render.warnings import warnings

TIMELINE_LINES = 12
# Twelve lines at their longest fit into one block; the longest status has 44 characters.
_STATUS, _LOGICAL_ID, _REASON = 46, 40, 80
_COMPANY_CONFIRMED, _PEOPLE_CONFIRMED = 120, 110
"""Most characters of them in the question before Administrator access; Slack takes 300 in all."""
_NAMED_ABOVE = Mrkdwn("all people whom the request names")
_CHOSEN = Mrkdwn("the people of the chosen teams and of the client's own group")


def request_message(picture: Picture, settings: Settings) -> Message:
    """Render the request's message as it should look now."""
    request = picture.request
    outdated = policy.outdated(request, picture.client) if picture.client else None
    blocks = [
        header(states.title(request, outdated)),
        *body(picture, settings),
        *([context(timeline(picture.timeline))] if picture.timeline else []),
        context(_small_print(request, settings)),
    ]
    return Message(tuple(blocks), _in_short(request, outdated))


def body(picture: Picture, settings: Settings) -> list[Block]:
    """Render what approvers decide by, and the buttons. Nothing has these buttons without all of it above them."""
    request = picture.request
    role_arn = settings.role_arn(request.stack.account_id, request.stack.role_name)
    return [
        *outcome(picture, settings),
        *_paragraphs(*warnings(request)),
        facts(*_facts(request)),
        section(Mrkdwn("*Role*\n{}").format(code(role_arn))),
        *([section(_changes(request))] if request.kind is Kind.UPDATE else []),
        *to_press(picture, settings),
    ]


def outcome(picture: Picture, settings: Settings) -> list[Block]:
    """Render where the request stands."""
    request = picture.request
    outdated = policy.outdated(request, picture.client) if picture.client else None
    stands = states.state_line(request, settings, picture.entrance, outdated)
    return _paragraphs(stands, blocked_by(picture.account), states.members_taken_out(request))


def _paragraphs(*texts: Mrkdwn | None) -> list[Block]:
    return [section(part) for text in texts if text for part in divided(text)]


def reminder(request: Request, settings: Settings) -> Message:
    """Render the reply in the thread when nobody has decided for a while, or when something approved has failed."""
    people, failed = states.who_may(settings.approvers), literal(states.title(request))
    if request.state is State.FAILED:
        text = Mrkdwn("🔴 {}: *{}*. The message above gives the reason. Fix the cause, then press *Retry* there.")
        return Message((section(text.format(people, failed)),), Mrkdwn("{}.").format(failed))
    text = Mrkdwn("⏰ {}: the request for *{}* still waits for *Approve* or *Deny*. It was made {} and expires {}.")
    text = text.format(people, request.company, moment(request.deadlines.asked_at), moment(request.expiry))
    return Message((section(text),), Mrkdwn("The request for {} still waits for a decision.").format(request.company))


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
    previous, stack = request.previous, request.stack
    if request.regrouping:
        return regrouping.changed(request.regrouping, request.teams)
    lines = [Mrkdwn("*What changed*")]
    if request.warnings.recreated:
        lines.append(Mrkdwn("• The client deleted its stack and created it again."))
    if previous is None:
        lines.append(Mrkdwn("• The client's stack changed while the access was being set up."))
        return Mrkdwn("\n").join(lines)
    if previous.role_name != stack.role_name:
        lines.append(Mrkdwn("• Role: {} → {}").format(code(previous.role_name), code(stack.role_name)))
    if previous.access_level is not stack.access_level:
        lines.append(Mrkdwn("• Access level: *{}* → *{}*").format(previous.access_level, stack.access_level))
    if replace(previous, terms=stack.terms) == stack.grant:
        known = choices.grants_the_same(request) and stack.terms is not None
        kept = "Role, access level, MFA and longest session" if known else "Role and access level"
        lines.append(Mrkdwn("• {} are unchanged.").format(kept))
    return Mrkdwn("\n").join([*lines, *terms.changes(previous.terms, stack.terms)])


def to_press(picture: Picture, settings: Settings) -> list[Block]:
    """Return what the buttons do, the choice of teams, and the buttons.

    The row's id says how many presses had counted.
    """
    request, block = picture.request, block_button(picture)
    if blocked_by(picture.account):
        return []
    text = client_text_button(request, picture.client)
    buttons = [
        button(
            verb.capitalize(),
            verb.value,
            value=request.id,
            style=verb.words.style,
            confirm=_confirm(request, verb, picture.entrance, settings),
        )
        for verb in transitions.buttons(request.state)
    ]
    return [
        *_paragraphs(choices.what_buttons_do(request, picture.entrance), what_block_does(request) if block else None),
        *team_choice.menu(request, settings.teams),
        *actions(*buttons, block, text, block_id=row_of_presses(request.presses)),
    ]


def _confirm(request: Request, verb: Verb, entrance: Entrance, settings: Settings) -> ConfirmObject | None:
    """Return the question before Administrator access is approved; None for any other press, which can be undone."""
    if verb is not Verb.APPROVE or not grants_administrator(request):
        return None
    text = Mrkdwn("This lets {} do anything in the AWS account {} of *{}*.")
    company = literal(request.company, _COMPANY_CONFIRMED)
    chosen = team_choice.offered(request, settings.teams)
    people = _CHOSEN if chosen else sentence(entrance.people)
    people = people if len(people) <= _PEOPLE_CONFIRMED else _NAMED_ABOVE
    text = text.format(people, code(request.stack.account_id), company)
    return confirmation("Administrator access?", text, "Approve", "Not now")


def timeline(events: Sequence[Event]) -> Mrkdwn:
    """Render the first event of the client's stack and the latest ones."""
    left_out = len(events) - (TIMELINE_LINES - 1)
    shown = events if left_out <= 1 else [events[0], *events[-(TIMELINE_LINES - 2) :]]
    lines = [_timeline_line(event) for event in shown]
    if left_out > 1:
        lines.insert(1, Mrkdwn("… {} more").format(left_out))
    return Mrkdwn("\n").join([Mrkdwn("*CloudFormation events of the client's stack*"), *lines])


def _timeline_line(event: Event) -> Mrkdwn:
    status = code(event.status, _STATUS)
    what = status if event.about_stack else Mrkdwn("{} {}").format(code(event.logical_id, _LOGICAL_ID), status)
    if event.by_the_gate:
        what = Mrkdwn("{} (from the gate)").format(what)
    reason = Mrkdwn(" {}").around(literal(event.reason, _REASON))
    return Mrkdwn("{}  {}{}").format(second(event.timestamp), what, reason)


def _small_print(request: Request, settings: Settings) -> Mrkdwn:
    text = Mrkdwn("{} {} · client {} · stage {} · {} {}{}")
    what, since = ("Report", "since") if request.kind is Kind.REPORT else ("Request", "asked")
    attempts = Mrkdwn(" · attempt {}").around(request.attempt.number > 1 and request.attempt.number)
    asked = moment(request.deadlines.asked_at)
    return text.format(what, code(request.id), code(request.client_id), code(settings.stage), since, asked, attempts)


def _in_short(request: Request, outdated: Kind | None) -> Mrkdwn:
    """Return one or two sentences for a notification."""
    named = Mrkdwn("{}").format(states.title(request, outdated))
    if request.state is State.REPORTED:
        reason = Mrkdwn(": {}").around(request.reason)
        return _ended(Mrkdwn("{}. {}{}").format(named, request.stack_status, reason))
    text = Mrkdwn("{} Account {}, {} access.")
    return text.format(_ended(named), request.stack.account_id, request.stack.access_level)


def _ended(text: Mrkdwn) -> Mrkdwn:
    return text if text.endswith((".", "!", "?", "…")) else Mrkdwn("{}.").format(text)
