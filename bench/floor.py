"""The least that a path can cost: the libraries it needs, made ready, and the calls it makes; nothing of ours.

boto3 with the clients of the path, slack_sdk where it calls Slack, Bolt where Slack calls, powertools' logger. It runs
in the measured process, beside the packaged libraries. BENCH_FLOOR names the file that says what to do.
"""

import http.client
import json
import os
from typing import Any
from urllib.parse import urlsplit

import boto3
from aws_lambda_powertools import Logger
from botocore import xform_name

log = Logger(service="floor")
with open(os.environ["BENCH_FLOOR"]) as file:  # noqa: PTH123  pathlib would be imported for nothing
    plan = json.load(file)
clients = {name: boto3.client(name) for name in plan["clients"]}
if plan["slack"]:
    from slack_sdk import WebClient

    slack = WebClient(token="xoxb-floor", base_url=os.environ["SLACK_API_URL"])  # noqa: S106
if plan["bolt"]:
    from slack_bolt import App, BoltRequest
    from slack_bolt.authorization import AuthorizeResult

    app = App(
        signing_secret=plan["bolt"],
        authorize=lambda: AuthorizeResult(enterprise_id=None, team_id=None, bot_token="none"),  # noqa: S106
        process_before_response=True,
    )

    @app.command("/clients")
    def on_command(ack: Any) -> None:
        make_calls()
        ack("taken")

    @app.action({"type": "block_actions", "action_id": plan["action"]})
    def on_press(ack: Any) -> None:
        ack()
        make_calls()


def make_calls() -> None:
    """Make the calls that the measured path made for this event, in their order."""
    for service, operation, asked in plan["calls"].pop(0):
        if service == "slack":
            slack.api_call(operation, json=asked)
        elif service == "sts":
            prove()
        else:
            try:
                getattr(clients[service], xform_name(operation))(**asked)
            except Exception as error:
                log.info("refused as the path was: %s", error)


def prove() -> None:
    """Ask STS, as the proof of the account does."""
    connection = http.client.HTTPConnection(urlsplit(os.environ["AWS_ENDPOINT_URL"]).netloc)
    headers = {"content-type": "application/x-www-form-urlencoded", "x-amz-security-token": plan["session_token"]}
    connection.request("POST", "/", b"Action=GetCallerIdentity&Version=2011-06-15", headers)
    connection.getresponse().read()
    connection.close()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Do what the path does besides thinking."""
    log.append_keys(function_request_id=getattr(context, "aws_request_id", None))
    if not plan["bolt"]:
        make_calls()
        return {}
    answer = app.dispatch(BoltRequest(body=event["body"], headers=event["headers"]))
    return {"statusCode": answer.status, "body": answer.body}
