"""App Home, through the real Bolt app: what is published for whom, and what presses in it do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from bot.decisions.at_home import WAITING_SHOWN, WAITS
from bot.domain.answers import Actor, AtHome
from bot.domain.errors import PersonUnknown, TryAgain
from bot.domain.message import message_about
from bot.domain.model import KnownBy
from bot.domain.search import Found, Search
from bot.domain.vocabulary import AccessLevel, Standing, State
from bot.ports.store import Change
from bot.slack.client import web_client
from bot.slack.inbound.windows import reading, told
from bot.slack.notifier import SlackNotifier
from bot.slack.render.home import home, waiting
from local.slack.block_kit.views import MOST_BLOCKS, MOST_BYTES, view_problems
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.modals import Window
from tests.fakes import World
from tests.proving import amount
from tests.unit.slack.app_samples import Recorder, over_http, slack, workflow
from tests.unit.slack.render.generated import HOSTILE, arguments_of, views
from tests.unit.slack.render.test_slack_shown import FOR_APPROVER, to_approver
from tests.unit.slack.samples import CLIENT, NOW, SETTINGS, request

__all__ = ["slack", "workflow"]

HOME = "T0SWITCHYARD"
ADA = Actor("U0ADA", HOME, HOME)


def shown(slack: RunningWorkspace, who: str = "U0ADA") -> Window:
    found = slack.home(who)
    assert found is not None and view_problems(found.view) == []
    return found


def test_who_opens_home_sees_clients_and_an_approver_what_waits(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.waiting = (replace(CLIENT, company="Globex <x>", standing=Standing.WAITING),)
    assert slack.open_home("U0ADA").ok and slack.open_home("U0OLLI").ok
    mine, theirs = shown(slack), shown(slack, "U0OLLI")
    assert "Waits for you" in mine.words and "Globex &lt;x&gt;" in mine.words and "Invite a client" in mine.buttons
    assert "Waits for you" not in theirs.words and "Invite a client" not in theirs.buttons
    assert "Acme" in mine.words and "Acme" in theirs.words
    assert [call.method for call in slack.calls] == ["views.publish", "views.publish"]


def test_what_waits_links_to_its_message(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.waiting = (replace(CLIENT, standing=Standing.WAITING, current_request="rabcdefghijklmnop"), CLIENT)
    workflow.posted = (("rabcdefghijklmnop", "1795413602000100"),)
    slack.open_home("U0ADA")
    assert str(shown(slack).view).count("/archives/C0/p1795413602000100|Its message") == 1


def test_several_accounts_that_wait_together_are_one_row_with_their_message() -> None:
    several = replace(CLIENT, company="Wayne", standing=Standing.WAITING, current_request="rabcdefghijklmnop")
    at_home = AtHome(Found(Search(), (), 0), True, (several,), ((several.id, 20),))
    rows = waiting(at_home, SETTINGS, {"rabcdefghijklmnop": "https://slack.example/p1"}).blocks
    assert "*Wayne* · 20 accounts waiting for approval" in str(rows[1]) and "Its message" in str(rows[1])
    assert "accessory" not in rows[1]


def test_the_other_tab_is_left_alone(slack: RunningWorkspace, workflow: Recorder) -> None:
    app = over_http(slack, workflow)
    assert app(slack.home_opened_request("U0ADA", "messages")).status == 200
    assert (workflow.asked, slack.home("U0ADA")) == ([], None)


def test_an_event_that_comes_again_publishes_the_same(slack: RunningWorkspace, workflow: Recorder) -> None:
    app = over_http(slack, workflow)
    event = slack.home_opened_request("U0ADA")
    assert [app(event).status for _ in range(2)] == [200, 200]
    assert "Acme" in shown(slack).words


@pytest.mark.safety("A guest's Home shows nothing of clients", "bot/slack/inbound/home.py")
def test_a_guest_of_another_workspace_sees_that_home_is_not_for_them(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    assert slack.open_home("U0EVE").ok
    assert workflow.asked == []
    assert "Home is for people of the workspace" in shown(slack, "U0EVE").words
    assert len(shown(slack, "U0EVE").view["blocks"]) == 1


@pytest.mark.safety("Whose workspace a person is of, Slack says, not the event", "bot/slack/notifier.py")
def test_the_workspace_of_whoever_opens_home_is_what_slack_says() -> None:
    with running_workspace() as slack:
        notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
        assert (notifier.workspace_of("U0OLLI"), notifier.workspace_of("U0EVE")) == (HOME, "T0ELSEWHERE")


def test_who_it_is_for_is_asked_of_slack_with_the_real_use_cases() -> None:
    world = World()
    world.channel.workspaces["U0EVE"] = "T0ELSEWHERE"
    with running_workspace() as slack:
        slack.connect(over_http(slack, _Connected(world)))  # type: ignore[arg-type]
        for who in ("U0EVE", "U0ADA"):
            assert slack.open_home(who).ok
        assert "Home is for people" in shown(slack, "U0EVE").words and "Waits for you" in shown(slack).words
        world.channel.unreadable.add("U0OLLI")
        slack.open_home("U0OLLI")
        assert "Slack did not say whether you belong" in shown(slack, "U0OLLI").words


class _Connected:
    def __init__(self, world: World) -> None:
        self.as_workflow = world.workflow


@pytest.mark.parametrize("trouble", [PersonUnknown("Slack did not say."), TryAgain("busy")])
def test_what_goes_wrong_is_said_in_home(slack: RunningWorkspace, workflow: Recorder, trouble: Exception) -> None:
    workflow.trouble = trouble
    assert slack.open_home("U0ADA").ok
    assert "Acme" not in shown(slack).words and len(shown(slack).view["blocks"]) == 1


def test_a_publishing_that_slack_does_not_take_is_no_fault_of_ours(
    slack: RunningWorkspace, workflow: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    slack.faults.refuse("views.publish", "internal_error")
    assert slack.open_home("U0ADA").ok
    assert slack.home("U0ADA") is None and "was not published" in caplog.text


ACME = Search("acme")
FIRST = Found(ACME, (CLIENT,) * 10, total=30, next=replace(ACME, start=10))
SECOND = Found(replace(ACME, start=10), (CLIENT,), total=30, first=ACME)


def test_searching_paging_and_narrowing_publish_home_anew(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.found |= {ACME: FIRST, replace(ACME, start=10): SECOND}
    slack.open_home("U0ADA")
    before = shown(slack).hash
    assert slack.press_in_home("U0ADA", "Search", Search="acme").ok
    assert "Clients: acme" in shown(slack).words and shown(slack).hash != before
    [field] = shown(slack).inputs
    assert field["element"]["initial_value"] == "acme"
    assert slack.press_in_home("U0ADA", "Next page").ok
    assert "11 to 11 of 30" in shown(slack).words
    assert slack.press_in_home("U0ADA", "First page").ok
    assert slack.press_in_home("U0ADA", "PowerUser").ok
    assert [asked[1] for asked in workflow.asked] == [
        Search(),
        ACME,
        replace(ACME, start=10),
        ACME,
        replace(ACME, level=AccessLevel.POWER_USER),
    ]
    assert slack.ephemerals("U0ADA") == slack.direct_messages("U0ADA") == ()


@pytest.mark.safety("A window that shows a client decides nothing", "bot/slack/inbound/windows.py")
def test_show_opens_the_client_in_a_window_without_buttons_that_decide(
    slack: RunningWorkspace, workflow: Recorder
) -> None:
    workflow.waiting = (replace(CLIENT, standing=Standing.WAITING),)
    workflow.shown = FOR_APPROVER
    slack.open_home("U0ADA")
    before = shown(slack).hash
    assert slack.press_in_home("U0ADA", "Show").ok
    window = slack.window("U0ADA")
    assert window is not None and view_problems(window.view) == []
    assert "222222222222" in window.words and shown(slack).hash == before
    assert "`/clients show 222222222222` has the buttons" in window.words
    elements = [
        one for block in window.view["blocks"] for one in [*block.get("elements", ()), block.get("accessory")] if one
    ]
    assert all(one.get("url") for one in elements if one["type"] == "button")
    assert {one["type"] for one in elements} <= {"button", "mrkdwn"}


def test_a_window_leads_an_approver_to_the_message_that_decides(slack: RunningWorkspace, workflow: Recorder) -> None:
    workflow.waiting = (replace(CLIENT, standing=Standing.WAITING),)
    slack.open_home("U0ADA")
    waits, works = to_approver(), to_approver(state=State.PROVISIONING)
    message = replace(message_about(request(), NOW), ts="1795413602.000100")
    posted = [replace(one, message=message) for one in (waits, works)]
    no_approver = replace(posted[0], approves=False)
    for known, button in ((posted[0], True), (posted[1], False), (waits, False), (no_approver, False)):
        workflow.shown = known
        slack.press_in_home("U0ADA", "Show")
        window = slack.window("U0ADA")
        assert window is not None and ("Decide in the channel" in window.buttons) is button
        assert ("This window only shows" in window.words) is bool(known.approves)
        slack.close_window("U0ADA")


def test_a_search_keeps_the_filters_and_begins_at_the_first_page(slack: RunningWorkspace, workflow: Recorder) -> None:
    narrowed = Search(standing=Standing.ONBOARDED, level=AccessLevel.POWER_USER)
    workflow.found = {narrowed: Found(narrowed, (CLIENT,), next=replace(narrowed, cursor="older"))}
    slack.open_home("U0ADA")
    slack.press_in_home("U0ADA", "✅ onboarded")
    slack.press_in_home("U0ADA", "PowerUser")
    slack.press_in_home("U0ADA", "Older")
    slack.press_in_home("U0ADA", "Search", Search="acme")
    slack.press_in_home("U0ADA", "Search", Search="")
    assert [asked[1] for asked in workflow.asked][-2:] == [replace(narrowed, words="acme"), narrowed]


def test_invite_opens_the_window(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.open_home("U0ADA")
    assert slack.press_in_home("U0ADA", "Invite a client").ok
    window = slack.window("U0ADA")
    assert window is not None and window.view["callback_id"] == "invite_client"


@pytest.mark.safety("A press in Home is judged by whose it is", "bot/slack/inbound/home.py")
def test_a_press_of_a_guest_in_home_shows_them_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    slack.open_home("U0EVE")
    slack.open_home("U0ADA")
    view = shown(slack).view
    slack._slack.workspace.homes.publish("U0EVE", view)
    workflow.asked.clear()
    assert slack.press_in_home("U0EVE", "Search", Search="acme").ok
    assert workflow.asked == [] and "Acme" not in shown(slack, "U0EVE").words


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
def test_slack_takes_home_for_any_data() -> None:
    @settings(max_examples=amount(12, proving=300), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(arguments_of(home))
    def drawn(arguments: dict[str, Any]) -> None:
        view = home(**arguments)
        assert view_problems(view, "home") == [] and len(view["blocks"]) <= MOST_BLOCKS
        assert len(json.dumps(view).encode()) <= MOST_BYTES

    drawn()


@pytest.mark.parametrize("name", HOSTILE)
def test_home_stays_within_slacks_limits_with_hundreds_that_wait(name: str) -> None:
    world = World()
    for number in range(300):
        stack = replace(CLIENT.stack, account_id=f"{number:012}", role_name="r" * 64)
        waits = replace(CLIENT, id=f"c{number:010}", company=name, stack=stack, standing=[*WAITS][number % len(WAITS)])
        world.store.save(Change(client=replace(waits, current_request=f"r{number:016}", known_by=KnownBy(name[:60]))))
    for search in (Search(), Search(standing=Standing.WAITING), Search("222222222222")):
        shown = world.workflow.at_home(search, ADA)
        links = {f"r{number:016}": f"https://{'s' * 60}.slack.com/archives/C0/p{number:016}" for number in range(300)}
        view = home(shown, SETTINGS, links)
        assert shown.more and len(shown.waiting) == WAITING_SHOWN
        assert view_problems(view, "home") == [] and len(json.dumps(view).encode()) <= MOST_BYTES


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.parametrize("name", ["shown.to_look_at", "clients.choice", "answers.refusal", "invitations.invitation"])
def test_slack_takes_what_is_shown_in_a_window_for_any_data(name: str) -> None:
    @settings(max_examples=amount(12, proving=300), phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(arguments_of(views()[name]))
    def drawn(arguments: dict[str, Any]) -> None:
        message = views()[name](**arguments)
        for view in (reading("Client", message), told("Invitation", message)["view"]):
            assert view_problems(view, "modal") == [] and len(json.dumps(view).encode()) <= MOST_BYTES

    drawn()


def test_home_says_when_slack_does_not_tell_who_approves() -> None:
    world = World()
    world.channel.unreadable.add("S0APPROVERS")
    at_home = world.workflow.at_home(Search(), Actor("U0OLLI", HOME, HOME))
    assert at_home.approves is None and at_home.waiting == ()
    assert "Slack did not say whether you are an approver" in str(home(at_home, SETTINGS, {}))
