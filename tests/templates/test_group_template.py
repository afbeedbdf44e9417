"""The client-group stack: one group that may assume exactly one role, whatever its parameters are made to say."""

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.rendering import group_template
from tests.templates.documents import lint_messages, read, strings

KEY, CONTENT = group_template()
TEMPLATE = read(CONTENT)
PATTERNS = {name: parameter["AllowedPattern"] for name, parameter in TEMPLATE["Parameters"].items()}
ROLE = "arn:aws:iam::222222222222:role/switchyard-access"


def accepts(parameter: str, value: str) -> bool:
    """CloudFormation matches the whole value; the patterns must hold even where an engine only searches."""
    whole, found = (match(PATTERNS[parameter], value) is not None for match in (re.fullmatch, re.search))
    assert whole == found, "the pattern relies on being matched against the whole value"
    return found


def test_cfn_lint_has_nothing_to_say_in_any_partition() -> None:
    assert lint_messages(CONTENT) == []


def test_key_is_private_and_carries_the_contents_hash() -> None:
    assert f"provider/client-group-{hashlib.sha256(CONTENT).hexdigest()[:16]}.yaml" == KEY


def test_makes_one_group_that_may_assume_exactly_the_given_role() -> None:
    assert TEMPLATE["Resources"] == {
        "ClientGroup": {
            "Type": "AWS::IAM::Group",
            "Properties": {
                "GroupName": {"Ref": "GroupName"},
                "Path": {"Ref": "GroupPath"},
                "Policies": [
                    {
                        "PolicyName": "switch-into-client",
                        "PolicyDocument": {
                            "Version": "2012-10-17",
                            "Statement": [
                                {
                                    "Sid": {"Ref": "Revision"},
                                    "Effect": "Allow",
                                    "Action": "sts:AssumeRole",
                                    "Resource": {"Ref": "RoleArn"},
                                }
                            ],
                        },
                    }
                ],
            },
        }
    }


def test_reports_name_and_arn() -> None:
    outputs = {name: output["Value"] for name, output in TEMPLATE["Outputs"].items()}
    assert outputs == {"GroupName": {"Ref": "ClientGroup"}, "GroupArn": {"Fn::GetAtt": ["ClientGroup", "Arn"]}}


def test_no_partition_is_written_down() -> None:
    assert not any("arn:aws:" in text for text in strings(TEMPLATE))


def test_no_parameter_has_a_default_that_could_slip_through() -> None:
    assert not any("Default" in parameter for parameter in TEMPLATE["Parameters"].values())


@pytest.mark.parametrize(
    "arn",
    [
        ROLE,
        "arn:aws-cn:iam::222222222222:role/a",
        "arn:aws-us-gov:iam::222222222222:role/A+b=c,d.e@f_g-9",
        f"arn:aws:iam::222222222222:role/{'x' * 43}",
    ],
)
def test_one_role_in_any_partition_is_taken(arn: str) -> None:
    assert accepts("RoleArn", arn)


@pytest.mark.parametrize(
    "arn",
    [
        "",
        "*",
        "arn:aws:iam::222222222222:role/*",
        "arn:aws:iam::222222222222:role/a?",
        "arn:aws:iam::*:role/switchyard-access",
        "arn:aws:iam::22222222222:role/switchyard-access",
        "arn:aws:iam::222222222222:role/${aws:username}",
        "arn:aws:iam::222222222222:role/a$",
        "arn:aws:iam::222222222222:role/path/switchyard-access",
        "arn:aws:iam::222222222222:role/",
        "arn:aws:iam::222222222222:user/ada",
        "arn:aws:sts::222222222222:assumed-role/a/b",
        "arn:aws-iso:iam::222222222222:role/a",
        "arn:*:iam::222222222222:role/a",
        f"arn:aws:iam::222222222222:role/{'x' * 44}",
        f"{ROLE}\n",
        f"{ROLE}\r",
        f"{ROLE}\u2028",
        f"\n{ROLE}",
        f" {ROLE}",
        f"{ROLE} ",
        f"{ROLE}\n{ROLE}",
        f"{ROLE},{ROLE.upper()}/x",
        f'{ROLE}", "*',
    ],
)
def test_anything_but_exactly_one_role_is_refused(arn: str) -> None:
    assert not accepts("RoleArn", arn)


@given(st.from_regex(PATTERNS["RoleArn"]))
def test_whatever_the_pattern_takes_names_one_role(arn: str) -> None:
    partition, account, role = re.split(r":iam::|:role/", arn.removeprefix("arn:"))
    assert partition in {"aws", "aws-cn", "aws-us-gov"}
    assert account.isascii() and account.isdigit() and len(account) == 12
    assert 1 <= len(role) <= 43
    assert not set(role) & set("*?$/:{}\"' \t\r\n")


@pytest.mark.parametrize("name", ["switchyard-demo-cabcdefgh27", "switchyard-a-c234567abcd"])
def test_our_group_names_are_taken(name: str) -> None:
    assert accepts("GroupName", name)


@pytest.mark.parametrize(
    "name",
    ["", "admins", "switchyard-demo-cabcdefgh2", "switchyard-demo-cabcdefgh271", "switchyard-demo-cabcdefgh21",
     "switchyard-de-mo-cabcdefgh27", "switchyard-Demo-cabcdefgh27", "switchyard-demo-cabcdefgh27\n",
     "switchyard-*-cabcdefgh27"],
)  # fmt: skip
def test_other_group_names_are_refused(name: str) -> None:
    assert not accepts("GroupName", name)


@pytest.mark.parametrize("revision", ["Approved", "rabcdefghijklmnop2", "x" * 64])
def test_a_revision_is_letters_and_digits(revision: str) -> None:
    assert accepts("Revision", revision)


@pytest.mark.parametrize(
    "revision", ["", "r-2", "r 2", "r2\n", "*", "${aws:username}", 'x","Effect":"Deny', "x" * 65, "é"]
)
def test_nothing_else_is_a_revision(revision: str) -> None:
    assert not accepts("Revision", revision)


def test_our_path_is_taken() -> None:
    assert accepts("GroupPath", "/switchyard/clients/demo/")


@pytest.mark.parametrize(
    "path",
    ["", "/", "/switchyard/clients/", "/switchyard/clients/demo", "/switchyard/clients/demo/x/", "/other/clients/demo/",
     "/switchyard/clients/demo/\n", "/switchyard/clients/*/", "/switchyard/clients/../"],
)  # fmt: skip
def test_other_paths_are_refused(path: str) -> None:
    assert not accepts("GroupPath", path)
