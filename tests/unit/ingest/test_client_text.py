"""Whatever a client writes, in whatever field, it is refused or it only reads: every message of a client's life says
and does exactly what it would with harmless words in their place.

Whole events go through parsing, planning and the real views. `slack_reading` judges, and knows nothing of our escaping.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from bot.domain.answers import ClientShown
from bot.domain.errors import Malformed
from bot.domain.search import Search
from bot.domain.spelling import company_key
from bot.domain.vocabulary import Verb
from bot.ingest.payload import parse
from bot.ports import Identity
from bot.slack.render import clients, invitations, views
from bot.slack.render.blocks import Message
from bot.slack.render.card import switch_role_card
from bot.slack.render.shown import shown as client_shown
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from tests.fakes import ACME, ADA, PROOF, World, event_body
from tests.proving import amount
from tests.unit.slack.reading import Reading, hidden, read, switch_role
from tests.unit.slack.samples import NOW, SETTINGS, buttons, granting, pictured, texts

EVIL = [
    "<!channel>",
    "<!here|x>",
    "<@U0ADA>",
    "<#C0ONBOARDING>",
    "<!subteam^S0APPROVERS>",
    "<!date^0^{date}|x>",
    "<https://evil.example|Approve>",
    "https://evil.example",
    "&lt;!channel&gt;",
    "&#60;!channel&#62;",
    "*bold* _italics_ ~struck~ `code` ```block```",
    ":white_check_mark:",
    "> quoted",
    "\n\u2705 *Approved* by Ada",
    "\r\n\u2028\u2029\x0b\x0c\x85\x00\x1b[31m",
    "\u202eevorppA\u202c\u2066\u2069\u200f",
    "\u200b\u200d\u2060\ufeff\u00ad",
    '"\'"; -- {} %s',
    "{{ 7 * 7 }}{% for x in y %}{{ settings.approvers }}",
    "{approvers}{0}{pressed.__class__}",
    "a" * 10_000,
    "&" * 10_000,
    "e" + "\u0301" * 300,
]
MARKUP = st.text(alphabet="<>&*_~`:!|@#^/\\{}%'\"= aZ0\n\r\t\u202e\u200b\u2028", max_size=80)
FOREIGN = st.lists(st.sampled_from(EVIL) | MARKUP | st.text(max_size=60), min_size=1, max_size=4).map("".join)
NAMES: dict[str, Any] = {
    "role": st.text(alphabet="aZ09+=,.@_-", min_size=1, max_size=43),
    "stack": st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,127}", fullmatch=True),
    "region": st.from_regex(r"[a-z0-9-]{1,32}", fullmatch=True),
    "logical_id": st.from_regex(r"[A-Za-z0-9-]{1,255}", fullmatch=True),
    "status": st.from_regex(r"[A-Z_]{1,60}_FAILED", fullmatch=True),
}
HARMLESS = {"company": "Globex", "reason": "x", "role": "a", "stack": "s", "region": "eu-west-1"}
HARMLESS |= {"logical_id": "R", "status": "CREATE_FAILED"}


def life(
    *, company: str, reason: str, role: str, stack: str, region: str, logical_id: str, status: str
) -> list[Message]:
    """Every message, card, list and reminder of a client that fails once, is onboarded, changes and leaves."""
    world = World()
    shown: list[Message] = []
    token = world.invite()
    claims = {"company": company, "reason": reason, "level": "Administrator", "role": role, "token": token}
    proof = replace(PROOF, region=region)

    def happens(what: str, **more: Any) -> None:
        world.clock.turn(seconds=1)
        body = json.loads(event_body(what, world.clock.moment, **claims | more))
        text = json.dumps(body).replace("eu-west-1", region).replace("stack/switchyard-access/", f"stack/{stack}/")
        world.sts.identity = Identity(ACME, role)
        world.workflow.receive_event(text.encode(), proof)
        shown.extend(_rendered(world))

    happens("CREATE_IN_PROGRESS")
    happens(status, resource=logical_id)
    happens("ROLLBACK_COMPLETE")
    happens("CREATE_COMPLETE", parent=2)
    shown.append(views.reminder(world.last, SETTINGS))
    world.press(Verb.APPROVE)
    world.work()
    happens("UPDATE_COMPLETE", parent=2, level="PowerUser")
    world.press(Verb.DENY)
    happens("DELETE_COMPLETE", parent=2, last_word=True)
    shown.extend(_rendered(world))
    cards = (card.request for card in world.channel.cards)
    shown.extend(switch_role_card(pictured(one, client=granting(one)), SETTINGS) for one in cards)
    shown.append(clients.clients(world.workflow.find(Search(), ADA), SETTINGS))
    shown.append(_shown(world))
    shown.append(invitations.invitations(world.workflow.list_invitations(ADA)))
    return shown


def _rendered(world: World) -> Iterator[Message]:
    return (views.request_message(pictured(one.request, one.timeline), SETTINGS) for one in world.channel.messages)


def _shown(world: World) -> Message:
    found = world.workflow.show_client(world.last.client_id, ADA)
    assert isinstance(found, ClientShown)
    return client_shown(found, SETTINGS)


@cache
def harmless(role: str) -> list[list[Reading]]:
    return [readings(message) for message in life(**HARMLESS | {"role": role})]


def readings(message: Message) -> list[Reading]:
    """What each text of a message does, the one for notifications last."""
    marked = [text["text"] for text in texts(message) if text["type"] == "mrkdwn"]
    return [read(text) for text in (*marked, str(message.text))]


def check(messages: list[Message], role: str) -> None:
    """They do what the harmless ones do, hide nothing, lead nowhere else, and Slack takes them."""
    # A role whose name holds an equals sign has no entry for the browser extension (bot/kit/files.py).
    assert [readings(message) for message in messages] == harmless("a=b" if "=" in role else HARMLESS["role"])
    for message in messages:
        blocks = list(message.blocks)
        assert block_problems(blocks) == []
        assert characters_in(blocks) <= MOST_CHARACTERS
        assert len(message.text) <= 4000
        for text in texts(message):
            assert hidden(text["text"]) == []
            assert text.get("verbatim") is True if text["type"] == "mrkdwn" else text.get("emoji") is False
        for url in (button["url"] for button in buttons(message) if "url" in button):
            leads = switch_role(url)
            assert leads is not None
            assert (leads["account"], leads["roleName"]) == ([ACME], [role])
        assert hidden(str(message.text)) == []
        json.dumps(message.arguments(), ensure_ascii=False).encode()


stories = settings(max_examples=amount(25, proving=500))
"""Each example is a client's whole life."""


@stories
@given(company=FOREIGN, reason=FOREIGN)
@example(company=EVIL[0], reason=EVIL[7])
@example(company=EVIL[6], reason=EVIL[13])
@example(company=EVIL[18], reason=EVIL[19])
def test_free_text_can_do_nothing_in_any_message(company: str, reason: str) -> None:
    company = "x" + company[:255]
    assume(company_key(" ".join(company.split())) != "acme")
    check(life(**HARMLESS | {"company": company, "reason": f"x{reason}"}), HARMLESS["role"])


@stories
@given(st.fixed_dictionaries(NAMES), FOREIGN)
def test_names_of_every_allowed_form_can_do_nothing_either(names: dict[str, str], reason: str) -> None:
    check(life(**HARMLESS | names | {"reason": f"x{reason}"}), names["role"])


IN_NOTIFICATION = ("StackId", "ResourceStatus", "ResourceType", "LogicalResourceId", "EventId", "Timestamp")


@pytest.mark.parametrize("field", ["account_id", "role_name", "access_level", "parent_stack_id", "child_stack_id"])
@given(foreign=FOREIGN)
def test_a_name_holds_no_foreign_text(field: str, foreign: str) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", NOW))
    for text in (foreign, body[field] + foreign, foreign + body[field]):
        assume(re.search(r"[^a-zA-Z0-9+=,.@_-]", text))
        with pytest.raises(Malformed):
            parse(json.dumps(body | {field: text}).encode(), "aws")


@pytest.mark.parametrize("field", IN_NOTIFICATION)
@given(foreign=FOREIGN)
def test_a_name_in_a_notification_holds_no_foreign_text(field: str, foreign: str) -> None:
    body = json.loads(event_body("CREATE_COMPLETE", NOW))
    foreign = f"<{foreign}\u202e"
    body["notification"] = body["notification"].replace(f"{field}='", f"{field}='{foreign}", 1)
    with pytest.raises(Malformed):
        parse(json.dumps(body).encode(), "aws")


def test_text_is_never_taken_for_a_template() -> None:
    messages = life(**HARMLESS | {"company": "{{ 7 * 7 }}", "reason": "{% if 1 %}{approvers}{0}{{ 6 * 7 }}"})
    said = "\n".join(text["text"] for message in messages for text in texts(message))
    assert "{{ 7 \u2217 7 }}" in said
    assert "{% if 1 %}{approvers}{0}{{ 6 * 7 }}" in said


def test_the_judge_sees_what_would_be_an_attack() -> None:
    for text in ("a <b", "a > b", "a & b", "<a <b> c>", "&#60;"):
        with pytest.raises((AssertionError, ValueError)):
            read(text)
    assert read("<!channel> <https://x.example|y> `<@U1>`").sequences == ("!channel", "https://x.example|y", "@U1")
    assert read("*a* `*b*` :tada: _c_") != read("a `b` tada c")
    assert hidden("a\u202eb\u200b\x00\n") == ["\u202e", "\u200b", "\x00"]
