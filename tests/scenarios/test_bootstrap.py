"""The Lambdas as they are deployed: everything from the environment, the table and the secrets in moto."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot import bootstrap
from bot.slack.client import web_client
from bot.slack.notifier import SlackNotifier
from handlers import ingest, kit, outcome, provision, slack, sweep
from local.slack.running import RunningWorkspace
from local.slack.workspace.facts import ADA
from tests.fakes import TurnableClock, event_body
from tests.scenarios.deployed import calls_to_aws, forget
from tests.unit.slack.app_samples import http_event
from tests.unit.slack.samples import SETTINGS, pictured, request


def test_a_signed_command_is_answered(workspace: RunningWorkspace) -> None:
    typed = workspace.command_request(ADA, "/clients invite Acme")
    told = slack.handler(http_event(typed, encoded=True), None)
    assert told["statusCode"] == 200
    late = [one.words for one in workspace.ephemerals(ADA.id)]  # on a busy machine
    assert "InvitationToken" in "".join([told["body"], *late])


def test_on_a_cold_start_deny_opens_its_window_before_anything_touches_the_table(
    workspace: RunningWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASK_DENY_REASON", "true")
    notifier = SlackNotifier(web_client(lambda: workspace.bot_token, workspace.api_url, timeout_seconds=30), SETTINGS)
    message = workspace.message(notifier.post(pictured(request()), None))
    forget()
    called = calls_to_aws()
    told = slack.handler(http_event(workspace.press_request(ADA, message, "Deny")), None)
    assert told["statusCode"] == 200
    assert (workspace.calls[-1].method, workspace.calls[-1].error) == ("views.open", None)
    assert called == ["GetParameter", "GetParameter"], "the two secrets, and no table"
    slack.handler(http_event(workspace.submission_request(ADA, Reason="No contract")), None)
    assert "GetItem" in called, "from the window on, it is a press like any other"


def test_an_event_without_a_proof_is_refused_before_anybody_is_asked(workspace: RunningWorkspace) -> None:
    body = event_body("CREATE_COMPLETE", TurnableClock().moment)
    told = ingest.handler({"headers": {}, "body": body.decode()}, None)
    assert told["statusCode"] == 401
    assert workspace.calls == ()


def test_a_kit_of_an_empty_table_is_told_where_it_was_asked_for(workspace: RunningWorkspace) -> None:
    typed = http_event(workspace.command_request(ADA, "/clients kit"))
    [url] = parse_qs(typed["body"])["response_url"]
    called = calls_to_aws()
    kit.handler({"send": {"user_id": ADA.id, "team": "", "response_url": url, "mark": "0" * 64}}, None)
    assert "nobody has access to any of its clients" in workspace.ephemerals(ADA.id)[-1].words
    assert workspace.calls == () and called == ["Query"]


def test_the_other_lambdas_have_nothing_to_do_in_an_empty_table(workspace: RunningWorkspace) -> None:
    sweep.handler({}, None)
    provision.handler({"request_id": "r-unknown"}, None)
    outcome.handler({"detail": {"stack-id": "arn:aws:cloudformation:eu-west-1:111111111111:stack/other/1"}}, None)
    assert workspace.messages == ()


def test_no_call_to_slack_outlasts_its_invocation(workspace: RunningWorkspace) -> None:
    sweep.handler({}, SimpleNamespace(get_remaining_time_in_millis=lambda: 3000))
    client = bootstrap.slack_notifier(hurried=False).client
    client.auth_test()
    last_call = client.timeout
    sweep.handler({}, None)
    client.auth_test()
    assert 0 < last_call < 3 < client.timeout == bootstrap.UNHURRIED


def test_a_missing_setting_is_503_for_the_forwarder_and_named_in_the_log(
    workspace: RunningWorkspace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("STAGE", "")
    forget()
    told = ingest.handler({"headers": {}, "body": "{}"}, None)
    assert told["statusCode"] == 503
    assert "STAGE" not in json.loads(told["body"])["error"]
    assert "STAGE" in caplog.text


def test_a_cold_list_takes_two_calls(workspace: RunningWorkspace) -> None:
    forget()
    called = calls_to_aws()
    told = slack.handler(http_event(workspace.command_request(ADA, "/clients")), None)
    assert told["statusCode"] == 200
    assert called == ["GetParameter", "Query"], "the signing secret and the list, and no bot token"


def test_the_warming_schedule_reads_the_secrets_once_and_touches_nothing_else(workspace: RunningWorkspace) -> None:
    forget()
    called = calls_to_aws()
    for _ in range(2):
        assert slack.handler({"warm": True}, None) == {}
        provision.handler({"warm": True}, None)
    assert called == ["GetParameter", "GetParameter"]
    assert workspace.calls == ()


def test_warming_provision_reads_only_the_secret_that_its_role_may_read(workspace: RunningWorkspace) -> None:
    forget()
    read: list[str] = []
    bootstrap._clients().ssm.meta.events.register(
        "provide-client-params.ssm.GetParameter", lambda params, **_: read.append(params["Name"])
    )
    provision.handler({"warm": True}, None)
    assert read == [bootstrap.settings().bot_token_parameter]


def test_a_list_makes_no_client_but_those_of_the_table_and_the_parameters(
    workspace: RunningWorkspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget()
    session, made = bootstrap._clients()._session, []
    make = session.client

    def client(name: str, **arguments: Any) -> Any:
        made.append(name)
        return make(name, **arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(session, "client", client)
    slack.handler(http_event(workspace.command_request(ADA, "/clients")), None)
    assert sorted(made) == ["dynamodb", "ssm"]
