"""docs/for-clients.md names everything that a client's stack makes, allows and asks, and nothing else."""

from __future__ import annotations

import json
import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY
from tests.templates.documents import read
from tests.templates.rendered import CHILD_KEY, RENDERED

PROJECT = Path(__file__).parents[3]
PAGE = (PROJECT / "docs/for-clients.md").read_text(encoding="utf-8")
CHANGES = (PROJECT / "client-templates/CHANGELOG.md").read_text(encoding="utf-8")
PARENT, CHILD, FLAT = (read(RENDERED[key]) for key in (CLIENT_TEMPLATE_KEY, CHILD_KEY, FLAT_TEMPLATE_KEY))


def table(heading: str) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("|")]
    return rows[2:]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def actions_in(document: Any) -> set[str]:
    """Every action that a template allows anybody."""
    found = re.findall(r'"Action": (\[[^]]*\]|"[^"]*")', json.dumps(document))
    return {action for one in found for action in re.findall(r'"([a-z]+:[A-Za-z*]+)"', one)}


def read_only_allows(action: str) -> bool:
    """Return whether AWS's ReadOnlyAccess, as moto has copied it, allows an action."""
    document = json.loads(aws_managed_policies_data)["ReadOnlyAccess"]["Document"]
    allowed = [one for statement in document["Statement"] for one in statement["Action"]]
    return any(fnmatchcase(action, pattern) for pattern in allowed)


def test_every_resource_is_named() -> None:
    told = {name for row in table("What is created") for name in named(row[0])}
    assert told == {*PARENT["Resources"], *CHILD["Resources"]}
    assert FLAT["Resources"].keys() - told == {"News"} and "`News`" in PAGE


def test_every_action_is_named() -> None:
    told = {name for row in table("Every permission") for name in named(row[1]) if ":" in name}
    assert told == actions_in([PARENT, CHILD, FLAT])


def test_every_level_and_its_policy_are_named() -> None:
    told = {row[0].split("*")[1]: named(row[1])[0] for row in table("Every permission") if "*" in row[0]}
    assert told == {level: one["Name"] for level, one in CHILD["Mappings"]["ManagedPolicies"].items()}


@pytest.mark.parametrize(
    ("action", "named_as"),
    [
        ("s3:GetObject", "S3 objects"),
        ("dynamodb:Scan", "tables"),
        ("sqs:ReceiveMessage", "queues"),
        ("logs:GetLogEvents", "logs"),
        ("lambda:GetFunction", "Lambda code and variables"),
        ("ssm:GetParameter", "Systems Manager's parameters"),
    ],
)
def test_read_only_reads_the_data_that_the_page_names(action: str, named_as: str) -> None:
    [row] = [" | ".join(row) for row in table("Every permission") if "*ReadOnly*" in row[0]]
    assert read_only_allows(action) and named_as in row


def test_read_only_reads_no_value_in_secrets_manager() -> None:
    assert "The values in Secrets Manager are not in it" in PAGE
    assert not read_only_allows("secretsmanager:GetSecretValue")
    assert not read_only_allows("secretsmanager:BatchGetSecretValue")


@pytest.mark.parametrize("document", [PARENT, FLAT], ids=["parent", "flat"])
def test_every_parameter_is_named_with_its_default(document: dict[str, Any]) -> None:
    told = {named(row[0])[0]: row[1] for row in table("What you choose")}
    assert told.keys() == document["Parameters"].keys()
    for name, parameter in document["Parameters"].items():
        if "Default" in parameter:
            assert named(told[name]) == [str(parameter["Default"])]


@pytest.mark.parametrize("document", [PARENT, FLAT], ids=["parent", "flat"])
def test_the_templates_version_is_the_newest_of_its_changelog(document: dict[str, Any]) -> None:
    newest = re.findall(r"^## (\d+)$", CHANGES, re.MULTILINE)[0]
    assert document["Outputs"]["TemplateVersion"]["Value"] == newest
