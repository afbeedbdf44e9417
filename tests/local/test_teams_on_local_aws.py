"""Clients let in and taken out by teams on the local AWS: by IAM's own judgement, with its limits and deployed rights.

Records are in memory; groups and pages are real stacks, and operators are IAM users who assume roles of other accounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.cloudformation import KEPT_GROUPS, GroupStacks
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.commands import Commands
from bot.domain.model import OWN_GROUP
from bot.domain.page import PageName, Teams
from bot.domain.request import Request
from bot.domain.vocabulary import Kind, State, TeamVerb, Verb
from bot.settings import Settings
from deploy.rendering import group_template, page_template
from local.aws.process import LocalAws
from tests.fakes import ADA, World
from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account, allow, policy
from tests.local.test_aws_gaps.test_controls import ask
from tests.proving import PROVING
from tests.templates.packaged import (
    BUCKET,
    FUNCTIONS,
    GROUP_TEMPLATE_KEY,
    HERE,
    PAGE_TEMPLATE_KEY,
    SERVICE_ROLE,
    TEAM_SERVICE_ROLE,
    Package,
)
from tests.unit.slack.samples import SETTINGS

SIZES = [("operators", 50)] if not PROVING else [("operators", 1_000), ("everybody", 5_000)]
"""Teams with so many clients."""
ROLE, RENAMED = "switchyard-access", "switchyard-renamed"
MOST_GROUPS = 300


@dataclass
class Provider:
    """The provider's account: the bot's functions with the rights they are deployed with, and an administrator."""

    hand: Account
    settings: Settings
    functions: dict[str, Account]

    def operator(self, name: str, *groups: str) -> Account:
        """A user without any right of their own, whom the administrator has put into these groups."""
        user = self.hand.user(name)
        for group in groups:
            self.hand.client("iam").add_user_to_group(GroupName=group, UserName=name)
        return user

    def groups(self) -> list[str]:
        pages = self.hand.client("iam").get_paginator("list_groups").paginate()
        return [group["GroupName"] for page in pages for group in page["Groups"]]

    def client(self, number: int) -> str:
        """A client's account, which trusts the provider's with its roles; it never takes that back by itself."""
        account = f"{700_000_000_000 + number}"
        iam = Account(self.hand.url, account).client("iam")
        trust = policy({"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"})
        for name in (ROLE, RENAMED):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        return account


class TeamWorld(World):
    """The world of `fakes`, but for CloudFormation and IAM."""

    def __init__(self, provider: Provider, teams: Teams) -> None:
        super().__init__(teams=teams)
        self.provider = provider
        self.settings = replace(provider.settings, client_groups=teams.client_groups, teams=teams.names)
        self.function = "slack"
        self.containers: dict[str, tuple[GroupStacks, PageStacksOnCloudFormation]] = {}

    @property
    def workflow(self) -> Commands:
        if self.function not in self.containers:
            account = self.provider.functions[self.function]
            clients = account.client("cloudformation"), account.client("iam")
            stacks = GroupStacks(self.settings, *clients), PageStacksOnCloudFormation(self.settings, *clients)
            self.containers[self.function] = stacks
        access, pages = self.containers[self.function]
        return replace(super().workflow, access=access, pages=pages)

    @contextmanager
    def running_as(self, function: str) -> Iterator[None]:
        self.function, before = function, self.function
        yield
        self.function = before

    def asks(self, account: str, status: str = "CREATE_COMPLETE", **fields: Any) -> Request:
        """A new client asks for access, or one that is known already has changed."""
        token = self.invite(f"Client {account}") if status == "CREATE_COMPLETE" else ""
        with self.running_as("ingest"):
            self.happens(status, token=token, account=account, **fields)
        return self.last

    def approves(self, *requests: Request) -> None:
        for request in requests:
            self.workflow.decide(request.id, Verb.APPROVE, ADA)
        self.work()

    def work(self) -> None:
        """Let the functions and CloudFormation work until there is nothing left to do."""
        while self.bench.waiting or self.bench.asked_pages or self._stacks():
            with self.running_as("provision"):
                self.take_up()
            for stack in self._stacks():
                ended = self.provider.hand.settle(stack)
                assert ended.endswith("_COMPLETE"), ended
                with self.running_as("outcome"):
                    self.workflow.record_outcome(stack)

    def _stacks(self) -> list[str]:
        """The stacks that CloudFormation works on, or has ended without that being recorded."""
        under_way = [one for one in self.store.stored_requests.values() if one.state is State.PROVISIONING]
        groups = [one.attempt.stack_id for one in under_way if one.attempt.stack_id and not one.attempt.waits_for]
        pages = [page.name for page in self.store.stored_pages.values() if page.under_way]
        names = map(self.settings.page_stack_name, pages)
        return [*groups, *(str(self.provider.hand.stack(name)["StackId"]) for name in names)]

    def does(self, verb: TeamVerb, team: str) -> None:
        """Have something done to a whole team, and let minutes pass until it is done."""
        asked = self.workflow.ask_about_team(verb, team, ADA)
        self.workflow.begin_with_team(verb, team, asked.state, ADA)
        self.work()
        for _ in range(10):
            self.minute()
            self.work()
        assert self.store.stored_teams[team].task is None

    def deployed_again(self, teams: Teams) -> TeamWorld:
        """The same records with other settings."""
        world = TeamWorld(self.provider, teams)
        world.store, world.clock, world.channel = self.store, self.clock, self.channel
        return world

    def minute(self) -> None:
        with self.running_as("sweep"):
            super().minute()

    def stored(self, request: Request) -> Request:
        return self.store.stored_requests[request.id]


def arn(account: str, role: str = ROLE) -> str:
    return f"arn:aws:iam::{account}:role/{role}"


def entered(operator: Account, accounts: Sequence[str], role: str = ROLE) -> set[str]:
    """The accounts whose role IAM lets the operator assume."""
    sts, into = operator.client("sts"), set()
    for account in accounts:
        try:
            sts.assume_role(RoleArn=arn(account, role), RoleSessionName="operator")
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDenied"
        else:
            into.add(account)
    return into


@pytest.fixture(scope="module")
def provider(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield _provider(packaged, running)


def _provider(packaged: Package, local: LocalAws) -> Provider:
    hand, urls = Account(local.url, PROVIDER), {}
    hand.client("s3").create_bucket(Bucket=BUCKET)
    for key, content in ((GROUP_TEMPLATE_KEY, group_template()[1]), (PAGE_TEMPLATE_KEY, page_template()[1])):
        hand.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
        urls[HERE.template_url(key)] = f"{local.url}/{BUCKET}/{key}"

    def role(logical_id: str, trusted: dict[str, str]) -> str:
        """A role as it is deployed, but for where the templates are."""
        properties = packaged.resolved(logical_id)
        [document] = properties["Policies"]
        text = json.dumps(document["PolicyDocument"])
        for there, here in urls.items():
            text = text.replace(there, here)
        return hand.role(properties["RoleName"], trusted, *json.loads(text)["Statement"])

    for service_role in ("ClientGroupsRole", "TeamPagesRole"):
        role(service_role, {"Service": "cloudformation.amazonaws.com"})
    group_url, page_url = urls.values()
    settings = replace(
        SETTINGS,
        stage="test",
        region=REGION,
        group_template_url=group_url,
        group_role_arn=SERVICE_ROLE,
        page_template_url=page_url,
        team_role_arn=TEAM_SERVICE_ROLE,
    )
    functions = {name: hand.assume(role(f"{name.capitalize()}Role", {"AWS": PROVIDER})) for name in FUNCTIONS}
    return Provider(hand, settings, functions)


@pytest.mark.safety(
    "A team gets in at exactly the clients it is let in at, as IAM judges", "bot/provisioning/paging.py"
)
@pytest.mark.parametrize(("team", "clients"), SIZES)
def test_people_of_the_team_get_into_every_approved_client_and_no_other(
    provider: Provider, team: str, clients: int
) -> None:
    # Given as many clients as a team has, one that is denied, and one that nobody has decided about
    world = TeamWorld(provider, Teams((team,), client_groups=False))
    accounts = [provider.client(10 * clients + number) for number in range(clients + 2)]
    *asked, refused, waiting = [world.asks(account) for account in accounts]
    *let_in, denied, undecided = accounts
    world.workflow.decide(refused.id, Verb.DENY, ADA)

    # When all others are approved at once
    world.approves(*asked)

    # Then no page was written more often than twice, and no client has a group
    assert max(page.revision for page in world.store.stored_pages.values()) <= 2
    assert [group for group in provider.groups() if "-team-" not in group] == []

    # And somebody who is put into the team's group gets into these, by one group for about 1,170 of them
    groups = [group for group in provider.groups() if f"-team-{team}" in group]
    assert len(groups) == -(-clients // 1_170)
    olli, mia = provider.operator(f"olli-{team}", *groups), provider.operator(f"mia-{team}")
    assert {world.stored(one).state for one in asked} == {State.DONE}
    assert world.stored(waiting).state is State.PENDING
    assert entered(olli, accounts) == set(let_in)
    assert entered(olli, [*accounts[:3], denied, undecided], RENAMED) == set()
    assert entered(mia, accounts[:3]) == set()

    # When one is revoked, one leaves, and one renames its role; in each account both roles are still there
    revoked, left, renamed, *others = let_in
    world.revoke(f"Client {revoked}")
    removal = world.asks(left, "DELETE_COMPLETE", last_word=True)
    update = world.asks(renamed, "UPDATE_COMPLETE", role=RENAMED)
    assert entered(olli, [left, renamed]) == {left, renamed}
    assert entered(olli, [renamed], RENAMED) == set()
    world.approves(removal, update)

    # Then IAM refuses the first two and the old name, and nothing else changes
    again = [*accounts[:1_000], denied, undecided]
    assert entered(olli, again) == {*others} & {*again}
    assert entered(olli, [*accounts[:3], denied, undecided], RENAMED) == {renamed}


def test_beyond_the_quota_of_groups_the_team_alone_gets_in(provider: Provider) -> None:
    # Given two clients, each with a group of its own
    world = TeamWorld(provider, Teams(("both",)))
    first, second, third = accounts = [provider.client(number) for number in range(3)]
    asked = [world.asks(first), world.asks(second)]
    world.approves(*asked)
    own = [world.settings.group_name(one.client_id) for one in asked]
    olli = provider.operator("olli-both", "switchyard-test-team-both")
    mia = provider.operator("mia-both", own[0])
    assert set(own) <= set(provider.groups())
    assert entered(olli, accounts) == {first, second}
    assert entered(mia, accounts) == {first}

    # When the account is nearly full of groups
    iam, before = provider.hand.client("iam"), provider.groups()
    for number in range(MOST_GROUPS - KEPT_GROUPS + 1 - len(before)):
        iam.create_group(GroupName=f"of-somebody-else-{number}")
    world.containers.clear()  # a function asks for the quota again when its container starts
    request = world.asks(third)
    world.approves(request)

    # Then no group is made, that is said, and the team gets in all the same
    assert world.stored(request).state is State.DONE
    assert world.settings.group_name(request.client_id) not in provider.groups()
    client = world.client(request)
    assert OWN_GROUP not in client.places
    assert "got no IAM group of its own" in world.workflow.access.entrance(client.id, client.places).lack
    assert entered(olli, accounts) == set(accounts)
    assert entered(mia, accounts) == {first}

    # And renaming and taking away concern page and group alike
    update = world.asks(first, "UPDATE_COMPLETE", role=RENAMED)
    world.approves(update)
    for operator in (olli, mia):
        assert first not in entered(operator, accounts)
        assert entered(operator, accounts, RENAMED) == {first}
    world.revoke(f"Client {first}")
    world.work()
    assert own[0] not in provider.groups()
    for operator in (olli, mia):
        assert entered(operator, accounts, RENAMED) == set()


def test_a_team_is_prepared_adopts_those_who_are_let_in_already_and_is_emptied(provider: Provider) -> None:
    # Given clients from before there were teams
    world = TeamWorld(provider, Teams())
    accounts = [provider.client(number) for number in range(8, 11)]
    world.approves(*[world.asks(account) for account in accounts])
    world = world.deployed_again(Teams(("late",)))
    groups = set(provider.groups())

    # When its pages are made ahead
    world.does(TeamVerb.PREPARE, "late")

    # Then there are ten empty ones in one group
    iam, olli = provider.hand.client("iam"), provider.operator("olli-late", "switchyard-test-team-late")
    attached = iam.list_attached_group_policies(GroupName="switchyard-test-team-late")["AttachedPolicies"]
    pages = [world.settings.page_policy_arn(PageName("late", number)) for number in range(1, 11)]
    assert sorted(one["PolicyArn"] for one in attached) == sorted(pages)
    assert entered(olli, accounts) == set()

    # When it adopts, Then its people get in, and groups stay
    world.does(TeamVerb.ADOPT, "late")
    assert entered(olli, accounts) == set(accounts)
    assert set(provider.groups()) == {*groups, "switchyard-test-team-late"}

    # When it is emptied, Then they don't get in any more
    world.does(TeamVerb.REMOVE, "late")
    assert entered(olli, accounts) == set()
    assert set(provider.groups()) == {*groups, "switchyard-test-team-late"}


@pytest.mark.safety("A page that fails lets nobody in who did not get in before", "bot/provisioning/page_ends.py")
def test_a_page_that_fails_lets_nobody_in_until_a_retry(provider: Provider) -> None:
    world = TeamWorld(provider, Teams(("failing",), client_groups=False))
    accounts = [provider.client(number) for number in range(6, 8)]
    reasons = ("Cannot exceed quota for GroupsPerAccount", "Status Code: 500")
    olli = provider.operator("olli-failing")
    for number, (account, reason) in enumerate(zip(accounts, reasons, strict=True)):
        # Given a page whose making fails, and one whose change fails
        request = world.asks(account)
        ask(provider.hand, {"on": True})
        world.approves(request)
        ask(provider.hand, {"on": False})

        # Then the request says why, and only those get in who did before
        failed = world.stored(request)
        assert failed.state is State.FAILED
        assert reason in failed.reason
        assert entered(olli, accounts) == set(accounts[:number])

        # When it is tried again
        world.workflow.decide(request.id, Verb.RETRY, ADA)
        world.work()
        provider.hand.client("iam").add_user_to_group(GroupName="switchyard-test-team-failing", UserName="olli-failing")

        # Then the client is let in
        assert world.stored(request).state is State.DONE
        assert entered(olli, accounts) == set(accounts[: number + 1])


def test_a_page_that_was_widened_by_hand_is_told_and_put_back(provider: Provider) -> None:
    # Given two clients on a page, and a third that was never approved
    world = TeamWorld(provider, Teams(("drifting",), client_groups=False))
    *let_in, never = accounts = [provider.client(number) for number in range(3, 6)]
    world.approves(*[world.asks(account) for account in let_in])
    olli = provider.operator("olli-drifting", "switchyard-test-team-drifting")
    page = world.settings.page_policy_arn(PageName("drifting", 1))

    # When somebody widens it
    provider.hand.client("iam").create_policy_version(
        PolicyArn=page, PolicyDocument=policy(allow("sts:AssumeRole", "arn:aws:iam::*:role/*")), SetAsDefault=True
    )
    assert entered(olli, [never]) == {never}
    for _ in range(5):
        world.minute()

    # Then it is told, and Repair puts it back
    [drifted] = [one for one in world.store.stored_requests.values() if one.kind is Kind.REPAIR]
    assert drifted.state is State.DRIFTED
    assert "arn:aws:iam::*:role/*" in drifted.differences[0].told
    world.workflow.decide(drifted.id, Verb.REPAIR, ADA)
    world.work()
    assert world.stored(drifted).state is State.DONE
    assert entered(olli, accounts) == set(let_in)
    for _ in range(5):
        world.minute()
    assert world.last.id == drifted.id
