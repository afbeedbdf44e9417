"""Flows that begin with what somebody types or presses, and those in which more than one person or request meets."""

from __future__ import annotations

import re

from bot.domain.approvers import Approvers, Workspaces
from bot.domain.ids import token_hash
from bot.domain.vocabulary import AccessLevel, Verb
from tests.fakes import ACME, BEA, OLLI
from tests.faults import flows, flows_of_drift
from tests.faults.channels import ORGANIZATION
from tests.faults.flows import Flow, onboarded
from tests.faults.lambdas import APPROVERS
from tests.faults.people import People

_TOKEN = re.compile(r"param_InvitationToken=([\w-]+)")


def invite(outside: People) -> None:
    """Whoever gets no answer types it again, so there may be two invitations. That does no harm.

    The token of the first was never shown to anybody (only its hash is stored), nobody can use it, and it expires.
    """
    outside.injector.begin()
    token = _TOKEN.findall(outside.types("invite Acme", _TOKEN.search))[0]
    outside.shown.append(token)
    outside.checks_admission(token)
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.APPROVE)


def cancel_invitation(outside: People) -> None:
    """The client that comes with it nevertheless is refused for good."""
    token = outside.invite()
    outside.injector.begin()
    outside.types("invitations", lambda answer: token_hash(token) in answer)
    outside.cancels(token_hash(token))
    outside.checks_admission(token)
    outside.happens("CREATE_COMPLETE", token=token)


def block(outside: People) -> None:
    """A denied client's account. Its next event is refused for good; the gate's last word is kept silently.

    It comes when Slack shows the block: a line of the timeline that is not drawn at once is drawn with the next change.
    """
    token = outside.invite()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.DENY)
    outside.injector.begin()
    outside.types("block Acme", lambda answer: "is blocked" in answer)
    outside.checks_admission(token)
    outside.happens("UPDATE_COMPLETE", token=token)
    outside.minutes(3)
    outside.happens("DELETE_COMPLETE", last_word=True)


def unblock(outside: People) -> None:
    """What was denied before can be reopened."""
    token = outside.invite()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.DENY)
    outside.injector.begin()
    outside.types("block Acme", lambda answer: "is blocked" in answer)
    outside.types(f"unblock {ACME}", lambda answer: "no longer blocked" in answer or "not blocked" in answer)
    outside.press(Verb.REOPEN)
    outside.press(Verb.APPROVE)


def look_around(outside: People) -> None:
    """Nothing changes by looking."""
    onboarded(outside)
    outside.injector.begin()
    outside.types("list", lambda answer: "onboarded" in answer)
    outside.types("history Acme", lambda answer: "approve" in answer)
    outside.reads_on()
    outside.types("acm", lambda answer: "onboarded" in answer)
    outside.types("card Acme", lambda answer: "Switch role" in answer)
    outside.opens_home()


def stay_at_home(outside: People) -> None:
    """Home comes to show what happens while somebody is there."""
    onboarded(outside)
    outside.injector.begin()
    outside.opens_home()
    outside.happens("UPDATE_COMPLETE", level="Administrator")
    outside.home_comes_to_show("Decide in")
    outside.looks_around_at_home()
    outside.hours_pass(1)


def rename(outside: People) -> None:
    """Whoever gets no answer looks at the client again, and sees what it is called."""
    onboarded(outside)
    outside.injector.begin()
    outside.renames("Globex")
    outside.types("globex", lambda answer: "onboarded" in answer)
    outside.types("history Globex", lambda answer: "Acme" in answer)


def card_for_everybody(outside: People) -> None:
    """It is posted once, and says with all others that it is no longer valid."""
    onboarded(outside)
    outside.injector.begin()
    outside.has_the_card_posted()
    outside.revokes("Acme", _taken_away)


def revoke(outside: People) -> None:
    onboarded(outside)
    outside.injector.begin()
    outside.revokes("Acme", _taken_away)


def revoke_while_an_update_waits(outside: People) -> None:
    onboarded(outside)
    outside.injector.begin()
    outside.happens("UPDATE_COMPLETE", level="Administrator")
    outside.wait_for(lambda: outside.channel.asked() > 1, "nothing was asked anew")
    outside.revokes("Acme", _taken_away)


def _taken_away(answer: str) -> bool:
    """The second answer is what somebody reads whose first attempt had counted."""
    return "is being removed" in answer or "is being taken away already" in answer or "nothing to revoke" in answer


def two_have_to_approve(outside: People) -> None:
    """The second one comes when the message shows the first: a press on an older row of buttons would be refused."""
    outside.approvers = Approvers(APPROVERS.users, APPROVERS.groups, needed=((AccessLevel.ADMINISTRATOR, 2),))
    token = outside.invite(AccessLevel.ADMINISTRATOR)
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token, level="Administrator")
    outside.press(Verb.APPROVE)
    outside.minutes(3)
    outside.press(Verb.APPROVE, BEA)


def approve_while_provisioning(outside: People) -> None:
    """The client's one slot is taken when the second approval comes, so that one waits for its turn."""
    token = outside.invite()
    outside.injector.begin()
    outside.slow = True
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.APPROVE)
    outside.wait_for(lambda: any(one.provisioning for one in outside.stored().stored_clients.values()), "nothing began")
    outside.happens("UPDATE_COMPLETE", role="acme-admin", level="Administrator")
    outside.wait_for(lambda: outside.channel.asked() > 1, "nothing was asked anew")
    outside.press(Verb.APPROVE)
    outside.minutes(3)


def deny_for_a_reason(outside: People) -> None:
    """A press opens a window, and what is sent from that denies."""
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.denies_for("not our client")


def refused_press(outside: People) -> None:
    """Somebody presses who may not; it is audited, and that person alone is told."""
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press_in_vain(Verb.APPROVE, OLLI, "Only approvers may approve requests.")
    outside.press(Verb.DENY)


def deny_on_enterprise_grid(outside: People) -> None:
    """Slack is asked who the person is."""
    outside.workspaces = Workspaces(organization=ORGANIZATION)
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.DENY)


FLOWS: dict[str, Flow] = {
    flow.__name__: flow
    for flow in (
        flows.onboard_approve,
        flows.onboard_deny,
        flows.update,
        flows.offboard,
        flows.deletion_confirmed,
        flows.deletion_taken_back,
        flows.role_taken_over,
        flows.retry_after_failure,
        flows.supersede,
        flows.expire,
        flows.deny_reopen_approve,
        flows.failed_client_stack,
        invite,
        cancel_invitation,
        block,
        unblock,
        look_around,
        stay_at_home,
        rename,
        card_for_everybody,
        revoke,
        revoke_while_an_update_waits,
        two_have_to_approve,
        approve_while_provisioning,
        refused_press,
        deny_on_enterprise_grid,
        deny_for_a_reason,
        flows_of_drift.repair,
        flows_of_drift.repair_of_a_deleted_group,
        flows_of_drift.put_back_by_hand,
        flows_of_drift.update_of_a_changed_group,
    )
}
