"""An app that keeps what it gets and answers what it is told to, and a message with something to press."""

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from local.slack import AppAnswer, Message, RunningWorkspace, SignedRequest

APPROVE = {
    "type": "button",
    "text": {"type": "plain_text", "text": "Approve"},
    "action_id": "approve",
    "value": "r1",
    "style": "primary",
}
MENU = {
    "type": "overflow",
    "action_id": "more",
    "options": [{"text": {"type": "plain_text", "text": "History"}, "value": "history"}],
}
ACTIONS = {"type": "actions", "block_id": "decide", "elements": [APPROVE, MENU]}


@dataclass
class Recorder:
    """An app that keeps what it gets and answers what it is told to."""

    answer: AppAnswer = field(default_factory=lambda: AppAnswer(200))
    requests: list[SignedRequest] = field(default_factory=list)

    def __call__(self, request: SignedRequest) -> AppAnswer:
        self.requests.append(request)
        return self.answer

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.requests[-1].body.decode(), keep_blank_values=True))

    @property
    def payload(self) -> dict[str, Any]:
        payload = json.loads(self.form["payload"])
        assert isinstance(payload, dict)
        return payload


def json_answer(**content: Any) -> AppAnswer:
    return AppAnswer(200, json.dumps(content).encode(), {"Content-Type": "application/json; charset=utf-8"})


def posted(ws: RunningWorkspace, **arguments: Any) -> Message:
    given = {"blocks": [ACTIONS], **arguments}
    answer = ws.client().chat_postMessage(channel=ws.channel, text="Acme?", **given)
    return ws.message(str(answer["ts"]))
