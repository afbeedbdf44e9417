"""`make remove`: what it refuses, and its steps, with AWS in memory. tests/local/test_removing.py plays the whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from bot.aws.dynamodb import DynamoStore
from bot.domain.page import Teams
from bot.domain.vocabulary import State, Verb
from bot.ports.store import Change
from deploy.adopting import adopt, needs_settling
from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady
from deploy.inventory import OurStack, Unfinished, take_inventory, unfinished
from deploy.leftovers import kept_roles, require_own_table
from deploy.removal import StackDeletion, delete_bucket, empty_bucket, write_clients
from deploy.remove import Removing, Told
from deploy.unsettled import forget_unsettled, is_unsettled
from tests.dynamodb_table import create_table
from tests.fakes import World
from tests.unit.deploy.account import ACCOUNT, HERE, REGION, account, make_bucket, put_function
from tests.unit.slack.samples import request as a_request

__all__ = ["account"]

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
ROLE = HERE.service_roles["ClientGroupsRole"]


def put_role(session: boto3.Session, **tags: str) -> None:
    listed: Any = [{"Key": key, "Value": value} for key, value in tags.items()]
    session.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST, Tags=listed)


class CloudFormation:
    """As much of it as a look takes; moto's needs more packages. `template`: the stage's stack, if it has one."""

    def __init__(self, template: dict[str, Any] | None) -> None:
        self.template = template
        self.lists = True

    def describe_stacks(self, StackName: str) -> Any:  # noqa: N803  boto3's name
        if self.template is None:
            error: Any = {"Error": {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}}
            raise ClientError(error, "DescribeStacks")
        return {"Stacks": [{"StackName": StackName, "StackId": "arn:stack", "StackStatus": "UPDATE_COMPLETE"}]}

    def get_paginator(self, operation: str) -> Any:
        if not self.lists:
            denied: Any = {"Error": {"Code": "AccessDenied", "Message": "not authorized to perform"}}
            raise ClientError(denied, "DescribeStacks")
        found: Any = {"describe_stacks": {"Stacks": []}, "list_stack_resources": {"StackResourceSummaries": []}}[
            operation
        ]
        return type("Pages", (), {"paginate": staticmethod(lambda **_: [found])})

    def get_template(self, StackName: str) -> Any:  # noqa: N803
        return {"TemplateBody": self.template}


class Session:
    """A session whose CloudFormation is that one."""

    def __init__(self, real: boto3.Session, template: dict[str, Any] | None = None) -> None:
        self.real, self.cloudformation = real, CloudFormation(template)

    def client(self, service: str, **more: Any) -> Any:
        return self.cloudformation if service == "cloudformation" else cast(Any, self.real).client(service, **more)


def deployed(**of_role: Any) -> dict[str, Any]:
    """The template of a stage's stack, with this said of one of the service roles."""
    return {"Resources": {"ClientGroupsRole": {"Type": "AWS::IAM::Role", **of_role}}}


def store(session: boto3.Session) -> DynamoStore:
    create_table(session.client("dynamodb"), HERE.stack_name)
    return DynamoStore(session.client("dynamodb"), HERE.stack_name)


def removing(session: Session, folder: Path, told: Told, sleep: Callable[[float], None] = lambda _: None) -> Removing:
    def nobody(_question: str) -> str:
        raise EOFError

    return Removing(cast(Any, session), HERE, told, folder, nobody, sleep)


@pytest.mark.safety("Nobody takes over the service role of a stage in another region", "deploy/leftovers.py")
@pytest.mark.parametrize("tags", [{}, {"region": "eu-west-1"}, {"region": ""}])
def test_the_role_of_another_region_is_left_alone(account: boto3.Session, tags: dict[str, str]) -> None:
    put_role(account, **tags)
    session: Any = Session(account)
    assert kept_roles(account.client("iam"), Deployment("other", ACCOUNT, "aws", REGION)) == {}
    with pytest.raises(NotReady, match=f"The role {ROLE} exists"):
        adopt(session, HERE)
    with pytest.raises(NotReady, match="Set AWS_REGION"):
        take_inventory(session, HERE)


def test_a_role_that_somebody_gave_more_is_not_taken_over(account: boto3.Session) -> None:
    put_role(account, region=REGION)
    iam = account.client("iam")
    arn = iam.create_policy(PolicyName="more", PolicyDocument=EVERYTHING)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
    with pytest.raises(NotReady, match=f"attached more to the role {ROLE}"):
        adopt(cast(Any, Session(account)), HERE)


@pytest.mark.safety("A table that somebody has opened to others is not taken over", "deploy/leftovers.py")
@pytest.mark.parametrize("opened", ["a resource policy", "a stream"])
def test_a_table_that_others_were_let_into_is_not_taken_over(account: boto3.Session, opened: str) -> None:
    # Given
    store(account)
    dynamodb = account.client("dynamodb")
    arn = dynamodb.describe_table(TableName=HERE.stack_name)["Table"]["TableArn"]
    require_own_table(dynamodb, HERE.stack_name)
    if opened == "a stream":
        keys: Any = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
        dynamodb.update_table(TableName=HERE.stack_name, StreamSpecification=keys)
    else:
        dynamodb.put_resource_policy(ResourceArn=arn, Policy=EVERYTHING)
    put_role(account, region=REGION)
    iam = account.client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName="client-groups", PolicyDocument=EVERYTHING)

    # Then
    with pytest.raises(NotReady, match=f"Somebody has given {opened} to the table"):
        adopt(cast(Any, Session(account)), HERE)
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["client-groups"]


def test_who_may_not_see_all_stacks_takes_no_role_over_without_its_table(account: boto3.Session) -> None:
    put_role(account, region=REGION)
    iam = account.client("iam")
    iam.put_role_policy(RoleName=ROLE, PolicyName="client-groups", PolicyDocument=EVERYTHING)
    session: Any = Session(account)
    session.cloudformation.lists = False
    with pytest.raises(NotReady, match="as an administrator"):
        adopt(session, HERE)
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == ["client-groups"]


def test_that_the_table_is_to_be_settled_is_noted_before_anything_is_taken_over(account: boto3.Session) -> None:
    # Given
    put_role(account, region=REGION)
    ssm = account.client("ssm")

    # When the deployment is cut short as it takes the role over, so that the next one finds a stack and takes nothing
    with pytest.raises(AttributeError, match="create_change_set"):
        adopt(cast(Any, Session(account)), HERE)
    assert adopt(cast(Any, Session(account, {})), HERE) == ()

    # Then that one knows
    assert is_unsettled(ssm, HERE)
    assert not is_unsettled(ssm, Deployment("other", ACCOUNT, "aws", REGION))
    forget_unsettled(ssm, HERE)
    forget_unsettled(ssm, HERE)
    assert not is_unsettled(ssm, HERE)


@pytest.mark.parametrize(
    ("adopted", "needs"),
    [
        ((), False),
        ((HERE.bucket,), False),
        ((ROLE,), True),
        ((ROLE, HERE.bucket), True),
        ((ROLE, HERE.stack_name), False),
    ],
)
def test_a_new_table_is_told_of_pages_where_roles_have_stayed(adopted: tuple[str, ...], needs: bool) -> None:
    assert needs_settling(HERE, adopted) is needs


@pytest.mark.safety("A stack that would take the service roles with it is not removed", "deploy/remove.py")
@pytest.mark.parametrize("of_role", [{}, {"DeletionPolicy": "Delete"}])
def test_a_stack_that_would_take_the_roles_with_it_is_not_removed(
    account: boto3.Session, tmp_path: Path, of_role: dict[str, str]
) -> None:
    with pytest.raises(NotReady, match="Deploy this version first"):
        removing(Session(account, deployed(**of_role)), tmp_path, Told(yes="demo")).run()
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(("told", "why"), [(Told(yes="prod"), "'prod' is not demo"), (Told(), "YES=demo")])
def test_what_is_not_the_stages_name_changes_nothing(
    account: boto3.Session, tmp_path: Path, told: Told, why: str
) -> None:
    with pytest.raises(NotReady, match=why):
        removing(Session(account, deployed(DeletionPolicy="Retain")), tmp_path, told).run()
    assert [*tmp_path.iterdir()] == []


def test_nothing_is_removed_where_there_is_nothing(
    account: boto3.Session, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    removing(Session(account), tmp_path, Told(clients=True)).run()
    assert capsys.readouterr().out.startswith(f"Nothing is left of stage demo in {HERE.account_id}, {HERE.region}. ")


@pytest.mark.safety("A request that comes while a stage is being removed stops that", "deploy/remove.py")
def test_a_request_that_comes_meanwhile_stops_it_and_the_functions_run_again(
    account: boto3.Session, tmp_path: Path
) -> None:
    # Given
    table = store(account)
    put_function(account, {})
    functions, name = account.client("lambda"), f"{HERE.stack_name}-slack"
    stopped = []

    def somebody_asks(_seconds: float) -> None:
        stopped.append(functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"])
        table.save(Change(requests=(a_request(state=State.PENDING, version=0),)))

    # When
    with pytest.raises(NotReady, match="Meanwhile requests have come: 1 waiting"):
        removing(Session(account), tmp_path, Told(yes="demo"), somebody_asks).run()

    # Then
    assert stopped == [0]
    assert "ReservedConcurrentExecutions" not in functions.get_function_concurrency(FunctionName=name)
    assert account.client("dynamodb").list_tables()["TableNames"] == [HERE.stack_name]


@pytest.mark.safety("A removal never lets functions run again that a restore has stopped", "deploy/remove.py")
def test_functions_that_were_stopped_before_stay_stopped(account: boto3.Session, tmp_path: Path) -> None:
    # Given a restore that was cut short, or goes on elsewhere: its table is an old one, and not settled
    table = store(account)
    put_function(account, {})
    functions, name = account.client("lambda"), f"{HERE.stack_name}-slack"
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)

    def the_table_becomes_the_old_one(_seconds: float) -> None:
        table.save(Change(requests=(a_request(state=State.PENDING, version=0),)))

    # When
    with pytest.raises(NotReady, match="stay stopped"):
        removing(Session(account), tmp_path, Told(yes="demo"), the_table_becomes_the_old_one).run()

    # Then
    assert functions.get_function_concurrency(FunctionName=name)["ReservedConcurrentExecutions"] == 0


def test_what_waits_and_what_is_approved_and_not_carried_out_is_unfinished() -> None:
    world = World(teams=Teams(("ops",)))
    assert not unfinished(world.store)
    world.happens("CREATE_COMPLETE", token=world.invite())
    assert unfinished(world.store) == Unfinished(waiting=1, under_way=0)
    world.press(Verb.APPROVE)
    assert unfinished(world.store) == Unfinished(waiting=0, under_way=1)
    world.take_up()
    assert unfinished(world.store).under_way
    world.work()
    assert not unfinished(world.store)


def test_no_company_is_a_formula_in_the_list(tmp_path: Path) -> None:
    # Given
    world = World()
    hostile = ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "Acme, Inc."]
    for number, company in enumerate(hostile):
        world.happens(
            "CREATE_COMPLETE", token=world.invite(company), company=company, role=f"r{number}", parent=number + 1
        )

    # When
    path = tmp_path / "new" / "clients.csv"
    assert write_clients(world.store, path) == 0

    # Then
    with path.open(newline="") as file:
        listed = [row["company"] for row in csv.DictReader(file)]
    assert sorted(listed) == sorted(f"'{one}" if one[0] in "=+-@" else one for one in hostile)
    assert [one.name for one in path.parent.iterdir()] == ["clients.csv"]


def test_a_bucket_is_emptied_with_all_of_its_versions(account: boto3.Session) -> None:
    # Given
    make_bucket(account)
    s3 = account.client("s3")
    s3.put_bucket_versioning(Bucket=HERE.bucket, VersioningConfiguration={"Status": "Enabled"})
    for text in (b"old", b"new"):
        s3.put_object(Bucket=HERE.bucket, Key="clients/a", Body=text)
    s3.delete_object(Bucket=HERE.bucket, Key="clients/a")

    # When
    empty_bucket(s3, HERE.bucket, ACCOUNT)

    # Then
    left = s3.list_object_versions(Bucket=HERE.bucket)
    assert [*left.get("Versions", []), *left.get("DeleteMarkers", [])] == []
    delete_bucket(s3, HERE.bucket, ACCOUNT)
    delete_bucket(s3, HERE.bucket, ACCOUNT)


class Stuck:
    """CloudFormation with a stack that it does not delete."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []

    def delete_stack(self, **asked: str) -> None:
        self.asked.append(asked)

    def get_waiter(self, _name: str) -> Stuck:
        return self

    def wait(self, **_: Any) -> None:
        raise WaiterError("stack_delete_complete", "Waiter encountered a terminal failure state", {})

    def describe_stack_events(self, StackName: str) -> Any:  # noqa: N803  boto3's name
        failed = {"ResourceStatus": "DELETE_FAILED", "LogicalResourceId": "Page", "PhysicalResourceId": "p"}
        return {
            "StackEvents": [
                {**failed, "LogicalResourceId": "stack", "PhysicalResourceId": StackName},
                {**failed, "ResourceStatusReason": "Cannot delete a policy attached to entities."},
                {**failed, "ResourceStatusReason": "an older reason"},
            ]
        }


def test_what_aws_keeps_is_said_with_its_reason_and_whose_it_is_to_mend() -> None:
    stuck = Stuck()
    stack = OurStack("switchyard-demo-page-operators-1", "arn:stack", "CREATE_COMPLETE", "arn:role")
    with pytest.raises(DeployError) as said:
        StackDeletion(stuck).delete([stack])
    assert stuck.asked == [{"StackName": "arn:stack", "RoleARN": "arn:role"}]
    assert "  - Page: Cannot delete a policy attached to entities.\nWhoever administers the account" in str(said.value)
    assert "older" not in str(said.value)
    assert "run this again" in str(said.value)


@pytest.mark.parametrize(
    ("name", "makes_group"),
    [
        ("switchyard-demo-page-operators-1", True),
        ("switchyard-demo-page-operators-2", False),
        ("switchyard-demo-page-operators-10", False),
        ("switchyard-demo-page-operators-11", True),
        ("switchyard-demo-client-caaaaaaaaa1", False),
    ],
)
def test_pages_that_make_a_group_are_deleted_after_the_others(name: str, makes_group: bool) -> None:
    assert OurStack(name, "", "", "").makes_group is makes_group
