"""A deployed Switchyard whose AWS can fail for as long as a test likes: the real handlers and adapters, and an alarm bell.

What is AWS's here answers the product's own botocore clients: the table, the stand-ins for CloudFormation, IAM and
Lambda. Lambda invokes as it does: again after a failure, and into the queue in the end.
"""  # noqa: E501

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from botocore import xform_name

from bot.aws.cloudformation import GroupStacks
from bot.aws.handoff import LambdaHandoff
from bot.aws.page_stacks import PageStacksOnCloudFormation
from bot.settings import Settings
from handlers import outcome, provision, sweep
from local.slack.workspace.facts import ADA
from local.slack.workspace.message import Message
from tests.scenarios.alarm_bell import AlarmBell
from tests.scenarios.aws import Aws
from tests.scenarios.scene import Scene
from tests.unit.aws.cloudformation_stand_in import Stack, StandIn
from tests.unit.domain.test_rules import ENVIRONMENT

IN_PROGRESS = "_IN_PROGRESS"
RETRIES = {"provision": 0, "outcome": 2, "sweep": 0}
"""Lambda's own, as serverless.yml leaves them."""
CREATED, UPDATED, DELETED = "CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"


@dataclass
class Failing:
    """Calls of one AWS client fail with `error` while it is set: all of them, or only `operations`, or only `times`."""

    client: Any
    error: Exception | Callable[[dict[str, Any]], Exception] | None = None
    operations: tuple[str, ...] = ()
    times: int | None = None
    failed: int = 0

    def __post_init__(self) -> None:
        self.client.meta.events.register_first("before-call", self._fail)

    def sets_in(
        self, error: Exception | Callable[[dict[str, Any]], Exception], *operations: str, times: int | None = None
    ) -> None:
        """From now on. An error that depends on the call is made from the call's parameters."""
        self.error, self.operations, self.times, self.failed = error, operations, times, 0

    def ends(self) -> None:
        """The outage is over, and there was one."""
        assert self.error is None or self.failed, "nobody noticed"
        self.error = None

    def leave(self) -> None:
        self.client.meta.events.unregister("before-call", self._fail)

    def _fail(self, model: Any, params: Any, **_: Any) -> None:
        if self.error is None or self.times == self.failed or (self.operations and model.name not in self.operations):
            return
        self.failed += 1
        raise self.error if isinstance(self.error, Exception) else self.error(json.loads(params["body"]))


@dataclass
class OutageScene(Scene):
    """`table`, `cloud`, `iam` and `functions` are AWS's services to fail; `bell` hears what the Lambdas emit."""

    aws: Aws = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.stand_in, self.bell = StandIn(looks_until_deleted=0), AlarmBell(self.clock)
        self.table = Failing(self.aws.dynamodb)
        self.cloud, self.iam = Failing(self.stand_in.cloudformation), Failing(self.stand_in.iam)
        self.handed_over: list[str] = []
        self.to_show: list[Any] = []
        self.asked_pages: list[Any] = []
        self.asked_kits: list[Any] = []
        self.shows_later = False
        self.aws.functions.meta.events.register("before-call", self._invoke)
        self.functions = Failing(self.aws.functions)
        settings = Settings.from_environment(ENVIRONMENT | {"SLACK_API_URL": self.slack.api_url})
        aws = (self.stand_in.cloudformation, self.stand_in.iam)
        self.workflow = replace(
            self.workflow,
            access=GroupStacks(settings, *aws, poll_seconds=0, polls=3),
            pages=PageStacksOnCloudFormation(settings, *aws, poll_seconds=0, polls=3),
            handoff=LambdaHandoff(self.aws.functions, settings.provision_function, settings.kit_function),
            meter=self.bell,
        )
        self.is_decided_by(self.workflow.approvers)

    def leave(self) -> None:
        """Give back the clients that tests share."""
        for failing in (self.table, self.cloud, self.iam, self.functions):
            failing.leave()
        self.aws.functions.meta.events.unregister("before-call", self._invoke)
        self.stand_in.leave()

    def post(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, Any]]:
        status, answer = super().post(*args, **kwargs)
        if status >= 500:
            self.bell.notice("5xx", "HttpApi")
        return status, answer

    def asks(self, status: str = CREATED, **fields: Any) -> Message:
        """The client's stack moved, and the team is asked. The gate tells of a deletion, so that is asked at once."""
        token = {"token": self.invite()} if status == CREATED else {}
        fields = {"last_word": status == DELETED, **fields}
        assert self.happens(status, **token, **fields) == 202
        return self.last

    def presses(self, label: str) -> None:
        """Ada presses a button under the newest message."""
        self.slack.press(ADA, self.last, label)

    def is_told(self) -> str:
        """What Ada was told privately, last."""
        return self.slack.ephemerals(ADA)[-1].words

    def provisions(self) -> None:
        """The provision Lambda takes what was handed over."""
        while self.handed_over:
            event = {"request_id": self.handed_over.pop(0)}
            self._invoked("provision", provision.create_handler, event)

    def work(self) -> None:
        """The provision Lambda takes what was handed over, CloudFormation ends well, and EventBridge tells."""
        self.provisions()
        if [one for one in self.stand_in.stacks if one.status.endswith(IN_PROGRESS)]:
            self.ends()

    def ends(self, failure: str = "", *, lost: bool = False) -> None:
        """CloudFormation's operation ends, with this failure if any; EventBridge's event is lost, or not."""
        stack = self.stand_in.only()
        self.stand_in.end(failure)
        if not lost:
            self._invoked("outcome", outcome.create_handler, {"detail": {"stack-id": stack.id}})

    def minutes_pass(self, minutes: float = 2, every: int = 1) -> None:
        """As many minutes, each with its sweep and what that hands over; or, for long times, every so many minutes."""
        for _ in range(int(minutes) // every):
            self.clock.turn(minutes=every)
            self._invoked("sweep", sweep.create_handler, {})
            self.provisions()

    def stack_left_by_others(self, status: str, role: str = ENVIRONMENT["GROUP_ROLE_ARN"]) -> Stack:
        """A stack that bears the name of the one client's."""
        [client] = self.store.clients(2).clients
        name = f"switchyard-prod-client-{client.id}"
        arn = f"arn:aws:cloudformation:eu-west-1:111111111111:stack/{name}/others"
        stack = Stack(name, arn, token="others", role=role)
        self.stand_in.stacks.append(stack)
        if status.startswith("UPDATE") and role == ENVIRONMENT["GROUP_ROLE_ARN"]:
            self.stand_in.groups.setdefault(f"switchyard-prod-{client.id}", [])
        self.stand_in.tell(stack, status)
        return stack

    @property
    def groups(self) -> dict[str, list[str]]:
        """What has become of it all in IAM."""
        return self.stand_in.groups

    def is_onboarded(self) -> bool:
        """As after an undisturbed run: one message, green, one card, one group that grants the role, no more."""
        [message] = [one for one in self.slack.messages if not one.is_reply]
        [stack] = [one for one in self.stand_in.stacks if one.status != DELETED]
        cards = [one for one in self.slack.thread(message) if "Switch" in one.words or "switch" in one.words]
        granted = stack.parameters["RoleArn"] == "arn:aws:iam::222222222222:role/switchyard-access"
        return (
            "is onboarded" in message.words
            and not {"Approve", "Deny", "Retry"} & {*message.buttons}
            and len(cards) == len(self.groups) == 1
            and granted
        )

    def _invoke(self, model: Any, params: Any, **_: Any) -> Any:
        assert xform_name(model.name) == "invoke"
        event = json.loads(params["body"])
        if "teams" in event:
            self.asked_pages.append(event)
        elif "renew" in event:
            self.asked_kits.append(event)
        elif "show" not in event:
            self.handed_over.append(event["request_id"])
        elif self.shows_later:
            self.to_show.append(event)
        else:
            self._invoked("provision", provision.create_handler, event)
        taken = {"StatusCode": 202, "Payload": BytesIO(), "ResponseMetadata": {"HTTPStatusCode": 202}}
        return SimpleNamespace(status_code=202), taken

    def _invoked(self, function: str, create_handler: Callable[..., Callable[..., None]], event: Any) -> None:
        """Lambda's asynchronous invocation."""
        for _ in range(1 + RETRIES[function]):
            try:
                create_handler(lambda: self.workflow)(event, None)
            except Exception:
                self.bell.notice("Errors", f"{function.capitalize()}Lambda")
            else:
                return
        if function != "sweep":
            self.bell.notice("ApproximateNumberOfMessagesVisible", "FailedQueue")
