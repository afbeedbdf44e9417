"""Builds everything from the environment: no other module names concrete adapters or reads the environment.

Each part is made once per Lambda container, when it is first asked for. What only some Lambdas need is imported where
it is made.
"""

from __future__ import annotations

import gc
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from aws_lambda_powertools import Logger, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from bot.aws.clients import AwsClients, Later
from bot.aws.dynamodb import DynamoStore
from bot.aws.handoff import LambdaHandoff
from bot.aws.secrets import ParameterSecrets
from bot.domain.errors import SwitchyardError
from bot.domain.page import Teams
from bot.domain.vocabulary import Measure
from bot.settings import Settings
from bot.workflow import Workflow

if TYPE_CHECKING:
    from slack_bolt import App
    from slack_sdk import WebClient

    from bot.aws.cloudformation import GroupStacks
    from bot.aws.page_stacks import PageStacksOnCloudFormation
    from bot.aws.sts import StsVerifier
    from bot.commands import Commands
    from bot.kit.renewing import KitRenewal
    from bot.kit.sending import KitSending
    from bot.slack.homes import SlackHomes
    from bot.slack.inbound.door import Door
    from bot.slack.notifier import SlackNotifier

Made = TypeVar("Made", bound=Workflow)
UNHURRIED = 10
"""Seconds that one call to Slack may take where nobody waits for the answer."""
TO_STORE = 0.2
"""Seconds of an invocation that are kept for storing what Slack answered."""


class SystemClock:
    """The system's clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class LogMeter:
    """Writes measurements as log lines in CloudWatch's embedded metric format, which needs no permissions.

    Each line is written at once, so a measurement counts even if the Lambda is killed a moment later.
    """

    def __init__(self, stage: str) -> None:
        self._stage = stage

    def count(self, measure: Measure, kind: str = "") -> None:
        self._write(measure, MetricUnit.Count, 1, kind)

    def seconds(self, measure: Measure, value: float) -> None:
        self._write(measure, MetricUnit.Seconds, value)

    def percent(self, measure: Measure, value: float, kind: str) -> None:
        self._write(measure, MetricUnit.Percent, value, kind)

    def _write(self, measure: Measure, unit: MetricUnit, value: float, kind: str = "") -> None:
        dimensions = {"stage": self._stage, **({"kind": kind} if kind else {})}
        with single_metric(measure.value, unit, value, namespace="Switchyard", default_dimensions=dimensions):
            pass


@cache
def meter() -> LogMeter:
    """Return the meter of this stage."""
    return LogMeter(os.environ.get("STAGE", "unknown"))


@cache
def logger() -> Logger:
    """Return the parent of all loggers under `bot`, which write JSON lines."""
    return Logger(service="bot")


def trace(context: object) -> None:
    """Put the id of this Lambda invocation into every log line that follows, and let no call to Slack outlast it."""
    logger().append_keys(function_request_id=getattr(context, "aws_request_id", None))
    left = getattr(context, "get_remaining_time_in_millis", lambda: math.inf)
    _invocation.until = time.monotonic() + left() / 1000


@dataclass
class _Invocation:
    """The invocation that is running: when Lambda ends it, by the monotonic clock."""

    until: float = math.inf

    def time_left(self) -> float:
        """Return the seconds that a call to Slack may take, so that its failure can still be stored."""
        return max(self.until - time.monotonic() - TO_STORE, 0.01)


_invocation = _Invocation()


@cache
def settings() -> Settings:
    """Return the settings, checked. Raises SettingsInvalid."""
    return Settings.from_environment(os.environ)


@cache
def workflow() -> Workflow:
    """Return the use cases on AWS and Slack where nobody waits for what Slack answers."""
    return _on_adapters(Workflow, hurried=False)


@cache
def commands() -> Commands:
    """Return all use cases, for the function behind Slack's route: somebody waits for what Slack answers."""
    from bot.commands import Commands

    return _on_adapters(Commands, hurried=True)


def _on_adapters(kind: type[Made], *, hurried: bool) -> Made:
    logger()
    chosen, clients = settings(), _clients()
    notifier = cast("SlackNotifier", Later(lambda: slack_notifier(hurried=hurried)))
    return kind(
        store=DynamoStore(clients.dynamodb, chosen.table_name),
        verifier=cast("StsVerifier", Later(_verifier)),
        channel=notifier,
        directory=notifier,
        homes=cast("SlackHomes", Later(lambda: slack_homes(hurried=hurried))),
        handoff=LambdaHandoff(clients.functions, chosen.provision_function, chosen.kit_function),
        access=cast("GroupStacks", Later(_group_stacks)),
        pages=cast("PageStacksOnCloudFormation", Later(_page_stacks)),
        teams=Teams(chosen.teams, chosen.client_groups),
        clock=SystemClock(),
        approvers=chosen.approvers,
        partition=chosen.partition,
        provider_account_id=chosen.provider_account_id,
        waiting=chosen.waiting,
        workspaces=chosen.workspaces,
        meter=meter(),
    )


def _verifier() -> StsVerifier:
    from bot.aws.sts import StsVerifier

    return StsVerifier(
        settings().partition,
        _clients().sts_regions(settings().partition),
        settings().audience,
        SystemClock(),
        endpoint=os.environ.get("AWS_ENDPOINT_URL_STS") or os.environ.get("AWS_ENDPOINT_URL"),
    )


def _group_stacks() -> GroupStacks:
    from bot.aws.cloudformation import GroupStacks

    return GroupStacks(settings(), _clients().cloudformation, _clients().iam)


def _page_stacks() -> PageStacksOnCloudFormation:
    from bot.aws.page_stacks import PageStacksOnCloudFormation

    return PageStacksOnCloudFormation(settings(), _clients().cloudformation, _clients().iam)


@cache
def slack_notifier(*, hurried: bool) -> SlackNotifier:
    """Return the channel and directory in Slack."""
    from bot.slack.notifier import SlackNotifier

    return SlackNotifier(_slack(hurried=hurried), settings())


@cache
def slack_homes(*, hurried: bool) -> SlackHomes:
    """Return what publishes App Home."""
    from bot.slack.homes import SlackHomes

    return SlackHomes(_slack(hurried=hurried), settings(), slack_notifier(hurried=hurried))


@cache
def kit_sending() -> KitSending:
    """Return what sends people their kits."""
    from bot.kit.sending import KitSending
    from bot.slack.kit_courier import KitCourier

    logger()
    chosen = settings()
    store = DynamoStore(_clients().dynamodb, chosen.table_name)
    return KitSending(store, KitCourier(_slack(hurried=False), chosen), chosen, SystemClock())


@cache
def kit_renewal() -> KitRenewal:
    """Return what renews teams' kits in their bucket."""
    from bot.aws.kit_bucket import KitBucket
    from bot.kit.renewing import KitRenewal

    logger()
    chosen = settings()
    store = DynamoStore(_clients().dynamodb, chosen.table_name)
    return KitRenewal(store, KitBucket(_clients().s3, chosen), chosen, SystemClock())


@cache
def slack_door() -> Door:
    """Return the entry for Slack's requests. Nothing is read to make it."""
    from bot.slack.inbound.door import Door

    logger()
    return Door(lambda: secrets().get(settings().signing_secret_parameter), slack_app)


@cache
def slack_app() -> App:
    """Return the Bolt app for the use cases."""
    from bot.slack.inbound.app import create_app

    return create_app(commands(), settings(), _slack(hurried=True))


def prepare(*also: Callable[[], object]) -> None:
    """Make in Lambda's init what every request needs: the settings, the table's client, and `also`.

    Outside of Lambda nothing is made. A fault is ignored here: the first request meets it again and logs it.
    """
    if "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        with suppress(Exception):
            _ = _clients().dynamodb
            for make in also:
                make()
        gc.freeze()
    gc.enable()


def deciding() -> object:
    """Make and import what a press on Approve and a list of clients need."""
    from bot.decisions import search
    from bot.slack.inbound import deciding, finding

    people = commands()
    return slack_door(), people.approval, people.provisioning, search, deciding, finding


def carrying_out() -> object:
    """Make and import what carrying out an approval needs."""
    clients = _clients()
    made = clients.cloudformation.meta, clients.iam.meta  # each is made when one of its attributes is read
    return workflow().provisioning, _group_stacks(), made


def showing() -> object:
    """Make what it takes to post and edit messages."""
    return workflow().delivery, slack_notifier(hurried=False), secrets()


def warm_up(make: Callable[[], object], *, signed: bool) -> None:
    """Make what a first request needs and read the secrets, so that the first press of a quiet day waits for neither.

    `signed`: also the signing secret, which only the function behind Slack's route may read.
    """
    try:
        make()
        chosen = settings()
        for name in (chosen.bot_token_parameter, *([chosen.signing_secret_parameter] if signed else [])):
            secrets().get(name)
    except SwitchyardError as error:
        logger().warning("not warmed up: %s", error)


@cache
def _clients() -> AwsClients:
    return AwsClients(settings().region)


@cache
def secrets() -> ParameterSecrets:
    """Return the reader of secrets."""
    return ParameterSecrets(_clients().ssm)


@cache
def _slack(*, hurried: bool) -> WebClient:
    from bot.slack.client import TIMEOUT_SECONDS, web_client

    chosen, seconds = settings(), TIMEOUT_SECONDS if hurried else UNHURRIED
    token = chosen.bot_token_parameter
    return web_client(lambda: secrets().get(token), chosen.slack_api_url, seconds, _invocation.time_left)
