"""`make demo SLACK=real` from its first question to the client's leaving, with the local Slack as the real one."""

import re
import socket
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest

from deploy.manifest import socket_mode_manifest
from local.demo import guided_real
from local.demo.places import Ground, Places
from local.demo.real_settings import take_from
from local.demo.real_workspace import RealWorkspace
from local.demo.transcript import Transcript
from local.slack import ADA, Message, RunningWorkspace, running_workspace
from local.slack.workspace import facts
from local.slack.workspace.manifest import manifest_of

_SECONDS = 600.0


@pytest.fixture
def ws() -> Iterator[RunningWorkspace]:
    """A workspace whose app was made from the manifest that the demo prints."""
    with running_workspace(manifest=manifest_of(socket_mode_manifest())) as workspace:
        yield workspace


class Person:
    """Invites in Slack when the demo asks for a link, and presses what there is to press."""

    def __init__(self, ws: RunningWorkspace) -> None:
        self.ws = ws
        self.asked = 0

    def read(self) -> str:
        """What the person types into the terminal: the text for the client, a line at a time; then that it deletes."""
        self.asked += 1
        if self.asked == 1:
            return "https://x/home#/stacks/create/review?templateURL=http%3A%2F%2Felsewhere&stackName=x"
        if self.asked == 2:
            assert self.ws.run_command(ADA, "/clients invite Acme").ok
            self._presses_when_there_is("Approve")
            return f"Open {self._link()}"
        if self.asked == 3:
            self.ws.wait_for(lambda: any("✅" in each.words for each in self.ws.channel_messages), _SECONDS)
            self._presses_when_there_is("Approve")
            return "delete"
        raise EOFError

    def _link(self) -> str:
        found = re.search(r"https?://\S+#/stacks/create/review\?\S+", self.ws.ephemerals(ADA)[-1].words)
        assert found
        return found.group()

    def _presses_when_there_is(self, label: str) -> None:
        def press() -> None:
            self.ws.wait_for(lambda: self._offering(label), _SECONDS)
            self.ws.press(ADA, self._offering(label)[-1], label)

        threading.Thread(target=press, daemon=True).start()

    def _offering(self, label: str) -> list[Message]:
        return [each for each in self.ws.channel_messages if label in each.buttons]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_client_comes_and_leaves(ws: RunningWorkspace, tmp_path: Path) -> None:
    environ = {
        "SLACK_APP_TOKEN": facts.APP_TOKEN,
        "SLACK_BOT_TOKEN": facts.BOT_TOKEN,
        "SLACK_CHANNEL_ID": ws.channel,
        "APPROVERS": f"{ADA.id}, {facts.APPROVERS_GROUP_ID}",
        "SLACK_API_URL": ws.api_url,
    }
    out = StringIO()
    transcript = Transcript(out=out)
    workspace = RealWorkspace(transcript, take_from(environ))
    workspace.ask()
    with Places(transcript, Ground(aws_port=_free_port(), state=tmp_path), workspace) as places:
        guided_real.play(places, transcript, workspace.name, Person(ws).read, _SECONDS)
    told = out.getvalue()
    assert "Your turn, in Switchyard demo" in told
    assert "That link is of another deployment" in told
    assert "(before the approval): AccessDenied" in told
    assert "✓ Olli gets in" in told
    assert "(the client has left): AccessDenied" in told
    assert ws.sockets.number == 0
    kept = "".join(each.read_text(errors="replace") for each in tmp_path.rglob("*") if each.is_file())
    for secret in (facts.APP_TOKEN, facts.BOT_TOKEN, workspace.signing_secret):
        assert secret not in told
        assert secret not in kept
    assert "SLACK_APP_TOKEN" not in environ
    assert "SLACK_BOT_TOKEN" not in environ
