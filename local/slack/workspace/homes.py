"""Home tabs: what the app has published for each person (docs.slack.dev, "App Home" and views.publish).

A person's Home keeps its id for good; each publishing gives it another hash. It stays until the app publishes again.
"""

import secrets
import threading
from collections.abc import Callable

from local.slack.workspace.errors import SlackRefusal
from local.slack.workspace.message import Json
from local.slack.workspace.modals import Window


class Homes:
    """`clock` gives seconds since the epoch; `announce` is called after every change."""

    def __init__(self, clock: Callable[[], float], announce: Callable[[], None]) -> None:
        self._clock = clock
        self._announce = announce
        self._homes: dict[str, Window] = {}
        self._lock = threading.Lock()

    def publish(self, user: str, view: Json, expected_hash: str | None = None) -> Window:
        """Put the view in place of what the person's Home holds.

        SlackRefusal when another one was published since `expected_hash`, or the external id is another view's.
        """
        with self._lock:
            before = self._homes.get(user)
            if expected_hash and (before is None or before.hash != expected_hash):
                raise SlackRefusal("hash_conflict")
            others = {home.view.get("external_id") for home in self._homes.values() if home.user != user}
            if view.get("external_id") and view["external_id"] in others:
                raise SlackRefusal("duplicate_external_id")
            home_id = before.id if before else f"V{secrets.token_hex(5).upper()}"
            home = Window(home_id, user, view, f"{int(self._clock())}.{secrets.token_hex(4)}")
            self._homes[user] = home
        self._announce()
        return home

    def of(self, user: str) -> Window | None:
        """What was last published for this person."""
        with self._lock:
            return self._homes.get(user)
