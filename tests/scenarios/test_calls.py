"""How many calls go out on each path of a plain onboarding, in a Lambda that is warm, and how often its request is written.

Each call is time that somebody waits, money, and one more place where a crash can strike. The numbers are upper bounds:
whoever needs one call more says so here.
"""  # noqa: E501

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.aws.writes import parts_of
from bot.decisions.refresh_homes import Refreshing
from bot.domain.page import Teams
from bot.ports.store import Change
from handlers import outcome, provision
from local.slack.workspace.facts import ADA
from tests.dynamodb_wire import WireTable
from tests.integration.records import a_client
from tests.scenarios.outage_scene import OutageScene
from tests.unit.aws.sts_server import ARN, Answer, identity

MOST = {
    "CREATE_IN_PROGRESS": 4,
    "CREATE_COMPLETE": 8,
    "show the request": 6,
    "Approve": 4,
    "provision": 12,
    "outcome": 8,
    "show the end": 13,
}
"""Calls to AWS, STS and Slack. The answer to Slack's own request is none."""
MOST_FOR_LOOKING = {
    "/clients": 1,
    "/clients globex": 2,
    "/clients globex north": 9,
    "/clients show globex north": 8,
    "/clients card globex north": 4,
}
"""Calls to the table by what an approver types. The only client that matches is shown, which a command does once."""
MOST_OF_A_SEARCH = 3
MOST_AT_HOME = 12
"""Calls for an approver's Home where one client waits: one of the list, one for each way to wait, two for where its
message is, one for whose person it is, the publishing, and after it one that notes who is there."""
MOST_WRITES = 5
MOST_FOR_TEAMS = 8


@dataclass
class Counted:
    """Every call that the Lambdas make, by path."""

    outage: OutageScene
    paths: dict[str, list[str]] = field(default_factory=dict)
    requests_written: int = 0

    def __post_init__(self) -> None:
        self._now: list[str] = []
        for client in self._clients():
            client.meta.events.register_first("before-call", self._called)

    def leave(self) -> None:
        for client in self._clients():
            client.meta.events.unregister("before-call", self._called)

    @contextmanager
    def path(self, name: str) -> Iterator[None]:
        slack, sts = len(self.outage.slack.calls), len(self.outage.sts.received)
        self._now = self.paths[name] = []
        yield
        self._now += [f"slack {one.method}" for one in self.outage.slack.calls[slack:]]
        self._now += ["sts GetCallerIdentity"] * (len(self.outage.sts.received) - sts)
        self._now = []

    def __str__(self) -> str:
        lines = []
        for name, calls in self.paths.items():
            lines.append(f"{name}: {len(calls)} of at most {MOST[name]}")
            lines += [f"  {number} x {call}" for call, number in Counter(calls).items()]
        return "\n".join([*lines, f"the request was written {self.requests_written} times"])

    def _clients(self) -> tuple[Any, ...]:
        here = self.outage
        return here.aws.dynamodb, here.aws.functions, here.stand_in.cloudformation, here.stand_in.iam

    def _called(self, model: Any, params: Any, **_: Any) -> None:
        service = model.service_model.service_name
        body = json.loads(params["body"]) if service == "dynamodb" else {}
        self._now.append(f"{service} {model.name}{_about(body)}")
        written = [part.get("Put", {}).get("Item", {}) for part in body.get("TransactItems", [])]
        self.requests_written += sum("request#" in json.dumps(one.get("pk", "")) for one in written)


def _about(body: dict[str, Any]) -> str:
    """Which kind of item a call of DynamoDB is about."""
    key = body.get("Key") or {"pk": next(iter(body.get("ExpressionAttributeValues", {}).values()), {"S": ""})}
    return f" {key['pk'].get('S', '').partition('#')[0]} {key.get('sk', {}).get('S', '').partition('#')[0]}".rstrip()


@pytest.fixture
def counted(outage: OutageScene) -> Iterator[Counted]:
    """In containers that have served another client before."""
    outage.asks()
    outage.presses("Approve")
    outage.work()
    outage.stand_in.stacks.clear()
    outage.shows_later = True
    counted = Counted(outage)
    yield counted
    counted.leave()


def ended(outage: OutageScene, part: str) -> dict[str, Any]:
    """Let the one operation that runs on such a stack end well. Answers EventBridge's event."""
    [stack] = [one for one in outage.stand_in.stacks if part in one.name and one.status.endswith("_IN_PROGRESS")]
    stack.parameters = stack.wanted
    outage.stand_in.tell(stack, stack.status.replace("_IN_PROGRESS", "_COMPLETE"))
    return {"detail": {"stack-id": stack.id}}


def invoke(create_handler: Callable[..., Callable[..., None]], outage: OutageScene, event: dict[str, Any]) -> None:
    create_handler(lambda: outage.workflow)(event, None)


@pytest.mark.safety("How often AWS, STS and Slack are called on each path has an upper bound", "bot/workflow.py")
def test_a_plain_onboarding_calls_out_no_oftener_than_it_must(counted: Counted) -> None:
    outage = counted.outage
    client = {"token": outage.invite("Globex"), "company": "Globex", "account": "333333333333"}
    outage.sts.says = Answer(body=identity("333333333333", ARN.replace("222222222222", "333333333333")))
    for status in ("CREATE_IN_PROGRESS", "CREATE_COMPLETE"):
        with counted.path(status):
            assert outage.happens(status, **client) == 202
    with counted.path("show the request"):
        invoke(provision.create_handler, outage, outage.to_show.pop())
    with counted.path("Approve"):
        outage.slack.press(ADA, outage.last, "Approve")
    with counted.path("provision"):
        invoke(provision.create_handler, outage, {"request_id": outage.handed_over.pop()})
    outage.stand_in.end()
    with counted.path("outcome"):
        invoke(outcome.create_handler, outage, {"detail": {"stack-id": outage.stand_in.only().id}})
    with counted.path("show the end"):
        invoke(provision.create_handler, outage, outage.to_show.pop())
    assert "✅ Globex is onboarded" in outage.last.words
    assert len(outage.slack.thread(outage.last)) == 1
    assert all(len(calls) <= MOST[name] for name, calls in counted.paths.items()), f"\n{counted}"
    assert counted.requests_written <= MOST_WRITES, f"\n{counted}"


def counts_to_green(outage: OutageScene, account: str) -> int:
    """Approve a client, and count the calls from the press to the end, without those that show it in Slack.

    Nor do those count that come once the message is on its way: the last one has the team's kit renewed.
    """
    fields = {"token": outage.invite(account), "company": account, "account": account}
    outage.sts.says = Answer(body=identity(account, ARN.replace("222222222222", account)))
    assert outage.happens("CREATE_COMPLETE", **fields) == 202
    invoke(provision.create_handler, outage, outage.to_show.pop())
    counted = Counted(outage)
    with counted.path("Approve"):
        outage.slack.press(ADA, outage.last, "Approve")
    counted.paths.clear()
    with counted.path("provision"):
        invoke(provision.create_handler, outage, {"request_id": outage.handed_over.pop()})
    slack = [call for call in counted.paths["provision"] if "slack" in call or " messages " in call]
    with counted.path("outcome"):
        invoke(outcome.create_handler, outage, ended(outage, "-client-"))
    while outage.asked_pages:
        with counted.path("pages"):
            invoke(provision.create_handler, outage, outage.asked_pages.pop(0))
        for _ in [one for one in outage.stand_in.stacks if one.status.endswith("_IN_PROGRESS")]:
            with counted.path("end of pages"):
                invoke(outcome.create_handler, outage, ended(outage, "-page-"))
                if outage.asked_kits:
                    outage.asked_kits.clear()
                    assert counted.paths["end of pages"].pop() == "lambda Invoke"
    invoke(provision.create_handler, outage, outage.to_show.pop())
    assert "✅" in outage.last.words
    counted.leave()
    return sum(map(len, counted.paths.values())) - len(slack)


@pytest.mark.safety("Teams add no more than eight calls to the way to access", "bot/provisioning/paging.py")
def test_teams_cost_at_most_eight_calls_more_before_green(outage: OutageScene) -> None:
    outage.shows_later = True
    without = [counts_to_green(outage, account) for account in ("333333333331", "333333333332")][-1]
    outage.workflow = replace(outage.workflow, teams=Teams(("operators",)))
    with_teams = [counts_to_green(outage, account) for account in ("333333333333", "333333333334")][-1]
    assert with_teams - without <= MOST_FOR_TEAMS


def onboard(outage: OutageScene, company: str, account: str) -> None:
    """Invite, approve and set up a client of that name."""
    fields = {"token": outage.invite(company), "company": company, "account": account}
    outage.sts.says = Answer(body=identity(account, ARN.replace("222222222222", account)))
    assert outage.happens("CREATE_COMPLETE", **fields) == 202
    outage.presses("Approve")
    outage.work()
    outage.stand_in.stacks.clear()


def fill(table: WireTable, numbers: range) -> None:
    """Put in as many clients as there are numbers, each as a save stores it."""
    for number in numbers:
        facts = {"id": f"c{number:010}", "account_id": f"{number:012}", "parent_stack_id": f"parent {number}"}
        client = a_client(company=f"Client {number}", words=(), **facts)
        for item in (part["Put"]["Item"] for part in parts_of(Change(client=client))):
            table.items[item["pk"]["S"], item["sk"]["S"]] = item


def looked(outage: OutageScene, lines: Iterable[str]) -> dict[str, tuple[list[str], str]]:
    """The calls to the table, and what Ada is answered, by what she types."""
    counted, told = Counted(outage), {}
    for line in lines:
        with counted.path(line):
            outage.slack.run_command(ADA, line)
        told[line] = [one for one in counted.paths[line] if one.startswith("dynamodb")], outage.is_told()
    counted.leave()
    return told


@pytest.mark.safety(
    "The list, a search, show and card take as many calls with hundreds of clients as with ten",
    "bot/decisions/search.py",
)
def test_looking_for_a_client_takes_the_same_calls_however_many_there_are(outage: OutageScene) -> None:
    onboard(outage, "Globex North", "333333333333")
    onboard(outage, "Globex South", "444444444444")
    fill(outage.aws.table, range(1, 9))
    few = looked(outage, MOST_FOR_LOOKING)
    fill(outage.aws.table, range(9, 260))
    many = looked(outage, MOST_FOR_LOOKING)
    for line, most in MOST_FOR_LOOKING.items():
        assert len(few[line][0]) == len(many[line][0]) <= most, f"{line}: {few[line][0]} and {many[line][0]}"
        assert "Globex North" in many[line][1] or line == "/clients"
    told = {"/clients client": "more than 200", "/clients globex switchyard": "Globex South"}
    for line, (calls, answer) in looked(outage, told).items():
        assert len(calls) <= MOST_OF_A_SEARCH, f"{line}: {calls}"
        assert told[line] in answer


MOST_IN_A_WINDOW = {"Invite a client": 2, "Show": 9}
"""Calls by what an approver presses in Home: the window, with Show what it shows, and one that notes who is there."""
MANY = 260


def calls_of(outage: OutageScene, act: Callable[[], object]) -> list[str]:
    """The calls that something makes."""
    counted = Counted(outage)
    with counted.path("this"):
        act()
    counted.leave()
    return counted.paths["this"]


def at_home(outage: OutageScene, newest: int) -> dict[str, list[str]]:
    """The calls of Ada's Home being opened, of its windows and of two refreshes; a client of this number comes last."""

    def opened() -> None:
        assert outage.slack.open_home(ADA).ok

    def pressed(label: str) -> None:
        assert outage.slack.press_in_home(ADA, label).ok and outage.slack.window(ADA) is not None
        outage.slack.close_window(ADA)

    found = {"open": calls_of(outage, opened)}
    for label in MOST_IN_A_WINDOW:
        found[label] = calls_of(outage, partial(pressed, label))
    for minute, new in (("nothing new", 0), ("something new", 1)):
        fill(outage.aws.table, range(newest, newest + new))
        outage.clock.turn(minutes=1)
        due = outage.store.due_app_homes(outage.clock.now(), 9)
        refreshing = Refreshing(outage.store, outage.workflow.approval, outage.workflow.homes, outage.clock)
        found[minute] = calls_of(outage, partial(refreshing.refresh, due, outage.clock.now() + timedelta(minutes=1)))
    return found


@pytest.mark.safety("Home takes as many calls with hundreds of clients as with ten", "bot/decisions/at_home.py")
def test_home_takes_the_same_calls_however_many_clients_there_are(outage: OutageScene) -> None:
    onboard(outage, "Globex North", "333333333333")
    fields = {"token": outage.invite("Initech"), "company": "Initech", "account": "444444444444"}
    outage.sts.says = Answer(body=identity("444444444444", ARN.replace("222222222222", "444444444444")))
    assert outage.happens("CREATE_COMPLETE", **fields) == 202
    fill(outage.aws.table, range(1, 9))
    at_home(outage, MANY)
    few = at_home(outage, MANY + 1)  # the container has asked Slack for a link by now
    waiting = outage.slack.home(ADA)
    assert waiting is not None and waiting.words.index("Waits for you") < waiting.words.index("Initech")
    fill(outage.aws.table, range(9, MANY))
    many = at_home(outage, MANY + 2)
    assert "Its message" in str(waiting.view)
    assert few == many and len(few["open"]) <= MOST_AT_HOME, f"{few} and {many}"
    for label, most in MOST_IN_A_WINDOW.items():
        assert len(few[label]) <= most, f"{label}: {few[label]}"
    for minute, published in (("nothing new", 0), ("something new", 1)):
        assert few[minute].count("slack views.publish") == published
        assert len(few[minute]) <= MOST_AT_HOME + published, few[minute]
