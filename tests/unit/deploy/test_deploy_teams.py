"""A team is dropped only once nobody gets in by it any more."""

from __future__ import annotations

import boto3
import pytest

from bot.aws.dynamodb import DynamoStore
from bot.domain.page import Entry, Page, PageChange, Team, TeamTask
from bot.domain.vocabulary import TeamVerb
from bot.ports.store import Change
from deploy.deployment import lambda_environment
from deploy.errors import NotReady
from deploy.teams import check_dropped_teams
from tests.dynamodb_table import create_table
from tests.fakes import TurnableClock
from tests.unit.deploy.account import HERE, account
from tests.unit.deploy.world import World, deploy, slack, world

__all__ = ["account", "slack", "world"]

NOW = TurnableClock().now()


@pytest.fixture
def store(account: boto3.Session) -> DynamoStore:
    dynamodb = account.client("dynamodb")
    create_table(dynamodb, HERE.stack_name)
    return DynamoStore(dynamodb, HERE.stack_name)


def check(account: boto3.Session, before: str | None, after: str) -> None:
    deployed = None if before is None else {"TEAMS": before}
    variables = lambda_environment(HERE, "key", "key", {"TEAMS": after})
    check_dropped_teams(account.client("dynamodb"), HERE, deployed, variables)


@pytest.mark.safety("A team that still has clients is not dropped, whatever is accepted", "deploy/teams.py")
@pytest.mark.parametrize("after", ["none", "", "data"])
def test_a_team_with_clients_is_not_dropped(account: boto3.Session, store: DynamoStore, after: str) -> None:
    store.save(Change(teams=(Team("operators", filled=(0, 54)),)))
    with pytest.raises(NotReady, match=r"TEAMS would drop operators, .*: /clients teams remove operators\."):
        check(account, "data, operators", after)


def test_nor_one_that_is_about_to_get_a_client(account: boto3.Session, store: DynamoStore) -> None:
    change = PageChange("operators", "caaaaaaaaaa", NOW, "arn:aws:iam::222222222222:role/a", request_id="r", key="1")
    store.save(Change(asked=(change,)))
    with pytest.raises(NotReady, match="TEAMS would drop operators"):
        check(account, "operators", "data")


@pytest.mark.safety("A team is not dropped while AWS may still list a client", "deploy/teams.py")
@pytest.mark.parametrize("how", ["under way", "refused"])
def test_nor_one_whose_page_is_not_empty_yet_in_aws(account: boto3.Session, store: DynamoStore, how: str) -> None:
    """The page is wanted empty, but CloudFormation is still at it, or has refused that."""
    full = Page("operators", 1, (Entry("caaaaaaaaaa", "arn:aws:iam::222222222222:role/a"),), stack_id="stack")
    emptied = full.with_change(PageChange("operators", "caaaaaaaaaa", NOW), NOW)
    assert emptied is not None
    page = emptied.sent(NOW) if how == "under way" else emptied.sent(NOW).failed(NOW)
    store.save(Change(teams=(Team("operators").after(page),), pages=(page,)))
    assert store.asked_of("operators", 1)[0].filled == (0,)
    with pytest.raises(NotReady, match="TEAMS would drop operators"):
        check(account, "operators", "data")


def test_nor_one_that_is_adopting_clients(account: boto3.Session, store: DynamoStore) -> None:
    task = TeamTask(TeamVerb.ADOPT, "U0ADA", since=NOW, due_at=NOW)
    store.save(Change(teams=(Team("operators", task=task),)))
    with pytest.raises(NotReady, match="TEAMS would drop operators"):
        check(account, "operators", "data")


def test_an_empty_team_is_dropped_and_one_that_stays_is_not_looked_at(
    account: boto3.Session, store: DynamoStore
) -> None:
    store.save(Change(teams=(Team("operators", filled=(54,)), Team("data", filled=(0, 0)))))
    for before, after in (("operators,data", "operators"), ("operators,old", "operators"), ("none", "data")):
        check(account, before, after)


def test_at_a_first_deployment_nothing_is_dropped(account: boto3.Session) -> None:
    check(account, None, "data")


def test_not_knowing_refuses(account: boto3.Session) -> None:
    with pytest.raises(NotReady, match="The table switchyard-demo does not tell whether the team operators"):
        check(account, "operators", "data")


def test_a_deployment_that_drops_a_team_with_clients_changes_nothing(
    world: World, store: DynamoStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy(world)
    store.save(Change(teams=(Team("operators", filled=(54,)),)))
    monkeypatch.setenv("TEAMS", "data")
    monkeypatch.setenv("ACCEPT_CHANGES", "true")

    with pytest.raises(NotReady, match="TEAMS would drop operators"):
        deploy(world)

    assert world.variables["TEAMS"] == "operators"
