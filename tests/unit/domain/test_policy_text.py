"""Whatever account and role an event may name, the group made for it may assume exactly that role and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from bot.domain.errors import Malformed
from bot.ingest.payload import parse
from deploy.rendering import group_template
from tests.fakes import event_body, stack_id
from tests.templates.documents import read
from tests.unit.slack.samples import NOW, SETTINGS

TEMPLATE: dict[str, Any] = read(group_template()[1])
NAME = {"GroupName": SETTINGS.group_name("cabcdefghij"), "GroupPath": SETTINGS.group_path}
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
NASTY = "*?${}\"'\\/:,[]()|^~`<> \n\r\t\x00\u2028\u0661\uff0a\u200b" + "aZ9+=,.@_-"
TEXT = st.text(alphabet=NASTY, max_size=50) | st.text(max_size=50)
ARN = "arn:aws:iam::222222222222:role/switchyard-access"


class NotAllowed(Exception):
    """CloudFormation refuses a parameter."""


def expand(node: Any, values: dict[str, str]) -> Any:
    """A template's node with its parameters filled in, as CloudFormation does it: as values, never as text."""
    if isinstance(node, dict):
        return (
            values[node["Ref"]] if set(node) == {"Ref"} else {key: expand(each, values) for key, each in node.items()}
        )
    return [expand(each, values) for each in node] if isinstance(node, list) else node


def policy_for(role_arn: str) -> dict[str, Any]:
    """The one policy of the group's stack, as IAM gets it. Raise NotAllowed for a parameter out of its form."""
    values = NAME | {"RoleArn": role_arn, "Revision": "Approved"}
    for name, rules in TEMPLATE["Parameters"].items():
        if len(values[name]) > rules["MaxLength"] or not re.search(rules["AllowedPattern"], values[name]):
            raise NotAllowed(name)
    [policy] = expand(TEMPLATE["Resources"]["ClientGroup"]["Properties"]["Policies"], values)
    document: dict[str, Any] = json.loads(json.dumps(policy["PolicyDocument"]))
    return document


def named_by(account_id: str, role_name: str) -> tuple[str, str]:
    """Account and role as an event's parser lets them through."""
    stack = stack_id(account=account_id)
    child = stack_id("child", account_id)
    claims = {"account_id": account_id, "role_name": role_name, "parent_stack_id": stack, "child_stack_id": child}
    body = json.loads(event_body("CREATE_COMPLETE", NOW))
    body["notification"] = body["notification"].replace(body["child_stack_id"], child)
    event = parse(json.dumps(body | claims).encode(), "aws").event
    return event.stack.account_id, event.stack.role_name


@given(
    st.text(alphabet="0123456789", min_size=12, max_size=12),
    st.text(alphabet=LETTERS + "+=,.@_-", min_size=1, max_size=43),
    st.sampled_from(["aws", "aws-cn", "aws-us-gov"]),
)
def test_the_policy_is_one_statement_about_exactly_that_role(account: str, role: str, partition: str) -> None:
    account_id, role_name = named_by(account, role)
    resource = replace(SETTINGS, partition=partition).role_arn(account_id, role_name)
    assert resource == f"arn:{partition}:iam::{account}:role/{role}"
    assert not set(resource) & set("*?${}")
    assert policy_for(resource) == {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Approved", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": resource}],
    }


@given(TEXT)
@example("*")
@example("${aws:username}")
@example('x","arn:aws:iam::333333333333:role/admin')
@example("x\n")
@example("path/x")
def test_the_parser_lets_no_other_name_through(name: str) -> None:
    assume(not (1 <= len(name) <= 43 and set(name) <= set(LETTERS + "+=,.@_-")))
    with pytest.raises(Malformed, match="role_name"):
        named_by("222222222222", name)


@given(TEXT)
@example("22222222222*")
@example("\u0662" * 12)
def test_the_parser_lets_no_other_account_through(account: str) -> None:
    assume(not (len(account) == 12 and set(account) <= set("0123456789")))
    with pytest.raises(Malformed, match="account_id"):
        named_by(account, "switchyard-access")


@given(TEXT, st.integers(0, len(ARN)), st.integers(0, len(ARN)))
@example("*", len(ARN), 0)
@example("\n", len(ARN), 0)
@example('", "Resource": "*', len(ARN), 0)
@example("${aws:PrincipalAccount}", 13, 12)
@example("path/", 31, 0)
@example(ARN, 0, 0)
def test_the_template_by_itself_takes_the_arn_of_one_role_and_nothing_else(text: str, at: int, gone: int) -> None:
    """Even when the bot is wrong: anything spliced into a good ARN is refused unless it is a good ARN again."""
    arn = ARN[:at] + text + ARN[at + gone :]
    try:
        statement = policy_for(arn)["Statement"]
    except NotAllowed as refused:
        assert str(refused) == "RoleArn"
        return
    arn_, partition, service, region, account, resource = arn.split(":")
    assert (arn_, service, region) == ("arn", "iam", "")
    assert partition in ("aws", "aws-cn", "aws-us-gov")
    assert len(account) == 12
    assert set(account) <= set("0123456789")
    kind, _, name = resource.partition("/")
    assert kind == "role"
    assert 1 <= len(name) <= 43
    assert set(name) <= set(LETTERS + "+=,.@_-")
    assert statement == [{"Sid": "Approved", "Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}]


@pytest.mark.parametrize(
    "arn",
    [
        f"{ARN}*",
        f"{ARN}?",
        f"{ARN}${{aws:username}}",
        f"{ARN}\n",
        f'{ARN}", "Resource": "*',
        f"{ARN},{ARN}",
        ARN.replace("role/", "role/path/"),
        ARN.replace(":role/", ":user/"),
        ARN.replace("222222222222", "*"),
        ARN.replace("arn:aws:", "arn:*:"),
        "*",
        "",
    ],
)
def test_the_template_refuses_what_would_grant_more(arn: str) -> None:
    with pytest.raises(NotAllowed, match="RoleArn"):
        policy_for(arn)
