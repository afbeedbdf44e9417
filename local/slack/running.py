"""The local Slack inside a test: a real server on a free port in a thread, with what a test asks for.

with running_workspace() as ws:
    ws.connect(my_app)  # a request URL, or a function from SignedRequest to AppAnswer
    ws.run_command(ADA, "/clients invite Acme")
    ws.press(ADA, ws.messages[-1], "Approve")
    assert "approved" in ws.messages[-1].words
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from slack_sdk import WebClient

from local.slack.app.elements import Target
from local.slack.app.link import App, HttpApp
from local.slack.app.signing import SignedRequest
from local.slack.faults.planned import Faults
from local.slack.faults.switches import Switch
from local.slack.people.acting import Outcome
from local.slack.running_views import RunningViews, Who, person_of
from local.slack.server import HOST, LocalSlack, listen
from local.slack.web_api.methods import ApiCall
from local.slack.workspace import facts
from local.slack.workspace.manifest import Manifest
from local.slack.workspace.memory import Clock
from local.slack.workspace.message import Message
from local.slack.workspace.sockets import Sockets


class RunningWorkspace(RunningViews):
    """A running local Slack, seen and used from a test. People are given as a `Person` or by user id."""

    bot_token = facts.BOT_TOKEN
    app_token = facts.APP_TOKEN
    signing_secret = facts.SIGNING_SECRET
    channel = facts.ONBOARDING.id

    def __init__(self, slack: LocalSlack) -> None:
        super().__init__(slack)
        self.base_url = slack.base_url
        self.api_url = f"{slack.base_url}/api/"

    @property
    def faults(self) -> Faults:
        """Plan misfortunes for the next Web API calls."""
        return self._slack.faults

    @property
    def sockets(self) -> Sockets:
        """The app's connections in Socket Mode: switch it on, look how many there are, end them."""
        return self._slack.workspace.sockets

    @property
    def calls(self) -> tuple[ApiCall, ...]:
        """Every Web API call so far, oldest first."""
        return tuple(self._slack.web_api.calls)

    @property
    def messages(self) -> tuple[Message, ...]:
        """Everything public, replies included, oldest first."""
        return self._slack.workspace.messages()

    @property
    def channel_messages(self) -> tuple[Message, ...]:
        """What #onboarding shows: top-level messages, and replies also sent to the channel."""
        return self._slack.workspace.channel_view(self.channel)

    def direct_messages(self, who: Who) -> tuple[Message, ...]:
        """What the direct message between the app and this person shows, oldest first; nothing before it is opened."""
        return self._slack.workspace.direct_messages(facts.direct_message(person_of(who)).id)

    def message(self, ts: str) -> Message:
        """A message as it is now; KeyError when it is gone."""
        message = self._slack.workspace.message(ts)
        if message is None:
            raise KeyError(ts)
        return message

    def thread(self, parent: Message | str) -> tuple[Message, ...]:
        """The replies to a message, oldest first."""
        return self._slack.workspace.replies(parent if isinstance(parent, str) else parent.ts)

    def ephemerals(self, who: Who) -> tuple[Message, ...]:
        """What only this person sees, oldest first; Slackbot's error messages are among them."""
        return self._slack.workspace.private_answers(person_of(who).id)

    def connect(self, app: App | str) -> None:
        """Send what people do to this app, outside Socket Mode: a request URL, or a function called in a thread."""
        self._slack.link.app = HttpApp(app) if isinstance(app, str) else app

    def run_command(self, who: Who, line: str) -> Outcome:
        """Type a line such as `/clients invite Acme`."""
        return self._slack.acting.run_command(person_of(who), line)

    def press(self, who: Who, message: Message, label: str, **chosen: Sequence[str]) -> Outcome:
        """Press the button (or choose the menu option) with this label, as `message` shows it.

        `chosen` is what the person has chosen in menus of several options: labels, by action id.
        """
        return self._slack.acting.press(person_of(who), message, Target(label, chosen=chosen))

    def choose(self, who: Who, message: Message, action_id: str, value: str) -> Outcome:
        """Choose the option with this value in the menu with this action id, as `message` shows it."""
        return self._slack.acting.press(person_of(who), message, Target(action_id=action_id, value=value))

    def say(self, who: Who, text: str) -> Message:
        """Write an ordinary line into the channel."""
        return self._slack.acting.say(person_of(who), text)

    def delete(self, message: Message | str) -> None:
        """Delete a message; one with replies leaves a tombstone, as in Slack."""
        self._slack.workspace.delete(message if isinstance(message, str) else message.ts)

    def command_request(self, who: Who, line: str) -> SignedRequest:
        """The signed request of a command, unsent."""
        return self._slack.interactions.command(person_of(who), line)

    def press_request(self, who: Who, message: Message, label: str) -> SignedRequest:
        """The signed request of a press, unsent."""
        return self._slack.interactions.press(person_of(who), message, Target(label))

    def verification_request(self, challenge: str) -> SignedRequest:
        """The signed request by which Slack asks whether an address takes events, unsent."""
        return self._slack.events.verification(challenge)

    def set_approvers(self, members: Sequence[Who]) -> None:
        """Make the user group S0APPROVERS consist of exactly these people."""
        ids = tuple(person_of(member).id for member in members)
        self._slack.workspace.set_group_members(facts.APPROVERS_GROUP_ID, ids)

    def retire(self, one: str) -> None:
        """Archive a channel, deactivate a person, or disable a user group, by id."""
        self._slack.workspace.retire(one)

    def put_on_grid(self, who: Who, organization: str, *, stranger: bool = False) -> None:
        """Make the person one of an Enterprise Grid organization; a stranger where it is another company's."""
        self._slack.workspace.put_on_grid(person_of(who).id, organization, stranger=stranger)

    def wait_for(self, holds: Callable[[], object], seconds: float = 5.0) -> None:
        """Wait until `holds()` is true, looking again after every change; AssertionError when it never is."""
        if not self._slack.workspace.wait_for(holds, seconds):
            shown = "\n---\n".join(message.words for message in self.messages) or "(nothing)"
            raise AssertionError(f"not so within {seconds} s; the channel shows:\n{shown}")

    def client(self) -> WebClient:
        """A Web API client with the bot's token."""
        return WebClient(self.bot_token, base_url=self.api_url)


@contextmanager
def running_workspace(
    app: App | str | None = None,
    *,
    clock: Clock = time.time,
    scopes: tuple[str, ...] = facts.SCOPES,
    patience_seconds: float = 30.0,
    more_switches: Sequence[Switch] = (),
    manifest: Manifest | None = None,
) -> Iterator[RunningWorkspace]:
    """Serve a fresh local Slack on a free port for the length of the `with` block.

    Slack waits 3 s for an app; a busy machine may need longer, which is no reason for a test to fail. `manifest` is
    what is switched on for the app: by default what slack-manifest.yml says.
    """
    listening = listen(0)
    base_url = f"http://{HOST}:{listening.getsockname()[1]}"
    slack = LocalSlack(base_url, clock, scopes, patience_seconds, more_switches=more_switches, manifest=manifest)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()
    thread = threading.Thread(target=_serve, args=(loop, slack.serve(listening, stop.wait)), name="local-slack")
    thread.start()
    try:
        workspace = RunningWorkspace(slack)
        if app is not None:
            workspace.connect(app)
        yield workspace
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()


def _serve(loop: asyncio.AbstractEventLoop, serving: object) -> None:
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        runner.run(serving)  # type: ignore[arg-type]
