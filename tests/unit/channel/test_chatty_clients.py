"""One client can't use up Slack's limit of edits: what only lengthens a timeline is drawn at most once a minute."""

from __future__ import annotations

import pytest

from bot.domain.vocabulary import State, Verb
from tests.fakes import World

CHATTY, QUIET = "333333333333", "222222222222"


def edits_of(world: World, account: str) -> int:
    return sum(call.name == "edit" and call.request.stack.account_id == account for call in world.channel.calls)


def a_minute_of_noise(world: World, token: str) -> None:
    """200 events of the child stack and 200 of its resources, a rollback's among them, within a minute."""
    for number in range(200):
        more = {"account": CHATTY, "token": token, "company": "Chatty"}
        world.happens("UPDATE_IN_PROGRESS", seconds=0.15, event_id=f"s{number}", **more)
        resource = {"resource": f"Role{number}", "reason": "no", "event_id": f"r{number}"}
        world.happens("UPDATE_FAILED", seconds=0.15, **resource, **more)


@pytest.mark.safety("Events that only lengthen a timeline use up nobody else's edits", "bot/ingest/plan.py")
def test_while_one_client_makes_noise_another_ones_approval_is_green_at_once() -> None:
    world = World()
    token = world.invite("Chatty")
    world.happens("CREATE_COMPLETE", token=token, account=CHATTY, company="Chatty")
    world.happens("UPDATE_ROLLBACK_COMPLETE", token=token, account=CHATTY, company="Chatty")
    world.happens("CREATE_COMPLETE", token=world.invite(), account=QUIET)
    world.channel.calls.clear()
    a_minute_of_noise(world, token)
    world.press(Verb.APPROVE)
    world.work()
    assert world.last.state is State.DONE
    assert edits_of(world, CHATTY) <= 2
    for _ in range(3):
        world.minute()
    assert edits_of(world, CHATTY) <= 4
    assert world.store.unshown == []


def test_the_first_reason_of_a_failure_is_drawn_at_once_and_the_last_line_within_a_minute() -> None:
    world = World()
    token = world.invite()
    world.happens("ROLLBACK_COMPLETE", token=token)
    [message] = world.channel.messages
    world.happens("CREATE_FAILED", seconds=-2, token=token, resource="AccessRole", reason="already exists")
    assert (message.edits, message.request.reason) == (1, "AccessRole: already exists")
    world.happens("CREATE_FAILED", seconds=-1, token=token, resource="Other", reason="cancelled")
    assert (message.edits, len(message.timeline)) == (1, 2)
    world.minute()
    assert (message.edits, len(message.timeline)) == (2, 3)
