"""Renders the card of a shared message: what became of its accounts, and a switch-role link for each with access."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain import policy
from bot.domain.vocabulary import State
from bot.kit.entries import switch_role_url
from bot.ports import Batched, Picture
from bot.settings import Settings
from bot.slack.render import terms
from bot.slack.render.batch_facts import IN_THE_LINES, ROLE, Usual, differences, labelled, usual
from bot.slack.render.batch_lines import accounts, sections, stand_counted
from bot.slack.render.blocks import Block, Message, context, facts, header, section
from bot.slack.render.card import THE_REQUEST, joining
from bot.slack.render.text import Mrkdwn, code, link, literal

_COMPANY = 100
_LINKS = 10_900
"""Characters of all lines together: a short link for each of 100 accounts. The rest of the card takes 2,300 at most."""
_TEAMS = 3
"""Most teams whose groups are named."""
_TAKE_ALONG = Mrkdwn(
    "*Take them along:* `/clients kit` sends you all of them as files: AWS CLI profiles, browser extension, bookmarks "
    "and a table."
)
_ONE = Mrkdwn("Everything about one account: `/clients card &lt;account&gt;`")
_SHORT = Mrkdwn("Each number opens *Switch role* for that account.")
_OWN_GROUPS = Mrkdwn("Each account has an IAM group of its own, which lets people into that account alone.")


def batch_card(together: Picture, settings: Settings, request_link: str = "") -> Message:
    """Render the card of several accounts. `request_link` opens their message, where it is known."""
    batch = together.batch
    given = [one for one in batch if has_access(one)]
    company = literal(batch[0].request.company, _COMPANY)
    named = f"Switch into {batch[0].request.company[:_COMPANY]}"
    summary = section(Mrkdwn("{} of one invitation: {}").format(accounts(len(batch)), stand_counted(batch)))
    if not given:
        text = Mrkdwn("The card of {} is not valid: nobody has access.").format(company)
        return Message((header(f"{named}: no account"), summary), text)
    most = usual(given)
    to_message = Mrkdwn(" · {}").around(request_link and link(request_link, THE_REQUEST))
    blocks = [
        header(f"{named}: {accounts(len(given))}"),
        summary,
        *_facts(most),
        *sections(_lines(given, most, settings), _LINKS),
        section(terms.for_operators(most.terms)),
        section(_get_access(given), expand=True),
        section(_TAKE_ALONG),
        context(Mrkdwn("{}{}").format(_ONE, to_message)),
    ]
    return Message(tuple(blocks), Mrkdwn("Switch into {}: {}.").format(company, accounts(len(given))))


def has_access(one: Batched) -> bool:
    """Return whether people may switch into the account as this request was approved."""
    if one.request.state is not State.DONE or one.client is None:
        return False
    return policy.outdated(one.request, one.client) is None


def _facts(most: Usual) -> list[Block]:
    shared = facts(("Role", code(most.role, ROLE)), ("Access level", literal(most.level)))
    return [shared, *([context(IN_THE_LINES)] if most.exceptions else [])]


def _lines(given: Sequence[Batched], most: Usual, settings: Settings) -> list[Mrkdwn]:
    """Return a line for each account. With little room the account is the link, and no display name is filled in."""
    lines = [_line(one, most, settings, short=False) for one in given]
    if sum(map(len, lines)) + len(lines) <= _LINKS:
        return lines
    return [_SHORT, *(_line(one, most, settings, short=True) for one in given)]


def _line(one: Batched, most: Usual, settings: Settings, *, short: bool) -> Mrkdwn:
    stack = one.request.stack
    url = switch_role_url(one.request.company, stack, settings, one.client.label if one.client else "")
    links = [link(url.partition("&displayName=")[0], Mrkdwn("{}").format(stack.account_id))]
    if not short:
        links = [code(stack.account_id), link(url, Mrkdwn("Switch role"))]
    return Mrkdwn(" · ").join([*links, *labelled(one), *differences(one.request, most)])


def _get_access(given: Sequence[Batched]) -> Mrkdwn:
    """Render how somebody is let into all of these accounts: by the groups of their teams."""
    ways = {way: None for one in given for way in one.entrance.joining[: len(one.request.teams)]}
    groups = [_OWN_GROUPS] if any(len(one.entrance.joining) > len(one.request.teams) for one in given) else []
    return Mrkdwn("*Get access*\n{}").format(Mrkdwn("\n").join([*map(joining, [*ways][:_TEAMS]), *groups]))
