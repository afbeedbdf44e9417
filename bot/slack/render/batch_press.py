"""Renders what can be pressed for all accounts of a shared message, and who has pressed.

What a press covers is fixed by the message's id, in the buttons' value, and by the id of their row. That has a sign for
each request that the message showed, in their order: how many presses had counted, or that "all" left it out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from slack_sdk.models.blocks import ConfirmObject

from bot.domain import transitions
from bot.domain.bulk import Bulk, Drawn, as_drawn, batchable
from bot.domain.message import MOST_SHARED
from bot.domain.message import Message as Record
from bot.domain.request import SharedIn
from bot.domain.vocabulary import State, Verb
from bot.ports import Batched, Picture
from bot.settings import Settings
from bot.slack.ids import APPROVE_ALL, DENY_ALL, REVIEW_ALL
from bot.slack.render.batch_lines import accounts, common, is_blocked, why_alone
from bot.slack.render.blocks import Block, actions, button, confirmation, section
from bot.slack.render.client_text import client_texts_button
from bot.slack.render.text import Mrkdwn, code, listed, literal, mention, moment

VERBS = {APPROVE_ALL: Verb.APPROVE, DENY_ALL: Verb.DENY}
_DRAWN = "drawn-"
_SIGNS, _LEFT_OUT = "0123456789abcdefghijklmnopqrstuvwxyz", "-"
_REASON = 200
_TEAMS = 5
_PRESSES = 3
"""How many presses for all are told; older ones are in each account's history."""
_DOES = Mrkdwn(
    "*Approve all {}* lets {} switch into these accounts. *Deny all* gives nobody access to them. *Review* shows one "
    "account after the other, for you alone{}. `/clients revoke` ends the access again, *Review* "
    "reopens denials. Whoever has the invitation's link can add accounts: compare their numbers with those that you "
    "expect."
)
_DOES_FOR_ONE = Mrkdwn(
    "*Approve {}* lets {} switch into this account. *Deny* gives nobody access to it. *Review* shows it, for you "
    "alone{}. `/clients revoke` ends the access again, *Review* reopens a denial. Whoever has the invitation's link "
    "can add accounts: compare the number with those that you expect."
)
_GROUPS = Mrkdwn("members of each account's own IAM group")


def of_all(batch: Sequence[Batched]) -> list[Batched]:
    """Return the accounts that a press for all would cover now."""
    return [one for one in batch if batchable(one.request) and not is_blocked(one)]


def message_id(message: Record) -> str:
    """Return the id of the shared message, which its buttons send."""
    return f"{message.owner} {message.place}"


def asked_for(value: str) -> SharedIn:
    """Return the shared message that a button's value names."""
    owner, _, place = value.partition(" ")
    return SharedIn(owner, place)


def row(drawn_for: Drawn) -> str:
    """Return the id of the row of buttons."""
    return _DRAWN + "".join(_LEFT_OUT if presses is None else _SIGNS[presses] for presses in drawn_for)


def drawn(block_id: str) -> Drawn:
    """Return what the row of buttons with this id was drawn for; nothing for a foreign row."""
    signs = block_id.removeprefix(_DRAWN)
    if signs == block_id or not re.fullmatch(rf"[{_SIGNS}{_LEFT_OUT}]{{1,{MOST_SHARED}}}", signs):
        return ()
    return tuple(None if one == _LEFT_OUT else _SIGNS.index(one) for one in signs)


def pressed(bulks: Sequence[Bulk]) -> Mrkdwn:
    """Render who pressed for all, when, how many accounts that covered, and what became of it."""
    return Mrkdwn("\n").join(map(_press, bulks[-_PRESSES:]))


def _press(bulk: Bulk) -> Mrkdwn:
    rest = len(bulk.covers) - bulk.taken
    if bulk.refused:
        what_became = Mrkdwn(" Not counted for {}: {}").format(accounts(rest), literal(bulk.refused, _REASON))
    else:
        what_became = Mrkdwn(" ⏳ {} still to be decided.").around(rest and accounts(rest))
    return Mrkdwn("*{} all* by {}, {}: {}{}.{}{}").format(
        bulk.verb.capitalize(),
        mention(bulk.actor.user_id),
        moment(bulk.at),
        accounts(len(bulk.covers)),
        Mrkdwn(", {} of them left out").around(len(bulk.left_out)),
        Mrkdwn(" *Reason:* {}").around(literal(bulk.reason, _REASON)),
        what_became,
    )


def to_press(picture: Picture, settings: Settings) -> list[Block]:
    """Return what is left out of "all", what the buttons do, and the buttons."""
    batch, value = picture.batch, message_id(picture.message)
    among_all = of_all(batch)
    alone = [one for one in batch if one.request.state is State.PENDING and why_alone(one)]
    to_review = [one for one in batch if transitions.buttons(one.request.state) and not is_blocked(one)]
    number = len(among_all)
    every = " all" if number > 1 else ""
    all_of_them = [
        button(f"Approve{every} {number}", APPROVE_ALL, value=value, style="primary"),
        button("Review", REVIEW_ALL, value=value),
        button(f"Deny{every}", DENY_ALL, value=value, style="danger", confirm=_confirm(number, settings)),
    ]
    texts = [
        _left_out(len(alone)) if alone else None,
        _what_they_do(among_all, settings) if among_all else _what_review_does(to_review) if to_review else None,
    ]
    return [
        *[section(text) for text in texts if text],
        *actions(
            *(all_of_them if among_all else all_of_them[1:2] if to_review else []),
            client_texts_button([(one.request, one.client) for one in batch], value),
            block_id=row(as_drawn(picture.message.request_ids, [one.request for one in among_all])),
        ),
    ]


def _left_out(number: int) -> Mrkdwn:
    text = Mrkdwn("⚠️ {} left out of *all*, for the reason in {}. *Review* shows {}.")
    if number == 1:
        return text.format("1 account is", "its line", "it")
    return text.format(f"{number} accounts are", "their lines", "them")


def _what_they_do(among_all: Sequence[Batched], settings: Settings) -> Mrkdwn:
    choice = Mrkdwn(" and with a choice of teams" if settings.teams[1:] else "")
    form = _DOES if among_all[1:] else _DOES_FOR_ONE
    return form.format(len(among_all), who_gets_in(among_all, settings), choice)


def who_gets_in(batch: Sequence[Batched], settings: Settings) -> Mrkdwn:
    """Return who may switch into these accounts once they are approved."""
    teams = common(batch, lambda one: one.teams)
    if teams == ():
        return _GROUPS
    named = listed([code(team) for team in teams or ()], _TEAMS)
    people = Mrkdwn("the team{} {}").format("s" if teams and teams[1:] else "", named) if teams else None
    people = people or Mrkdwn("the teams in each account's line")
    return Mrkdwn("{} and {}").format(people, _GROUPS) if settings.client_groups else people


def _what_review_does(open_still: Sequence[Batched]) -> Mrkdwn:
    """Return what Review offers when nothing can be decided for all."""
    offered = {verb for one in open_still for verb in transitions.buttons(one.request.state)}
    verbs = Mrkdwn(", ").join(Mrkdwn("*{}*").format(verb.capitalize()) for verb in Verb if verb in offered)
    text = Mrkdwn("*Review* shows {}, for you alone, with {}.")
    shown = f"{accounts(len(open_still))}, one after the other" if open_still[1:] else "the account that is left"
    return text.format(shown, verbs)


def _confirm(number: int, settings: Settings) -> ConfirmObject | None:
    """Return the question before all are denied; None where a window asks for the reason first."""
    if settings.ask_deny_reason:
        return None
    text = Mrkdwn("This denies {}. *Review* there can reopen {}.").format(
        accounts(number), "each" if number > 1 else "it"
    )
    return confirmation("Deny all?" if number > 1 else "Deny?", text, "Deny", "Not now")
