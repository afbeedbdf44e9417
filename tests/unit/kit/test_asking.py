"""`/clients kit [team]`: typed in the local Slack, answered at once, and sent as files in a direct message."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

import pytest
from botocore.configloader import load_config

from bot.domain.errors import Replayed, TryAgain, WrongWorkspace
from bot.domain.kit import KitAsked
from bot.domain.model import Client
from bot.domain.page import Entry as OnPage
from bot.domain.page import Page, Team, Teams
from bot.kit.sending import KitSending
from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.kit_courier import KitCourier
from handlers.kit import create_handler
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.message import Message
from tests.fakes import ADA, STRANGER, World
from tests.unit.kit.samples import client
from tests.unit.slack.app_samples import through_http_api
from tests.unit.slack.samples import SETTINGS

NAMES = ["config", "extend-switch-roles.ini", "bookmarks.html", "clients.csv"]


@dataclass
class Desk:
    """A deployment with two teams, three clients that people may switch into, and one that they may not."""

    slack: RunningWorkspace
    world: World = field(default_factory=lambda: World(teams=Teams(("operators", "data"))))

    def __post_init__(self) -> None:
        self.give(client(1, ("operators",)), client(2, ("operators", "data")), client(3), client(4, granted=False))
        api = web_client(lambda: self.slack.bot_token, self.slack.api_url, timeout_seconds=30)
        app = create_app(self.world.workflow, SETTINGS, api)
        self.slack.connect(lambda signed: through_http_api(app, signed))
        sending = KitSending(self.world.store, KitCourier(api, SETTINGS), SETTINGS, self.world.clock)
        self.handler = create_handler(lambda: sending, pytest.fail)

    def give(self, *clients: Client) -> None:
        self.world.store.stored_clients |= {one.id: one for one in clients}
        for team in self.world.teams.names:
            on_it = [one for one in self.world.store.stored_clients.values() if team in one.teams]
            listed = tuple(OnPage(one.id, f"role/{one.id}") for one in on_it)
            self.world.store.stored_pages[team, 1] = Page(team, 1, listed)
            self.world.store.stored_teams[team] = Team(team, (sum(one.length for one in listed),))

    def type(self, line: str, who: str = "U0ADA") -> str:
        """Type it; answers what is told privately."""
        self.slack.run_command(who, line)
        return self.slack.ephemerals(who)[-1].words

    def run(self) -> None:
        """Let Lambda begin what was handed over."""
        for asked in self.world.bench.kits:
            self.handler({"send": dict(vars(asked))}, None)

    def told(self, who: str = "U0ADA") -> str:
        return self.slack.ephemerals(who)[-1].words

    def sent(self, who: str = "U0ADA") -> Message:
        [message] = self.slack.direct_messages(who)
        return message


def unanswering(*_: object, **__: object) -> NoReturn:
    raise TryAgain("the table does not answer")


@pytest.fixture
def desk() -> Iterator[Desk]:
    with running_workspace() as slack:
        yield Desk(slack)


def content(message: Message, number: int) -> str:
    return (message.files[number].content or b"").decode()


def accounts(message: Message) -> set[str]:
    """The accounts whose roles the AWS CLI's profiles in these files assume."""
    text = content(message, 0)
    return set(re.findall(r"^role_arn = arn:aws:iam::([0-9]{12}):role/", text, re.MULTILINE))


def test_of_a_team_the_line_that_fetches_its_kit_is_told(desk: Desk) -> None:
    assert "aws s3 cp" not in desk.type("/clients kit")
    fetch = f"aws s3 cp --region {SETTINGS.region} s3://{SETTINGS.kit_bucket}/data/config ~/.aws/switchyard.kit"
    assert fetch in desk.type("/clients kit data")


def test_the_kit_of_all_clients_comes_as_four_files_in_a_direct_message(desk: Desk, tmp_path: Path) -> None:
    assert "📦 I am sending you the kit of all clients as a direct message" in desk.type("/clients kit")
    desk.run()

    message = desk.sent()
    assert [file.name for file in message.files] == NAMES
    assert "The kit of all clients: 3 clients." in message.text
    assert accounts(message) == {"000000000001", "000000000002", "000000000003"}
    (tmp_path / "config").write_text(content(message, 0))
    assert len(load_config(str(tmp_path / "config"))["profiles"]) == 3
    assert desk.slack.messages == (), "nothing in the channel"


@pytest.mark.parametrize(("typed", "team", "has"), [("operators", "operators", {1, 2}), ("DATA", "data", {2})])
def test_the_kit_of_a_team_holds_its_clients_alone(desk: Desk, typed: str, team: str, has: set[int]) -> None:
    assert f"the kit of team `{team}`" in desk.type(f"/clients kit {typed}")
    desk.run()
    assert accounts(desk.sent()) == {f"{number:012}" for number in has}


@pytest.mark.safety("A client that a page still lists, but that has no access, is in no kit", "bot/kit/reading.py")
def test_who_has_no_access_any_more_is_not_in_the_kit(desk: Desk) -> None:
    on_page = desk.world.store.stored_pages["operators", 1]
    desk.give(client(1, granted=False))
    desk.world.store.stored_pages["operators", 1] = on_page
    desk.type("/clients kit operators")
    desk.run()
    assert accounts(desk.sent()) == {"000000000002"}


def test_everybody_of_the_workspace_may_have_it(desk: Desk) -> None:
    desk.type("/clients kit", "U0OLLI")
    desk.run()
    assert accounts(desk.sent("U0OLLI")) and desk.slack.direct_messages("U0ADA") == ()


@pytest.mark.safety("People of other workspaces get no kit", "bot/workflow.py")
def test_a_guest_from_another_workspace_gets_none(desk: Desk) -> None:
    with pytest.raises(WrongWorkspace):
        desk.world.workflow.ask_for_kit(KitAsked(STRANGER.user_id), STRANGER)
    assert desk.world.bench.kits == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/clients kit nobody", "There is no team called `nobody`. The teams are `operators`, `data`."),
        ("/clients kit operators data", "Write `/clients kit &lt;team&gt;`"),
    ],
)
def test_a_mistake_is_answered_with_what_to_write(desk: Desk, line: str, says: str) -> None:
    assert says in desk.type(line)
    assert desk.world.bench.kits == []


@pytest.mark.safety("The kit of one command is sent once", "bot/kit/sending.py")
def test_a_second_delivery_of_the_same_invocation_sends_nothing(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.type("/clients kit")
    desk.run()
    desk.run()
    assert len(desk.slack.direct_messages("U0ADA")) == 1
    assert "not sent again" in caplog.text
    desk.type("/clients kit")
    desk.run()
    assert len(desk.slack.direct_messages("U0ADA")) == 2, "a new command is a new kit"


def test_a_command_that_comes_again_hands_over_nothing(desk: Desk) -> None:
    asked = KitAsked(ADA.user_id, mark="0" * 64)
    desk.world.workflow.ask_for_kit(asked, ADA)
    with pytest.raises(Replayed):
        desk.world.workflow.ask_for_kit(asked, ADA)
    assert desk.world.bench.kits == [asked]


def test_a_kit_with_nobody_in_it_is_no_message_but_an_answer(desk: Desk) -> None:
    desk.give(client(2, ("operators",)))
    desk.type("/clients kit data")
    desk.run()
    assert "nobody has access to any of its clients" in desk.told()
    assert desk.slack.direct_messages("U0ADA") == ()


@pytest.mark.parametrize(
    ("method", "error", "who_mends"),
    [
        ("conversations.open", "missing_scope", "Whoever runs Switchyard mends that: paste"),
        ("files.getUploadURLExternal", "missing_scope", "build/slack-manifest-dev.yml"),
        ("files.completeUploadExternal", "missing_scope", "reinstall the app"),
        ("conversations.open", "user_not_visible", "Slack does not let the app write to you directly"),
        ("conversations.open", "user_disabled", "an admin of the workspace"),
        ("files.completeUploadExternal", "messages_tab_disabled", "the app's *Messages* tab must be on"),
        ("files.getUploadURLExternal", "file_uploads_disabled", "An admin of the workspace can allow it"),
        ("files.completeUploadExternal", "file_type_not_allowed", "does not allow the app to upload such files"),
        ("files.getUploadURLExternal", "ratelimited", "type the command again"),
        ("files.completeUploadExternal", "fatal_error", "type the command again"),
    ],
)
@pytest.mark.safety(
    "Whoever asked for a kit is told why it did not come, and who mends that", "bot/slack/kit_courier.py"
)
def test_what_slack_refuses_is_told_with_who_mends_it(
    desk: Desk, caplog: pytest.LogCaptureFixture, method: str, error: str, who_mends: str
) -> None:
    desk.slack.faults.refuse(method, error)
    desk.type("/clients kit")
    desk.run()
    assert "Your kit could not be sent." in desk.told() and who_mends in desk.told()
    assert [one.files for one in desk.slack.direct_messages("U0ADA")] == []
    assert [one.levelno for one in caplog.records if "a kit was not sent" in one.message] == [logging.ERROR]
    assert desk.slack.bot_token not in caplog.text


def test_data_that_slack_does_not_take_is_told_too(desk: Desk) -> None:
    desk.slack.faults.fail("upload")
    desk.type("/clients kit")
    desk.run()
    assert "type the command again" in desk.told()
    desk.type("/clients kit")
    desk.run()
    assert len(desk.slack.direct_messages("U0ADA")) == 1


def test_a_table_that_does_not_answer_is_told(desk: Desk) -> None:
    desk.type("/clients kit")
    desk.world.store.clients = unanswering  # type: ignore[method-assign]
    desk.run()
    assert "could not be read just now" in desk.told()


@pytest.mark.safety("A kit that failed, and that nobody could be told of, rings the alarm", "bot/slack/kit_courier.py")
def test_what_nobody_could_be_told_of_fails_the_function(desk: Desk) -> None:
    desk.type("/clients kit")
    desk.slack.faults.set_outage(on=True)
    with pytest.raises(Exception, match="Nobody could be told"):
        desk.run()


def test_a_lambda_that_cannot_be_invoked_is_told_at_once(desk: Desk) -> None:
    desk.world.bench.broken = True
    assert "try" in desk.type("/clients kit").lower()
