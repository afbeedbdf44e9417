"""Invite: the window that `/clients invite` without words and the global shortcut open, and what is sent from it.

What it sends is checked like the command, and counts once. The text for the client then stands in the window, and comes
as a direct message as well, so that it is not lost when Slack is reloaded. It holds the invitation's token, which is
neither stored nor logged.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from slack_sdk import WebClient
from slack_sdk.models.blocks import (
    InputBlock,
    NumberInputElement,
    Option,
    StaticMultiSelectElement,
    StaticSelectElement,
)

from bot.commands import Commands
from bot.domain.answers import Actor, Invited
from bot.domain.errors import (
    ActionRefused,
    ApproversUnknown,
    BadCommand,
    PersonUnknown,
    Replayed,
    SlackUnavailable,
    TryAgain,
)
from bot.domain.invitation import MOST_ACCOUNTS
from bot.domain.spelling import COMPANY_LENGTH, company_name, one_line
from bot.domain.vocabulary import DEFAULT_LEVEL, AccessLevel
from bot.settings import Settings
from bot.slack.direct import send_directly
from bot.slack.ids import INVITE_CLIENT
from bot.slack.inbound.payload import Body
from bot.slack.inbound.windows import Answer, again, chosen, field, open_window, plain, told, typed, window
from bot.slack.render import answers, invitations
from bot.slack.render.blocks import Block, Message

NOTE_LENGTH = 500
_COMPANY, _LEVEL, _TEAM, _ACCOUNTS, _NOTE = "company", "level", "team", "accounts", "note"
_ALLOWS = {
    AccessLevel.READ_ONLY: "Look at everything, stored data included, and change nothing",
    AccessLevel.POWER_USER: "Change everything except users, roles and the organization",
    AccessLevel.ADMINISTRATOR: "Change everything, users and roles included",
}
log = logging.getLogger(__name__)
Read = TypeVar("Read")


def ask_whom_to_invite(client: WebClient, body: Body, settings: Settings) -> Message | None:
    """Open the window for whoever asked for it. Return None when it is open, else the private answer."""
    return open_window(client, body, _window(settings), "Invite")


def invite(view: Body, actor: Actor, workflow: Commands, settings: Settings, client: WebClient, *, mark: str) -> Answer:
    """Invite whom the window names. `mark` identifies what it sent. Return what Slack does with the window."""
    try:
        wanted = _read(view, workflow)
    except _Wrong as wrong:
        return again(wrong.field, wrong.sentence)
    try:
        invited = workflow.once(
            mark,
            lambda once: once.invite(wanted.company, wanted.level, actor, wanted.accounts, wanted.teams),
        )
    except Replayed:
        log.warning("an invitation window, signed, has come a second time; nothing was done or answered")
        return {}
    except (ApproversUnknown, PersonUnknown) as error:
        return again(_COMPANY, f"{error} Try again in a minute.")
    except ActionRefused as error:
        return told("Invite", answers.refusal(error, settings))
    except (TryAgain, SlackUnavailable) as error:
        log.warning("an invitation by the window did not go through: %s", error)
        return again(_COMPANY, "That did not go through just now. Please try again.")
    sent = _sent(invited, wanted.note, actor, settings, client)
    kept = invitations.Kept.SENT_TOO if sent else invitations.Kept.WHILE_OPEN
    return told("Invitation", invitations.invitation(invited, settings, note=wanted.note, kept=kept))


class _Wanted(NamedTuple):
    """What the window asks for."""

    company: str
    level: AccessLevel
    teams: tuple[str, ...]
    accounts: int
    note: str


class _Wrong(Exception):
    """What was filled in can't be meant; `sentence` stands under the field."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field, self.sentence = field, sentence


def _read(view: Body, workflow: Commands) -> _Wanted:
    """Return what is filled in. Raises _Wrong."""
    company = typed(view, _COMPANY)
    if not company.strip():
        raise _Wrong(_COMPANY, "Which company is it?")
    levels = {level.value: level for level in AccessLevel}
    level = levels.get(next(iter(chosen(view, _LEVEL)), ""))
    if level is None:
        raise _Wrong(_LEVEL, "Choose one of the levels.")
    number = typed(view, _ACCOUNTS)
    if not re.fullmatch(r"[0-9]{1,4}", number) or not 1 <= int(number) <= MOST_ACCOUNTS:
        raise _Wrong(_ACCOUNTS, f"An invitation is for 1 to {MOST_ACCOUNTS} accounts.")
    note = one_line(typed(view, _NOTE))
    if len(note) > NOTE_LENGTH:
        raise _Wrong(_NOTE, f"A note has at most {NOTE_LENGTH} characters; this one has {len(note)}.")
    name = _right(_COMPANY, lambda: company_name(company))
    teams = _right(_TEAM, lambda: workflow.teams.require(chosen(view, _TEAM)))
    return _Wanted(name, level, teams, int(number), note)


def _right(field: str, read: Callable[[], Read]) -> Read:
    """Return what is read from this field. Raises _Wrong."""
    try:
        return read()
    except BadCommand as error:
        raise _Wrong(field, str(error).replace("`", "")) from error


def _sent(invited: Invited, note: str, actor: Actor, settings: Settings, client: WebClient) -> bool:
    """Return whether Slack has taken the text as a direct message."""
    message = invitations.invitation(invited, settings, note=note, kept=invitations.Kept.HERE)
    try:
        send_directly(client, actor.user_id, message)
    except SlackUnavailable as error:
        log.warning("an invitation was not sent as a direct message: %s", error)
        return False
    return True


def _window(settings: Settings) -> Block:
    fields = [
        field(_COMPANY, "Company", "As everybody here knows it.", max_length=COMPANY_LENGTH),
        _level(),
        *([_team(settings.teams)] if settings.teams[1:] else []),
        _accounts(),
        field(
            _NOTE,
            "Note for the client",
            "It stands in the text that you send. Line breaks become spaces.",
            optional=True,
            focused=False,
            multiline=True,
            max_length=NOTE_LENGTH,
        ),
    ]
    return window("Invite a client", fields, {}, callback_id=INVITE_CLIENT, submit="Invite")


def _level() -> Block:
    options = {
        one: Option(value=one.value, text=plain(one.value), description=plain(_ALLOWS[one])) for one in AccessLevel
    }
    menu = StaticSelectElement(action_id=_LEVEL, options=list(options.values()), initial_option=options[DEFAULT_LEVEL])
    hint = "What we may do in the client's account once the request is approved."
    block: Block = InputBlock(block_id=_LEVEL, label=plain("Access level"), hint=plain(hint), element=menu).to_dict()
    return block


def _team(names: tuple[str, ...]) -> Block:
    menu = StaticMultiSelectElement(
        action_id=_TEAM,
        placeholder=plain(names[0]),
        options=[Option(value=name, text=plain(name)) for name in names],
    )
    hint = f"Whom an approval lets in. Where none is chosen, it is {names[0]}."
    block: Block = InputBlock(
        block_id=_TEAM, label=plain("Team"), hint=plain(hint), element=menu, optional=True
    ).to_dict()
    return block


def _accounts() -> Block:
    number = NumberInputElement(
        action_id=_ACCOUNTS,
        is_decimal_allowed=False,
        initial_value="1",
        min_value="1",
        max_value=str(MOST_ACCOUNTS),
    )
    hint = "For more than one, the client deploys a stack set."
    block: Block = InputBlock(
        block_id=_ACCOUNTS, label=plain("AWS accounts"), hint=plain(hint), element=number
    ).to_dict()
    return block
