"""The page's stack: whatever a page holds, its policy lets people assume the page's roles and nothing else."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.aws import kit_policy
from bot.aws.page_comparing import roles_of
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.domain.errors import ProvisioningFailed
from bot.domain.page import FRAME, POLICY_LENGTH, ROOM, Entry, Page, PageChange
from deploy.rendering import page_template
from tests.fakes import TurnableClock
from tests.templates.documents import lint_messages, strings
from tests.templates.page_template import TEMPLATE, ParameterRefused, page_resources
from tests.templates.policy_judge import Asked, allowed
from tests.unit.aws.test_cloudformation_stacks import SETTINGS

ROLE = "arn:aws:iam::222222222222:role/switchyard-access"
OTHER = "arn:aws:iam::333333333333:role/a,b=c+d.e@f_g-h"
NOW = TurnableClock().now()
KITS = "arn:aws:s3:::switchyard-prod-kits-111111111111-eu-west-1"
PARAMETERS = {
    "PolicyName": "switchyard-prod-team-operators-1",
    "GroupName": "switchyard-prod-team-operators",
    "MakesGroup": "true",
    "TeamPath": "/switchyard/teams/prod/",
    "Roles1": ROLE,
    "Roles2": "",
    "Revision": "R1",
}


class Recorder:
    """A CloudFormation without stacks, which keeps the parameters of what it is asked to make."""

    def describe_stacks(self, **_: Any) -> Any:
        raise ClientError({"Error": {"Code": "ValidationError", "Message": "Stack with id x does not exist"}}, "x")

    def create_stack(self, **given: Any) -> Any:
        self.parameters = {one["ParameterKey"]: one["ParameterValue"] for one in given["Parameters"]}
        return {"StackId": "x"}


def parameters_of(page: Page) -> dict[str, str]:
    """What the bot hands to CloudFormation. Raises ProvisioningFailed when it refuses."""
    recorder: Any = Recorder()
    PageStacksOnCloudFormation(SETTINGS, recorder, recorder).write(page)
    found: dict[str, str] = recorder.parameters
    return found


def document_of(page: Page) -> dict[str, Any]:
    resources = page_resources(parameters_of(page))
    document: dict[str, Any] = resources.pop("Page")["PolicyDocument"]
    assert [*statements_in(resources)] == (kit_statements(page.team) if page.name.makes_group else [])
    return document


def statements_in(node: Any) -> Iterator[Any]:
    """Every statement of every policy, wherever it stands."""
    if isinstance(node, dict):
        yield from node.get("Statement", [])
        node = list(node.values())
    for one in node if isinstance(node, list) else []:
        yield from statements_in(one)


def kit_statements(team: str, bucket: str = KITS) -> list[dict[str, Any]]:
    """All that a team's group may do besides what its pages let it do."""
    ours = {"aws:ResourceAccount": "111111111111"}
    return [
        {
            "Effect": "Allow",
            "Action": "s3:GetObject",
            "Resource": f"{bucket}/{team}/*",
            "Condition": {"StringEquals": ours},
        },
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": bucket,
            "Condition": {"StringEquals": {**ours, "s3:prefix": f"{team}/"}},
        },
    ]


def lets_assume(document: dict[str, Any], role: str) -> bool:
    """Judge as IAM does (IAM User Guide, "Policy evaluation logic"). A policy variable counts as everything."""
    [statement] = document["Statement"]
    assert set(statement) == {"Sid", "Effect", "Action", "Resource"}
    assert statement["Effect"] == "Allow"
    resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return _matches(statement["Action"].lower(), "sts:assumerole") and any(_matches(one, role) for one in resources)


def _matches(pattern: str, value: str) -> bool:
    if "$" in pattern:
        return True
    wild = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wild, value, re.DOTALL) is not None


def accepts(parameter: str, value: str) -> bool:
    """CloudFormation matches the whole value; the patterns must hold even where an engine only searches."""
    pattern = TEMPLATE["Parameters"][parameter]["AllowedPattern"]
    whole, found = (match(pattern, value) is not None for match in (re.fullmatch, re.search))
    assert whole == found, "the pattern relies on being matched against the whole value"
    return found


# What a record could hold: real roles, and everything that was ever tried as one.

NAMES = st.text(string.ascii_letters + string.digits + "+=,.@_-", min_size=1, max_size=43)
PARTITIONS = st.sampled_from(["aws", "aws-cn", "aws-us-gov"])
ROLES = st.builds(
    "arn:{}:iam::{:012}:role/{}".format, PARTITIONS, st.integers(min_value=0, max_value=10**12 - 1), NAMES
)
ODD = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        ["*", "", " ", "\n", "arn:aws:iam::*:role/*", "arn:aws:iam::222222222222:role/*", f"{ROLE} {OTHER}"]
    ),
    st.builds("{}{}{}".format, ROLES, st.text("*?${} \n\t\"',/\\\u2028", max_size=3), ROLES),
    st.builds("{}{}".format, ROLES, st.sampled_from(["*", "?", "${aws:username}", "/*", " ", "\n", '","*'])),
    st.builds("arn:aws:iam::222222222222:role/{}".format, st.text(max_size=50)),
)
ENTRIES = st.lists(st.builds(Entry, st.text("cabc", min_size=1, max_size=11), st.one_of(ROLES, ODD)), max_size=12)
PAGES = st.builds(
    Page,
    st.one_of(st.just("operators"), st.from_regex(r"[a-z][a-z0-9]{0,19}", fullmatch=True), st.text(max_size=30)),
    st.integers(min_value=1, max_value=500),
    ENTRIES.map(tuple),
    revision=st.integers(min_value=1, max_value=10**10 - 1),
)


@pytest.mark.safety(
    "No page makes a policy with a wildcard, a variable or a role that is not on it", "client-templates/team-page.yaml"
)
@settings(max_examples=400, deadline=None)
@given(PAGES, ROLES)
def test_no_page_lets_anybody_assume_a_role_that_is_not_on_it(page: Page, another: str) -> None:
    listed = {entry.role_arn for entry in page.entries}
    try:
        document = document_of(page)
    except (ProvisioningFailed, ParameterRefused):
        return
    for one in (*listed, another, "arn:aws:iam::999999999999:role/never", "*"):
        assert lets_assume(document, one) == (one in listed)
    for text in strings(document["Statement"][0]["Resource"] if listed else []):
        assert text in listed
        assert not set(text) & set("*?$")


@given(st.lists(ROLES, max_size=60))
def test_a_page_of_roles_lists_exactly_them(roles: list[str]) -> None:
    page = Page("operators", 1, tuple(Entry(f"c{at}", role) for at, role in enumerate(roles)), revision=1)
    document = document_of(page)
    if roles:
        assert document["Statement"][0]["Resource"] == [*dict.fromkeys(roles)]
    else:
        assert document["Statement"][0] == {
            "Sid": "R1",
            "Effect": "Allow",
            "Action": "sts:GetCallerIdentity",
            "Resource": "*",
        }


@given(st.text(max_size=80) | ODD, st.text(max_size=80) | ODD)
def test_whatever_the_template_takes_by_itself_names_whole_roles(first: str, second: str) -> None:
    """Even if the bot handed over something else."""
    try:
        resources = page_resources({**PARAMETERS, "Roles1": first, "Roles2": second})
    except ParameterRefused:
        return
    [statement] = resources["Page"]["PolicyDocument"]["Statement"]
    if statement["Action"] == "sts:AssumeRole":
        assert all(accepts("Roles1", role) and role and " " not in role for role in statement["Resource"])
    else:
        assert (statement["Action"], first) == ("sts:GetCallerIdentity", "")


# How much a page takes


def full(page: Page, names: list[int]) -> Page:
    """The page, filled with roles of these lengths as long as there is room."""
    for at, length in enumerate(names):
        role = f"arn:aws-us-gov:iam::{at:012}:role/{'r' * length}"
        change = PageChange("operators", f"c{at}", NOW, role, request_id="r", key=str(at))
        page = page.with_change(change, NOW) or page
    return page


@given(st.lists(st.integers(min_value=1, max_value=43), min_size=200, max_size=200))
@settings(max_examples=25, deadline=None)
def test_a_full_page_fits_into_a_policy_and_into_two_parameters(names: list[int]) -> None:
    page = full(Page("operators", 1, revision=10**10 - 1), names)
    assert ROOM - page.length < len("arn:aws-us-gov:iam::000000000000:role/") + 43 + 3
    assert len(json.dumps(document_of(page), separators=(",", ":"))) <= POLICY_LENGTH


def test_a_page_at_its_very_limit_takes_all_that_iam_takes() -> None:
    around = len(f"arn:aws-us-gov:iam::{0:012}:role/") + 3
    rest = ROOM - 97 * (around + 20) - 2 * around
    page = full(Page("operators", 1, revision=10**10 - 1), [20] * 97 + [rest // 2, rest - rest // 2])
    assert (page.length, len(page.entries)) == (ROOM, 99)
    assert len(json.dumps(document_of(page), separators=(",", ":"))) == POLICY_LENGTH


def test_the_frame_is_the_document_without_its_roles() -> None:
    page = Page("operators", 1, (Entry("c1", ROLE),), revision=10**10 - 1)
    document = json.dumps(document_of(page), separators=(",", ":"))
    assert len(document) == len(FRAME) + len(f'"{ROLE}"')
    assert json.loads(FRAME)["Statement"][0].keys() == json.loads(document)["Statement"][0].keys()


# The template itself


def test_cfn_lint_has_nothing_to_say_in_any_partition() -> None:
    assert lint_messages(page_template()[1]) == []


def test_the_policy_has_no_description_and_everything_that_replaces_it_is_a_name() -> None:
    properties = TEMPLATE["Resources"]["Page"]["Properties"]
    assert set(properties) == {"ManagedPolicyName", "Path", "Groups", "PolicyDocument"}
    assert not any("Default" in parameter for parameter in TEMPLATE["Parameters"].values())
    assert not any("arn:aws:" in text for text in strings(TEMPLATE["Resources"]))


def test_only_the_page_that_makes_the_group_has_it_in_its_stack() -> None:
    assert page_resources(PARAMETERS)["TeamGroup"] == {
        "GroupName": PARAMETERS["GroupName"],
        "Path": "/switchyard/teams/prod/",
        "Policies": [
            {
                "PolicyName": kit_policy.NAME,
                "PolicyDocument": {"Version": "2012-10-17", "Statement": kit_statements("operators")},
            }
        ],
    }
    assert kit_policy.document(SETTINGS, "operators")["Statement"] == kit_statements("operators")
    other = page_resources({**PARAMETERS, "MakesGroup": "false"})
    assert set(other) == {"Page"}
    assert other["Page"]["Groups"] == page_resources(PARAMETERS)["Page"]["Groups"] == [PARAMETERS["GroupName"]]


# The team's kit

STAGES, TEAMS = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True), st.from_regex(r"[a-z][a-z0-9]{0,19}", fullmatch=True)
GROUP_NAMES = st.builds(
    "switchyard-{}-team-{}{}".format, STAGES, TEAMS, st.sampled_from(["", "-2", "-10", "-9999", "-", "-kits", "/", "*"])
)
FILES = st.sampled_from(["config", "clients.csv", "", "../config", "a/b"])


@pytest.mark.safety(
    "A team's group reads its own team's kit in our own bucket, and nothing else", "client-templates/team-page.yaml"
)
@given(GROUP_NAMES | st.text(max_size=60), TEAMS, FILES)
def test_a_group_reads_its_own_teams_kit_and_no_other_object(name: str, another: str, file: str) -> None:
    try:
        group = page_resources({**PARAMETERS, "GroupName": name})["TeamGroup"]
    except ParameterRefused:
        return
    _, stage, _, team, *_ = name.split("-")
    bucket = KITS.replace("-prod-", f"-{stage}-")
    [policy] = group["Policies"]
    assert policy["PolicyDocument"]["Statement"] == kit_statements(team, bucket)
    for prefix in (team, another, f"{team}{another}", "", "*", f"{team}*"):
        for one in (bucket, KITS.replace("prod", "other"), "arn:aws:s3:::others"):
            assert may(policy, "s3:GetObject", f"{one}/{prefix}/{file}") == ((one, prefix) == (bucket, team))
            listing = may(policy, "s3:ListBucket", one, **{"s3:prefix": f"{prefix}/"})
            assert listing == ((one, prefix) == (bucket, team))
    assert not may(policy, "s3:ListBucket", bucket)
    assert not may(policy, "s3:ListBucket", bucket, **{"s3:prefix": ""})
    assert not may(policy, "s3:PutObject", f"{bucket}/{team}/config")
    theirs = {"aws:ResourceAccount": "222222222222"}
    assert not may(policy, "s3:GetObject", f"{bucket}/{team}/config", **theirs)
    assert not may(policy, "s3:ListBucket", bucket, **theirs, **{"s3:prefix": f"{team}/"})


def may(policy: dict[str, Any], action: str, resource: str, **context: str) -> bool:
    """Whether a group's policy allows it, about something of our account where nothing else is said."""
    known = {"aws:ResourceAccount": "111111111111", **context}
    return allowed(policy["PolicyDocument"]["Statement"], Asked(action, resource, known))


@pytest.mark.parametrize("value", ["", ROLE, f"{ROLE} {OTHER}", " ".join([ROLE] * 80)])
def test_roles_divided_by_single_blanks_are_taken(value: str) -> None:
    assert accepts("Roles1", value)
    assert accepts("Roles2", value)


@pytest.mark.parametrize(
    "value",
    [
        " ",
        "*",
        f"{ROLE} ",
        f" {ROLE}",
        f"{ROLE}  {OTHER}",
        f"{ROLE},{OTHER}x/y",
        f"{ROLE}{OTHER}",
        f"{ROLE}\n",
        f"{ROLE}\n{OTHER}",
        f"{ROLE}\t{OTHER}",
        f"{ROLE} *",
        f"{ROLE} arn:aws:iam::222222222222:role/*",
        f"{ROLE} arn:aws:iam::*:role/a",
        f"{ROLE} arn:aws:iam::222222222222:role/${{aws:username}}",
        f"{ROLE} arn:aws:iam::222222222222:role/p/a",
        f"{ROLE} arn:aws:iam::222222222222:user/a",
        f'{ROLE}","*',
        f"{ROLE} arn:aws:iam::222222222222:role/{'x' * 44}",
    ],
)
def test_anything_else_is_no_list_of_roles(value: str) -> None:
    assert not accepts("Roles1", value)
    assert not accepts("Roles2", value)


@pytest.mark.parametrize(
    ("parameter", "value", "taken"),
    [
        ("PolicyName", "switchyard-a-team-b-1", True),
        ("PolicyName", "switchyard-a-team-b-0", False),
        ("PolicyName", "switchyard-a-team-b", False),
        ("PolicyName", "switchyard-a-team-b-1\n", False),
        ("PolicyName", "AdministratorAccess", False),
        ("GroupName", "switchyard-a-team-b", True),
        ("GroupName", "switchyard-a-team-b-2", True),
        ("GroupName", "switchyard-a-cabcdefghij", False),
        ("GroupName", "admins", False),
        ("GroupName", "switchyard-a-team-b\n", False),
        ("TeamPath", "/switchyard/teams/prod/", True),
        ("TeamPath", "/switchyard/clients/prod/", False),
        ("TeamPath", "/", False),
        ("TeamPath", "/switchyard/teams/prod/\n", False),
        ("Revision", "R1", True),
        ("Revision", "R9999999999", True),
        ("Revision", "R", False),
        ("Revision", "R1 ", False),
        ("Revision", '1","Effect":"Deny', False),
        ("Revision", "R1\n", False),
    ],
)
def test_names_paths_and_revisions_are_ours(parameter: str, value: str, taken: bool) -> None:
    assert accepts(parameter, value) is taken


def test_a_revision_is_never_longer_than_the_frame_leaves_room_for() -> None:
    with pytest.raises(ParameterRefused):
        page_resources({**PARAMETERS, "Revision": "R12345678901"})


def test_a_role_that_stands_there_twice_takes_room_once() -> None:
    assert roles_of(Page("operators", 1, (Entry("a", ROLE), Entry("b", ROLE), Entry("c", OTHER)))) == (ROLE, OTHER)
