"""The search for secrets finds one wherever it comes out, in whatever form; else its silence would mean nothing."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from urllib.parse import quote

import pytest

from bot import bootstrap
from bot.domain.model import Audit
from bot.ports.store import Change
from local.slack.workspace.facts import ADA, BOT_TOKEN, OLLI, SIGNING_SECRET
from tests.fakes import event_body
from tests.scenarios.aws import Aws
from tests.scenarios.leaks import Watch
from tests.scenarios.scene import Exchange, Scene
from tests.unit.aws.sts_server import SECRET, SESSION_TOKEN

log = logging.getLogger("bot.anything")


def break_with(secret: str) -> None:
    error = RuntimeError("no")
    error.add_note(f"sent {secret}")
    raise ValueError("outer") from error


def in_a_traceback(secret: str) -> None:
    try:
        break_with(secret)
    except ValueError:
        log.exception("it broke")


def in_anothers_log(secret: str) -> None:
    logging.getLogger("slack_sdk.web").error("headers: %s", {"Authorization": secret})


LOGGED: dict[str, Callable[[str], None]] = {
    "a line": lambda secret: log.info("token %s", secret),
    "a field": lambda secret: log.warning("refused", extra={"proof": {"token": secret}}),
    "a traceback": in_a_traceback,
    "a kept key": lambda secret: bootstrap.logger().info("x", extra={"deep": [secret]}),
    "another library's line": in_anothers_log,
}


@pytest.mark.parametrize("how", LOGGED)
def test_a_token_in_the_log_is_found(scene: Scene, watch: Watch, how: str) -> None:
    LOGGED[how](BOT_TOKEN)
    LOGGED[how](SECRET)
    watch.expected = watch.leaks()
    assert watch.expected == ["the bot token in the log", "the forwarder's secret key in the log"]


@pytest.mark.parametrize("form", [SESSION_TOKEN, quote(SESSION_TOKEN, safe=""), json.dumps({"token": SESSION_TOKEN})])
def test_what_is_printed_is_found_however_it_is_written(watch: Watch, form: str) -> None:
    sys.stdout.write(form)
    watch.expected = ["the forwarder's session token in what was printed"]


def test_the_signature_of_a_proof_is_found(scene: Scene, watch: Watch) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    proof = scene.proof(body)
    assert scene.post(body, proof)[0] == 202
    log.info("took %s", proof)
    watch.expected = ["the forwarder's session token in the log", "the proof's session-token in the log"]
    watch.expected += ["the proof's signature in the log"]


def test_a_secret_in_an_http_answer_is_found(scene: Scene, watch: Watch) -> None:
    scene.exchanges.append(Exchange({"body": "{}"}, json.dumps({"error": f"expected {SIGNING_SECRET}"})))
    watch.expected = ["the signing secret in an HTTP answer"]


def test_an_invitations_token_may_be_seen_by_the_inviter_alone(scene: Scene, watch: Watch) -> None:
    token = scene.invite()
    assert any(token in exchange.answer for exchange in scene.exchanges)
    assert watch.leaks() == []
    slack = scene.slack.client()
    slack.chat_postEphemeral(channel=scene.slack.channel, user=OLLI.id, text=f"psst {token}")
    slack.chat_postMessage(channel=scene.slack.channel, text=f"link {token}")
    scene.store.save(Change(audits=(Audit(scene.clock.now(), ADA.id, "invited", "invitation", detail=token),)))
    found = ("a call of Slack", "a message", "a private answer", "the table")
    watch.expected = [f"an invitation's token in {where}" for where in found]


def test_a_guessed_token_may_be_seen_by_nobody(aws: Aws, scene: Scene, watch: Watch) -> None:
    assert scene.happens("CREATE_COMPLETE", token="a-token-somebody-guessed") == 403
    assert watch.leaks() == []
    aws.table.items["x", "x"] = {"record": {"M": {"token": {"S": "a-token-somebody-guessed"}}}}
    watch.expected = ["an invitation's token in the table"]
