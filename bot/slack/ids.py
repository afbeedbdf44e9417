"""The ids by which Slack names what was pressed (`action_id`), and where it stood (`block_id`).

They are apart from what draws them: a press is read without importing any drawing, which spares a cold start CPU.
"""

from __future__ import annotations

import re

from bot.domain.vocabulary import Verb

OPEN_CONSOLE, OPEN_QUICK_CREATE = "open_console", "open_quick_create"
"""Links: Slack opens them, and tells us as well."""

OLDER_CLIENTS, NEWEST_CLIENTS = "clients_older", "clients_newest"
FILTER_STATE, FILTER_LEVEL = "clients_state", "clients_level"
SEARCH_HOME = "search_home"
SHOW_CLIENT, SHOW_CARD, POST_CARD = "show_client", "show_card", "post_card"
OLDER_HISTORY, NEWEST_HISTORY = "history_older", "history_newest"

CHOOSE_TEAMS = "choose_teams"
BLOCK_ACCOUNT = "block_account"
CLIENT_TEXT, CLIENT_TEXTS = "client_text", "client_texts"

APPROVE_ALL, DENY_ALL, REVIEW_ALL = "approve_all", "deny_all", "review_all"
OF_REVIEW = "review_"
"""Begins the id of each button of Review, which acts on one account, as the button without it does."""
NEXT_OF_REVIEW, REVIEW_DENY = f"{OF_REVIEW}next", f"{OF_REVIEW}{Verb.DENY}"

INVITE_CLIENT = "invite_client"
"""The `action_id` of the button; also the `callback_id` of the global shortcut and of the window that both open."""
RENAME_CLIENT, LABEL_CLIENT = "rename_client", "label_client"
"""The `action_id` of the buttons; also the `callback_id` of the windows that they open."""
DENY_REASON = "deny_reason"
"""The `callback_id` of the window that asks for a reason."""

CANCEL_INVITATION = "cancel_invitation"
ASK_TO_REVOKE, REVOKE_ACCESS, KEEP_ACCESS = "ask_to_revoke", "revoke_access", "keep_access"
REVOKE_CHOSEN, CHOOSE_ACCOUNTS = "revoke_chosen", "revoke_accounts"
TEAM_TASK = "team_task_"
"""Begins the id of the button that begins with a whole team; the `TeamVerb` follows."""
NOT_THE_TEAM = "team_task_cancel"
CHANGE_TEAMS, KEEP_TEAMS = "change_teams", "keep_teams"

_PRESSES = "presses-"
NEVER_DRAWN = -1
"""As many presses have counted on no request, so that a press in a row that does not say is out of date."""


def row_of_presses(presses: int) -> str:
    """Return the id of a row of buttons that was drawn when so many presses had counted."""
    return f"{_PRESSES}{presses}"


def drawn_after(block_id: str) -> int:
    """Return how many presses had counted when the row of buttons with this id was drawn; or NEVER_DRAWN."""
    number = block_id.removeprefix(_PRESSES)
    return int(number) if number != block_id and re.fullmatch(r"[0-9]{1,6}", number) else NEVER_DRAWN


def row_of_teams(request_id: str, presses: int) -> str:
    """Return the id of the choice of teams that stands beside a row of buttons."""
    return f"teams-{presses}-{request_id}"
