"""`/clients history`: who did what when, including refusals, for approvers; and which client is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import BadCommand, NotAllowed
from bot.model import Audit
from bot.ports import History
from bot.slack import history
from bot.vocabulary import Verb
from bot.workflow import HISTORY
from local.slack.block_kit import MOST_CHARACTERS, block_problems, characters_in
from tests.fakes import ADA, OLLI, World
from tests.unit.slack_samples import CLIENT, NOW, words


@pytest.fixture
def world() -> World:
    return World()


def test_the_history_tells_decisions_and_refusals_in_order(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    with pytest.raises(NotAllowed):
        world.press(Verb.APPROVE, OLLI)
    world.press(Verb.APPROVE)
    world.work()
    found = world.workflow.history(" acme ", ADA)
    assert [(line.actor, line.action) for line in found.audits] == [
        ("account 222222222222", "asked to onboard"),
        ("U0OLLI", "refused: approve"),
        ("U0ADA", "approve"),
        ("switchyard", "onboard done"),
    ]
    assert (found.client.company, found.left_out) == ("Acme", 0)


def test_only_approvers_read_it_and_who_else_tried_is_written_down(world: World) -> None:
    world.onboard()
    with pytest.raises(NotAllowed):
        world.workflow.history("Acme", OLLI)
    last = world.workflow.history("Acme", ADA).audits[-1]
    assert (last.actor, last.action) == ("U0OLLI", "refused: history")


def test_who_asks_for_a_client_that_is_none_is_written_down_too(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.workflow.history("Globex", OLLI)
    last = world.store.trail("invitation")[-1]
    assert (last.action, last.detail) == ("refused: history", "Globex")


def test_a_client_is_named_by_its_id_where_two_have_the_same_company(world: World) -> None:
    first = world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite(), account="333333333333")
    second = world.last.client_id
    with pytest.raises(BadCommand, match="2 clients called `Acme`") as told:
        world.workflow.history("Acme", ADA)
    assert first in str(told.value)
    assert second in str(told.value)
    assert world.workflow.history(second, ADA).client.account_id == "333333333333"


@pytest.mark.parametrize("named", ["Globex", "c" + "a" * 10, "`<!channel>`" * 50])
def test_a_client_that_is_none_is_said_so(world: World, named: str) -> None:
    with pytest.raises(BadCommand, match="There is no client called"):
        world.workflow.history(named, ADA)


def test_the_newest_lines_are_shown_and_the_others_counted(world: World) -> None:
    client_id = world.onboard()
    for number in range(HISTORY + 5):
        world.store.stored_audits.append(
            Audit(NOW + timedelta(days=1, seconds=number), "U0ADA", f"line {number}", client_id)
        )
    found = world.workflow.history(client_id, ADA)
    assert len(found.audits) == HISTORY
    assert found.audits[-1].action == f"line {HISTORY + 4}"
    assert found.left_out == 3 + 5


def test_it_reads_as_a_list_of_who_did_what() -> None:
    line = Audit(NOW, "U0ADA", "approve", CLIENT.id, "rabcdefghijklmnop")
    by_client = Audit(NOW, "account 222222222222", "asked to onboard", CLIENT.id, detail="<!channel> *x*")
    refused = Audit(NOW, "U0OLLI", "refused: approve", CLIENT.id, "rabcdefghijklmnop")
    shown = words(history.history(History(CLIENT, (by_client, line, refused), 7)))
    assert "account 222222222222 *asked to onboard*: &lt;!channel&gt;" in shown
    assert "<@U0ADA> *approved* `rabcdefghijklmnop`" in shown
    assert "<@U0OLLI> *was refused: approve* `rabcdefghijklmnop`" in shown
    assert "7 older lines" in shown
    assert "Nothing was decided" in words(history.history(History(CLIENT, (), 0)))


def test_a_reason_is_told_in_full_where_there_is_room() -> None:
    line = Audit(NOW, "U0ADA", "deny", CLIENT.id, "rabcdefghijklmnop", "x" * 500)
    assert "x" * 500 in words(history.history(History(CLIENT, (line,) * 12, 0)))
    assert words(history.history(History(CLIENT, (line,) * HISTORY, 0))).count("x" * 199 + "…") == HISTORY


def test_slack_takes_the_longest_history() -> None:
    line = Audit(NOW, "&" * 500, "&" * 60, CLIENT.id, "r" * 17, "&" * 500)
    message = history.history(History(replace(CLIENT, company="&" * 64), (line,) * HISTORY, 9))
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS
