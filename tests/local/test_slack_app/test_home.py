"""The Home tab: what the app may publish there, what it hears of it, and what somebody presses in it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from slack_bolt import App
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.signature import SignatureVerifier

from local.slack import (
    ADA,
    EVE,
    OLLI,
    AppAnswer,
    Manifest,
    RunningWorkspace,
    Shortcut,
    SignedRequest,
    running_workspace,
)
from local.slack.app.elements import NothingToPress
from local.slack.people.filling_in import NothingOpen
from local.slack.workspace.manifest import manifest_of
from tests.local.test_slack_api.calls import error_of, section
from tests.local.test_slack_app.recorder import ACTIONS, Recorder

View = dict[str, Any]
ON = Manifest(home_tab=True, events=("app_home_opened",))


def plain(text: str) -> View:
    return {"type": "plain_text", "text": text}


SEARCH = {
    "type": "input",
    "block_id": "search",
    "dispatch_action": True,
    "label": plain("Search"),
    "element": {"type": "plain_text_input", "action_id": "words", "initial_value": "ac"},
}
STATE = {"type": "static_select", "action_id": "state", "options": [{"text": plain("Granted"), "value": "granted"}]}
FILTERS = {"type": "actions", "block_id": "filters", "elements": [STATE]}


def home(*blocks: View, **fields: Any) -> View:
    return {"type": "home", "blocks": list(blocks) or [section("Hello"), SEARCH, FILTERS, ACTIONS], **fields}


@pytest.fixture
def app() -> Recorder:
    return Recorder()


@pytest.fixture
def ws(app: Recorder) -> Iterator[RunningWorkspace]:
    with running_workspace(app, manifest=ON) as workspace:
        yield workspace


@pytest.fixture
def slack(ws: RunningWorkspace) -> WebClient:
    return WebClient(ws.bot_token, base_url=ws.api_url, retry_handlers=[])


def told(request: SignedRequest) -> View:
    callback = json.loads(request.body)
    assert isinstance(callback, dict)
    return callback


def test_opening_home_tells_the_app_who_did(ws: RunningWorkspace, app: Recorder) -> None:
    assert ws.open_home(EVE).ok
    [request] = app.requests
    assert request.headers["Content-Type"] == "application/json"
    assert SignatureVerifier(ws.signing_secret).is_valid_request(request.body, request.headers)
    callback = told(request)
    assert (callback["type"], callback["team_id"], callback["api_app_id"]) == (
        "event_callback",
        "T0SWITCHYARD",
        "A0SWITCHYARD",
    )
    assert callback["authorizations"][0]["user_id"] == "U0SWITCHYARD"
    event = callback["event"]
    assert (event["type"], event["user"], event["tab"]) == ("app_home_opened", "U0EVE", "home")
    assert "view" not in event, "nothing was published yet"
    bolt = BoltRequest(body=request.body.decode(), headers={"content-type": "application/json"})
    assert (bolt.context.user_id, bolt.context.team_id) == ("U0EVE", "T0SWITCHYARD")


def test_each_event_has_an_id_of_its_own(ws: RunningWorkspace) -> None:
    first, second = (told(ws.home_opened_request(ADA))["event_id"] for _ in range(2))
    assert first != second


def test_what_was_published_is_shown_to_its_person_and_comes_with_the_next_event(
    ws: RunningWorkspace, app: Recorder, slack: WebClient
) -> None:
    answer = slack.views_publish(user_id=ADA.id, view=home(private_metadata="page 2", callback_id="home"))["view"]
    shown = ws.home(ADA)
    assert shown is not None and ws.home(OLLI) is None
    assert (answer["id"], answer["hash"], answer["type"]) == (shown.id, shown.hash, "home")
    assert "Hello" in shown.words and shown.buttons == ("Approve",)
    ws.open_home(ADA)
    view = told(app.requests[0])["event"]["view"]
    assert (view["id"], view["private_metadata"], view["callback_id"]) == (shown.id, "page 2", "home")
    assert "view" not in told(ws.home_opened_request(ADA, "messages"))["event"], "the other tab has none"


def test_publishing_again_keeps_the_id_and_changes_the_hash(ws: RunningWorkspace, slack: WebClient) -> None:
    first, second = (slack.views_publish(user_id=ADA.id, view=home(section(each)))["view"] for each in "ab")
    assert first["id"] == second["id"]
    assert error_of(slack.views_publish, user_id=ADA.id, view=home(), hash=first["hash"]) == "hash_conflict"
    assert slack.views_publish(user_id=ADA.id, view=home(section("c")), hash=second["hash"])["ok"]


TOO_MUCH = {
    "101 blocks": home(*[{"type": "divider"}] * 101),
    "no blocks": {"type": "home", "blocks": []},
    "title": home(title=plain("Home")),
    "submit": home(submit=plain("Send")),
    "notify_on_close": home(notify_on_close=True),
    "number input": home(
        {"type": "input", "label": plain("Number"), "element": {"type": "number_input", "is_decimal_allowed": False}}
    ),
    "metadata": home(private_metadata="x" * 3001),
    "modal": {"type": "modal", "title": plain("Deny"), "blocks": [section("x")]},
}


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_slack_takes_in_no_home_is_refused(ws: RunningWorkspace, slack: WebClient, name: str) -> None:
    assert error_of(slack.views_publish, user_id=ADA.id, view=TOO_MUCH[name]) == "invalid_arguments"
    assert ws.home(ADA) is None


def test_a_home_holds_a_hundred_blocks_and_250_kilobytes(slack: WebClient) -> None:
    assert slack.views_publish(user_id=ADA.id, view=home(*[{"type": "divider"}] * 100))["ok"]
    too_large = home(*[section("ä" * 3000)] * 20)
    assert error_of(slack.views_publish, user_id=ADA.id, view=too_large) == "view_too_large"


def test_a_home_is_published_for_a_person_the_workspace_knows(ws: RunningWorkspace, slack: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        slack.views_publish(user_id="U0NOBODY", view=home())
    assert refused.value.response["response_metadata"]["messages"] == ["[ERROR] invalid `user_id`"]
    assert error_of(slack.views_publish, view=home(), user_id="") == "invalid_arguments"
    assert error_of(slack.views_publish, user_id=ADA.id, view="") == "invalid_arguments"
    slack.views_publish(user_id=ADA.id, view=home(external_id="one"))
    assert slack.views_publish(user_id=ADA.id, view=home(external_id="one"))["ok"]
    assert error_of(slack.views_publish, user_id=OLLI.id, view=home(external_id="one")) == "duplicate_external_id"


def test_a_press_in_home_says_so_and_opens_a_window(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    slack.views_publish(user_id=ADA.id, view=home(private_metadata="page 2"))
    assert ws.press_in_home(ADA, "Approve", Search="acme").ok
    payload, shown = app.payload, ws.home(ADA)
    assert shown is not None
    assert payload["type"] == "block_actions"
    assert payload["container"] == {"type": "view", "view_id": shown.id}
    assert not {"message", "channel", "response_url"} & payload.keys()
    view = payload["view"]
    assert (view["type"], view["hash"], view["private_metadata"]) == ("home", shown.hash, "page 2")
    assert view["state"]["values"] == {
        "search": {"words": {"type": "plain_text_input", "value": "acme"}},
        "filters": {"state": {"type": "static_select", "selected_option": None}},
    }
    window = {"type": "modal", "title": plain("Acme"), "blocks": [section("x")]}
    assert slack.views_open(trigger_id=payload["trigger_id"], view=window)["ok"]
    assert ws.window(ADA) is not None and ws.home(ADA) == shown


@pytest.mark.parametrize(("typed", "sent"), [({}, "ac"), ({"Search": "acme"}, "acme"), ({"Search": ""}, None)])
def test_enter_in_a_field_of_home_sends_what_is_typed(
    ws: RunningWorkspace, app: Recorder, slack: WebClient, typed: dict[str, str], sent: str | None
) -> None:
    slack.views_publish(user_id=ADA.id, view=home())
    assert ws.press_in_home(ADA, "Search", **typed).ok
    [action] = app.payload["actions"]
    assert (action["type"], action["block_id"], action["action_id"]) == ("plain_text_input", "search", "words")
    assert action["value"] == sent
    assert app.payload["view"]["state"]["values"]["search"]["words"]["value"] == sent


def test_a_choice_in_home_is_sent_at_once(ws: RunningWorkspace, app: Recorder, slack: WebClient) -> None:
    slack.views_publish(user_id=ADA.id, view=home())
    assert ws.press_in_home(ADA, "Granted").ok
    assert app.payload["actions"][0]["selected_option"]["value"] == "granted"
    assert app.payload["view"]["state"]["values"]["filters"]["state"]["selected_option"]["value"] == "granted"


def test_nobody_presses_in_a_home_that_is_not_theirs(ws: RunningWorkspace, slack: WebClient) -> None:
    slack.views_publish(user_id=ADA.id, view=home())
    with pytest.raises(NothingOpen):
        ws.press_in_home(OLLI, "Approve")
    with pytest.raises(NothingToPress):
        ws.press_in_home(ADA, "Deny")


def test_an_app_made_with_bolt_says_the_challenge_back(ws: RunningWorkspace) -> None:
    request = ws.verification_request("say this")
    bolt = App(token=ws.bot_token, signing_secret=ws.signing_secret, client=ws.client())
    answer = bolt.dispatch(BoltRequest(body=request.body.decode(), headers={**request.headers}))
    assert json.loads(answer.body) == {"challenge": "say this"}
    forged = request.with_body(request.body.replace(b"say this", b"say that"))
    assert bolt.dispatch(BoltRequest(body=forged.body.decode(), headers={**forged.headers})).status == 401


def test_slack_sends_an_event_again_that_the_app_did_not_take(ws: RunningWorkspace, app: Recorder) -> None:
    app.answer = AppAnswer(500)
    assert not ws.open_home(ADA).ok
    first, again = app.requests
    assert first.body == again.body
    assert "X-Slack-Retry-Num" not in first.headers
    assert (again.headers["X-Slack-Retry-Num"], again.headers["X-Slack-Retry-Reason"]) == ("1", "http_error")
    assert SignatureVerifier(ws.signing_secret).is_valid_request(again.body, again.headers)


def test_slack_sends_nothing_that_the_manifest_does_not_ask_for(app: Recorder) -> None:
    with running_workspace(app, manifest=Manifest(home_tab=True)) as ws:
        assert ws.open_home(ADA).ok
        assert app.requests == []
        assert ws.client().views_publish(user_id=ADA.id, view=home())["ok"]


def test_there_is_no_home_where_the_manifest_has_none(app: Recorder) -> None:
    with running_workspace(app, manifest=Manifest(events=("app_home_opened",))) as ws:
        with pytest.raises(NothingOpen):
            ws.open_home(ADA)
        assert error_of(ws.client().views_publish, user_id=ADA.id, view=home()) == "not_enabled"
        assert app.requests == []


MANIFEST = """
features:
  app_home: {home_tab_enabled: true, messages_tab_enabled: true}
  shortcuts:
    - {name: Invite, type: global, callback_id: invite_client, description: Invite a client}
    - {name: Tell, type: message, callback_id: tell, description: Tell about a message}
settings:
  event_subscriptions: {request_url: "https://example.com", bot_events: [app_home_opened]}
"""


def test_a_manifest_says_what_is_switched_on() -> None:
    invite = Shortcut("invite_client", "Invite", "Invite a client")
    assert manifest_of(MANIFEST) == Manifest(True, ("app_home_opened",), (invite,))
    assert manifest_of("features: {}\nsettings: {}") == Manifest()


def test_without_another_the_projects_own_manifest_counts(app: Recorder) -> None:
    own = manifest_of((Path(__file__).parents[3] / "slack-manifest.yml").read_text())
    with running_workspace(app) as ws:
        for shortcut in own.shortcuts:
            assert ws.shortcut(ADA, shortcut.callback_id).ok
        if own.home_tab:
            assert ws.client().views_publish(user_id=ADA.id, view=home())["ok"]
        else:
            assert error_of(ws.client().views_publish, user_id=ADA.id, view=home()) == "not_enabled"
