"""What a request's message says about what changed, what a press does about it, and who goes."""

from typing import Any

import pytest

from bot.domain.model import Difference
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, State
from bot.slack.render import views
from bot.slack.render.blocks import Message
from tests.unit.slack.samples import SETTINGS, pictured, request, words

OPEN = (
    "Open sessions last until they expire, which takes at most the `MaxSessionSeconds` of the client's stack (1 to 12 "
    "hours). Only the client can end them sooner."
)
GROUP = "switchyard-dev-cabcdefghij"
PEOPLE = f"members of the IAM group `{GROUP}`"


def show(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    return views.request_message(pictured(request(kind, state, **changes)), SETTINGS)


def test_an_update_shows_role_and_access_level_from_old_to_new() -> None:
    shown = words(show(Kind.UPDATE, role_name="acme-ops", access_level=AccessLevel.ADMINISTRATOR))
    assert "Role: `switchyard-access` → `acme-ops`" in shown
    assert "Access level: *ReadOnly* → *Administrator*" in shown
    assert "unchanged" not in shown
    assert f"*Approve* lets {PEOPLE} switch into `acme-ops` instead of `switchyard-access`." in shown
    assert "*Deny* keeps `switchyard-access`." in shown
    assert "already" not in shown


def test_an_update_of_the_level_alone_says_that_it_has_happened_already_and_that_deny_takes_nothing_away() -> None:
    shown = words(show(Kind.UPDATE, access_level=AccessLevel.ADMINISTRATOR))
    assert (
        f"This is in effect already: {PEOPLE} can switch into `switchyard-access`, with the access shown above. "
        "*Approve* confirms this and posts a new card. *Deny* does not take the access away. To end the access, type "
        f"`/clients revoke cabcdefghij`. {OPEN}"
    ) in shown
    assert "Role:" not in shown


@pytest.mark.parametrize("recreated", [False, True])
def test_an_update_that_changes_nothing_for_us_says_so_and_promises_no_card(recreated: bool) -> None:
    shown = words(show(Kind.UPDATE, recreated=recreated))
    assert "Role, access level, MFA and longest session are unchanged." in shown
    assert "*Approve* confirms this. *Deny* does not take the access away" in shown


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED])
def test_an_update_of_the_same_role_that_nobody_approved_says_how_to_end_the_access(state: State) -> None:
    shown = words(show(Kind.UPDATE, state, access_level=AccessLevel.ADMINISTRATOR))
    assert f"No access was taken away: {PEOPLE} can still switch into `switchyard-access`." in shown
    assert f"To end the access, type `/clients revoke cabcdefghij`. {OPEN}" in shown


def test_what_is_done_names_the_card_that_counts() -> None:
    assert "The card in the thread shows how." in words(show(Kind.ONBOARD, State.DONE))
    assert "The card in the thread shows how." in words(show(Kind.UPDATE, State.DONE, role_name="acme-ops"))
    assert "The earlier card shows how." in words(show(Kind.UPDATE, State.DONE))


def test_a_stack_made_anew_is_called_so() -> None:
    assert "deleted its stack and created it again" in words(show(Kind.UPDATE, recreated=True))


def test_a_removal_says_what_approving_does_and_whom_it_took_out() -> None:
    assert f"*Approve* removes all members from the IAM group `{GROUP}` and deletes the group." in words(
        show(Kind.OFFBOARD)
    )
    done = words(show(Kind.OFFBOARD, State.DONE, removed_members=("ada", "olli.ops")))
    assert f"The access is removed: the IAM group `{GROUP}` is deleted." in done
    assert "*Members removed:* `ada`, `olli.ops`" in done
    assert "Nobody was in it." in words(show(Kind.OFFBOARD, State.DONE, stack_id="arn:stack"))
    assert OPEN not in done


@pytest.mark.parametrize("role_may_stand", [{"revoked": True}, {"unconfirmed": True}])
def test_a_removal_that_may_leave_the_role_says_that_open_sessions_go_on(role_may_stand: dict[str, bool]) -> None:
    done = words(show(Kind.OFFBOARD, State.DONE, removed_members=("ada",), **role_may_stand))
    assert f"the IAM group `{GROUP}` is deleted.\n{OPEN}" in done


def test_of_a_group_that_was_not_there_nobody_says_that_it_is_gone() -> None:
    never = words(show(Kind.OFFBOARD, State.DONE, previous=None, revoked=True))
    assert f"There was no access to remove: the IAM group `{GROUP}` does not exist." in never
    assert "deleted" not in never and "sessions" not in never
    before = words(show(Kind.OFFBOARD, State.DONE, stack_id=None))
    assert f"There was no access to remove: the IAM group `{GROUP}` does not exist any more." in before
    assert "Nobody was in it" not in before


def test_members_taken_out_are_named_although_the_removal_failed_after_that() -> None:
    assert "*Members removed:* `ada`" in words(show(Kind.OFFBOARD, State.FAILED, removed_members=("ada",)))


def test_many_members_are_counted() -> None:
    members = tuple(f"user{number:03}" for number in range(25))
    assert "`user019` and 5 more" in words(show(Kind.OFFBOARD, State.DONE, removed_members=members))


def test_an_update_that_came_while_the_group_was_being_set_up_has_nothing_to_compare_with() -> None:
    shown = words(show(Kind.UPDATE, previous=None))
    assert "changed while the access was being set up" in shown
    assert "*Deny* leaves everything as it is." in shown


FIRST = "First make the change in AWS that is described above; until then *Repair* fails. Then it"
BACK = f"restores what was approved: {PEOPLE} may switch into `switchyard-access`, and nothing else."
REPAIRS = {
    Remedy.RENEW: f"*Repair* creates the IAM group `{GROUP}` again, without members",
    Remedy.BY_HAND: f"{FIRST} {BACK}",
    Remedy.PUT_BACK: f"*Repair* {BACK}",
}


@pytest.mark.parametrize("what", Remedy)
def test_repair_promises_only_what_it_can_do(what: Remedy) -> None:
    shown = words(show(Kind.REPAIR, State.DRIFTED, differences=(Difference(what, "It differs."),)))
    assert REPAIRS[what] in shown
    assert ("until then *Repair* fails" in shown) == REPAIRS[what].startswith(FIRST)


def test_what_has_to_be_done_by_hand_is_said_beside_what_repair_could_do_alone() -> None:
    both = (Difference(Remedy.PUT_BACK, "It differs."), Difference(Remedy.BY_HAND, "So does this."))
    assert REPAIRS[Remedy.BY_HAND] in words(show(Kind.REPAIR, State.DRIFTED, differences=both))


def test_what_is_gone_and_has_left_something_behind_is_made_anew_once_that_is_away() -> None:
    both = (Difference(Remedy.RENEW, "It is gone."), Difference(Remedy.BY_HAND, "This is still there."))
    shown = words(show(Kind.REPAIR, State.DRIFTED, differences=both))
    assert f"{FIRST} creates the IAM group `{GROUP}` again, without members" in shown
