"""What a press on each of our buttons, menus and fields does, by its `action_id`.

The table only names the functions. Each is imported when it is pressed: few of them are needed at a cold start.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

from bot.domain.vocabulary import TeamVerb, Verb
from bot.slack import ids
from bot.slack.inbound.pressing import Press
from bot.slack.render.blocks import Message


class Button(NamedTuple):
    """What a press on one of our buttons does."""

    does: str
    """The function that does it: its module in this package, and its name. Empty where nothing is to be done."""
    once: bool = False
    """Whether a second arrival of the same signed press does nothing and has no answer."""
    replaces: bool = False
    """Whether the answer replaces what was pressed, where only the person who pressed sees that."""

    def act(self, pressed: Press) -> Message | None:
        """Do it. Return the private answer, if there is one."""
        if not self.does:
            return None
        module, _, name = self.does.partition(".")
        function: Callable[[Press], Message | None] = getattr(import_module(f"{__package__}.{module}"), name)
        return function(pressed)


ASK_REASON = (Verb.DENY, ids.DENY_ALL, ids.REVIEW_DENY)
"""The buttons that open a window which asks for a reason, where reasons are asked for."""
ASK_NAME = (ids.RENAME_CLIENT, ids.LABEL_CLIENT)
"""The buttons that open a window which asks for a name or a label."""
AT_HOME = (
    *(ids.SHOW_CLIENT, ids.OLDER_CLIENTS, ids.NEWEST_CLIENTS),
    *(ids.FILTER_STATE, ids.FILTER_LEVEL, ids.SEARCH_HOME),
)
"""What Home does by itself where it is pressed there; it shares all but the field with messages."""
_OF_REQUESTS = {
    **{verb.value: Button("deciding.decide", replaces=True) for verb in Verb},
    ids.BLOCK_ACCOUNT: Button("deciding.block", once=True, replaces=True),
    ids.CLIENT_TEXT: Button("deciding.text_for_client"),
    ids.CHOOSE_TEAMS: Button(""),  # counts only with Approve
}
_OF_SHARED_MESSAGES = {
    ids.APPROVE_ALL: Button("batching.press_all", once=True),
    ids.DENY_ALL: Button("batching.press_all", once=True),
    ids.CLIENT_TEXTS: Button("batching.texts"),
    ids.REVIEW_ALL: Button("batching.review"),
    **{f"{ids.OF_REVIEW}{verb}": Button("batching.review_one", replaces=True) for verb in Verb},
    f"{ids.OF_REVIEW}{ids.BLOCK_ACCOUNT}": Button("batching.block", once=True, replaces=True),
    f"{ids.OF_REVIEW}{ids.CLIENT_TEXT}": Button("batching.text_for_client"),
    ids.NEXT_OF_REVIEW: Button("batching.skip", replaces=True),
}
_OF_CLIENTS = {
    ids.OLDER_CLIENTS: Button("finding.turn_page", replaces=True),
    ids.NEWEST_CLIENTS: Button("finding.turn_page", replaces=True),
    ids.FILTER_STATE: Button("finding.narrow", replaces=True),
    ids.FILTER_LEVEL: Button("finding.narrow", replaces=True),
    ids.SHOW_CLIENT: Button("showing.show_pressed", replaces=True),
    ids.SHOW_CARD: Button("showing.card_pressed"),
    ids.POST_CARD: Button("showing.post_card", once=True),
    ids.ASK_TO_REVOKE: Button("showing.ask_to_revoke", replaces=True),
    ids.OLDER_HISTORY: Button("showing.turn_history", replaces=True),
    ids.NEWEST_HISTORY: Button("showing.turn_history", replaces=True),
    ids.SEARCH_HOME: Button(""),  # counts only in Home
    ids.OPEN_CONSOLE: Button(""),
    ids.OPEN_QUICK_CREATE: Button(""),
}
_OF_QUESTIONS = {
    ids.CANCEL_INVITATION: Button("questions.cancel_invitation", once=True, replaces=True),
    ids.REVOKE_ACCESS: Button("questions.revoke", once=True, replaces=True),
    ids.REVOKE_CHOSEN: Button("questions.revoke_several", once=True, replaces=True),
    ids.CHOOSE_ACCOUNTS: Button(""),  # counts only with Revoke
    ids.KEEP_ACCESS: Button("questions.keep_access", replaces=True),
    **{f"{ids.TEAM_TASK}{verb}": Button("questions.begin_with_team", once=True, replaces=True) for verb in TeamVerb},
    ids.NOT_THE_TEAM: Button("questions.keep_team", replaces=True),
    ids.CHANGE_TEAMS: Button("questions.regroup", once=True, replaces=True),
    ids.KEEP_TEAMS: Button("questions.keep_team", replaces=True),
}
BUTTONS = {**_OF_REQUESTS, **_OF_SHARED_MESSAGES, **_OF_CLIENTS, **_OF_QUESTIONS}
"""Each button by its `action_id`."""
KNOWN = {*BUTTONS, *ASK_NAME, ids.INVITE_CLIENT}
"""Everything of ours that can be pressed."""
