"""What a request's message says about what changed, about whom it is, and about who goes."""

from typing import Any

from bot.slack import views
from bot.slack.blocks import Message
from bot.vocabulary import AccessLevel, Kind, State
from tests.unit.slack_samples import SETTINGS, request, words

GROUP = "switchyard-dev-cabcdefghij"


def show(kind: Kind = Kind.ONBOARD, state: State = State.PENDING, **changes: Any) -> Message:
    return views.request_message(request(kind, state, **changes), (), SETTINGS)


def test_an_update_shows_role_and_access_level_from_old_to_new() -> None:
    shown = words(show(Kind.UPDATE, role_name="acme-ops", access_level=AccessLevel.ADMINISTRATOR))
    assert "Role: `switchyard-access` → `acme-ops`" in shown
    assert "Access level: *ReadOnly* → *Administrator*" in shown
    assert "unchanged" not in shown
    assert "*Deny* leaves the group as it is, on `switchyard-access`." in shown


def test_an_update_of_the_level_alone_does_not_pretend_that_deny_takes_it_back() -> None:
    shown = words(show(Kind.UPDATE, access_level=AccessLevel.ADMINISTRATOR))
    assert "which has its new access level in any case" in shown
    assert "Role:" not in shown


def test_an_update_that_changes_nothing_for_us_says_so() -> None:
    assert "Role and access level are unchanged." in words(show(Kind.UPDATE))


def test_a_stack_made_anew_is_called_so() -> None:
    assert "deleted its stack and created it again" in words(show(Kind.UPDATE, recreated=True))


def test_a_removal_says_what_approving_does_and_whom_it_took_out() -> None:
    assert f"*Approve* takes all members out of the IAM group `{GROUP}` and deletes it." in words(show(Kind.OFFBOARD))
    done = words(show(Kind.OFFBOARD, State.DONE, removed_members=("ada", "olli.ops")))
    assert f"The IAM group `{GROUP}` is gone." in done
    assert "*Members taken out of the group:* `ada`, `olli.ops`" in done
    assert "It had no members." in words(show(Kind.OFFBOARD, State.DONE))


def test_members_taken_out_are_named_although_the_removal_failed_after_that() -> None:
    assert "*Members taken out of the group:* `ada`" in words(
        show(Kind.OFFBOARD, State.FAILED, removed_members=("ada",))
    )


def test_many_members_are_counted() -> None:
    members = tuple(f"user{number:03}" for number in range(25))
    assert "`user019` and 5 more" in words(show(Kind.OFFBOARD, State.DONE, removed_members=members))


def test_another_access_level_than_invited_is_a_warning() -> None:
    shown = words(show(access_level=AccessLevel.ADMINISTRATOR))
    assert "⚠️ *Access level differs from the invitation:* invited for *ReadOnly*" in shown
    assert "gives *Administrator*" in shown
    assert "⚠️" not in words(show())


def test_another_name_than_invited_is_a_warning() -> None:
    assert "⚠️ *The client calls itself “Evil Corp”*; the invitation was for Acme." in words(
        show(claimed_company="Evil Corp")
    )


def test_namesakes_are_a_warning() -> None:
    assert "Another client is called Acme too:* account `333333333333`." in words(show(namesakes=("333333333333",)))
    both = words(show(namesakes=("333333333333", "444444444444")))
    assert "Other clients are called Acme too:* accounts `333333333333`, `444444444444`." in both


def test_an_update_that_came_while_the_group_was_being_set_up_has_nothing_to_compare_with() -> None:
    shown = words(show(Kind.UPDATE, previous=None))
    assert "changed while the group was being set up" in shown
    assert "*Deny* leaves the group as it is." in shown
