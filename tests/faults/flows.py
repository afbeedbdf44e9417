"""The flows of the matrix. Each prepares what was there before, then `begin`s: from there on every call may fail."""

from __future__ import annotations

from collections.abc import Callable

from bot.domain.model import Terms
from bot.domain.vocabulary import AccessLevel, Verb
from tests.faults.people import People

Flow = Callable[[People], None]
STEP, DAY = 4, 24
"""Hours between the sweeps that are played of the days in which nobody decides."""


def onboarded(outside: People) -> None:
    """A client that is there before anything fails, with an operator in its group."""
    outside.happens("CREATE_COMPLETE", token=outside.invite())
    outside.press(Verb.APPROVE)
    outside.minute()
    outside.cloud.joins("olli")


def onboard_approve(outside: People) -> None:
    """Decided once the forwarder's retries are over: no late event is drawn into a message that has been decided."""
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_IN_PROGRESS", token=token)
    outside.happens("CREATE_COMPLETE", token=token)
    outside.minutes(3)
    outside.press(Verb.APPROVE)


def onboard_deny(outside: People) -> None:
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.DENY)


def update(outside: People) -> None:
    onboarded(outside)
    outside.injector.begin()
    terms = Terms(require_mfa=False, max_session_seconds=43200)
    outside.happens("UPDATE_COMPLETE", role="acme-admin", level="Administrator", terms=terms)
    outside.press(Verb.APPROVE)


def offboard(outside: People) -> None:
    onboarded(outside)
    outside.injector.begin()
    outside.happens("DELETE_COMPLETE", last_word=True)
    outside.press(Verb.APPROVE)


def deletion_confirmed(outside: People) -> None:
    """A notification tells the deletion, and then the gate does."""
    onboarded(outside)
    outside.injector.begin()
    outside.happens("DELETE_COMPLETE")
    outside.wait_for(lambda: bool(outside.stored().stored_gone), "the deletion was not taken")
    outside.happens("DELETE_COMPLETE", last_word=True)
    outside.press(Verb.APPROVE)


def deletion_taken_back(outside: People) -> None:
    """A notification alone tells the deletion, it is asked in time, and then the stack turns out to stand."""
    onboarded(outside)
    outside.injector.begin()
    outside.happens("DELETE_COMPLETE")
    outside.wait_for(lambda: outside.channel.asked() > 1, "the removal was not asked")
    outside.happens("UPDATE_COMPLETE")
    outside.wait_for(lambda: outside.channel.asked() > 2, "the client was not asked for again")
    outside.press(Verb.APPROVE)


def role_taken_over(outside: People) -> None:
    """A client takes the role of another one whose request still waits, which is drawn anew with that."""
    first, second = outside.invite(), outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=first, role="a")
    outside.wait_for(lambda: outside.channel.asked() > 0, "nothing was asked")
    outside.happens("CREATE_COMPLETE", token=second, role="b", parent=2)
    outside.wait_for(lambda: outside.channel.asked() > 1, "the other one was not asked for")
    outside.happens("UPDATE_COMPLETE", token=second, role="a", parent=2)
    outside.wait_for(lambda: outside.channel.asked() > 2, "the takeover was not asked")
    outside.press(Verb.APPROVE)


def retry_after_failure(outside: People) -> None:
    token = outside.invite()
    outside.cloud.fails_next("Group already exists.")
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.APPROVE)
    outside.wait_for(lambda: outside.channel.offered(Verb.RETRY) is not None, "nothing failed")
    outside.minutes(5)
    outside.press(Verb.RETRY)


def supersede(outside: People) -> None:
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.wait_for(lambda: outside.channel.offered(Verb.APPROVE) is not None, "nothing was asked")
    outside.happens("UPDATE_COMPLETE", token=token, level="Administrator")
    outside.wait_for(lambda: outside.channel.asked() > 1, "nothing was asked anew")
    outside.press(Verb.APPROVE)


def expire(outside: People) -> None:
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.wait_for(lambda: outside.channel.offered(Verb.APPROVE) is not None, "nothing was asked")
    for _ in range(7 * DAY // STEP):
        outside.hours_pass(STEP)


def deny_reopen_approve(outside: People) -> None:
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.DENY)
    outside.press(Verb.REOPEN)
    outside.press(Verb.APPROVE)


def failed_client_stack(outside: People) -> None:
    token = outside.invite(AccessLevel.READ_ONLY)
    outside.injector.begin()
    outside.happens("CREATE_IN_PROGRESS", token=token)
    outside.happens("CREATE_FAILED", token=token, resource="Role", reason="Role already exists.")
    outside.happens("ROLLBACK_COMPLETE", token=token, reason="The following resource(s) failed to create: [Role].")
    outside.wait_for(lambda: outside.channel.asked() > 0, "the failure was not told")
