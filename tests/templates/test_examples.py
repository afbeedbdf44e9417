"""The ready-to-use policies in docs/examples: linted, within AWS's limits, and judged by what they let whom do."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.templates.documents import lint_messages, read
from tests.templates.packaged import FUNCTIONS, Package
from tests.templates.policy_judge import Asked, Statement, allowed, denied, listed

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"
PROVIDER = "111111111111"
GROUP = f"arn:aws:iam::{PROVIDER}:group/switchyard/clients/prod/switchyard-prod-cabcdefghij"
TEAM_GROUP = f"arn:aws:iam::{PROVIDER}:group/switchyard/teams/prod/switchyard-prod-team-operators"
PAGE = f"arn:aws:iam::{PROVIDER}:policy/switchyard/teams/prod/switchyard-prod-team-operators-1"
PAGE_STACK = f"arn:aws:cloudformation:eu-west-1:{PROVIDER}:stack/switchyard-prod-page-operators-1/0a1b"
ROLE = f"arn:aws:iam::{PROVIDER}:role"
USER = f"arn:aws:iam::{PROVIDER}:user/operators/olli"
BOUNDARY = f"arn:aws:iam::{PROVIDER}:policy/switchyard-operator-boundary"
STACK = f"arn:aws:cloudformation:eu-west-1:{PROVIDER}:stack/switchyard-prod-client-cabcdefghij/0a1b"
TABLE = f"arn:aws:dynamodb:eu-west-1:{PROVIDER}:table/switchyard-prod"
BUCKET = f"arn:aws:s3:::switchyard-prod-templates-{PROVIDER}-eu-west-1"
KITS = f"arn:aws:s3:::switchyard-prod-kits-{PROVIDER}-eu-west-1"
PARAMETER = f"arn:aws:ssm:eu-west-1:{PROVIDER}:parameter"
FUNCTION = f"arn:aws:lambda:eu-west-1:{PROVIDER}:function:switchyard-prod-slack"
VALUES: dict[str, Any] = {
    "AWS::Partition": "aws",
    "AWS::AccountId": PROVIDER,
    "ProviderAccountId": PROVIDER,
    "PeopleAdministratorArn": f"{ROLE}/people",
    "DeployerArn": f"{ROLE}/deployer",
    "OperatorArns": [f"arn:aws:iam::{PROVIDER}:user/operators/*"],
    "!aws:username": "${aws:username}",
}
LONGEST = {
    "AWS::Partition": "aws-us-gov",
    "PeopleAdministratorArn": f"arn:aws-us-gov:iam::{PROVIDER}:role/" + "p" * 128,
    "DeployerArn": f"arn:aws-us-gov:iam::{PROVIDER}:role/" + "d" * 128,
    "OperatorArns": [f"arn:aws-us-gov:iam::{PROVIDER}:role/" + "o" * 128] * 20,
}


def resolved(node: Any, values: dict[str, Any]) -> Any:
    """The policy with Ref and Sub filled in."""
    if isinstance(node, dict):
        if set(node) == {"Ref"}:
            return values[node["Ref"]]
        if set(node) == {"Fn::Sub"}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: str(values[found[1]]), node["Fn::Sub"])
        return {key: resolved(value, values) for key, value in node.items()}
    return [resolved(one, values) for one in node] if isinstance(node, list) else node


def statements(file: str, resource: str, key: str, values: dict[str, Any] = VALUES) -> list[Statement]:
    document = read((EXAMPLES / file).read_bytes())
    found: list[Statement] = resolved(document["Resources"][resource]["Properties"][key], values)["Statement"]
    return found


def service_control(values: dict[str, Any]) -> dict[str, list[Statement]]:
    names = ("ClientGroupsPolicy", "OperatorsPolicy")
    return {name: statements("client-groups-scp.yaml", name, "Content", values) for name in names}


SERVICE_CONTROL = service_control(VALUES)
BOUNDARY_POLICY = statements("operator-boundary.yaml", "OperatorBoundary", "PolicyDocument")


def barred(principal: str, action: str, resource: str, policy_arn: str | None = None) -> bool:
    """Whether a service control policy stands in the way of a role of that name, or of a principal by its ARN.

    `policy_arn` is the managed policy that is attached or detached.
    """
    arn = principal if principal.startswith("arn:") else f"{ROLE}/{principal}"
    account = re.match(r"arn:[a-z-]+:[a-z0-9]+:[a-z0-9-]*:([0-9]{12})?:", resource)
    context = {"aws:PrincipalArn": arn, "aws:ResourceAccount": (account and account[1]) or PROVIDER}
    context |= {"iam:PolicyARN": policy_arn} if policy_arn else {}
    return any(denied(policy, Asked(action, resource, context)) for policy in SERVICE_CONTROL.values())


def within_boundary(action: str, resource: str, *, mfa: bool | None = True, owner: str = PROVIDER) -> bool:
    """Whether the boundary lets an operator do it, given a policy that would. For an access key, MFA is None."""
    context = {"aws:ResourceAccount": owner}
    context |= {} if mfa is None else {"aws:MultiFactorAuthPresent": str(mfa).lower()}
    return allowed(BOUNDARY_POLICY, Asked(action, resource, context))


@pytest.mark.parametrize("file", sorted(path.name for path in EXAMPLES.iterdir()))
def test_cfn_lint_has_nothing_to_say(file: str) -> None:
    assert lint_messages((EXAMPLES / file).read_bytes()) == []


@pytest.mark.parametrize("file", sorted(path.name for path in EXAMPLES.iterdir()))
def test_cloudformation_takes_no_yaml_aliases(file: str) -> None:
    assert not re.search(r": [&*][a-z]", (EXAMPLES / file).read_text())


@pytest.mark.parametrize("values", [VALUES, VALUES | LONGEST])
def test_they_fit_into_what_aws_takes(values: dict[str, Any]) -> None:
    """5,120 characters for a service control policy, 6,144 for a managed policy, without blanks."""
    sizes = {name: len(_minified(policy)) for name, policy in service_control(values).items()}
    assert max(sizes.values()) <= 5120, sizes
    assert len(_minified(BOUNDARY_POLICY)) <= 6144


def _minified(policy: list[Statement]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": policy}, separators=(",", ":"))


PAGE_CHANGES = ["CreatePolicy", "CreatePolicyVersion", "DeletePolicy", "DeletePolicyVersion", "SetDefaultPolicyVersion"]


@pytest.mark.parametrize(
    ("principal", "action", "resource"),
    [
        ("switchyard-prod-client-groups", "iam:CreateGroup", GROUP),
        ("switchyard-prod-client-groups", "iam:PutGroupPolicy", GROUP),
        ("switchyard-prod-team-pages", "iam:CreateGroup", TEAM_GROUP),
        *(("switchyard-prod-team-pages", f"iam:{action}", PAGE) for action in PAGE_CHANGES),
        ("switchyard-prod-provision", "cloudformation:UpdateStack", PAGE_STACK),
        ("people", "iam:AddUserToGroup", GROUP),
        ("people", "iam:AddUserToGroup", TEAM_GROUP),
        ("anybody", "iam:RemoveUserFromGroup", TEAM_GROUP),
        ("anybody", "iam:GetPolicyVersion", PAGE),
        ("anybody", "iam:CreatePolicyVersion", f"arn:aws:iam::{PROVIDER}:policy/others"),
        ("people", "iam:PutUserPermissionsBoundary", USER),
        ("people", "iam:CreatePolicyVersion", BOUNDARY),
        ("switchyard-prod-provision", "iam:RemoveUserFromGroup", GROUP),
        ("anybody", "iam:RemoveUserFromGroup", GROUP),
        ("anybody", "cloudformation:DeleteStack", STACK),
        ("anybody", "cloudformation:ContinueUpdateRollback", STACK),
        ("anybody", "cloudformation:DescribeStacks", STACK),
        ("anybody", "cloudformation:UpdateStack", STACK.replace("switchyard-prod-client", "others")),
        ("anybody", "dynamodb:Query", TABLE),
        ("anybody", "dynamodb:PutItem", TABLE.replace("switchyard-prod", "others")),
        ("anybody", "iam:PutGroupPolicy", f"arn:aws:iam::{PROVIDER}:group/others"),
        ("anybody", "iam:GetUserPolicy", USER),
        ("anybody", "ssm:GetParameter", f"{PARAMETER}/others/secret"),
        ("anybody", "ssm:GetParametersByPath", f"{PARAMETER}/others"),
        ("anybody", "sts:AssumeRole", f"{ROLE}/of-this-account"),
        ("switchyard-prod-team-pages", "iam:PutGroupPolicy", TEAM_GROUP),
        ("switchyard-prod-kit", "s3:PutObject", f"{KITS}/operators/config"),
        (USER, "s3:GetObject", f"{KITS}/operators/config"),
        (USER, "s3:ListBucket", KITS),
        (USER, "sts:AssumeRole", "arn:aws:iam::222222222222:role/switchyard-access"),
    ],
)
def test_the_policies_leave_everybody_their_own_work(principal: str, action: str, resource: str) -> None:
    assert not barred(principal, action, resource)


STRANGERS = ["admin", "people", f"arn:aws:iam::{PROVIDER}:user/admin", USER, f"arn:aws:iam::{PROVIDER}:root"]
STACK_CHANGES = ["CreateStack", "UpdateStack", "CreateChangeSet", "ExecuteChangeSet", "SetStackPolicy"]
TABLE_WRITES = ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLInsert", "PartiQLUpdate"]
TABLE_WRITES += ["PartiQLDelete", "UpdateTimeToLive", "UpdateTable", "DeleteTable", "PutResourcePolicy"]
BUCKET_CHANGES = ["PutBucketPolicy", "DeleteBucketPolicy", "PutLifecycleConfiguration", "PutBucketVersioning"]
BUCKET_CHANGES += ["PutReplicationConfiguration", "PutBucketPublicAccessBlock", "DeleteBucket"]
OBJECT_CHANGES = ["PutObject", "DeleteObject", "DeleteObjectVersion", "PutObjectTagging", "ReplicateObject"]
SECRETS = ["GetParameter", "GetParameters", "GetParameterHistory", "GetParametersByPath", "PutParameter"]
SECRETS += ["DeleteParameter", "DeleteParameters", "LabelParameterVersion"]
ROLES = ["AttachRolePolicy", "CreateRole", "PassRole", "PutRolePolicy", "UpdateAssumeRolePolicy"]
GROUP_CHANGES = ["CreateGroup", "UpdateGroup", "DeleteGroup", "PutGroupPolicy", "DeleteGroupPolicy"]
GROUP_CHANGES += ["AttachGroupPolicy", "DetachGroupPolicy"]
GUARDED = [
    *(("iam:" + action, group) for action in GROUP_CHANGES for group in (GROUP, TEAM_GROUP)),
    *(("iam:" + action, PAGE) for action in PAGE_CHANGES),
    *(("cloudformation:" + action, stack) for action in STACK_CHANGES for stack in (STACK, PAGE_STACK)),
    *(("dynamodb:" + action, TABLE) for action in TABLE_WRITES),
    *(("s3:" + action, BUCKET) for action in BUCKET_CHANGES),
    *(("s3:" + action, f"{BUCKET}/clients/switchyard-client.yaml") for action in OBJECT_CHANGES),
    *(("s3:" + action, KITS) for action in BUCKET_CHANGES),
    *(("s3:" + action, f"{KITS}/operators/config") for action in OBJECT_CHANGES),
    *(("ssm:" + action, f"{PARAMETER}/switchyard/prod/slack-bot-token") for action in SECRETS),
    *(("ssm:GetParametersByPath", PARAMETER + path) for path in ("/", "/switchyard", "/switchyard/prod")),
    *(("iam:" + action, f"{ROLE}/switchyard-prod-client-groups") for action in ROLES),
    ("lambda:UpdateFunctionCode", FUNCTION),
    ("lambda:UpdateFunctionConfiguration", FUNCTION),
]


@pytest.mark.parametrize("principal", STRANGERS)
@pytest.mark.parametrize(("action", "resource"), GUARDED)
def test_nobody_else_touches_groups_or_bot(principal: str, action: str, resource: str) -> None:
    assert barred(principal, action, resource)


USERS = ["PutUserPolicy", "DeleteUserPolicy", "AttachUserPolicy", "DetachUserPolicy"]
USERS += ["PutUserPermissionsBoundary", "DeleteUserPermissionsBoundary"]


@pytest.mark.parametrize("principal", ["admin", "deployer", "switchyard-prod-provision", USER])
@pytest.mark.parametrize(
    ("action", "resource"),
    [
        *(("iam:" + action, USER) for action in USERS),
        *(("iam:" + action, BOUNDARY) for action in ("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy")),
        ("iam:AddUserToGroup", GROUP),
        ("iam:AddUserToGroup", TEAM_GROUP),
    ],
)
def test_only_people_administrators_change_what_a_user_may_do(principal: str, action: str, resource: str) -> None:
    assert barred(principal, action, resource)
    assert not barred("people", action, resource)


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("iam:AttachRolePolicy", f"{ROLE}/whoever"),
        ("iam:AttachUserPolicy", USER),
        ("iam:AttachGroupPolicy", f"arn:aws:iam::{PROVIDER}:group/others"),
    ],
)
def test_only_people_administrators_hand_out_pages(action: str, resource: str) -> None:
    for principal in ("admin", "deployer", "switchyard-prod-provision", USER):
        assert barred(principal, action, resource, PAGE)
    assert not barred("people", action, resource, PAGE)


def test_other_policies_are_attached_as_before() -> None:
    assert not barred("admin", "iam:AttachRolePolicy", f"{ROLE}/whoever", "arn:aws:iam::aws:policy/ReadOnlyAccess")
    assert not barred("switchyard-prod-team-pages", "iam:AttachGroupPolicy", TEAM_GROUP, PAGE)
    assert not barred("switchyard-prod-team-pages", "iam:DetachGroupPolicy", TEAM_GROUP, PAGE)


@pytest.mark.parametrize("principal", ["admin", "deployer", "people", "switchyard-prod-provision", STRANGERS[2]])
def test_only_operators_switch_into_other_accounts(principal: str) -> None:
    """A client's role trusts the whole account, so a wide sts:AssumeRole would need no approval."""
    assert barred(principal, "sts:AssumeRole", "arn:aws:iam::222222222222:role/switchyard-access")


@pytest.mark.parametrize("principal", ["deployer", "switchyard-prod-ingest"])
def test_the_deployer_and_other_lambdas_change_no_group_no_page_and_no_stack(principal: str) -> None:
    for group in (GROUP, TEAM_GROUP):
        assert barred(principal, "iam:CreateGroup", group)
    for stack in (STACK, PAGE_STACK):
        assert barred(principal, "cloudformation:UpdateStack", stack)
    assert barred(principal, "iam:CreatePolicyVersion", PAGE)


@pytest.mark.parametrize("name", [*FUNCTIONS, "client-groups", "team-pages"])
def test_no_role_of_switchyards_is_kept_from_its_own_rights(packaged: Package, name: str) -> None:
    """Every right that serverless.yml gives, with what its wildcards may stand for."""
    logical_id = f"{name.title().replace('-', '')}Role"
    role = packaged.resolved(logical_id)
    given = [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]
    rights = [(action, place) for one in given for action in listed(one["Action"]) for place in listed(one["Resource"])]
    assert rights
    for action, place in rights:
        assert not barred(f"switchyard-test-{name}", action, place.replace("*", "cabcdefghij")), (action, place)


DEPLOYING = [
    *(("iam:" + action, f"{ROLE}/switchyard-prod-ingest") for action in [*ROLES, "DeleteRole", "DeleteRolePolicy"]),
    *(("lambda:" + action, FUNCTION) for action in ("CreateFunction", "UpdateFunctionCode", "DeleteFunction")),
    *(("dynamodb:" + action, TABLE) for action in ("CreateTable", "UpdateTable", "UpdateTimeToLive")),
    *(("s3:" + action, bucket) for action in ("CreateBucket", *BUCKET_CHANGES) for bucket in (BUCKET, KITS)),
    ("s3:PutObject", f"{BUCKET}/provider/client-group-0123.yaml"),
    *(("ssm:" + action, f"{PARAMETER}/switchyard/prod/slack-bot-token") for action in SECRETS),
    *(("cloudformation:" + action, STACK.replace("-client-cabcdefghij", "")) for action in STACK_CHANGES),
]


@pytest.mark.parametrize(("action", "resource"), DEPLOYING)
def test_deploying_goes_on_with_the_deployers_role(action: str, resource: str) -> None:
    """CloudFormation makes Switchyard's own stack with the deployer's credentials, so this is what IAM sees."""
    assert not barred("deployer", action, resource)


CLIENT = "arn:aws:iam::222222222222:role/switchyard-access"
OWN = f"arn:aws:iam::{PROVIDER}:user/${{aws:username}}"
DEVICE = f"arn:aws:iam::{PROVIDER}:mfa/olli"


def test_an_operator_can_switch_into_clients_and_mind_itself_only() -> None:
    assert within_boundary("sts:AssumeRole", CLIENT)
    for without in (False, None):
        assert not within_boundary("sts:AssumeRole", CLIENT, mfa=without)
        assert within_boundary("iam:ChangePassword", OWN, mfa=without)
    assert not within_boundary("sts:AssumeRole", f"{ROLE}/deployer")
    assert not within_boundary("iam:EnableMFADevice", f"arn:aws:iam::{PROVIDER}:user/somebody-else")
    for action, resource in (
        ("iam:AddUserToGroup", GROUP),
        ("iam:AddUserToGroup", TEAM_GROUP),
        ("iam:AttachGroupPolicy", TEAM_GROUP),
        ("iam:DetachGroupPolicy", TEAM_GROUP),
        ("iam:AttachUserPolicy", OWN),
        *(("iam:" + change, PAGE) for change in PAGE_CHANGES),
        ("iam:CreateAccessKey", OWN),
        ("iam:DeactivateMFADevice", OWN),
        ("s3:GetObject", "arn:aws:s3:::x/y"),
    ):
        assert not within_boundary(action, resource)


@pytest.mark.parametrize(
    ("action", "resource"), [("s3:GetObject", f"{KITS}/operators/config"), ("s3:ListBucket", KITS)]
)
def test_an_operator_can_fetch_a_kit_of_our_own_bucket_alone(action: str, resource: str) -> None:
    assert within_boundary(action, resource, mfa=None)
    assert not within_boundary(action, resource, owner="222222222222")
    assert not within_boundary(action, resource.replace("-kits-", "-templates-"))
    assert not within_boundary(action.replace("Get", "Put").replace("List", "Delete"), resource)


@pytest.mark.parametrize(("action", "resource"), [("iam:EnableMFADevice", OWN), ("iam:CreateVirtualMFADevice", DEVICE)])
def test_nobody_enrols_a_further_mfa_device_without_mfa(action: str, resource: str) -> None:
    """Or a stolen password or access key would be enough to get a second factor of one's own."""
    assert within_boundary(action, resource, mfa=True)
    assert not within_boundary(action, resource, mfa=False)
    assert not within_boundary(action, resource, mfa=None)
