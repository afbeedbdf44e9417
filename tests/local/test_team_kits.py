"""Teams' kits on the local AWS: who reads and who writes them, by IAM's own judgement and with the deployed rights."""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from bot.aws.kit_bucket import KitBucket
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.domain.page import Page, Teams
from bot.domain.team_kit import kit_changes
from bot.domain.vocabulary import Remedy
from bot.kit.renewing import KitRenewal
from bot.ports.store import Change
from deploy.rendering import page_template
from local.aws.process import LocalAws
from tests.fakes import ADA, World
from tests.local.test_aws_gaps.accounts import CLIENT, PROVIDER, REGION, Account, allow, eventually
from tests.templates.packaged import BUCKET, FUNCTIONS, HERE, PAGE_TEMPLATE_KEY, TEAM_SERVICE_ROLE, Package
from tests.unit.slack.samples import SETTINGS

KITS = f"switchyard-test-kits-{PROVIDER}-{REGION}"
TEAMS = Teams(("operators", "auditors"), client_groups=False)
GROUP = "switchyard-test-team-{}"
PATH = "/switchyard/teams/test/"
SERVICE_ROLES = ("ClientGroupsRole", "TeamPagesRole")


@dataclass
class Place:
    """The bucket and the teams' groups as they are deployed, and everybody who may want to read or write there."""

    hand: Account
    roles: dict[str, Account]
    """Our functions and service roles."""
    world: World
    renewal: KitRenewal
    pages: PageStacksOnCloudFormation

    def operator(self, name: str, *teams: str) -> Account:
        """A user without any right of their own, in these teams' groups."""
        user = self.hand.user(name)
        for team in teams:
            self.hand.client("iam").add_user_to_group(GroupName=GROUP.format(team), UserName=name)
        return user

    def differences(self, team: str) -> list[tuple[Remedy, str]]:
        stack_id = self.hand.stack(f"switchyard-test-page-{team}-1")["StackId"]
        return [(one.remedy, one.told) for one in self.pages.differences(Page(team, 1, revision=1, stack_id=stack_id))]


def refused(ask: Any) -> bool:
    """Whether AWS says no for want of a right, and not for any other reason."""
    try:
        ask()
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("AccessDenied", "403"), error
        return True
    return False


def fetched(who: Account, team: str, to: Path) -> str:
    """What `aws s3 cp s3://<bucket>/<team>/config <file>` asks: HeadObject, then GetObject."""
    who.client("s3").download_file(KITS, f"{team}/config", str(to))
    return to.read_text()


def listed(who: Account, prefix: str) -> list[str]:
    """What `aws s3 cp --recursive`, `sync` and `ls` ask first."""
    found = who.client("s3").list_objects_v2(Bucket=KITS, Prefix=prefix)
    return [one["Key"] for one in found.get("Contents", [])]


@pytest.fixture(scope="module")
def place(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield _place(packaged, running)


def _place(packaged: Package, local: LocalAws) -> Place:
    hand, url = Account(local.url, PROVIDER), f"{local.url}/{BUCKET}/{PAGE_TEMPLATE_KEY}"
    hand.client("s3").create_bucket(Bucket=BUCKET)
    hand.client("s3").put_object(Bucket=BUCKET, Key=PAGE_TEMPLATE_KEY, Body=page_template()[1])
    deployed = replace(SETTINGS, stage="test", region=REGION, page_template_url=url, team_role_arn=TEAM_SERVICE_ROLE)

    def role(logical_id: str) -> Account:
        """A role as it is deployed, but for where the template is and who may take it on."""
        properties = packaged.resolved(logical_id)
        [policy] = properties["Policies"]
        text = json.dumps(policy["PolicyDocument"]).replace(HERE.template_url(PAGE_TEMPLATE_KEY), url)
        trusted = {"AWS": PROVIDER, "Service": "cloudformation.amazonaws.com"}
        return hand.assume(hand.role(properties["RoleName"], trusted, *json.loads(text)["Statement"]))

    functions = (f"{name.capitalize()}Role" for name in FUNCTIONS)
    roles = {logical_id: role(logical_id) for logical_id in (*functions, *SERVICE_ROLES)}
    resources = {
        name: {"Type": packaged.resources[name]["Type"], "Properties": packaged.resolved(name)}
        for name in ("KitBucket", "KitBucketPolicy")
    }
    resources["KitBucketPolicy"]["DependsOn"] = "KitBucket"
    assert hand.settle(hand.deploy("switchyard-test-kits", {"Resources": resources})) == "CREATE_COMPLETE"
    provision = roles["ProvisionRole"]
    pages = PageStacksOnCloudFormation(deployed, provision.client("cloudformation"), provision.client("iam"))
    for team in TEAMS.names:
        pages.write(Page(team, 1, revision=1))
        stack = f"switchyard-test-page-{team}-1"
        assert eventually(lambda stack=stack: hand.settle(stack)) == "CREATE_COMPLETE"  # type: ignore[misc]
    world = World(teams=TEAMS)
    world.onboard(account=CLIENT)
    world.store.save(Change(kits=kit_changes(["auditors"], world.clock.now())))
    s3 = roles["KitRole"].client("s3")
    renewal = KitRenewal(world.store, KitBucket(s3, deployed), deployed, world.clock)
    renewal.renew(["operators", "auditors"])
    return Place(hand, roles, world, renewal, pages)


@pytest.mark.safety("A team's operators read their own kit, and no other", "client-templates/team-page.yaml")
def test_an_operator_fetches_the_teams_kit_with_the_one_line(place: Place, tmp_path: Path) -> None:
    olli = place.operator("olli", "operators")
    profiles = configparser.ConfigParser()
    profiles.read_string(fetched(olli, "operators", tmp_path / "config"))
    [profile] = [one for one in profiles.sections() if CLIENT in one]
    assert profiles[profile]["role_arn"] == f"arn:aws:iam::{CLIENT}:role/switchyard-access"
    assert listed(olli, "operators/") == sorted(f"operators/{name}" for name in _names(place))


def _names(place: Place) -> set[str]:
    found = place.hand.client("s3").list_objects_v2(Bucket=KITS)["Contents"]
    names = {one["Key"].partition("/")[2] for one in found}
    assert len(found) == 2 * len(names) > 0
    return names


@pytest.mark.safety("A team's operators read their own kit, and no other", "client-templates/team-page.yaml")
def test_nobody_else_reads_it(place: Place, tmp_path: Path) -> None:
    everybody = {
        "an operator of another team": place.operator("vera", "auditors"),
        "an operator of no team": place.operator("nobody"),
        "a user of another account": Account(place.hand.url, CLIENT).user("thief", allow("s3:*")),
        "another account's root": Account(place.hand.url, CLIENT),
        **place.roles,
    }
    for name, who in everybody.items():
        s3 = who.client("s3")
        assert refused(lambda s3=s3: s3.head_object(Bucket=KITS, Key="operators/config")), name
        assert refused(lambda s3=s3: s3.get_object(Bucket=KITS, Key="operators/config")), name
        assert refused(lambda s3=s3: s3.list_objects_v2(Bucket=KITS, Prefix="operators/")), name
    stranger = boto3.client(
        "s3", region_name=REGION, endpoint_url=place.hand.url, config=Config(signature_version=UNSIGNED)
    )
    assert refused(lambda: stranger.get_object(Bucket=KITS, Key="operators/config"))


def test_an_operator_sees_nothing_else_of_the_bucket_and_changes_nothing(place: Place) -> None:
    s3 = place.operator("bela", "operators").client("s3")
    for prefix in ("", "auditors/", "operators", "operator", "operators/../auditors/", "/"):
        assert refused(lambda prefix=prefix: s3.list_objects_v2(Bucket=KITS, Prefix=prefix)), prefix
    assert refused(lambda: s3.list_objects_v2(Bucket=KITS))
    assert refused(lambda: s3.get_object(Bucket=KITS, Key="auditors/config"))
    assert refused(lambda: s3.put_object(Bucket=KITS, Key="operators/config", Body=b"credential_process = evil"))
    assert refused(lambda: s3.delete_object(Bucket=KITS, Key="operators/config"))
    assert refused(lambda: s3.get_bucket_policy(Bucket=KITS))


@pytest.mark.safety(
    "Nobody but the function kit writes a kit, whatever IAM lets them do", "deploy/cloudformation/kit-bucket.yml"
)
def test_nobody_but_the_function_kit_writes(place: Place) -> None:
    everybody = {name: who for name, who in place.roles.items() if name != "KitRole"}
    everybody["an administrator"] = place.hand.user("admin", allow("*"))
    impostor = place.hand.role("switchyard-test-kit2", {"AWS": PROVIDER}, allow("*"))
    everybody["a role with nearly its name"] = place.hand.assume(impostor)
    everybody["another account's root"] = Account(place.hand.url, CLIENT)
    copied = {"Bucket": BUCKET, "Key": PAGE_TEMPLATE_KEY}
    for name, who in everybody.items():
        s3 = who.client("s3")
        assert refused(lambda s3=s3: s3.put_object(Bucket=KITS, Key="operators/config", Body=b"evil")), name
        assert refused(lambda s3=s3: s3.copy_object(Bucket=KITS, Key="operators/config", CopySource=copied)), name
    kit = place.roles["KitRole"].client("s3")
    kit.put_object(Bucket=KITS, Key="operators/probe", Body=b"its own")
    assert refused(lambda: kit.put_object(Bucket=BUCKET, Key="provider/x", Body=b"not here"))
    place.hand.client("s3").delete_object(Bucket=KITS, Key="operators/probe")


def test_a_policy_changed_by_hand_is_told_and_the_command_puts_it_back(place: Place) -> None:
    assert place.differences("auditors") == []
    iam, group = place.hand.client("iam"), GROUP.format("auditors")
    wide = json.dumps({"Version": "2012-10-17", "Statement": [allow("s3:GetObject")]})
    iam.put_group_policy(GroupName=group, PolicyName="read-kit", PolicyDocument=wide)
    [(remedy, told)] = place.differences("auditors")
    assert remedy is Remedy.BY_HAND
    document = told.rpartition("--policy-document '")[2].removesuffix("'")
    iam.put_group_policy(GroupName=group, PolicyName="read-kit", PolicyDocument=document)
    assert place.differences("auditors") == []
    iam.delete_group_policy(GroupName=group, PolicyName="read-kit")
    [(remedy, told)] = place.differences("auditors")
    assert (remedy, "is deleted" in told) == (Remedy.BY_HAND, True)
    iam.put_group_policy(GroupName=group, PolicyName="read-kit", PolicyDocument=document)


@pytest.mark.safety("A client that has left is in no kit any more", "bot/kit/renewing.py")
def test_after_its_removal_a_client_is_in_the_kit_no_more(place: Place, tmp_path: Path) -> None:
    olli = place.operator("ada", "operators")
    assert CLIENT in fetched(olli, "operators", tmp_path / "before")
    place.world.bench.asked_kits.clear()
    place.world.revoke("Acme", ADA)
    place.world.work()
    assert ("operators",) in place.world.bench.asked_kits
    place.renewal.renew(["operators"])
    assert CLIENT not in fetched(olli, "operators", tmp_path / "after")
