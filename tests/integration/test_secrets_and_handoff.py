"""Slack's secrets from SSM, and the hand-over to the provision Lambda."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from bot.aws.clients import AwsClients
from bot.aws.handoff import LambdaHandoff
from bot.aws.secrets import KEPT_SECONDS, ParameterSecrets
from bot.domain.bulk import BulkName
from bot.domain.errors import SettingsInvalid, TryAgain
from bot.domain.page import PageName

NAME = "/switchyard/prod/slack-bot-token"


def test_a_secret_is_read_decrypted(aws: AwsClients) -> None:
    aws.ssm.put_parameter(Name=NAME, Value="xoxb-secret", Type="SecureString")
    assert ParameterSecrets(aws.ssm).get(NAME) == "xoxb-secret"


def test_a_secret_is_asked_for_once(aws: AwsClients) -> None:
    aws.ssm.put_parameter(Name=NAME, Value="xoxb-secret", Type="SecureString")
    secrets = ParameterSecrets(aws.ssm)
    calls: list[str] = []
    aws.ssm.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
    assert [secrets.get(NAME), secrets.get(NAME)] == ["xoxb-secret"] * 2
    assert calls == ["GetParameter"]


def test_a_rotated_secret_replaces_the_old_one_in_a_container_that_is_kept_warm(aws: AwsClients) -> None:
    aws.ssm.put_parameter(Name=NAME, Value="leaked", Type="SecureString")
    seconds = 0.0
    secrets = ParameterSecrets(aws.ssm, lambda: seconds)
    assert secrets.get(NAME) == "leaked"
    aws.ssm.put_parameter(Name=NAME, Value="rotated", Type="SecureString", Overwrite=True)
    seconds = KEPT_SECONDS
    assert secrets.get(NAME) == "rotated"


def test_a_secret_stays_known_while_the_parameter_store_is_down(aws: AwsClients) -> None:
    aws.ssm.put_parameter(Name=NAME, Value="xoxb-secret", Type="SecureString")
    seconds = 0.0
    secrets = ParameterSecrets(aws.ssm, lambda: seconds)
    secrets.get(NAME)
    seconds = KEPT_SECONDS
    with Stubber(aws.ssm) as ssm:
        ssm.add_client_error("get_parameter", "ThrottlingException", http_status_code=400)
        assert secrets.get(NAME) == "xoxb-secret"


def test_a_missing_secret_names_the_parameter_and_the_command(aws: AwsClients) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        ParameterSecrets(aws.ssm).get(NAME)
    assert f"There is no parameter {NAME}" in str(caught.value)
    assert str(caught.value).endswith("make secrets STAGE=prod")


def test_a_secret_that_was_missing_is_found_once_it_is_stored(aws: AwsClients) -> None:
    secrets = ParameterSecrets(aws.ssm)
    with pytest.raises(SettingsInvalid):
        secrets.get(NAME)
    aws.ssm.put_parameter(Name=NAME, Value="xoxb-secret\n", Type="SecureString")
    assert secrets.get(NAME) == "xoxb-secret"


def test_a_blank_secret_is_none(aws: AwsClients) -> None:
    aws.ssm.put_parameter(Name=NAME, Value=" ", Type="SecureString")
    with pytest.raises(SettingsInvalid, match="empty"):
        ParameterSecrets(aws.ssm).get(NAME)


def test_a_secret_that_may_not_be_read_is_a_wrong_deployment(aws: AwsClients) -> None:
    with Stubber(aws.ssm) as ssm:
        ssm.add_client_error("get_parameter", "AccessDeniedException", http_status_code=400)
        with pytest.raises(SettingsInvalid, match="may not read"):
            ParameterSecrets(aws.ssm).get(NAME)


def test_a_parameter_store_that_is_down_is_for_later(aws: AwsClients) -> None:
    secrets = ParameterSecrets(aws.ssm)
    with Stubber(aws.ssm) as ssm:
        ssm.add_client_error("get_parameter", "ThrottlingException", http_status_code=400)
        with pytest.raises(TryAgain):
            secrets.get(NAME)


def test_an_error_nobody_foresaw_is_not_hidden(aws: AwsClients) -> None:
    with Stubber(aws.ssm) as ssm:
        ssm.add_client_error("get_parameter", "InvalidKeyId", http_status_code=400)
        with pytest.raises(ClientError):
            ParameterSecrets(aws.ssm).get(NAME)


def handoff(aws: AwsClients) -> LambdaHandoff:
    return LambdaHandoff(aws.functions, "switchyard-prod-provision", "switchyard-prod-kit")


def test_the_request_is_handed_over_without_waiting(aws: AwsClients) -> None:
    """The answer is read to its end, or else botocore opens another connection for the next call."""
    expected = {"FunctionName": "switchyard-prod-provision", "InvocationType": "Event"}
    payload = json.dumps({"request_id": "r1"}).encode()
    with Stubber(aws.functions) as functions:
        body = BytesIO(b"{}")
        answer = {"StatusCode": 202, "Payload": StreamingBody(body, 2)}
        functions.add_response("invoke", answer, {**expected, "Payload": payload})
        handoff(aws).provision("r1")
        functions.assert_no_pending_responses()
    assert body.read() == b""


@pytest.mark.parametrize(
    ("asked", "event"),
    [
        ({"teams": ["operators"]}, {"teams": ["operators"], "pages": []}),
        ({"pages": [PageName("operators", 7)]}, {"teams": [], "pages": [["operators", 7]]}),
    ],
)
def test_teams_and_pages_are_handed_over_together(aws: AwsClients, asked: Any, event: Any) -> None:
    expected = {"FunctionName": "switchyard-prod-provision", "InvocationType": "Event"}
    with Stubber(aws.functions) as functions:
        answer = {"StatusCode": 202, "Payload": StreamingBody(BytesIO(b"{}"), 2)}
        functions.add_response("invoke", answer, {**expected, "Payload": json.dumps(event).encode()})
        handoff(aws).pages(**asked)
        functions.assert_no_pending_responses()


def test_a_press_on_several_requests_is_handed_over_by_its_name(aws: AwsClients) -> None:
    expected = {"FunctionName": "switchyard-prod-provision", "InvocationType": "Event"}
    with Stubber(aws.functions) as functions:
        answer = {"StatusCode": 202, "Payload": StreamingBody(BytesIO(b"{}"), 2)}
        functions.add_response("invoke", answer, {**expected, "Payload": b'{"bulk": ["aa", "at#000001", 2]}'})
        handoff(aws).bulk(BulkName("aa", "at#000001", 2))
        functions.assert_no_pending_responses()


def test_kits_are_handed_over_to_the_function_that_makes_them(aws: AwsClients) -> None:
    expected = {"FunctionName": "switchyard-prod-kit", "InvocationType": "Event"}
    with Stubber(aws.functions) as functions:
        answer = {"StatusCode": 202, "Payload": StreamingBody(BytesIO(b"{}"), 2)}
        functions.add_response("invoke", answer, {**expected, "Payload": b'{"renew": ["auditors", "operators"]}'})
        handoff(aws).renew(["auditors", "operators"])
        functions.assert_no_pending_responses()


REFUSALS = [("TooManyRequestsException", 429), ("ServiceException", 500), ("ResourceNotFoundException", 404)]
REFUSALS += [("AccessDeniedException", 403), ("ThrottlingException", 400)]


@pytest.mark.parametrize(("code", "status"), REFUSALS)
def test_whatever_lambda_says_the_sweep_hands_over_again(aws: AwsClients, code: str, status: int) -> None:
    with Stubber(aws.functions) as functions:
        functions.add_client_error("invoke", code, http_status_code=status)
        with pytest.raises(TryAgain):
            handoff(aws).provision("r1")


@pytest.mark.parametrize("outage", [ConnectTimeoutError(endpoint_url="x"), ReadTimeoutError(endpoint_url="x")])
def test_a_lambda_out_of_reach_is_for_later(aws: AwsClients, outage: Exception) -> None:
    def refuse(**_: Any) -> None:
        raise outage

    aws.functions.meta.events.register("before-call", refuse)
    with pytest.raises(TryAgain):
        handoff(aws).provision("r1")
