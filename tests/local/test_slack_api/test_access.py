"""Tokens, scopes, bodies: who may call what, and how."""

import json
from urllib.request import Request, urlopen

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from local.slack import ADA, EVE, RunningWorkspace, running_workspace
from local.slack.workspace.facts import SCOPES
from tests.local.test_slack_api.calls import error_of, section


def test_the_token_says_who_the_app_is(slack: WebClient) -> None:
    who = slack.auth_test()
    assert (who["team_id"], who["user_id"]) == ("T0SWITCHYARD", "U0SWITCHYARD")
    assert who.headers["x-oauth-scopes"] == ",".join(SCOPES)


def test_a_wrong_token_and_none_at_all_are_refused(ws: RunningWorkspace) -> None:
    assert error_of(WebClient("xoxb-other", base_url=ws.api_url).auth_test) == "invalid_auth"
    assert error_of(WebClient(base_url=ws.api_url).auth_test) == "not_authed"
    with urlopen(Request(f"{ws.api_url}auth.test", data=b"")) as answer:
        assert "x-oauth-scopes" not in answer.headers


def test_a_form_with_the_token_in_it_is_as_good_as_json(ws: RunningWorkspace) -> None:
    blocks = json.dumps([section("from a form")]).replace(" ", "+").replace('"', "%22")
    form = f"token={ws.bot_token}&channel=C0ONBOARDING&blocks={blocks}".encode()
    with urlopen(Request(f"{ws.api_url}chat.postMessage", data=form)) as answer:
        assert json.load(answer)["ok"]
    assert ws.messages[0].words == "from a form"


def test_unreadable_json_is_refused(ws: RunningWorkspace) -> None:
    request = Request(f"{ws.api_url}auth.test", data=b"{", headers={"Content-Type": "application/json"})
    with urlopen(request) as answer:
        assert json.load(answer) == {"ok": False, "error": "invalid_json"}


def test_users_info_needs_a_scope() -> None:
    granted = tuple(scope for scope in SCOPES if scope != "users:read")
    with running_workspace(scopes=granted) as ws, pytest.raises(SlackApiError) as refused:
        ws.client().users_info(user=ADA.id)
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == ("missing_scope", "users:read", ",".join(granted))


def test_users_info_says_of_which_organization_somebody_is(ws: RunningWorkspace, slack: WebClient) -> None:
    assert "enterprise_user" not in slack.users_info(user=ADA.id)["user"]
    ws.put_on_grid(ADA, "E0ORG")
    ws.put_on_grid(EVE, "E0OTHER", stranger=True)
    assert slack.users_info(user=ADA.id)["user"]["enterprise_user"]["enterprise_id"] == "E0ORG"
    assert slack.users_info(user=EVE.id)["user"]["is_stranger"] is True


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("users.list", {}), ("conversations.info", {"channel": "C0ONBOARDING"}), ("users.info", {"user": "U0ADA"})],
)
def test_a_granted_scope_opens_the_method(method: str, arguments: dict[str, str]) -> None:
    with running_workspace(scopes=SCOPES) as ws:
        assert ws.client().api_call(method, params=arguments)["ok"]


@pytest.mark.parametrize("method", ["chat_postMessage", "chat_postEphemeral"])
def test_writing_needs_chat_write(method: str) -> None:
    with running_workspace(scopes=("commands",)) as ws:
        call = getattr(ws.client(), method)
        assert error_of(call, channel=ws.channel, text="hi", user=ADA.id) == "missing_scope"
        assert not ws.messages


def test_an_unknown_method_is_named(slack: WebClient) -> None:
    assert error_of(slack.api_call, api_method="chat.shout") == "unknown_method"
