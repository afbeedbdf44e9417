"""The workspace as its people use it: type, press, read. Over the local Slack's own HTTP, as its page does."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from local.slack.workspace import facts

_BUSY_SECONDS = 60
"""How long the workspace itself may take to answer on a busy machine."""


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it."""

    ts: str
    thread_ts: str | None
    to_channel: bool
    words: str
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    by_app: bool
    """Whether the app wrote it, and not Slackbot."""
    request_id: str
    """What the message's metadata says it is about; empty for anything but a request's own message."""


class NotTaken(OSError):
    """The app did not take it, or not within Slack's three seconds. It may have done it all the same."""


class Slack:
    """Acts and looks in the local workspace."""

    def __init__(self, url: str) -> None:
        self.url = url

    def set_request_url(self, url: str) -> None:
        """Tell the workspace where the app is."""
        self._post("request-url", {"url": url})

    def notice(self, words: str) -> None:
        """Have the page say this above every conversation; nothing for empty words."""
        self._post("notice", {"text": words})

    def type(self, who: facts.Person, line: str) -> None:
        """Type a line such as `/clients invite Acme`. Raises NotTaken."""
        self._post("command", {"user": who.id, "text": line})

    def press(self, who: facts.Person, message: Seen, label: str) -> None:
        """Press a button. Raises NotTaken, also when the message has no such button any more."""
        self._post("press", {"user": who.id, "ts": message.ts, "label": label})

    def fill_in(self, who: facts.Person, values: dict[str, str]) -> None:
        """Fill in, by label, the window that is open for somebody, and send it. Raises NotTaken, also without one."""
        window = self._state()["modals"].get(who.id)
        if window is None:
            raise NotTaken(f"no window is open for {who.name}")
        self._post("submit", {"user": who.id, "view_id": window["id"], "values": values})

    def window(self, who: facts.Person) -> str:
        """Return what the window is called that is open for somebody; empty when none is."""
        window = self._state()["modals"].get(who.id)
        return str(window["view"]["title"]["text"]) if window else ""

    def open_home(self, who: facts.Person) -> None:
        """Open the app's Home. Raises NotTaken."""
        self._post("open-tab", {"user": who.id, "tab": "home"})

    def home(self, who: facts.Person) -> str:
        """Return what somebody's Home says; nothing before it was published."""
        home = self._state()["homes"].get(who.id)
        return "\n".join(_texts(home["view"]["blocks"])) if home else ""

    def app_is_at_work(self) -> bool:
        """Return whether the app has not answered everything yet that people did."""
        return bool(self._state()["app"]["at_work"])

    def turn(self, switch: str, *, on: bool) -> None:
        """Turn a switch of the page, such as "Slack is down"."""
        self._post("switch", {"label": switch, "on": on})

    def messages(self) -> list[Seen]:
        """Everything public, oldest first."""
        return [_seen(message) for message in self._state()["messages"]]

    def private_answers(self, who: facts.Person) -> list[Seen]:
        """What only this person sees, oldest first."""
        return [_seen(message) for message in self._state()["ephemerals"][who.id]]

    def files(self, who: facts.Person) -> dict[str, str]:
        """The files of the newest direct message that has any, by name; downloaded as its reader."""
        messages = self._state()["direct"].get(who.id, {"messages": []})["messages"]
        files: list[dict[str, Any]] = next((each["files"] for each in reversed(messages) if each.get("files")), [])
        return {each["name"]: self._download(each["url_private"], who) for each in files}

    def _download(self, address: str, who: facts.Person) -> str:
        with urllib.request.urlopen(f"{address}?user={who.id}", timeout=_BUSY_SECONDS) as answer:  # noqa: S310
            return str(answer.read().decode())

    def about(self, request_id: str) -> Seen:
        """The message of a request, as it is now."""
        return next(message for message in self.messages() if message.request_id == request_id)

    def answers_within(self, seconds: float, alive: Callable[[], bool]) -> bool:
        """Whether the workspace comes up."""
        deadline = time.monotonic() + seconds
        while alive() and time.monotonic() < deadline:
            try:
                self._state()
            except OSError:
                time.sleep(0.1)
            else:
                return True
        return False

    def _state(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/_local/state", timeout=_BUSY_SECONDS) as answer:  # noqa: S310
            state: dict[str, Any] = json.load(answer)
        return state

    def _post(self, path: str, body: dict[str, Any]) -> None:
        request = urllib.request.Request(  # noqa: S310
            f"{self.url}/_local/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=_BUSY_SECONDS) as answer:  # noqa: S310
                told = json.load(answer)
        except urllib.error.HTTPError as refused:
            with refused:
                if refused.code != HTTPStatus.CONFLICT:
                    raise
                told = {"ok": False, "error": "nothing there", "explanation": refused.read().decode()}
        if not told["ok"]:
            raise NotTaken(f"Slack: {told.get('error')}: {told.get('explanation')}")


def _seen(message: dict[str, Any]) -> Seen:
    metadata = message.get("metadata") or {}
    is_request = metadata.get("event_type") == "switchyard_request"
    elements = [element for block in message.get("blocks", []) for element in block.get("elements", [])]
    buttons = [element for element in elements if element.get("type") == "button"]
    return Seen(
        ts=message["ts"],
        thread_ts=message.get("thread_ts"),
        to_channel=message.get("subtype") == "thread_broadcast" or not message.get("thread_ts"),
        words="\n".join(_texts(message.get("blocks") or message["text"])),
        buttons=tuple(button["text"]["text"] for button in buttons),
        links=tuple(button["url"] for button in buttons if "url" in button),
        by_app="bot_id" in message,
        request_id=metadata.get("event_payload", {}).get("request_id", "") if is_request else "",
    )


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        for key in ("text", "fields", "elements"):
            yield from _texts(node.get(key))
