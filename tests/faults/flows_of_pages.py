"""Flows in which a team is let in. Two roles fill a page here (`small_pages` in test_pages_faults.py)."""

from __future__ import annotations

from bot.domain.page import Teams
from bot.domain.vocabulary import Verb
from tests.faults.flows import Flow
from tests.faults.people import People

OPERATORS = Teams(("operators",))
ALONE = Teams(("operators",), client_groups=False)
LONG = "a-role-with-a-rather-long-name"


def a_team_gets_in(outside: People) -> None:
    outside.teams = OPERATORS
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.APPROVE)


def a_team_alone_gets_in(outside: People) -> None:
    outside.teams = ALONE
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token)
    outside.press(Verb.APPROVE)


def two_come_onto_one_page(outside: People) -> None:
    """The second one comes while CloudFormation is at work for the first."""
    outside.teams = ALONE
    first, second = outside.invite(), outside.invite()
    outside.injector.begin()
    outside.slow = True
    outside.happens("CREATE_COMPLETE", token=first)
    outside.press(Verb.APPROVE)
    _asked(outside, 1)
    outside.happens("CREATE_COMPLETE", token=second, account="333333333333")
    outside.press(Verb.APPROVE)
    outside.minutes(3)


def a_page_is_full(outside: People) -> None:
    outside.teams = ALONE
    _onboarded(outside, "222222222222", "333333333333")
    token = outside.invite()
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token, account="444444444444")
    outside.press(Verb.APPROVE)


def renamed_in_place(outside: People) -> None:
    outside.teams = OPERATORS
    _onboarded(outside, "222222222222")
    outside.injector.begin()
    outside.happens("UPDATE_COMPLETE", role="renamed")
    outside.press(Verb.APPROVE)


def called_by_another_name(outside: People) -> None:
    """Only the team's kit shows it."""
    outside.teams = ALONE
    _onboarded(outside, "222222222222")
    outside.injector.begin()
    outside.renames("Globex")


def moved_to_another_page(outside: People) -> None:
    """The longer name has no room beside the other role."""
    outside.teams = OPERATORS
    _onboarded(outside, "222222222222", "333333333333")
    outside.injector.begin()
    outside.happens("UPDATE_COMPLETE", role=LONG, account="333333333333")
    outside.press(Verb.APPROVE)


def taken_off_its_page(outside: People) -> None:
    outside.teams = OPERATORS
    _onboarded(outside, "222222222222")
    outside.cloud.joins("olli")
    outside.injector.begin()
    outside.happens("DELETE_COMPLETE", last_word=True)
    outside.press(Verb.APPROVE)


def a_page_fails(outside: People) -> None:
    outside.teams = OPERATORS
    _onboarded(outside, "222222222222")
    token = outside.invite()
    outside.cloud.fails_next_page("LimitExceeded")
    outside.injector.begin()
    outside.happens("CREATE_COMPLETE", token=token, account="333333333333")
    outside.press(Verb.APPROVE)
    outside.wait_for(lambda: outside.channel.offered(Verb.RETRY) is not None, "nothing failed")
    outside.minutes(5)
    outside.press(Verb.RETRY)


def one_leaves_while_another_comes(outside: People) -> None:
    outside.teams = ALONE
    _onboarded(outside, "222222222222")
    token = outside.invite()
    outside.injector.begin()
    outside.slow = True
    outside.happens("CREATE_COMPLETE", token=token, account="333333333333")
    outside.press(Verb.APPROVE)
    _asked(outside, 2)
    outside.happens("DELETE_COMPLETE", last_word=True)
    outside.press(Verb.APPROVE)
    outside.minutes(3)


def revoked_while_an_update_waits(outside: People) -> None:
    outside.teams = OPERATORS
    _onboarded(outside, "222222222222")
    outside.injector.begin()
    outside.happens("UPDATE_COMPLETE", level="Administrator")
    outside.wait_for(lambda: outside.channel.asked() > 1, "nothing was asked anew")
    outside.revokes("Acme", lambda answer: "removed" in answer or "taken away" in answer or "nothing to" in answer)


def _onboarded(outside: People, *accounts: str) -> None:
    """Clients that are on the team's page before anything fails."""
    for account in accounts:
        outside.happens("CREATE_COMPLETE", token=outside.invite(), account=account)
        outside.press(Verb.APPROVE)
        outside.minutes(2)


def _asked(outside: People, number: int) -> None:
    outside.wait_for(lambda: outside.cloud.pages_asked() >= number, "CloudFormation was not asked for the page")


FLOWS_OF_PAGES: dict[str, Flow] = {
    flow.__name__: flow
    for flow in (
        a_team_gets_in,
        a_team_alone_gets_in,
        two_come_onto_one_page,
        a_page_is_full,
        renamed_in_place,
        called_by_another_name,
        moved_to_another_page,
        taken_off_its_page,
        a_page_fails,
        one_leaves_while_another_comes,
        revoked_while_an_update_waits,
    )
}
