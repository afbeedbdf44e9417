"""What there is of a stage in AWS, read before anything of it is removed or restored. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from botocore.config import Config
from botocore.exceptions import ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.model import Client
from bot.domain.page import Page
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, State
from bot.ports.store import Store
from deploy.deployment import SECRETS, Deployment
from deploy.leftovers import bucket_exists, kept_roles, table_exists

if TYPE_CHECKING:
    from boto3.session import Session
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

PATIENT = Config(retries={"mode": "adaptive", "total_max_attempts": 10})
"""For a thousand stacks in a row, which CloudFormation throttles."""
_EVER = timedelta(days=3650)
_AT_ONCE = 1_000
_OPEN = (State.PENDING, *UNDER_WAY)


@dataclass(frozen=True)
class Unfinished:
    """What of the table somebody still waits for."""

    waiting: int = 0
    """Requests that nobody has decided."""
    under_way: int = 0
    """Approved requests, changes of pages and presses for several that are not carried out yet."""

    def __bool__(self) -> bool:
        return bool(self.waiting or self.under_way)

    def __str__(self) -> str:
        return f"{self.waiting} waiting for a decision, {self.under_way} approved and not carried out"


@dataclass(frozen=True)
class OurStack:
    """One stack that the bot has made with a service role of the stage."""

    name: str
    id: str
    status: str
    role_arn: str

    @property
    def busy(self) -> bool:
        """Return whether CloudFormation is at work on it."""
        return self.status.endswith("_IN_PROGRESS")

    @property
    def makes_group(self) -> bool:
        """Return whether a page's stack makes the group of ten pages, so that it must be deleted after the others."""
        number = self.name.rpartition("-")[2]
        return "-page-" in self.name and number.isdecimal() and int(number) % 10 == 1


@dataclass(frozen=True)
class Inventory:
    """A stage as it is."""

    stack_status: str
    """Empty without a stack."""
    resources: Mapping[str, int]
    """How many of each type the stack has."""
    has_table: bool
    unfinished: Unfinished
    buckets: tuple[str, ...]
    parameters: tuple[str, ...]
    roles: Mapping[str, str]
    client_stacks: tuple[OurStack, ...]
    page_stacks: tuple[OurStack, ...]

    @property
    def of_clients(self) -> bool:
        """Return whether anything is there that lets operators into clients' accounts."""
        return bool(self.client_stacks or self.page_stacks or self.roles)


def take_inventory(session: Session, deployment: Deployment) -> Inventory:
    """Return what there is. Raise NotReady for roles and buckets of that name that are not this stage's."""
    cloudformation = session.client("cloudformation", config=PATIENT)
    s3, dynamodb = session.client("s3"), session.client("dynamodb")
    status = stack_status(cloudformation, deployment.stack_name)
    has_table = table_exists(dynamodb, deployment)
    clients, pages = our_stacks(cloudformation, deployment)
    return Inventory(
        stack_status=status,
        resources=_resources(cloudformation, deployment.stack_name) if status else {},
        has_table=has_table,
        unfinished=unfinished(DynamoStore(dynamodb, deployment.stack_name)) if has_table else Unfinished(),
        buckets=tuple(one for one in (deployment.bucket, deployment.kit_bucket) if bucket_exists(s3, deployment, one)),
        parameters=tuple(_parameters(session.client("ssm"), deployment)),
        roles=kept_roles(session.client("iam"), deployment),
        client_stacks=clients,
        page_stacks=pages,
    )


def stack_status(cloudformation: Any, name: str) -> str:
    """Return the status of the stack that bears the name or has the id; empty where there is none."""
    try:
        [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return ""
        raise
    return "" if stack["StackStatus"] == "DELETE_COMPLETE" else str(stack["StackStatus"])


def our_stacks(cloudformation: Any, deployment: Deployment) -> tuple[tuple[OurStack, ...], tuple[OurStack, ...]]:
    """Return the stacks of clients and those of pages, each made with its service role; others are nobody's of ours."""
    clients, pages = [], []
    for page in cloudformation.get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if _is(stack, f"{deployment.stack_name}-client-", deployment.group_role_arn):
                clients.append(_ours(stack))
            if _is(stack, f"{deployment.stack_name}-page-", deployment.team_role_arn):
                pages.append(_ours(stack))
    return tuple(clients), tuple(pages)


def _is(stack: StackTypeDef, prefix: str, role_arn: str) -> bool:
    made = stack["StackStatus"] not in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE")
    return made and stack["StackName"].startswith(prefix) and stack.get("RoleARN") == role_arn


def _ours(stack: StackTypeDef) -> OurStack:
    return OurStack(stack["StackName"], stack["StackId"], stack["StackStatus"], stack["RoleARN"])


def _resources(cloudformation: Any, stack: str) -> Mapping[str, int]:
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return Counter(
        one["ResourceType"]
        for page in pages
        for one in page["StackResourceSummaries"]
        if one["ResourceStatus"] != "DELETE_COMPLETE"
    )


def _parameters(ssm: Any, deployment: Deployment) -> Iterator[str]:
    for name in map(deployment.secret_name, SECRETS):
        try:
            ssm.get_parameter(Name=name)
        except ssm.exceptions.ParameterNotFound:
            continue
        yield name


def clients_of(store: Store) -> Iterator[Client]:
    """Yield every client of the table, the newest first."""
    cursor: str | None = None
    while True:
        page = store.clients(_AT_ONCE, cursor)
        yield from page.clients
        cursor = page.cursor
        if cursor is None:
            return


def open_requests(store: Store) -> list[Request]:
    """Return the requests that are not decided, or not carried out."""
    due = store.due(datetime.now(UTC) + _EVER, 1_000_000)
    return [one for one in due if one.state in _OPEN]


def unfinished(store: Store) -> Unfinished:
    """Return how much is not decided, and how much not carried out."""
    found = open_requests(store)
    waiting = sum(one.state is State.PENDING for one in found)
    work = store.due_work(datetime.now(UTC) + _EVER, 1_000_000)
    pages = [one for one in work if not isinstance(one, Page) or one.under_way or one.batch]
    return Unfinished(waiting, len(found) - waiting + len(pages))
