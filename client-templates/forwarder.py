"""Reports changes of the access role to Switchyard, and asks beforehand whether the stack would be admitted.

With messenger.py this is the whole of the forwarder Lambda in the client's account. What reaches it:

* SNS delivers a CloudFormation notification about the child stack. It is posted to Switchyard with a proof of this
  account. If Switchyard can't be reached, it tries for as long as Lambda lets it, and Lambda invokes it twice more.
* CloudFormation calls it as a custom resource, the gate, which is created before the access role and deleted after it.
  On Create it asks Switchyard whether the stack would be admitted (the admission check; `knock` in the payload). Only a
  clear refusal by Switchyard makes it fail, with Switchyard's sentence as the reason. On Delete it sends the last word:
  the access role is deleted.
* CloudFormation calls it as a custom resource, the news, in a stack without child and topic. Its properties are the
  access role's, so it is called when they have changed. It reports that as persistently as a notification.

CloudFormation always gets its answer in time, so Switchyard never delays a stack, nor the deletion of one.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from messenger import PATIENCE, TAKEN, Messenger, NotTaken, log

GATE_ID = "switchyard-gate"
REFUSED_ID = "switchyard-gate-refused"
NEWS_ID = "switchyard-news"
NEWS_TYPE = "Custom::SwitchyardNews"
REASON_LENGTH = 256
"""CloudFormation takes answers of 4,096 bytes at most; a character can take 12 of them."""


def notifications(event: Mapping[str, Any]) -> Iterator[str]:
    """Yield CloudFormation's notifications in an SNS event; anything else is logged and left out."""
    for record in event.get("Records", ()):
        message = record.get("Sns", {}).get("Message", "")
        if "StackId='" in message:
            yield message
        else:
            log.warning("Ignored a message that is no CloudFormation notification.")


def refusal_in(text: str) -> str:
    """Return the sentence of `{"error": sentence}`, fit for CloudFormation's events; nothing if `text` is no such JSON.

    API Gateway's own 403, `{"message": "Forbidden"}`, is nobody's refusal.
    """
    try:
        sentence = json.loads(text)["error"]
    except (ValueError, KeyError, TypeError):
        return ""
    shown = sentence if isinstance(sentence, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in shown).split())[:REASON_LENGTH]


@dataclass(frozen=True)
class Forwarder:
    """What one invocation does."""

    messenger: Messenger

    def forward(self, notification: str) -> None:
        """Post one notification. Raises NotTaken, so that Lambda invokes again later."""
        stack_id = re.search(r"^StackId='([^'\n]*)'", notification, re.MULTILINE)
        child = stack_id and stack_id[1]
        self.messenger.persist(lambda: self.messenger.post(child_stack_id=child, notification=notification))

    def pass_gate(self, event: Mapping[str, Any]) -> None:
        """Answer for the gate, after the admission check on a Create, or the last word on a Delete."""
        messenger, known_as, refusal = self.messenger, event.get("PhysicalResourceId"), None
        if event.get("RequestType") == "Create":
            refusal = messenger.within(messenger.patience.admission, self.check_admission)
        elif event.get("RequestType") == "Delete" and known_as != REFUSED_ID:
            messenger.within(messenger.patience.last_word, self.send_last_word)
        answer_as = REFUSED_ID if refusal else known_as or GATE_ID
        messenger.retry(lambda: self.answer(event, answer_as, refusal))

    def tell_news(self, event: Mapping[str, Any]) -> None:
        """Answer for the news, then report the completed change. Raises NotTaken, so that Lambda invokes again."""
        self.messenger.retry(lambda: self.answer(event, event.get("PhysicalResourceId") or NEWS_ID))
        if event.get("RequestType") not in ("Create", "Update"):
            return
        role, now = event["ResourceProperties"], self.messenger.settings
        made = (role["RoleName"], role["AccessLevel"], role["RequireMfa"], float(role["MaxSessionSeconds"]))
        if made != (now["ROLE_NAME"], now["ACCESS_LEVEL"], now["REQUIRE_MFA"], float(now["MAX_SESSION_SECONDS"])):
            raise NotTaken("The stack is being changed again; this report may be outdated.")
        news = {"operation": event["RequestType"].upper(), "request_id": event["RequestId"], **self.messenger.now()}
        self.messenger.persist(lambda: self.messenger.post(completed=news))

    def check_admission(self) -> str:
        """Ask whether this stack would be admitted. Return Switchyard's refusal, or nothing."""
        status, text = self.messenger.post(knock=self.messenger.now())
        return refusal_in(text) if status == HTTPStatus.FORBIDDEN else ""

    def send_last_word(self) -> None:
        """Tell Switchyard that the access role is deleted."""
        self.messenger.post(last_word=self.messenger.now())

    def answer(self, event: Mapping[str, Any], physical_id: str, refusal: str | None = None) -> None:
        """Tell CloudFormation SUCCESS, or FAILED for a refusal. An id that stays the same is never replaced."""
        answer = {
            "Status": "FAILED" if refusal else "SUCCESS",
            "Reason": refusal or "See the forwarder's log.",
            "PhysicalResourceId": physical_id,
            **{key: event.get(key, "") for key in ("StackId", "RequestId", "LogicalResourceId")},
        }
        url, body, times = event["ResponseURL"], json.dumps(answer).encode(), self.messenger.patience.response
        status, _ = self.messenger.send("PUT", url, body, {"Content-Type": ""}, times)
        if status not in TAKEN:
            raise NotTaken(f"CloudFormation's answer address returned {status}.")


def handler(event: Any, context: Any) -> None:
    """Lambda's entry point."""
    arn, time_left = context.invoked_function_arn, lambda: context.get_remaining_time_in_millis() / 1000
    forwarder = Forwarder(Messenger(os.environ, arn, PATIENCE, time_left=time_left))
    if not isinstance(event, dict):
        log.warning("Ignored an event of an unknown kind.")
    elif "ResponseURL" in event and event.get("ResourceType") == NEWS_TYPE:
        forwarder.tell_news(event)
    elif "ResponseURL" in event:
        forwarder.pass_gate(event)
    else:
        for notification in notifications(event):
            forwarder.forward(notification)
