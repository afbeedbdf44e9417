"""Groups that were changed by hand on the local AWS: found and put back with exactly the rights that are deployed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.cloudformation import GroupStacks
from bot.domain.errors import ProvisioningFailed
from bot.domain.model import Difference, Grant
from bot.domain.request import Attempt, Request
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, State
from bot.ports import StackOutcome
from deploy.rendering import group_template
from local.aws.process import LocalAws
from tests.changed import changed
from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account, eventually
from tests.templates.packaged import BUCKET, GROUP_TEMPLATE_KEY, HERE, SERVICE_ROLE, Package
from tests.unit.slack.samples import SETTINGS
from tests.unit.slack.samples import request as a_request

GRANT = Grant("switchyard-access", AccessLevel.READ_ONLY)
CLIENT_ACCOUNT = "222222222222"
POLICY = "switch-into-client"


@dataclass
class Place:
    """The bot's two Lambdas that look and work, and somebody with all rights who changes things by hand."""

    sweep: GroupStacks
    provision: GroupStacks
    blind: GroupStacks
    """As the sweep, without the right to look at a group by its name."""
    hand: Account
    attempts: int = 0

    def found(self, client_id: str) -> list[Difference]:
        return list(self.sweep.differences(client_id, CLIENT_ACCOUNT, GRANT))

    def what(self, client_id: str) -> list[Remedy]:
        return [one.remedy for one in self.found(client_id)]

    def does(self, kind: Kind, client_id: str) -> StackOutcome:
        """Carry out a request to its end."""
        self.attempts += 1
        request = a_request(
            id=f"r{client_id}",
            client_id=client_id,
            kind=kind,
            state=State.PROVISIONING,
            attempt=Attempt(number=self.attempts),
        )
        started = self.provision.start(request, self.provision.leaving(request))
        begun = changed(request, stack_id=started.stack_id)
        return eventually(lambda: self._outcome(begun))

    def _outcome(self, request: Request) -> StackOutcome | None:
        return self.provision.progress(request).outcome


@pytest.fixture(scope="module")
def place(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield _place(packaged, running)


def _place(packaged: Package, local: LocalAws) -> Place:
    hand = Account(local.url, PROVIDER)
    url = f"{local.url}/{BUCKET}/{GROUP_TEMPLATE_KEY}"
    hand.client("s3").create_bucket(Bucket=BUCKET)
    hand.client("s3").put_object(Bucket=BUCKET, Key=GROUP_TEMPLATE_KEY, Body=group_template()[1])
    settings = replace(SETTINGS, stage="test", region=REGION, group_template_url=url, group_role_arn=SERVICE_ROLE)

    here = {HERE.template_url(GROUP_TEMPLATE_KEY): url}
    blind = {f"arn:aws:iam::{PROVIDER}:group/switchyard-test-*": f"arn:aws:iam::{PROVIDER}:group/nothing"}

    def lambda_as(role: str, instead: dict[str, str] = here) -> GroupStacks:
        acting = hand.assume(_role(hand, packaged.resolved(role), {"AWS": PROVIDER}, instead))
        return GroupStacks(settings, acting.client("cloudformation"), acting.client("iam"))

    _role(hand, packaged.resolved("ClientGroupsRole"), {"Service": "cloudformation.amazonaws.com"}, here)
    return Place(lambda_as("SweepRole"), lambda_as("ProvisionRole"), lambda_as("SweepRole", here | blind), hand)


def _role(hand: Account, role: dict[str, Any], trusted: dict[str, str], instead: dict[str, str]) -> str:
    """A role as it is deployed, but for what is to be said otherwise in its policy."""
    [policy] = role["Policies"]
    text = json.dumps(policy["PolicyDocument"])
    for said, other in instead.items():
        text = text.replace(said, other)
    return hand.role(f"{role['RoleName']}{'-otherwise' * (len(instead) - 1)}", trusted, *json.loads(text)["Statement"])


def onboarded(place: Place, client_id: str) -> str:
    """The name of the group of a new client, with an operator in it."""
    assert place.does(Kind.ONBOARD, client_id).succeeded
    group = f"switchyard-test-{client_id}"
    place.hand.user(f"olli-{client_id}")
    place.hand.client("iam").add_user_to_group(GroupName=group, UserName=f"olli-{client_id}")
    assert place.found(client_id) == []
    return group


def deleted(place: Place, group: str) -> None:
    """The group, deleted by hand with all that is in it."""
    iam = place.hand.client("iam")
    for user in iam.get_group(GroupName=group)["Users"]:
        iam.remove_user_from_group(GroupName=group, UserName=user["UserName"])
    for name in iam.list_group_policies(GroupName=group)["PolicyNames"]:
        iam.delete_group_policy(GroupName=group, PolicyName=name)
    iam.delete_group(GroupName=group)


def members(place: Place, group: str) -> list[str]:
    return [one["UserName"] for one in place.hand.client("iam").get_group(GroupName=group)["Users"]]


def statement(**changed: Any) -> str:
    said = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::{CLIENT_ACCOUNT}:role/other"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{**said, **changed}]})


@pytest.mark.parametrize(
    ("client_id", "document"),
    [
        ("caaaaaaaaaa", statement()),
        ("cbbbbbbbbbb", statement(Resource="*")),
        ("cccccccccca", statement(Action="*", Resource="*")),
    ],
)
def test_a_changed_policy_is_put_back_and_members_stay(place: Place, client_id: str, document: str) -> None:
    # Given
    group = onboarded(place, client_id)
    iam = place.hand.client("iam")
    iam.put_group_policy(GroupName=group, PolicyName=POLICY, PolicyDocument=document)
    assert place.what(client_id) == [Remedy.PUT_BACK]

    # When
    assert place.does(Kind.REPAIR, client_id).succeeded

    # Then
    assert place.found(client_id) == []
    said = iam.get_group_policy(GroupName=group, PolicyName=POLICY)["PolicyDocument"]["Statement"]
    assert [one["Resource"] for one in said] == [f"arn:aws:iam::{CLIENT_ACCOUNT}:role/switchyard-access"]
    assert members(place, group) == [f"olli-{client_id}"]


def test_an_update_that_changes_nothing_does_not_put_it_back(place: Place) -> None:
    """Why a repair has a revision."""
    group = onboarded(place, "cdddddddddd")
    place.hand.client("iam").put_group_policy(GroupName=group, PolicyName=POLICY, PolicyDocument=statement())
    request = a_request(id="rsame", client_id="cdddddddddd", kind=Kind.UPDATE, state=State.PROVISIONING)
    assert place.provision.start(request).finished
    assert place.what("cdddddddddd") == [Remedy.PUT_BACK]


def test_a_policy_that_was_deleted_is_put_back(place: Place) -> None:
    group = onboarded(place, "ceeeeeeeeee")
    place.hand.client("iam").delete_group_policy(GroupName=group, PolicyName=POLICY)
    assert place.what("ceeeeeeeeee") == [Remedy.PUT_BACK]
    assert place.does(Kind.REPAIR, "ceeeeeeeeee").succeeded
    assert place.found("ceeeeeeeeee") == []


def test_a_group_that_was_deleted_is_made_anew_without_members(place: Place) -> None:
    group = onboarded(place, "cffffffffff")
    deleted(place, group)
    assert place.what("cffffffffff") == [Remedy.RENEW]
    assert place.does(Kind.REPAIR, "cffffffffff").succeeded
    assert place.found("cffffffffff") == []
    assert members(place, group) == []


def test_a_stack_that_was_deleted_is_made_anew(place: Place) -> None:
    group = onboarded(place, "cgggggggggg")
    place.hand.client("iam").remove_user_from_group(GroupName=group, UserName="olli-cgggggggggg")
    name = "switchyard-test-client-cgggggggggg"
    stack = str(place.hand.stack(name)["StackId"])
    assert place.hand.remove(stack) == "DELETE_COMPLETE"
    assert place.what("cgggggggggg") == [Remedy.RENEW]
    assert place.does(Kind.REPAIR, "cgggggggggg").succeeded
    assert place.found("cgggggggggg") == []


def test_what_was_added_has_to_be_taken_away_by_hand_first(place: Place) -> None:
    # Given
    group = onboarded(place, "chhhhhhhhhh")
    iam = place.hand.client("iam")
    iam.put_group_policy(GroupName=group, PolicyName="more", PolicyDocument=statement(Action="*", Resource="*"))
    arn = iam.create_policy(PolicyName="attached-by-hand", PolicyDocument=statement())["Policy"]["Arn"]
    iam.attach_group_policy(GroupName=group, PolicyArn=arn)

    # Then
    [added] = place.found("chhhhhhhhhh")
    assert added.remedy is Remedy.BY_HAND
    assert "the inline policy more" in added.told
    assert arn in added.told
    with pytest.raises(ProvisioningFailed, match="the inline policy more"):
        place.does(Kind.REPAIR, "chhhhhhhhhh")

    # When
    iam.detach_group_policy(GroupName=group, PolicyArn=arn)
    iam.delete_group_policy(GroupName=group, PolicyName="more")

    # Then
    assert place.does(Kind.REPAIR, "chhhhhhhhhh").succeeded
    assert place.found("chhhhhhhhhh") == []


@pytest.mark.parametrize(("client_id", "path"), [("ciiiiiiiiii", "/"), ("cjjjjjjjjjj", "/elsewhere/")])
def test_a_group_of_that_name_at_another_path_is_left_alone(place: Place, client_id: str, path: str) -> None:
    group = onboarded(place, client_id)
    deleted(place, group)
    place.hand.client("iam").create_group(GroupName=group, Path=path)
    assert place.what(client_id) == [Remedy.BY_HAND]
    with pytest.raises(ProvisioningFailed, match="update-group"):
        place.does(Kind.REPAIR, client_id)


def test_without_the_right_to_look_a_group_that_is_gone_is_not_told(place: Place) -> None:
    """Or a role that was changed by hand would make every client look so."""
    group = onboarded(place, "ckkkkkkkkkk")
    assert place.blind.differences("ckkkkkkkkkk", CLIENT_ACCOUNT, GRANT) == ()
    deleted(place, group)
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        place.blind.differences("ckkkkkkkkkk", CLIENT_ACCOUNT, GRANT)


@pytest.mark.safety(
    "The deployed rights suffice to compare and repair, and the sweep's rights change nothing",
    "deploy/cloudformation/roles.yml",
)
def test_the_sweep_changes_nothing_by_its_rights(place: Place) -> None:
    group = onboarded(place, "clllllllll2")
    with pytest.raises(ProvisioningFailed, match="not authorized"):
        place.sweep.start(a_request(id="rsweep", client_id="clllllllll2", kind=Kind.REPAIR, state=State.PROVISIONING))
    removal = a_request(id="rleave", client_id="clllllllll2", kind=Kind.OFFBOARD, state=State.PROVISIONING)
    with pytest.raises((ProvisioningFailed, ClientError), match="RemoveUserFromGroup"):
        place.sweep.start(removal, members(place, group))
    assert members(place, group) == ["olli-clllllllll2"]


def test_a_client_whose_group_was_widened_is_still_removed(place: Place) -> None:
    group = onboarded(place, "cmmmmmmmmmm")
    iam = place.hand.client("iam")
    iam.put_group_policy(GroupName=group, PolicyName=POLICY, PolicyDocument=statement(Action="*", Resource="*"))
    assert place.does(Kind.OFFBOARD, "cmmmmmmmmmm").succeeded
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_group(GroupName=group)
