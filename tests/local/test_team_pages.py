"""Teams' pages on the local AWS, with IAM's limits and exactly the rights that are deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.domain.errors import ProvisioningFailed
from bot.domain.page import POLICY_LENGTH, ROOM, Entry, Page
from bot.domain.vocabulary import Remedy
from bot.ports import StackOutcome
from deploy.rendering import page_template
from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import CLIENT, PROVIDER, REGION, Account, allow, eventually
from tests.templates.packaged import BUCKET, HERE, PAGE_TEMPLATE_KEY, TEAM_SERVICE_ROLE, Package
from tests.unit.slack.samples import SETTINGS

NAMES = ["switchyard-access", "a,b=c+d.e@f_g-h", "r", "x" * 43, "never-approved"]
ROLES = [f"arn:aws:iam::{CLIENT}:role/{name}" for name in NAMES]
PATH = "/switchyard/teams/test/"


@dataclass
class Place:
    """The bot's Lambdas that write and look, operators, and somebody with all rights who changes things by hand."""

    provision: PageStacksOnCloudFormation
    sweep: PageStacksOnCloudFormation
    hand: Account
    revisions: dict[tuple[str, int], int] = field(default_factory=dict)
    stack_ids: dict[tuple[str, int], str | None] = field(default_factory=dict)
    operators: dict[str, Account] = field(default_factory=dict)

    def write(self, team: str, *roles: str, number: int = 1) -> StackOutcome:
        """Have the page list these roles, to the end."""
        key = team, number
        self.revisions[key] = self.revisions.get(key, 0) + 1
        page = self.page(team, *roles, number=number)
        started = self.provision.write(page)
        self.stack_ids[key] = started.stack_id
        if started.finished:
            return StackOutcome(succeeded=True)
        return eventually(lambda: self.provision.progress(self.page(team, *roles, number=number)).outcome)

    def page(self, team: str, *roles: str, number: int = 1) -> Page:
        """The page as the bot's records have it."""
        key, entries = (team, number), tuple(Entry(f"c{at}", role) for at, role in enumerate(roles))
        return Page(team, number, entries, revision=self.revisions[key], stack_id=self.stack_ids.get(key))

    def operator(self, team: str, number: int = 1) -> Account:
        """A user whom somebody has put into the team's group; no other rights."""
        if team not in self.operators:
            self.operators[team] = self.hand.user(f"olli-{team}")
        group = group_of(team, (number - 1) // 10 + 1)
        self.hand.client("iam").add_user_to_group(GroupName=group, UserName=f"olli-{team}")
        return self.operators[team]

    def said(self, team: str, number: int = 1) -> dict[str, Any]:
        """What the policy says now."""
        iam, arn = self.hand.client("iam"), arn_of(team, number)
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document: dict[str, Any] = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
        return document

    def what(self, team: str, *roles: str) -> list[Remedy]:
        return [one.remedy for one in self.sweep.differences(self.page(team, *roles))]


def group_of(team: str, number: int = 1) -> str:
    return f"switchyard-test-team-{team}" + (f"-{number}" if number > 1 else "")


def arn_of(team: str, number: int = 1) -> str:
    return f"arn:aws:iam::{PROVIDER}:policy{PATH}switchyard-test-team-{team}-{number}"


def gets_into(operator: Account, role: str) -> bool:
    try:
        operator.assume(role)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDenied"
        return False
    return True


def entered(operator: Account) -> list[str]:
    return [role for role in ROLES if gets_into(operator, role)]


@pytest.fixture(scope="module")
def place(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield _place(packaged, running)


def _place(packaged: Package, local: LocalAws) -> Place:
    hand, url = Account(local.url, PROVIDER), f"{local.url}/{BUCKET}/{PAGE_TEMPLATE_KEY}"
    hand.client("s3").create_bucket(Bucket=BUCKET)
    hand.client("s3").put_object(Bucket=BUCKET, Key=PAGE_TEMPLATE_KEY, Body=page_template()[1])
    for name in NAMES:
        Account(local.url, CLIENT).role(name, {"AWS": PROVIDER}, allow("sts:GetCallerIdentity"))
    deployed = replace(SETTINGS, stage="test", region=REGION, page_template_url=url, team_role_arn=TEAM_SERVICE_ROLE)

    def role(logical_id: str, trusted: dict[str, str]) -> str:
        """A role as it is deployed, but for where the template is."""
        properties = packaged.resolved(logical_id)
        [policy] = properties["Policies"]
        text = json.dumps(policy["PolicyDocument"]).replace(HERE.template_url(PAGE_TEMPLATE_KEY), url)
        return hand.role(properties["RoleName"], trusted, *json.loads(text)["Statement"])

    def lambda_as(logical_id: str) -> PageStacksOnCloudFormation:
        acting = hand.assume(role(logical_id, {"AWS": PROVIDER}))
        return PageStacksOnCloudFormation(deployed, acting.client("cloudformation"), acting.client("iam"))

    role("TeamPagesRole", {"Service": "cloudformation.amazonaws.com"})
    return Place(lambda_as("ProvisionRole"), lambda_as("SweepRole"), hand)


@pytest.mark.safety(
    "The deployed rights suffice to make, change and compare pages", "deploy/cloudformation/team-pages-role.yml"
)
def test_people_of_the_team_get_into_the_roles_of_its_page_and_no_other(place: Place) -> None:
    assert place.write("story").succeeded
    olli = place.operator("story")
    assert entered(olli) == []

    for listed in (ROLES[:2], ROLES[1:4], [ROLES[3]], [], ROLES[:1]):
        assert place.write("story", *listed).succeeded
        assert entered(olli) == listed
        assert place.what("story", *listed) == []


def test_five_versions_are_never_too_many_for_a_change(place: Place) -> None:
    for at in range(7):
        assert place.write("versions", ROLES[at % 2]).succeeded
    versions = place.hand.client("iam").list_policy_versions(PolicyArn=arn_of("versions"))["Versions"]
    assert [one["VersionId"] for one in versions if one["IsDefaultVersion"]] == ["v7"]


def test_the_eleventh_page_has_a_group_of_its_own(place: Place) -> None:
    for number in range(1, 12):
        assert place.write("wide", *([ROLES[0]] if number == 11 else []), number=number).succeeded
    iam = place.hand.client("iam")
    attached = {
        group: [one["PolicyArn"] for one in iam.list_attached_group_policies(GroupName=group)["AttachedPolicies"]]
        for group in (group_of("wide"), group_of("wide", 2))
    }
    assert {group: sorted(arns) for group, arns in attached.items()} == {
        group_of("wide"): sorted(arn_of("wide", number) for number in range(1, 11)),
        group_of("wide", 2): [arn_of("wide", 11)],
    }
    assert entered(place.operator("wide", 11)) == [ROLES[0]]
    assert place.sweep.differences(place.page("wide")) == ()


@pytest.mark.safety("A page at its limit fits into IAM's policy", "bot/domain/page.py")
def test_a_page_at_its_limit_is_taken_and_one_beyond_it_refused(place: Place) -> None:
    def roles(rest: int) -> list[str]:
        names = [f"{at:03}{'r' * 17}" for at in range(100)]
        around = len(f"arn:aws:iam::{CLIENT}:role/") + 3
        left = rest - len(names) * (around + 20) - 11 * around
        names += [f"z{at:02}{'r' * (left // 11 + (at < left % 11) - 3)}" for at in range(11)]
        return [f"arn:aws:iam::{CLIENT}:role/{name}" for name in names]

    assert sum(len(role) + 3 for role in roles(ROOM)) == ROOM
    place.revisions["full", 1] = 10**10 - 3
    full = roles(ROOM)
    assert place.write("full", *full).succeeded
    assert len(json.dumps(place.said("full"), separators=(",", ":"))) == POLICY_LENGTH
    assert place.what("full", *full) == []

    outcome = place.write("full", *roles(ROOM + 1))

    assert not outcome.succeeded
    assert "PolicySize: 6144" in outcome.reason
    assert place.said("full")["Statement"][0]["Resource"] == full


ODD = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["*", f"{ROLES[0]} {ROLES[4]}", f"{ROLES[4]}\n", f"arn:aws:iam::{CLIENT}:role/*", "?", ""]),
    st.builds(
        "{}{}".format, st.sampled_from(ROLES), st.sampled_from(["*", "?", "${aws:username}", " *", '","*', "/*"])
    ),
)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(listed=st.lists(st.sampled_from(ROLES[:4]), unique=True), odd=st.lists(ODD, max_size=1))
def test_iam_lets_people_into_what_the_page_lists_whatever_it_holds(
    place: Place, listed: list[str], odd: list[str]
) -> None:
    if ("judged", 1) not in place.stack_ids:
        assert place.write("judged").succeeded
        place.operator("judged")
    before = entered(place.operators["judged"])
    try:
        assert place.write("judged", *listed, *odd).succeeded
    except ProvisioningFailed:
        assert odd
        assert entered(place.operators["judged"]) == before
    else:
        assert set(entered(place.operators["judged"])) == {*listed, *(one for one in odd if one in ROLES)}


def test_the_template_itself_refuses_what_is_no_role(place: Place) -> None:
    """Even from somebody with the rights of the provision Lambda."""
    values = {
        "PolicyName": "switchyard-test-team-direct-1",
        "GroupName": "switchyard-test-team-direct",
        "MakesGroup": "true",
        "TeamPath": PATH,
        "Roles2": "",
        "Revision": "R1",
    }
    for wrong in ("*", f"arn:aws:iam::{CLIENT}:role/*", f"{ROLES[0]} ", f"{ROLES[0]}\n", "${aws:username}"):
        with pytest.raises(ClientError, match="Roles1"):
            place.hand.deploy(
                "direct",
                place.provision._settings.page_template_url,
                Parameters=[
                    {"ParameterKey": key, "ParameterValue": value} for key, value in {**values, "Roles1": wrong}.items()
                ],
            )


def test_a_policy_changed_by_hand_is_put_back(place: Place) -> None:
    assert place.write("drifted", ROLES[0]).succeeded
    olli, iam = place.operator("drifted"), place.hand.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:AssumeRole", "*")]})
    iam.create_policy_version(PolicyArn=arn_of("drifted"), PolicyDocument=document, SetAsDefault=True)
    assert place.what("drifted", ROLES[0]) == [Remedy.PUT_BACK]
    assert gets_into(olli, ROLES[4])

    assert place.write("drifted", ROLES[0]).succeeded

    assert place.what("drifted", ROLES[0]) == []
    assert entered(olli) == [ROLES[0]]


def test_what_an_update_can_not_put_back_is_told_and_done_by_hand(place: Place) -> None:
    assert place.write("byhand", ROLES[0]).succeeded
    olli, iam = place.operator("byhand"), place.hand.client("iam")
    iam.detach_group_policy(GroupName=group_of("byhand"), PolicyArn=arn_of("byhand"))
    assert place.what("byhand", ROLES[0]) == [Remedy.BY_HAND]
    assert place.write("byhand", ROLES[0]).succeeded
    assert place.what("byhand", ROLES[0]) == [Remedy.BY_HAND]
    iam.attach_group_policy(GroupName=group_of("byhand"), PolicyArn=arn_of("byhand"))
    assert place.what("byhand", ROLES[0]) == []

    # And a policy that was deleted is made again by hand, without any role, and written by the next update.
    iam.detach_group_policy(GroupName=group_of("byhand"), PolicyArn=arn_of("byhand"))
    for version in iam.list_policy_versions(PolicyArn=arn_of("byhand"))["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn_of("byhand"), VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn_of("byhand"))
    assert place.what("byhand", ROLES[0]) == [Remedy.BY_HAND]
    nothing = json.dumps({"Version": "2012-10-17", "Statement": [allow("sts:GetCallerIdentity")]})
    iam.create_policy(PolicyName=arn_of("byhand").rpartition("/")[2], Path=PATH, PolicyDocument=nothing)
    iam.attach_group_policy(GroupName=group_of("byhand"), PolicyArn=arn_of("byhand"))
    assert place.what("byhand", ROLES[0]) == [Remedy.PUT_BACK]
    assert place.write("byhand", ROLES[0]).succeeded
    assert place.what("byhand", ROLES[0]) == []
    assert entered(olli) == [ROLES[0]]


def test_the_sweep_writes_no_page_by_its_rights(place: Place) -> None:
    assert place.write("looked", ROLES[0]).succeeded
    place.revisions["looked", 1] += 1
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        place.sweep.write(place.page("looked", ROLES[1]))
