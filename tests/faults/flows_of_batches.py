"""Flows of companies with several accounts, which are asked about in one message and decided by one press."""

from __future__ import annotations

from bot.domain.approvers import Approvers
from bot.domain.vocabulary import AccessLevel, Verb
from tests.fakes import BEA
from tests.faults.flows import DAY, STEP, Flow
from tests.faults.lambdas import APPROVERS
from tests.faults.people import People

ACCOUNTS = 3
TAKEN_AWAY = ("is being removed", "being taken away already", "nothing to revoke")
"""What somebody reads whose press counts, or whose first attempt had counted."""


def arrive(outside: People, accounts: int = ACCOUNTS, token: str = "") -> None:
    """The accounts of one invitation deploy, one after the other."""
    token = token or outside.invite(accounts=accounts)
    for number in range(1, accounts + 1):
        outside.happens("CREATE_COMPLETE", token=token, account=f"{number:012}", parent=number)


def accounts_arrive(outside: People) -> None:
    """The calls that fail are those by which they come to share a message."""
    token = outside.invite(accounts=2)
    outside.injector.begin()
    arrive(outside, 2, token)
    outside.wait_for(lambda: outside.channel.accounts_shown() == [2], "they are not shown together")


def approve_all(outside: People) -> None:
    arrive(outside)
    outside.injector.begin()
    outside.press_all(Verb.APPROVE)


def deny_all(outside: People) -> None:
    arrive(outside)
    outside.injector.begin()
    outside.press_all(Verb.DENY)


def two_approve_all(outside: People) -> None:
    """The second one presses when the message shows the first one's approvals."""
    outside.approvers = Approvers(APPROVERS.users, APPROVERS.groups, needed=((AccessLevel.READ_ONLY, 2),))
    arrive(outside, 2)
    outside.injector.begin()
    outside.press_all(Verb.APPROVE)
    outside.minutes(3)
    outside.press_all(Verb.APPROVE, BEA)


def reminded_of_all(outside: People) -> None:
    arrive(outside, 2)
    outside.injector.begin()
    outside.hours_pass(STEP)
    outside.wait_for(lambda: bool(outside.channel.seen()["reminders"]), "nobody was reminded")
    outside.press_all(Verb.APPROVE)


def all_expire(outside: People) -> None:
    arrive(outside, 2)
    outside.injector.begin()
    for _ in range(7 * DAY // STEP):
        outside.hours_pass(STEP)


def revoke_a_company(outside: People) -> None:
    arrive(outside, 2)
    outside.press_all(Verb.APPROVE)
    outside.minutes(3)
    outside.injector.begin()
    outside.revokes("Acme", lambda answer: any(one in answer for one in TAKEN_AWAY))
    outside.minutes(3)


FLOWS_OF_BATCHES: dict[str, Flow] = {
    flow.__name__: flow
    for flow in (accounts_arrive, approve_all, deny_all, two_approve_all, reminded_of_all, all_expire, revoke_a_company)
}
