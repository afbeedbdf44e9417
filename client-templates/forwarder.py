"""Tells Switchyard what CloudFormation reports about the stack that holds the access role.

This is the whole of the forwarder Lambda in the client's account. Two kinds of invocation reach it:

* SNS delivers a CloudFormation notification about the child stack. It is posted to Switchyard with a proof of this
  account. If Switchyard can't be reached, Lambda invokes again a little later.
* CloudFormation calls it as a custom resource, the gate. The gate is deleted after the child stack, when the topic can
  no longer be relied on, and then sends the last word: the child stack is gone. CloudFormation is always told SUCCESS,
  so the gate never holds up a stack.

It calls no AWS API. The proof is a request to `sts:GetCallerIdentity` that is signed here and sent by Switchyard, which
learns from AWS's answer this account's id and this role's name. The signature is good for nothing else, and the secret
key never leaves.
"""

import hashlib
import json
import logging
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

GATE_ID = "switchyard-gate"
IDENTITY_QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"
TAKEN = range(200, 300)
REFUSED = range(400, 500)
PAUSES = (1.0, 2.0)
"""Seconds between the gate's attempts. Notifications are retried by Lambda itself."""
EVENTS_TIMEOUT = urllib3.Timeout(connect=3, read=9)
RESPONSE_TIMEOUT = urllib3.Timeout(connect=2, read=3)

log = logging.getLogger("switchyard")
log.setLevel(logging.INFO)
for chatty in ("botocore", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)  # at DEBUG they would log the session token


class NotTaken(Exception):
    """The other side could not be reached or could not take it now; trying again may help."""


def prove_account(body: bytes, settings: Mapping[str, str]) -> dict[str, str]:
    """Sign `sts:GetCallerIdentity`, for this audience and this event only; return what is needed to rebuild it."""
    request = AWSRequest(
        "POST",
        f"https://{settings['STS_HOST']}/",
        data=IDENTITY_QUESTION,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Switchyard-Audience": settings["AUDIENCE"],
            "X-Switchyard-Event-SHA256": hashlib.sha256(body).hexdigest(),
        },
    )
    token = settings["AWS_SESSION_TOKEN"]
    credentials = Credentials(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"], token)
    SigV4Auth(credentials, "sts", settings["AWS_REGION"]).add_auth(request)
    return {
        "X-Switchyard-Region": settings["AWS_REGION"],
        "X-Switchyard-Date": request.headers["X-Amz-Date"],
        "X-Switchyard-Access-Key-Id": settings["AWS_ACCESS_KEY_ID"],
        "X-Switchyard-Session-Token": token,
        "X-Switchyard-Signature": request.headers["Authorization"].rpartition("Signature=")[2],
    }


def utc_now() -> datetime:
    """Return the time for the last word."""
    return datetime.now(UTC)


def notifications(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield CloudFormation's notifications in an SNS event; anything else is logged and left out."""
    for record in event.get("Records", ()):
        message = record.get("Sns", {}).get("Message", "")
        if "StackId='" in message:
            yield message
        else:
            log.warning("Ignored a message that is no CloudFormation notification.")


@dataclass(frozen=True)
class Forwarder:
    """One invocation: `settings` is the Lambda's environment, `function_arn` its own ARN."""

    settings: Mapping[str, str]
    function_arn: str
    clock: Callable[[], datetime] = utc_now
    pause: Callable[[float], None] = time.sleep
    last_word_seconds: float = 40
    """After this long the gate answers CloudFormation, whatever became of the last word."""
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(cert_reqs="CERT_REQUIRED"))

    def forward(self, notification: str) -> None:
        """Post one notification. Raises NotTaken, so that Lambda invokes again later."""
        stack_id = re.search(r"^StackId='([^'\n]*)'", notification, re.MULTILINE)
        self.post({"child_stack_id": stack_id and stack_id[1], "notification": notification})

    def pass_gate(self, event: Mapping[str, Any]) -> None:
        """Answer a custom resource event; before a Delete is answered, send the last word."""
        if event.get("RequestType") == "Delete":
            speaker = ThreadPoolExecutor(max_workers=1)
            try:
                speaker.submit(self.retry, self.send_last_word).result(timeout=self.last_word_seconds)
            except Exception as error:
                log.error("The last word was not taken (%s); the stack goes on.", type(error).__name__)  # noqa: TRY400
            speaker.shutdown(wait=False)
        self.retry(lambda: self.answer_gate(event))

    def send_last_word(self) -> None:
        """Tell Switchyard that the child stack is gone."""
        timestamp = self.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.post({"child_stack_id": None, "last_word": {"timestamp": timestamp}})

    def retry(self, attempt: Callable[[], None]) -> None:
        """Try a few times in quick succession; the last failure is raised."""
        for seconds in PAUSES:
            try:
                return attempt()
            except NotTaken as error:
                log.warning("%s Trying again.", error)
            self.pause(seconds)
        return attempt()

    def post(self, news: Mapping[str, Any]) -> None:
        """Send one event with its proof. A refusal is logged and final; NotTaken means it can be tried again."""
        claims = {
            "version": 1,
            "account_id": self.function_arn.split(":")[4],
            "company": self.settings["COMPANY"],
            "role_name": self.settings["ROLE_NAME"],
            "access_level": self.settings["ACCESS_LEVEL"],
            "invitation": self.settings["INVITATION"],
            "parent_stack_id": self.settings["PARENT_STACK_ID"],
        }
        body = json.dumps({**claims, **news}).encode()
        headers = {"Content-Type": "application/json", **prove_account(body, self.settings)}
        status, text = self.send("POST", self.settings["EVENTS_URL"], body, headers, EVENTS_TIMEOUT)
        if status in TAKEN:
            log.info("Switchyard took it.")
        elif status in REFUSED and status != HTTPStatus.TOO_MANY_REQUESTS:
            log.error("Switchyard refused it for good (%s): %s", status, text)
        else:
            raise NotTaken(f"Switchyard answered {status}.")

    def answer_gate(self, event: Mapping[str, Any]) -> None:
        """Tell CloudFormation that the gate did its work. Its id never changes, so an update never deletes it."""
        answer = {
            "Status": "SUCCESS",
            "Reason": "See the forwarder's log.",
            "PhysicalResourceId": event.get("PhysicalResourceId") or GATE_ID,
            **{key: event.get(key, "") for key in ("StackId", "RequestId", "LogicalResourceId")},
        }
        body = json.dumps(answer).encode()
        status, _ = self.send("PUT", event["ResponseURL"], body, {"Content-Type": ""}, RESPONSE_TIMEOUT)
        if status not in TAKEN:
            raise NotTaken(f"CloudFormation's answer address returned {status}.")

    def send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], timeout: urllib3.Timeout
    ) -> tuple[int, str]:
        """Make one HTTP request, without retries or redirects; return its status and the first 200 characters."""
        try:
            answer = self.http.request(method, url, body=body, headers=headers, timeout=timeout, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise NotTaken(f"No answer ({type(error).__name__}).") from None
        return answer.status, answer.data.decode(errors="replace")[:200]


def handler(event: Any, context: Any) -> None:
    """Lambda's entry point."""
    forwarder = Forwarder(os.environ, context.invoked_function_arn)
    if not isinstance(event, dict):
        log.warning("Ignored an event of an unknown kind.")
    elif "ResponseURL" in event:
        forwarder.pass_gate(event)
    else:
        for notification in notifications(event):
            forwarder.forward(notification)
