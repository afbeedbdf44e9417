"""What breaks, and what becomes of it: Slack is down, CloudFormation fails, a Lambda lacks a permission."""

import time

from local.demo.actors import Operator, client_groups, on_pages
from local.demo.cast import INITECH, UMBRELLA
from local.demo.local_workspace import CLOUDFORMATION_FAILS
from local.demo.operating import failed_invocations, measured, missing_permission, replay, sweep
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.faults.switches import SLACK_IS_DOWN
from local.slack.workspace import facts

_SECONDS_BETWEEN_SWEEPS = 3


def umbrella_asks_while_slack_is_down(teller: Teller) -> None:
    """The event is taken and the request stored; nothing of it can be posted yet. It takes its time: told later."""
    teller.tell.chapter("Slack is down while Umbrella deploys its stack")
    link = teller.invite(UMBRELLA)
    teller.slack.turn(SLACK_IS_DOWN, on=True)
    stack_id = UMBRELLA.create_stack(link, RequireMfa="false")
    teller.tell.wait_for(
        "Umbrella's stack is created all the same", lambda: UMBRELLA.stack_status(stack_id) == "CREATE_COMPLETE"
    )

    def waits() -> bool:
        listed = [line for answer in teller.type(facts.ADA, "/clients") for line in answer.words.splitlines()]
        return any(UMBRELLA.name in line and "waiting for approval" in line for line in listed)

    teller.tell.wait_for("its request is stored: /clients says that it waits for approval", waits)
    teller.tell.holds("nothing of it is in the channel", not teller.requests(UMBRELLA))
    teller.slack.turn(SLACK_IS_DOWN, on=False)
    teller.tell.say("  Slack is back. The next sweeps post what is missing; the story goes on meanwhile.")


def umbrellas_request_appears(teller: Teller) -> Seen:
    """The sweep posts what Slack did not take; this one doesn't wait for the minute, so that the story goes on."""
    teller.tell.chapter("Slack was down when Umbrella asked")
    asked_again_at = time.monotonic()

    def look() -> Seen | None:
        nonlocal asked_again_at
        if time.monotonic() - asked_again_at > _SECONDS_BETWEEN_SWEEPS:
            sweep()
            asked_again_at = time.monotonic()
        return next((m for m in teller.requests(UMBRELLA) if m.buttons), None)

    request = teller.tell.wait_for("Umbrella's request is in the channel, with its buttons", look)
    teller.tell.holds("once", len(teller.requests(UMBRELLA)) == 1)
    return request


def cloudformation_fails(teller: Teller, request: Seen) -> None:
    """An approval that fails is told with the reason, and Retry is all it takes."""
    teller.tell.chapter("CloudFormation fails when Ada approves Umbrella")
    before = client_groups()
    teller.slack.turn(CLOUDFORMATION_FAILS, on=True)
    teller.press(facts.ADA, request, "Approve")
    failed = teller.now_says(request, "Cannot exceed quota for GroupsPerAccount", "the message says why it failed")
    teller.tell.holds("it is red and offers Retry", "🔴" in failed.words and "Retry" in failed.buttons)
    teller.tell.holds("no group was made", client_groups() == before)
    teller.tell.holds("no page lists its role", UMBRELLA.role_arn() not in on_pages())
    teller.slack.turn(CLOUDFORMATION_FAILS, on=False)
    teller.press(facts.ADA, failed, "Retry")
    teller.now_says(request, "✅", "CloudFormation works again: Ada presses Retry, and the message turns green")
    teller.tell.holds("the group is there", len(client_groups()) == len(before) + 1)


def a_failed_invocation_is_replayed(teller: Teller, olli: Operator, mia: Operator) -> None:
    """What Lambda gave up waits in a queue, and `make replay` makes it happen."""
    teller.tell.chapter("Initech is let in after all, but a permission is missing")
    [denied] = teller.requests(INITECH)
    before = client_groups()
    teller.press(facts.ADA, denied, "Reopen")
    request = teller.now_says(denied, "Waiting for approval", "Ada reopens Initech's request")
    with missing_permission("provision", "dynamodb:*"):
        teller.press(facts.ADA, request, "Approve")
        teller.tell.wait_for(
            "she approves, and the failed invocation waits in the queue", lambda: failed_invocations() >= 1
        )
        teller.tell.holds("no group was made", client_groups() == before)
    said = teller.tell.wait_for("the permission is back, and make replay empties the queue", _replayed)
    teller.tell.holds(f"it says: {said.splitlines()[-1]}", "0 left" in said)
    teller.now_says(request, "✅", "the message turns green")
    teller.tell.holds("the group is there", len(client_groups()) == len(before) + 1)
    arn = olli.switch_into(INITECH.role_arn())
    teller.tell.holds(f"in the team, without any IAM command, Olli is now {arn}", INITECH.account_id in (arn or ""))
    teller.tell.holds(
        "Mia, who is in other clients' groups only, is refused", mia.switch_into(INITECH.role_arn()) is None
    )
    teller.tell.wait_for(
        "the queue is empty", lambda: failed_invocations() == 0 or (_replayed() and failed_invocations() == 0)
    )


def _replayed() -> str | None:
    """Return what `make replay` said; None where an invocation failed once more and stays in the queue.

    There may be several: each minute the sweep hands over again what was not begun.
    """
    try:
        return replay()
    except OSError:
        return None


def it_was_measured(teller: Teller) -> None:
    """The running Lambdas told CloudWatch through their logs."""
    teller.tell.chapter("What CloudWatch is told")
    taken = measured("ingest")
    teller.tell.holds(f"events were counted: {sum(taken['EventsTaken']):.0f} taken", taken["EventsTaken"])
    teller.tell.holds(f"{sum(taken['EventsRefused']):.0f} refused", taken["EventsRefused"])
    decided = measured("slack")
    teller.tell.holds(f"and decisions: {sum(decided['Decisions']):.0f}", decided["Decisions"])
    access = measured("outcome")["ApprovalToAccess"] + measured("sweep")["ApprovalToAccess"]
    teller.tell.holds(f"from approval to access it took {min(access, default=0):.1f} s at best", access)
    posted = measured("provision")["EventToMessage"] + measured("sweep")["EventToMessage"]
    teller.tell.holds(
        f"from event to message {max(posted, default=0):.0f} s at worst, with Slack down in between", posted
    )
