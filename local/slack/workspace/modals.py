"""Modals: the triggers that let an app open one, and what each person has open.

A trigger comes with every command and press, is good for three seconds and for one window, and belongs to who acted
(docs.slack.dev, "Modals" and views.open). The local page shows one window per person: opening another replaces it.
"""

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from local.slack.workspace import facts
from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.message import Json, elements_in, texts_in

TRIGGER_SECONDS = 3.0


@dataclass(frozen=True)
class Window:
    """A view as its person has it: a modal, or a Home tab. `errors` are by block id; `problem` is about sending it."""

    id: str
    user: str
    view: Json
    hash: str
    errors: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def inputs(self) -> tuple[Json, ...]:
        """The blocks to fill in."""
        return tuple(block for block in self.view["blocks"] if block["type"] == "input")

    @property
    def words(self) -> str:
        """Every text a person can read in the view's content, one per line: for assertions."""
        return "\n".join(texts_in(self.view["blocks"]))

    @property
    def buttons(self) -> tuple[str, ...]:
        """The labels of the buttons in the view's content, in order."""
        return tuple(each["text"]["text"] for _, each in elements_in(self.view["blocks"]) if each["type"] == "button")

    def as_slack(self, values: Json | None = None) -> Json:
        """The view object of the Web API and of payloads, with what was typed so far."""
        empty: Json = {"private_metadata": "", "callback_id": "", "external_id": "", "submit": None, "close": None}
        switches = dict.fromkeys(("clear_on_close", "notify_on_close"), False)
        return {
            **empty,
            **switches,
            **self.view,
            "id": self.id,
            "hash": self.hash,
            "state": {"values": values or {}},
            "root_view_id": self.id,
            "previous_view_id": None,
            "team_id": facts.TEAM_ID,
            "app_id": facts.APP_ID,
            "bot_id": facts.BOT_ID,
            "app_installed_team_id": facts.TEAM_ID,
        }


@dataclass
class _Trigger:
    user: str
    made_at: float
    exchanged: bool = False


class Modals:
    """`clock` gives seconds since the epoch; `announce` is called after every change."""

    def __init__(self, clock: Callable[[], float], announce: Callable[[], None]) -> None:
        self._clock = clock
        self._announce = announce
        self.trigger_seconds = TRIGGER_SECONDS
        self._triggers: dict[str, _Trigger] = {}
        self._windows: dict[str, Window] = {}
        self._lock = threading.Lock()

    def trigger(self, user: str) -> str:
        """A new trigger for what this person did."""
        made = f"{secrets.randbelow(10**13)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        with self._lock:
            self._triggers[made] = _Trigger(user, self._clock())
        return made

    def open(self, trigger_id: str, view: Json) -> Window:
        """Exchange a trigger for a window; SlackRefusal when it is unknown, old or used."""
        with self._lock:
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                raise SlackRefusal("invalid_trigger_id")
            if self._clock() - trigger.made_at > self.trigger_seconds:
                raise SlackRefusal("expired_trigger_id")
            if trigger.exchanged:
                raise SlackRefusal("exchanged_trigger_id")
            trigger.exchanged = True
            window = Window(f"V{secrets.token_hex(5).upper()}", trigger.user, view, self._hash())
            self._windows[trigger.user] = window
        self._announce()
        return window

    def update(self, named: dict[str, str], view: Json, expected_hash: str | None = None) -> Window:
        """Put the view in place of an open window's, which is `named` by its `id` or its `external_id`.

        SlackRefusal when no such window is open, or its view was replaced since `expected_hash`.
        """
        with self._lock:
            windows = self._windows.values()
            found = next((each for each in windows if named.items() <= {**each.view, "id": each.id}.items()), None)
            if found is None:
                raise SlackRefusal("not_found")
            if expected_hash and found.hash != expected_hash:
                raise SlackRefusal("hash_conflict")
            window = Window(found.id, found.user, view, self._hash())
            self._windows[found.user] = window
        self._announce()
        return window

    def of(self, user: str) -> Window | None:
        """What this person has open."""
        with self._lock:
            return self._windows.get(user)

    def change(self, window: Window, **changes: Any) -> None:
        """Change a window that is still open; one with another view begins anew."""
        with self._lock:
            if self._is_open(window):
                anew = {"hash": self._hash(), "errors": {}, "problem": ""} if "view" in changes else {}
                self._windows[window.user] = replace(window, **{**anew, **changes})
        self._announce()

    def close(self, window: Window) -> None:
        """Close a window; closing one that is gone changes nothing."""
        with self._lock:
            if self._is_open(window):
                del self._windows[window.user]
        self._announce()

    def _is_open(self, window: Window) -> bool:
        found = self._windows.get(window.user)
        return found is not None and found.id == window.id

    def _hash(self) -> str:
        return f"{int(self._clock())}.{secrets.token_hex(4)}"
