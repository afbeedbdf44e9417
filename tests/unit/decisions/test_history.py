"""`/clients history`: who did what when, who invited and who was refused, for approvers; and which client is meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.decisions.histories import LINES, PEOPLE
from bot.domain.answers import Actor, AuditPage, History
from bot.domain.errors import ActionRefused, BadCommand, NotAllowed, SeveralNamed, TryAgain
from bot.domain.invitation import Invitation, RefusedPerson
from bot.domain.model import Audit
from bot.domain.vocabulary import AccessLevel, Verb
from bot.slack.render import history
from local.slack.block_kit.blocks import MOST_CHARACTERS, block_problems, characters_in
from local.slack.running import RunningWorkspace
from tests.fakes import ADA, BEA, OLLI, World
from tests.unit.decisions.batch import Batch
from tests.unit.slack.app_samples import Recorder, slack, workflow
from tests.unit.slack.samples import CLIENT, INVITED, NOW, labels, words

__all__ = ["slack", "workflow"]

LINE = Audit(NOW, "U0ADA", "approve", CLIENT.id, "rabcdefghijklmnop")


@pytest.fixture
def world() -> World:
    return World()


def told(found: History) -> list[tuple[str, str]]:
    return [(line.actor, line.action) for line in found.page.audits]


def page(*audits: Audit, cursor: str | None = None) -> History:
    return History(CLIENT, AuditPage(audits, cursor), invitation=INVITED.invitation)


def test_the_history_tells_decisions_newest_first_and_counts_refusals_apart(world: World) -> None:
    world.happens("CREATE_COMPLETE", token=world.invite())
    for verb in (Verb.DENY, Verb.APPROVE, Verb.APPROVE):
        with pytest.raises(NotAllowed):
            world.press(verb, OLLI)
    world.press(Verb.APPROVE)
    world.work()
    found = world.workflow.history(" acme ", ADA)
    assert told(found) == [
        ("switchyard", "onboard done"),
        ("U0ADA", "approve"),
        ("account 222222222222", "asked to onboard"),
    ]
    assert [(one.actor, one.count, one.action, one.request_id) for one in found.refused] == [
        ("U0OLLI", 3, "approve", world.last.id)
    ]
    assert (found.client.company, found.page.cursor) == ("Acme", None)


def test_it_says_who_invited(world: World) -> None:
    world.onboard()
    found = world.workflow.history("Acme", BEA)
    assert found.invitation is not None
    assert found.invitation.invited_by == "U0ADA"
    assert "*Invited* by <@U0ADA>" in words(history.history(found))
    unknown = words(history.history(replace(found, invitation=None)))
    assert "It is not known who invited this client." in unknown


def test_who_invited_a_client_anew_is_a_line_of_its_own(world: World) -> None:
    world.onboard()
    world.revoke("Acme")
    world.work()
    token = world.workflow.invite("Acme", AccessLevel.POWER_USER, BEA).token
    world.happens("CREATE_COMPLETE", token=token, parent=2)
    found = world.workflow.history("Acme", ADA)
    assert ("U0BEA", "invited again") in told(found)
    assert found.invitation is not None
    assert found.invitation.invited_by == "U0BEA"


@pytest.mark.safety("Refusals push no decision out of a history, however many there are", "bot/decisions/histories.py")
def test_thousands_of_refusals_push_no_decision_out(world: World) -> None:
    client_id = world.onboard()
    for number in range(3000):
        world.store.count_refused(
            RefusedPerson(client_id, f"U0EVE{number % 40}", "approve", NOW + timedelta(days=1, seconds=number))
        )
    found = world.workflow.history("Acme", ADA)
    assert ("U0ADA", "approve") in told(found)
    assert len(found.refused) == PEOPLE
    assert found.more_refused
    assert [one.count for one in found.refused] == [75] * PEOPLE


@pytest.mark.safety("What a client's stack does pushes no decision out of a history", "bot/aws/dynamodb.py")
def test_nor_does_a_client_whose_stack_keeps_changing(world: World) -> None:
    client_id = world.onboard()
    for number in range(1000):
        at = NOW + timedelta(days=1, seconds=number)
        world.store.stored_audits.append(Audit(at, "account 222222222222", "asked to update", client_id))
    found = world.workflow.history("Acme", ADA)
    assert ("U0ADA", "approve") in told(found)
    assert len(found.page.audits) == LINES + 2
    assert "This page leaves out some events" in words(history.history(found))


@pytest.mark.safety("Each page of a history is judged anew", "bot/decisions/histories.py")
def test_only_approvers_read_it_and_who_else_tried_is_written_down(world: World) -> None:
    client_id = world.onboard()
    with pytest.raises(NotAllowed):
        world.workflow.history("Acme", OLLI)
    with pytest.raises(NotAllowed):
        world.workflow.history_page(client_id, "", OLLI)
    [refused] = world.workflow.history("Acme", ADA).refused
    assert (refused.actor, refused.action, refused.count) == ("U0OLLI", "history", 2)


def test_who_asks_for_a_client_that_is_none_is_written_down_too(world: World) -> None:
    with pytest.raises(NotAllowed):
        world.workflow.history("Globex", OLLI)
    last = world.store.trail("invitation")[-1]
    assert (last.action, last.detail) == ("refused: history", "Globex")


@pytest.mark.safety("Of two clients with one name, neither is meant", "bot/decisions/find_client.py")
@pytest.mark.safety("An id names one client among several of the same name", "bot/decisions/find_client.py")
def test_a_client_is_named_by_its_id_where_two_have_the_same_company(world: World) -> None:
    first = world.onboard()
    world.happens("CREATE_COMPLETE", token=world.invite(), account="333333333333")
    second = world.last.client_id
    with pytest.raises(BadCommand, match="2 clients called `Acme`") as refused:
        world.workflow.history("Acme", ADA)
    assert first in str(refused.value)
    assert second in str(refused.value)
    assert world.workflow.history(second, ADA).client.stack.account_id == "333333333333"


@pytest.mark.parametrize("named", ["Globex", "c" + "a" * 10, "`<!channel>`" * 50])
def test_a_client_that_is_none_is_said_so(world: World, named: str) -> None:
    with pytest.raises(BadCommand, match="There is no client called"):
        world.workflow.history(named, ADA)


def test_older_lines_are_a_page_further(world: World) -> None:
    client_id = world.onboard()
    for number in range(LINES):
        world.store.stored_audits.append(
            Audit(NOW + timedelta(days=1, seconds=number), "U0ADA", f"line {number}", client_id)
        )
    newest = world.workflow.history(client_id, ADA)
    assert told(newest)[0] == ("U0ADA", f"line {LINES - 1}")
    assert newest.page.cursor is not None
    older = world.workflow.history_page(client_id, newest.page.cursor, ADA)
    assert [action for _, action in told(older)] == ["onboard done", "approve", "asked to onboard"]
    assert (older.newest, older.page.cursor) == (False, None)
    assert world.workflow.history_page(client_id, "", ADA) == newest


@pytest.mark.parametrize("client_id", ["", "Acme", "c" + "a" * 10, "c" + "a" * 3000])
def test_a_page_of_no_client_of_ours_is_refused(world: World, client_id: str) -> None:
    with pytest.raises(ActionRefused, match="unknown here"):
        world.workflow.history_page(client_id, "", ADA)


def test_it_reads_as_a_list_of_who_did_what() -> None:
    by_client = Audit(NOW, "account 222222222222", "asked to onboard", CLIENT.id, detail="<!channel> *x*")
    shown = words(history.history(page(LINE, by_client)))
    assert "account 222222222222 *asked to onboard*: &lt;!channel&gt;" in shown
    assert "<@U0ADA> *approved* `rabcdefghijklmnop`" in shown
    lapsed = Audit(NOW, "U0BEA", "approval lapsed", CLIENT.id)
    assert "<@U0BEA> *had approved, but was no longer an approver*" in words(history.history(page(lapsed)))
    assert "Nothing has been decided" in words(history.history(page()))


def test_refusals_of_one_person_are_one_line() -> None:
    eve = RefusedPerson(CLIENT.id, "U0EVE", "approve", NOW, "rabcdefghijklmnop", count=14)
    nobody = RefusedPerson(CLIENT.id, "", "history", NOW, detail="<!channel>")
    found = replace(page(LINE), refused=(eve, nobody), more_refused=True)
    shown = words(history.history(found))
    assert "<@U0EVE> was refused 14 times, last <!date^" in shown
    assert ": approve `rabcdefghijklmnop`" in shown
    assert "somebody without an id was refused once" in shown
    assert "<!channel>" not in shown
    assert "and more people" in shown


def test_its_buttons_lead_to_older_lines_and_back() -> None:
    assert labels(history.history(page(LINE))) == []
    assert labels(history.history(page(LINE, cursor="c1"))) == ["Older"]
    assert labels(history.history(replace(page(LINE, cursor="c2"), newest=False))) == ["Newest", "Older"]
    assert labels(history.history(replace(page(LINE), newest=False))) == ["Newest"]


def test_a_reason_is_told_in_full_where_there_is_room() -> None:
    line = replace(LINE, action="deny", detail="x" * 500)
    assert "x" * 500 in words(history.history(page(*(line,) * 9)))
    assert words(history.history(page(*(line,) * 2 * LINES))).count("x" * 149 + "…") == 2 * LINES


def test_slack_takes_the_longest_history() -> None:
    line = Audit(NOW, "&" * 500, "&" * 60, CLIENT.id, "r" * 17, "&" * 500)
    person = RefusedPerson(CLIENT.id, "U" + "A" * 20, "&" * 60, NOW, "r" * 17, "&" * 100, 10**6)
    made = Invitation("0" * 64, "&" * 64, AccessLevel.ADMINISTRATOR, "U" + "A" * 20, NOW, NOW)
    full = AuditPage((line,) * 2 * LINES, "c" * 200, left_out=True)
    found = History(replace(CLIENT, company="&" * 64), full, True, made, (person,) * PEOPLE, True)
    message = history.history(found)
    assert block_problems(list(message.blocks)) == []
    assert characters_in(list(message.blocks)) <= MOST_CHARACTERS


@pytest.mark.safety("A name that many clients share costs a bounded read", "bot/decisions/find_client.py")
def test_a_name_that_a_thousand_clients_share_costs_a_bounded_read(world: World) -> None:
    client_id = world.onboard()
    client = world.store.stored_clients[client_id]
    for number in range(1000):
        other = replace(client, id=f"c{number:010}", created_at=NOW + timedelta(seconds=number))
        world.store.stored_clients[other.id] = other
    asked: list[int] = []
    namesakes = world.store.namesakes
    world.store.namesakes = lambda company, limit: asked.append(limit) or namesakes(company, limit)  # type: ignore[method-assign, func-returns-value]
    with pytest.raises(BadCommand, match="There are more than 10 clients called `Acme`") as refused:
        world.workflow.history("Acme", ADA)
    assert "c0000000999" in str(refused.value)
    assert len(str(refused.value)) < 1000
    assert len(world.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA).namesakes) == 6
    world.happens("UPDATE_COMPLETE", level="PowerUser")
    assert max(asked) <= 50


def test_older_turns_the_page_in_place_and_is_judged_anew(slack: RunningWorkspace, workflow: Recorder) -> None:
    ada = Actor("U0ADA", "T0SWITCHYARD", "T0SWITCHYARD")
    older = AuditPage((replace(LINE, action="deny"),))
    workflow.histories = {"": AuditPage((LINE,), "next"), "next": older}
    slack.run_command("U0ADA", "/clients history Acme")
    slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Older")
    [shown] = slack.ephemerals("U0ADA")
    assert "*denied*" in shown.words
    slack.press("U0ADA", shown, "Newest")
    [shown] = slack.ephemerals("U0ADA")
    assert "*approved*" in shown.words
    assert workflow.asked == [
        ("history", "Acme", ada),
        ("history page", CLIENT.id, "next", ada),
        ("history page", CLIENT.id, "", ada),
    ]


@pytest.mark.parametrize("trouble", [NotAllowed("no"), TryAgain("the table")])
def test_a_page_that_is_not_to_be_had_is_told(slack: RunningWorkspace, workflow: Recorder, trouble: Exception) -> None:
    workflow.histories = {"": AuditPage((LINE,), "next")}
    slack.run_command("U0ADA", "/clients history Acme")
    workflow.trouble = trouble
    assert slack.press("U0ADA", slack.ephemerals("U0ADA")[-1], "Older").ok
    assert slack.ephemerals("U0ADA")[-1].words.startswith(("⛔", "⏳"))


def test_it_links_to_the_messages_of_its_requests(world: World) -> None:
    world.onboard()
    found = world.workflow.history("Acme", ADA)
    [message] = world.channel.messages
    assert found.posted == ((world.last.id, message.ts),)
    shown = words(history.history(found, {world.last.id: "https://acme.slack.com/archives/C0/p1"}))
    assert f"<https://acme.slack.com/archives/C0/p1|{world.last.id}>" in shown
    assert f"`{world.last.id}`" in words(history.history(found)), "without a link it is named as before"


def test_accounts_that_share_a_message_link_to_it(world: World) -> None:
    batch = Batch(world, 2)
    batch.press()
    world.work()
    client = world.store.stored_clients[batch.request(1).client_id]
    found = world.workflow.history(client.id, ADA)
    assert (batch.request(1).id, batch.shown.ts) in found.posted


@pytest.mark.parametrize("told", [True, False])
def test_slack_is_asked_for_the_links_once_where_it_does_not_tell(
    slack: RunningWorkspace, workflow: Recorder, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def permalink(_: Recorder, ts: str) -> str:
        asked.append(ts)
        return "https://x.test/p" if told else ""

    monkeypatch.setattr(Recorder, "permalink", permalink)
    lines = tuple(replace(LINE, request_id=f"r{n:016}") for n in range(3))
    posted = tuple((line.request_id, f"{n}.0") for n, line in enumerate(lines))
    monkeypatch.setattr(Recorder, "history", lambda *_: replace(page(*lines), posted=posted))
    slack.run_command("U0ADA", "/clients history Acme")
    assert len(asked) == (3 if told else 1)
    assert slack.ephemerals("U0ADA")[-1].words.count("<https://x.test/p|") == (3 if told else 0)


def test_a_name_of_several_is_answered_with_a_choice(slack: RunningWorkspace, workflow: Recorder) -> None:
    two = (CLIENT, replace(CLIENT, id="cbbbbbbbbbb"))
    workflow.trouble = SeveralNamed("There are 2 clients called `Acme`.", "Acme", two)
    for line in ("history Acme", "block Acme", "team Acme data"):
        slack.run_command("U0ADA", f"/clients {line}")
        [choice] = slack.ephemerals("U0ADA")[-1:]
        assert "Several match *Acme*" in choice.words
        shown = [element["value"] for _, element in choice.elements() if element["text"]["text"] == "Show"]
        assert shown == [one.id for one in two]
