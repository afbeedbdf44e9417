"""Switches on the page that make things fail, so that a person can watch the recovery.

The workspace brings two of its own, "Slack is down" and "Threads take no replies". Whoever starts it may hand in more:
a label, a line that says what happens, and an address that takes `{"on": true}` or `{"on": false}`. What the page shows
is what was last turned here.
"""

import json
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

from local.slack.faults.planned import Faults
from local.slack.workspace.message import Json

_PATIENCE_SECONDS = 10.0
SLACK_IS_DOWN = "Slack is down"
_WHAT_HAPPENS = (
    "Switchyard can post nothing. Presses and commands still reach it; its messages come within two minutes of "
    "switching this off."
)
THREADS_TAKE_NO_REPLIES = "Threads take no replies"
_WHAT_HAPPENS_TO_REPLIES = (
    "Slack refuses each reply in a thread, as where a thread is locked or was deleted, each time with another of its "
    "errors. Messages in the channel still appear."
)


@dataclass(frozen=True)
class Switch:
    """Something that can be made to fail. `turn` raises OSError when it can't be turned."""

    label: str
    meaning: str
    turn: Callable[[bool], None]


class Switches:
    """All switches of one workspace, off at first."""

    def __init__(self, switches: Iterable[Switch]) -> None:
        self._switches = {switch.label: switch for switch in switches}
        self._on: set[str] = set()
        self._lock = threading.Lock()

    def shown(self) -> list[Json]:
        """What the page draws, in the order in which they were handed in."""
        return [
            {"label": switch.label, "meaning": switch.meaning, "on": switch.label in self._on}
            for switch in self._switches.values()
        ]

    def turn(self, label: str, on: bool) -> None:
        """Turn one; KeyError when there is none of this label, OSError when it stays as it was."""
        switch = self._switches[label]
        with self._lock:
            switch.turn(on)
            (self._on.add if on else self._on.discard)(label)


def own_switches(faults: Faults) -> list[Switch]:
    """Return the switches that every workspace has."""

    def refuse_replies(on: bool) -> None:
        if on:
            faults.refuse_replies()
        else:
            faults.accept_replies()

    return [
        Switch(SLACK_IS_DOWN, _WHAT_HAPPENS, faults.set_outage),
        Switch(THREADS_TAKE_NO_REPLIES, _WHAT_HAPPENS_TO_REPLIES, refuse_replies),
    ]


def switch_elsewhere(label: str, meaning: str, url: str) -> Switch:
    """A switch of another program of this machine."""

    def turn(on: bool) -> None:
        content = json.dumps({"on": on}).encode()
        request = Request(url, content, {"Content-Type": "application/json"})  # noqa: S310
        try:
            build_opener(ProxyHandler({})).open(request, timeout=_PATIENCE_SECONDS).close()
        except HTTPError as refused:
            with refused:
                raise OSError(f"it answered with status code {refused.code}") from refused

    return Switch(label, meaning, turn)
