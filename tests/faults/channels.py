"""The channel that a flow is played in, in two depths: the port's calls alone, or the Web API calls behind them.

Both tell what a person sees and may press. The second one is the real adapter and the local Slack's workspace, without
the HTTP between them, so that each single Web API call can fail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Protocol, cast

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.commands import Commands
from bot.domain.bulk import as_drawn, batchable
from bot.domain.errors import TryAgain
from bot.domain.search import Search
from bot.domain.transitions import buttons
from bot.domain.vocabulary import Verb
from bot.ports import Channel as Port
from bot.ports import Directory
from bot.ports.app_home import Homes
from bot.slack import ids
from bot.slack.homes import SlackHomes
from bot.slack.inbound import home as at_home
from bot.slack.inbound import replies
from bot.slack.notifier import AGAIN, CARD, REMINDER, REQUEST, SlackNotifier
from bot.slack.render import batch_press
from bot.slack.render.blocks import Message as Answer
from bot.slack.render.home import home
from bot.slack.render.text import Mrkdwn
from local.slack.web_api.methods import WebApi
from local.slack.workspace import facts
from local.slack.workspace.homes import Homes as Tabs
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Message
from local.slack.workspace.modals import Modals
from tests.channel import Channel as Board
from tests.channel import Shown
from tests.fakes import HomeTabs, TurnableClock, digest_of
from tests.faults.injection import Counting, Injector
from tests.faults.windows import View, opened, opened_at_once
from tests.unit.slack.samples import SETTINGS

Action = dict[str, str]
ORGANIZATION = "E0ORG"
"""The Enterprise Grid organization of the flow that is on one."""
_DIFFERS = re.compile(r"<!date\^[^>]*>|\b[rc][a-z2-7]{10}(?:[a-z2-7]{6})?\b")
"""What no two runs share: moments, request ids and client ids."""
FOR_ALL = {verb: action for action, verb in batch_press.VERBS.items()}
_ACCOUNT = re.compile(r"\b[0-9]{12}\b")
_LINK = re.compile(r"(?: ·)?\s*<https?://[^|>]*/archives/[^>]*>")
"""A link to a message: it names a moment too, and Slack need not tell it."""


class Channel(Protocol):
    """What a flow needs of it."""

    channel: Port
    directory: Directory
    homes: Homes

    def opens_home(self, user: str, workflow: Commands) -> None:
        """Somebody opens Home."""

    def at_home(self, user: str) -> Answer:
        """What this person's Home shows."""

    def offered(self, verb: Verb) -> Action | None:
        """The action that pressing this button under the newest request sends, None when it is not there."""

    def offered_for_all(self, verb: Verb) -> Action | None:
        """The same of a button for all accounts, under the newest shared message."""

    def accounts_shown(self) -> list[int]:
        """How many accounts each message shows."""

    def asked(self) -> int:
        """How many messages there are, replies aside."""

    def window(self, user: str, action: Action) -> View | None:
        """What a press on Deny opens, where a reason is asked for; None when it did not."""

    def tell(self, user: str, message: Answer) -> None:
        """Answer a press privately, as the listeners do."""

    def told(self, user: str) -> list[str]:
        """What only this person sees."""

    def seen(self) -> dict[str, Any]:
        """Everything that a person sees, without what differs from run to run."""


class OnBoard:
    """Calls of the port count."""

    def __init__(self, injector: Injector) -> None:
        self.board = Board(groups={"S0APPROVERS": frozenset({"U0ADA"})}, organizations={"U0ADA": ORGANIZATION})
        self.channel = cast(Port, Counting("channel", self.board, injector))
        self.directory = cast(Directory, Counting("directory", self.board, injector))
        self.tabs = HomeTabs()
        self.homes = cast(Homes, Counting("homes", self.tabs, injector))
        self._replies, self._told = Counting("replies", self, injector), list[tuple[str, Answer]]()

    def opens_home(self, user: str, workflow: Commands) -> None:
        person, search = workflow.person(user, facts.TEAM_ID), Search()
        shown = workflow.at_home(search, person)
        workflow.note_home(person, search, digest_of(shown), self.tabs.open(user, shown))

    def at_home(self, user: str) -> Answer:
        _, shown = self.tabs.shown.get(user, ("", None))
        return Answer(tuple(home(shown, SETTINGS, {})["blocks"]) if shown else (), Mrkdwn("Home"))

    def offered(self, verb: Verb) -> Action | None:
        if not self.board.messages or verb not in buttons(self.board.messages[-1].request.state):
            return None
        request = self.board.messages[-1].request
        drawn = f"presses-{request.presses}"
        assert ids.drawn_after(drawn) == request.presses
        return {"action_id": verb.value, "value": request.id, "block_id": drawn}

    def offered_for_all(self, verb: Verb) -> Action | None:
        shown = self.board.messages[-1] if self.board.messages else None
        if shown is None or shown.message is None or not any(batchable(one.request) for one in shown.batch):
            return None
        drawn = as_drawn(shown.message.request_ids, [one.request for one in shown.batch if batchable(one.request)])
        row = batch_press.row(drawn)
        assert batch_press.drawn(row) == drawn
        return {"action_id": FOR_ALL[verb], "value": batch_press.message_id(shown.message), "block_id": row}

    def accounts_shown(self) -> list[int]:
        return [len(one.batch) or 1 for one in self.board.messages]

    def asked(self) -> int:
        return len(self.board.messages)

    def window(self, user: str, action: Action) -> View | None:
        return opened_at_once(action)

    def tell(self, user: str, message: Answer) -> None:
        """A private answer that fails is only logged."""
        with suppress(TryAgain):
            self._replies.show(user, message)

    def show(self, user: str, message: Answer) -> None:
        self._told.append((user, message))

    def told(self, user: str) -> list[str]:
        return [str(message.text) for who, message in self._told if who == user]

    def seen(self) -> dict[str, Any]:
        threads = {one.ts: one.request.id for one in self.board.messages}
        return {
            "messages": [
                (
                    one.request.kind.value,
                    one.request.state.value,
                    one.request.stack.role_name,
                    one.request.stack.access_level.value,
                    one.request.stack.terms,
                    one.request.decision and (one.request.decision.verb.value, one.request.decision.actor),
                    one.request.attempt.removed_members,
                    one.request.reason,
                    tuple(event.status for event in one.timeline),
                    _accounts(one),
                )
                for one in self.board.messages
            ],
            "cards": [
                (
                    one.request.stack.role_name,
                    one.request.stack.access_level.value,
                    one.request.stack.terms,
                    threads.get(one.thread or "") == one.request.id,
                    _accounts(one),
                )
                for one in self.board.cards
            ],
            "reminders": [one.request.kind.value for one in self.board.reminders],
        }


def _accounts(shown: Shown) -> list[tuple[str, tuple[str, ...]]]:
    """What a shared message says of each account: its state, and who has decided."""
    requests = [one.request for one in shown.batch]
    pressed = [(*one.approvals, *((one.decision,) if one.decision else ())) for one in requests]
    return [
        (one.state.value, tuple(f"{by.actor} {by.verb}" for by in who))
        for one, who in zip(requests, pressed, strict=True)
    ]


class InProcess(WebClient):
    """A Web API client whose calls arrive at the local Slack without HTTP; a lost one ends as a timeout does."""

    def __init__(self, api: WebApi, injector: Injector) -> None:
        super().__init__(token=facts.BOT_TOKEN, retry_handlers=[])
        self._api, self._injector = api, injector

    def api_call(self, api_method: str, **sent: Any) -> SlackResponse:
        arguments = {key: value for key, value in (sent.get("json") or sent.get("params") or {}).items() if value}
        answer = self._injector.call(
            f"slack.{api_method} {metadata_of(arguments)}".strip(),
            lambda: self._api.call(api_method, arguments, facts.BOT_TOKEN),
        )
        response = SlackResponse(
            client=self, http_verb="POST", api_url="", req_args={}, data=answer, headers={}, status_code=200
        )
        if not answer["ok"]:
            raise SlackApiError(str(answer.get("error")), response)  # type: ignore[no-untyped-call]
        return response


def metadata_of(arguments: dict[str, Any]) -> str:
    """The event type that a message is marked with, empty for other calls."""
    return str((arguments.get("metadata") or {}).get("event_type", ""))


class OnSlack:
    """Calls of Slack's Web API count."""

    def __init__(
        self,
        client: WebClient,
        public: Callable[[], Sequence[Message]],
        private: Callable[[str], Sequence[Message]],
        modals: Modals | None = None,
        tabs: Tabs | None = None,
    ) -> None:
        """`public` and `private` read what everybody, and what one person sees, the others what one has open."""
        self._client, self._public, self._private = client, public, private
        self._modals, self._tabs = modals, tabs
        notifier = SlackNotifier(client, SETTINGS)
        self.channel: Port = notifier
        self.directory: Directory = notifier
        self.homes: Homes = SlackHomes(client, SETTINGS, notifier)

    @classmethod
    def in_process(cls, injector: Injector, clock: TurnableClock) -> OnSlack:
        workspace = Workspace(lambda: clock.now().timestamp())
        workspace.put_on_grid(facts.ADA.id, ORGANIZATION, stranger=False)
        client = InProcess(WebApi(workspace), injector)
        return cls(client, workspace.messages, workspace.private_answers, workspace.modals, workspace.homes)

    def opens_home(self, user: str, workflow: Commands) -> None:
        opening = {"event": {"user": user, "tab": "home"}, "team_id": facts.TEAM_ID}
        at_home.opened(opening, workflow, SETTINGS, self._client)

    def at_home(self, user: str) -> Answer:
        assert self._tabs is not None
        shown = self._tabs.of(user)
        return Answer(tuple(shown.view["blocks"]) if shown else (), Mrkdwn("Home"))

    def newest(self) -> Message:
        """The newest request's message."""
        return self._all(REQUEST)[-1]

    def offered(self, verb: Verb) -> Action | None:
        for block, element in self.newest().elements() if self.asked() else ():
            if element["action_id"] == verb.value:
                return {"action_id": verb.value, "value": element["value"], "block_id": block["block_id"]}
        return None

    def offered_for_all(self, verb: Verb) -> Action | None:
        for block, element in self.newest().elements() if self.asked() else ():
            if element["action_id"] == FOR_ALL[verb]:
                return {"action_id": FOR_ALL[verb], "value": element["value"], "block_id": block["block_id"]}
        return None

    def accounts_shown(self) -> list[int]:
        return [len(set(_ACCOUNT.findall(one.words))) for one in self._all(REQUEST)]

    def asked(self) -> int:
        return len(self._all(REQUEST))

    def window(self, user: str, action: Action) -> View | None:
        assert self._modals is not None
        view, told = opened(self._client, self._modals, user, action, self.newest().as_slack())
        if told is not None:
            self.tell(user, told)
        return view

    def tell(self, user: str, message: Answer) -> None:
        replies.tell(self._client, {"channel": {"id": SETTINGS.channel_id}, "user": {"id": user}}, message)

    def told(self, user: str) -> list[str]:
        return [one.words for one in self._private(user)]

    def seen(self) -> dict[str, Any]:
        requests = {one.ts: _about(one) for one in self._all(REQUEST)}
        return {
            "messages": [_read(one) for one in self._all(REQUEST)],
            "cards": [
                (_read(one), self._in_its_thread(one, requests), one.broadcast)
                for one in (*self._all(CARD), *self._all(AGAIN))
            ],
            "reminders": [(_read(one), self._in_its_thread(one, requests)) for one in self._all(REMINDER)],
        }

    def _all(self, event_type: str) -> list[Message]:
        return [one for one in self._public() if (one.metadata or {}).get("event_type") == event_type]

    def _in_its_thread(self, one: Message, requests: dict[str, str]) -> bool:
        return requests.get(one.thread_ts or "") == _about(one)


def _about(one: Message) -> str:
    return str((one.metadata or {})["event_payload"]["request_id"])


def _read(one: Message) -> str:
    return _DIFFERS.sub("…", _LINK.sub("", one.words))
