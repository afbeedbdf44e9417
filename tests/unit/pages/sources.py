"""What the pages' figures are read from: the templates, the code's limits, and what AWS fixes."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bot.domain import page
from bot.domain.vocabulary import TeamVerb, Verb
from deploy.rendering import CLIENT_TEMPLATE_KEY
from tests.templates.documents import read
from tests.templates.rendered import RENDERED

PROJECT = Path(__file__).parents[3]


class _Tagged(yaml.SafeLoader):
    """Reads what is behind CloudFormation's tags as it stands."""


def _untagged(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_Tagged.add_multi_constructor("!", _untagged)


def yaml_of(path: str) -> dict[str, Any]:
    """Read a YAML file of the project."""
    found: dict[str, Any] = yaml.load((PROJECT / path).read_text(encoding="utf-8"), Loader=_Tagged)
    return found


class Aws(NamedTuple):
    """What AWS fixes; the page is named beside each."""

    groups: int = 300  # IAM User Guide, "IAM and AWS STS quotas": groups in an account, and what it may be raised to
    most_groups: int = 500
    policies: int = 1_500  # the same page: customer managed policies in an account
    most_policies: int = 5_000
    groups_of_a_user: int = 10  # the same page
    policies_of_a_role: int = 10  # the same page: managed policies attached to a role
    stacks: int = 2_000  # CloudFormation User Guide, "Understand CloudFormation quotas"
    policies_of_a_permission_set: int = 20  # IAM Identity Center User Guide, "Additional quotas"
    longest_session_hours: int = 12  # IAM User Guide, "Update the maximum session duration for a role"
    recovery_days: int = 35  # DynamoDB Developer Guide, "Point-in-time backups for DynamoDB"
    backup_gb_month: float = 0.10  # aws.amazon.com/dynamodb/pricing/on-demand, "Backup and restore"
    free_alarms: int = 10  # aws.amazon.com/cloudwatch/pricing, "Free tier"; so the next ones
    free_metrics: int = 10
    free_gb_seconds: int = 400_000  # aws.amazon.com/lambda/pricing
    free_decryptions: int = 20_000  # aws.amazon.com/kms/pricing
    free_logs_gb: int = 5


AWS = Aws()


def seconds(length: timedelta) -> str:
    """Return a time in seconds, as short as it is."""
    return f"{length.total_seconds():g}"


def minutes(length: timedelta) -> str:
    """Return a time in minutes."""
    return f"{length.total_seconds() / 60:g}"


@cache
def forwarder() -> dict[str, Any]:
    """Return the resources of the stack that clients deploy."""
    found: dict[str, Any] = read(RENDERED[CLIENT_TEMPLATE_KEY])["Resources"]
    return found


def log_days() -> int:
    return int(forwarder()["ForwarderLog"]["Properties"]["RetentionInDays"])


def repeated_minutes() -> int:
    """Return for how long a forwarder repeats an event: invoked once, and again as often as Lambda retries it."""
    times = 1 + forwarder()["ForwarderRetries"]["Properties"]["MaximumRetryAttempts"]
    return int(times * forwarder()["Forwarder"]["Properties"]["Timeout"] / 60)


def on_a_page() -> int:
    """How many roles with the default name a page takes."""
    role = str(read(RENDERED[CLIENT_TEMPLATE_KEY])["Parameters"]["RoleName"]["Default"])
    arn = f"arn:aws:iam::111111111111:role/{role}"
    return (page.ROOM - page.SPARE) // (len(arn) + len('"",'))


def decision_kinds() -> set[str]:
    """Return the kinds in which decisions are counted: what is pressed, and what the code names beside it."""
    source = "".join((PROJECT / "bot" / name).read_text() for name in ("workflow.py", "commands.py"))
    return {*Verb, *(f"team {verb}" for verb in TeamVerb)} | {
        kind
        for rest in re.findall(r"Measure\.DECISIONS, (.*)\)", source)
        for kind in re.findall('(?<!f)"([a-z ]+)"', rest)
    }
