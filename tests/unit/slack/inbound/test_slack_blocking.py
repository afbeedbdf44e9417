"""What people see of a block, and what a press or a command about it becomes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.domain.answers import Blocked, Cancelled, OpenInvitations
from bot.domain.errors import ActionRefused, Replayed, TryAgain
from bot.domain.model import Account, Client
from bot.domain.search import Found, Search
from bot.domain.vocabulary import Kind, Standing, State
from bot.ports import Picture
from bot.slack import ids
from bot.slack.client import web_client
from bot.slack.inbound.app import create_app
from bot.slack.inbound.commands import ClientVerb, OfClient, parse
from bot.slack.inbound.listeners import answer_command, press
from bot.slack.inbound.pressing import Press
from bot.slack.notifier import SlackNotifier
from bot.slack.render import blocked, clients, invitations, views
from bot.slack.render.blocks import Message
from local.slack.running import RunningWorkspace, running_workspace
from local.slack.workspace.message import Message as Shown
from tests.fakes import ADA
from tests.unit.slack.app_samples import Recorder, through_http_api
from tests.unit.slack.samples import CLIENT, INVITED, SETTINGS, buttons, pictured, request, words

ACCOUNT = Account(CLIENT.stack.account_id, (CLIENT.id,), "U0BEA", datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
WITHOUT_ACCESS = replace(CLIENT, given=None, may_have_group=False)
LEFT = [(Kind.ONBOARD, State.DENIED), (Kind.UPDATE, State.DENIED), (Kind.OFFBOARD, State.DONE)]


def shown(kind: Kind, state: State, client: Client | None = None, account: Account | None = None) -> Message:
    asked = request(kind, state)
    newest = replace(client, current_request=asked.id) if client else None
    return drawn(replace(pictured(asked, client=newest), account=account))


def drawn(picture: Picture) -> Message:
    return views.request_message(picture, SETTINGS)


def labels(message: Message) -> list[str]:
    return [button["text"]["text"] for button in buttons(message)]


@pytest.mark.parametrize(("kind", "state"), LEFT)
def test_block_stands_under_what_left_a_client_without_access_and_asks_to_confirm(kind: Kind, state: State) -> None:
    message = shown(kind, state, WITHOUT_ACCESS)
    [button] = [one for one in buttons(message) if one["text"]["text"] == "Block"]
    assert (button["action_id"], button["value"], button["style"]) == ("block_account", request(kind).id, "danger")
    assert CLIENT.stack.account_id in button["confirm"]["text"]["text"]
    assert f"*Block* refuses all events from the account `{CLIENT.stack.account_id}`" in words(message)


@pytest.mark.parametrize("state", [one for one in State if one is not State.DENIED and one is not State.REPORTED])
def test_nothing_else_offers_it(state: State) -> None:
    for kind in (Kind.ONBOARD, Kind.OFFBOARD):
        if (kind, state) not in LEFT and state is not State.DRIFTED:
            assert "Block" not in labels(shown(kind, state, WITHOUT_ACCESS))


@pytest.mark.parametrize(
    "client", [replace(WITHOUT_ACCESS, may_have_group=True), replace(WITHOUT_ACCESS, standing=Standing.BLOCKED), None]
)
def test_nor_is_it_offered_where_somebody_has_access_or_is_blocked_already(client: Client | None) -> None:
    assert "Block" not in labels(shown(Kind.ONBOARD, State.DENIED, client))


def test_nor_under_a_message_that_is_not_the_clients_newest() -> None:
    asked = request(Kind.OFFBOARD, State.DONE)
    other = replace(WITHOUT_ACCESS, current_request="r" + "z" * 16)
    assert "Block" not in labels(drawn(pictured(asked, client=other)))


@pytest.mark.parametrize(("kind", "state"), LEFT)
def test_a_blocked_one_says_by_whom_and_how_it_ends_and_has_no_button(kind: Kind, state: State) -> None:
    message = shown(kind, state, replace(WITHOUT_ACCESS, standing=Standing.BLOCKED), ACCOUNT)
    assert "🚫 *Blocked* by <@U0BEA>, " in words(message)
    assert f"To unblock it, type `/clients unblock {ACCOUNT.id}`." in words(message)
    assert "*Reopen*" not in words(message)
    assert labels(message) == []


def test_the_list_shows_who_is_blocked() -> None:
    found = Found(Search(), (replace(WITHOUT_ACCESS, standing=Standing.BLOCKED),))
    assert f"🚫 *{CLIENT.company}* · blocked" in words(clients.clients(found, SETTINGS))


def test_the_answer_names_everybody_whom_it_concerns() -> None:
    done = Blocked(ACCOUNT, (CLIENT, replace(CLIENT, id="cbbbbbbbbbb", company="Acme & Two")))
    told = words(blocked.blocked(done))
    assert f"The account `{ACCOUNT.id}` is blocked: *{CLIENT.company}* (`{CLIENT.id}`), *Acme &amp; Two*" in told
    assert f"To unblock it, type `/clients unblock {ACCOUNT.id}`." in told


@pytest.mark.parametrize(
    ("changes", "way"),
    [
        ({"offboarded": True}, "send a new invitation"),
        ({"stack_gone": True}, "send a new invitation"),
        ({}, "press *Reopen*"),
    ],
)
def test_whoever_ends_it_reads_how_the_client_comes_back(changes: dict[str, Any], way: str) -> None:
    told = words(blocked.unblocked(Blocked(Account(ACCOUNT.id), (replace(WITHOUT_ACCESS, **changes),))))
    assert "is no longer blocked. Nothing is asked again by itself" in told
    assert way in told


def test_who_cancels_an_invitation_reads_whom_that_has_blocked() -> None:
    found = OpenInvitations((), ())
    cancelled = Cancelled(INVITED.invitation, Blocked(ACCOUNT, (CLIENT,)))
    told = words(invitations.invitations(found, cancelled=cancelled))
    assert f"The account `{ACCOUNT.id}`, which had used it, is blocked" in told
    assert "can still send requests" in words(invitations.invitations(found, cancelled=Cancelled(INVITED.invitation)))


@pytest.mark.parametrize("named", ["Acme Corp", "222222222222", "caaaaaaaaaa"])
def test_the_commands_take_a_company_an_account_or_an_id(named: str) -> None:
    assert parse(f"block {named}") == OfClient(ClientVerb.BLOCK, named)
    assert parse(f"UNBLOCK  {named}") == OfClient(ClientVerb.UNBLOCK, named)


@pytest.mark.parametrize("verb", ["block", "unblock"])
def test_the_commands_reach_the_workflow(verb: str) -> None:
    workflow = Recorder()
    answer = answer_command(f"{verb} Acme", ADA, workflow.as_workflow, SETTINGS, "m")
    assert workflow.asked == [(verb, "Acme", ADA)]
    assert answer is not None
    workflow.trouble = ActionRefused("has access")
    refusal = answer_command(f"{verb} Acme", ADA, workflow.as_workflow, SETTINGS, "m")
    assert refusal is not None
    assert "has access" in words(refusal)


@pytest.fixture
def workflow() -> Recorder:
    return Recorder()


@pytest.fixture
def slack(workflow: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace() as workspace:
        client = web_client(lambda: workspace.bot_token, workspace.api_url, timeout_seconds=30)
        app = create_app(workflow.as_workflow, SETTINGS, client)
        workspace.connect(lambda signed: through_http_api(app, signed))
        yield workspace


def denied(slack: RunningWorkspace) -> Shown:
    """A request's message that offers Block."""
    asked = replace(request(Kind.ONBOARD, State.DENIED), presses=3)
    notifier = SlackNotifier(web_client(lambda: slack.bot_token, slack.api_url, timeout_seconds=30), SETTINGS)
    client = replace(WITHOUT_ACCESS, current_request=asked.id)
    return slack.message(notifier.post(replace(pictured(asked), client=client), None))


def test_a_press_carries_the_request_and_when_its_row_was_drawn(slack: RunningWorkspace, workflow: Recorder) -> None:
    assert slack.press("U0ADA", denied(slack), "Block").ok
    assert [one[:2] for one in workflow.asked] == [("press block", request().id)]
    assert workflow.drawn_after == [3]
    assert slack.ephemerals("U0ADA") == ()


@pytest.mark.parametrize("action_id", [ids.BLOCK_ACCOUNT, ids.CANCEL_INVITATION, ids.REVOKE_ACCESS])
def test_a_captured_press_on_block_cancel_or_revoke_does_nothing(action_id: str, workflow: Recorder) -> None:
    def has_come_before(mark: str, _act: object) -> None:
        raise Replayed(mark)

    workflow.once = has_come_before  # type: ignore[assignment]
    action = {"action_id": action_id, "value": "r" + "a" * 16, "block_id": "presses-3"}
    assert press(Press(action, ADA, workflow.as_workflow, SETTINGS, "m")) is None
    assert workflow.asked == []


@pytest.mark.parametrize(
    ("trouble", "told"),
    [(ActionRefused("Acme has access"), "Acme has access"), (TryAgain("busy"), "did not go through")],
)
def test_whoever_presses_in_vain_is_told_so(
    slack: RunningWorkspace, workflow: Recorder, trouble: Exception, told: str
) -> None:
    message = denied(slack)
    workflow.trouble = trouble
    assert slack.press("U0ADA", message, "Block").ok
    assert told in slack.ephemerals("U0ADA")[-1].words


def test_a_press_that_comes_again_is_told_nothing(slack: RunningWorkspace, workflow: Recorder) -> None:
    message = denied(slack)
    workflow.trouble = Replayed("again")
    assert slack.press("U0ADA", message, "Block").ok
    assert slack.ephemerals("U0ADA") == ()
