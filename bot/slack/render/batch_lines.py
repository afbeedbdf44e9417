"""Renders one line for each account of a shared message: where it stands, who decided, what differs from the others.

Slack takes 13,200 characters in a message, so a line keeps to its share: what matters least is left out first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar, assert_never

from bot.domain import policy
from bot.domain.approvers import grants_administrator
from bot.domain.bulk import Bulk, batchable
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, Verb
from bot.ports import Batched, Picture
from bot.settings import Settings
from bot.slack.render.batch_facts import differences, labelled, usual
from bot.slack.render.blocks import Block, section
from bot.slack.render.text import Mrkdwn, code, listed, literal, mention, packed

_SECTION = 2900
_LINES = 8500
"""Characters of all lines together, beyond which each line keeps to its share."""
_MOST = 9300
"""Characters of all lines together that leave room for the rest of the message."""
_SHORT = 60
_CLAIMED = 30
"""Characters of a claimed name. With the longest reason, 100 lines still fit."""
_PEOPLE = 2
"""Most people that are named in a line."""
_TEAMS = 5
_BETWEEN, _CUT = Mrkdwn(" · "), Mrkdwn(" · …")
Value = TypeVar("Value")


def common(batch: Sequence[Batched], value: Callable[[Request], Value]) -> Value | None:
    """Return what all accounts have in common; None where they differ."""
    found = {value(one.request) for one in batch}
    return found.pop() if len(found) == 1 else None


def account_lines(picture: Picture, settings: Settings) -> list[Block]:
    """Return a line for each account, in as few sections as Slack's limits allow."""
    most_have = usual(picture.batch)
    told_once = common(picture.batch, lambda one: one.teams) is not None
    whole = []
    for one in picture.batch:
        named, *others = _parts(one, picture, settings)
        open_still = one.request.state is State.PENDING
        teams = [_teams(one.request)] if open_still and not told_once else []
        whole.append([named, *teams, *differences(one.request, most_have), *others])
    most = share(whole)
    return sections([fitted(parts, most) for parts in whole])


def accounts(number: int) -> str:
    """Return so many accounts in words."""
    return "1 account" if number == 1 else f"{number} accounts"


def is_blocked(one: Batched) -> bool:
    """Return whether the account is blocked, so that nothing can be decided about it."""
    return one.client is not None and one.client.blocked


def sections(lines: Sequence[Mrkdwn], most: int = _MOST) -> list[Block]:
    """Return the lines as paragraphs, and how many accounts there was no room for."""
    kept: list[Mrkdwn] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > most:
            kept.append(Mrkdwn("… and {} more accounts. `/clients` lists them.").format(len(lines) - len(kept)))
            break
        kept.append(line)
    return [section(text, expand=True) for text in packed(kept, Mrkdwn("\n"), _SECTION)]


def share(lines: Sequence[Sequence[Mrkdwn]], most: int = _LINES) -> int | None:
    """Return how long each line may be; None while all of them fit as they are."""
    length = sum(len(_BETWEEN.join(parts)) + 1 for parts in lines)
    return None if length <= most else most // len(lines) - 1


def fitted(parts: Sequence[Mrkdwn], most: int | None) -> Mrkdwn:
    """Join the parts of a line, the first one always, and of the others as many as fit; "…" stands for the rest."""
    if most is None or len(_BETWEEN.join(parts)) <= most:
        return _BETWEEN.join(parts)
    line = parts[0]
    for part in parts[1:]:
        longer = _BETWEEN.join([line, part])
        line = longer if len(longer) + len(_CUT) <= most else line
    return Mrkdwn("{}{}").format(line, _CUT)


def _teams(request: Request) -> Mrkdwn:
    """Return which teams an open request lets in, where those of other accounts differ."""
    if not request.teams:
        return Mrkdwn("no team")
    return Mrkdwn("team{} {}").format("s" if request.teams[1:] else "", listed([*map(code, request.teams)], _TEAMS))


def _parts(one: Batched, picture: Picture, settings: Settings) -> list[Mrkdwn]:
    """Return the parts of an account's line, the most important ones first."""
    request = one.request
    symbol, stands = standing(one)
    named = Mrkdwn("{} {} {}").format(symbol, code(request.stack.account_id), stands)
    alone = why_alone(one) if request.state is State.PENDING else Mrkdwn("")
    return [
        Mrkdwn("{} · ⚠️ {}").format(named, alone) if alone else named,
        *_people(request, settings),
        *_meanwhile(request, picture),
        *labelled(one),
        *_reason(request, picture.bulks),
    ]


def standing(one: Batched) -> tuple[str, str]:
    """Return an account's symbol and where it stands, in two or three words."""
    request, client = one.request, one.client
    if is_blocked(one):
        return "🚫", "blocked"
    outdated = policy.outdated(request, client) if client is not None else None
    if outdated:
        return "⚪", "changed since" if outdated is Kind.UPDATE else "removed since"
    return standing_of(request.state)


def standing_of(state: State) -> tuple[str, str]:
    """Return the symbol and the words of a state."""
    match state:
        case State.PENDING:
            return "🟡", "waiting"
        case State.APPROVED:
            return "🔵", "starting soon"
        case State.PROVISIONING:
            return "🔵", "in progress"
        case State.DONE:
            return "✅", "onboarded"
        case State.FAILED:
            return "🔴", "failed"
        case State.DENIED:
            return "⛔", "denied"
        case State.EXPIRED:
            return "⌛", "nobody decided"
        case State.SUPERSEDED | State.DRIFTED | State.REPORTED:
            return "⚪", "no longer open"
    assert_never(state)


def why_alone(one: Batched) -> Mrkdwn:
    """Return why an open request is left out of "all"; empty where it is included."""
    request, warned, level = one.request, one.request.warnings, one.request.stack.access_level
    if is_blocked(one):
        return Mrkdwn("its account is blocked")
    if request.invited.level not in (None, level):
        return Mrkdwn("asks for *{}*, was invited for {}").format(level, request.invited.level)
    if grants_administrator(request):
        return Mrkdwn("asks for *Administrator*")
    if warned.shared_with:
        return Mrkdwn("another client uses this role")
    if warned.namesakes:
        return Mrkdwn("another client has this name")
    if request.invited.claimed_company:
        return Mrkdwn("calls itself “{}”").format(literal(request.invited.claimed_company, _CLAIMED))
    if warned.recreated or warned.unconfirmed or warned.contradicted:
        return Mrkdwn("its stack was recreated")
    if warned.denied:
        return Mrkdwn("was denied before")
    if warned.known_as:
        return Mrkdwn("has asked as “{}” before").format(literal(warned.known_as, _CLAIMED))
    if request.lapsed:
        return Mrkdwn("an approval no longer counts")
    return Mrkdwn("" if batchable(request) else "needs a look")


def _people(request: Request, settings: Settings) -> list[Mrkdwn]:
    """Return who has decided; of an open request, how many of the approvals that it needs there are."""
    approved = approved_by(request)
    if request.state is State.PENDING:
        needed = settings.approvers.approvals_for(request)
        return [Mrkdwn("{} of {}: {}").format(len(request.approvals), needed, approved)] if approved else []
    if request.decision is None or request.state is State.EXPIRED:
        return []
    approving = request.decision.verb in (Verb.APPROVE, Verb.RETRY) and approved
    return [Mrkdwn("by {}").format(approving or mention(request.decision.actor))]


def approved_by(request: Request) -> Mrkdwn:
    """Return who has approved it so far; empty for nobody."""
    return listed([mention(each.actor) for each in request.approvals], _PEOPLE)


def _reason(request: Request, bulks: Sequence[Bulk]) -> list[Mrkdwn]:
    """Return why it failed or was denied, unless the message says that already, as the reason for denying all."""
    if request.state is State.FAILED:
        return [literal(request.reason, _SHORT)] if request.reason.strip() else []
    reason = request.decision.reason if request.decision and request.state is State.DENIED else ""
    return [literal(reason, _SHORT)] if reason and reason not in [one.reason for one in bulks] else []


def _meanwhile(request: Request, picture: Picture) -> list[Mrkdwn]:
    """Return why the newest press for all did not decide this open request; nothing where it may still do so."""
    if request.state is not State.PENDING or not picture.bulks:
        return []
    newest = picture.bulks[-1]
    if request.id in picture.message.request_ids[newest.shown :]:
        return [Mrkdwn("came after {} pressed").format(mention(newest.actor.user_id))]
    return [literal(left.why, _SHORT) for left in newest.left_out if left.request_id == request.id]


def stand_counted(batch: Sequence[Batched]) -> Mrkdwn:
    """Return how many accounts stand where."""
    stand = Counter(standing(one) for one in batch)
    each = [Mrkdwn("{} {} {}").format(symbol, number, words) for (symbol, words), number in stand.items()]
    return Mrkdwn(" · ").join(each)
