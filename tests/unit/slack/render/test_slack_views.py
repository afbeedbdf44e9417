"""What a request's message says in each state, and that nothing a client sends can make it say anything else."""

# ruff: noqa: RUF001

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from bot.domain.approvers import Approvers
from bot.domain.errors import AlreadyDecided
from bot.domain.model import Difference, Event
from bot.domain.request import Attempt, Decision
from bot.domain.vocabulary import AccessLevel, Kind, Remedy, State, Verb
from bot.settings import Settings
from bot.slack import ids
from bot.slack.render import answers, views
from bot.slack.render.blocks import Message
from local.slack.block_kit.blocks import block_problems
from tests.unit.slack.samples import NOW, OF_A_REPAIR, SETTINGS, buttons, event, labels, pictured, request, texts, words

DECIDABLE = (Kind.ONBOARD, Kind.UPDATE, Kind.OFFBOARD)
STATES = [state for state in State if state not in (State.REPORTED, State.DRIFTED)]
EVERY = [
    *product(DECIDABLE, STATES),
    (Kind.REPORT, State.REPORTED),
    *((Kind.REPAIR, state) for state in OF_A_REPAIR),
]
TIMELINE = (event("CREATE_IN_PROGRESS"), event("CREATE_COMPLETE", 41))
ROLE = "arn:aws:iam::222222222222:role/switchyard-access"
GROUP = "switchyard-dev-cabcdefghij"
PEOPLE = f"members of the IAM group `{GROUP}`"


def show(
    kind: Kind = Kind.ONBOARD,
    state: State = State.PENDING,
    timeline: tuple[Event, ...] = TIMELINE,
    settings: Settings = SETTINGS,
    **changes: Any,
) -> Message:
    return views.request_message(pictured(request(kind, state, **changes), timeline), settings)


def title(message: Message) -> str:
    return str(message.blocks[0]["text"]["text"])


@pytest.mark.parametrize(
    ("kind", "asks"), [*zip(DECIDABLE, ("Onboard Acme?", "Update Acme?", "Remove Acme?"), strict=True)]
)
def test_a_waiting_request_asks_names_the_approvers_and_offers_approve_and_deny(kind: Kind, asks: str) -> None:
    message = show(kind)
    assert title(message) == asks
    assert "<!subteam^S0APPROVERS>, <@U0ADA>" in words(message)
    assert [(b["text"]["text"], b["action_id"], b.get("style")) for b in buttons(message)] == [
        ("Approve", "approve", "primary"),
        ("Deny", "deny", "danger"),
    ]
    assert all("confirm" not in button for button in buttons(message))


@pytest.mark.safety("A message names everybody who approved, once", "bot/slack/render/presses.py")
def test_it_shows_who_has_approved_so_far_and_in_the_end_everybody() -> None:
    needed = replace(SETTINGS, approvers=replace(SETTINGS.approvers, needed=((AccessLevel.READ_ONLY, 2),)))
    first, second = (Decision(Verb.APPROVE, user, NOW) for user in ("U0ADA", "U0BEA"))
    assert "👥 Needs 2 approvals, from different people." in words(show(settings=needed))
    waiting = words(show(settings=needed, approvals=(first,)))
    assert "👥 Needs 2 approvals, from different people. So far: <@U0ADA>." in waiting
    done = show(state=State.DONE, settings=needed, approvals=(first, second), decision=second)
    assert "*Approved* by <@U0ADA> and <@U0BEA>" in words(done)
    assert "Needs" not in words(show())


@pytest.mark.parametrize("kind", DECIDABLE)
def test_approving_administrator_access_and_nothing_else_is_confirmed(kind: Kind) -> None:
    level = AccessLevel.ADMINISTRATOR
    approve, deny = buttons(show(kind, access_level=level, company="<!channel> " + "&" * 300))
    assert ("confirm" in approve) == (kind is not Kind.OFFBOARD)
    assert "confirm" not in deny
    if "confirm" in approve:
        assert approve["confirm"]["title"]["text"] == "Administrator access?"
        assert "&lt;!channel&gt;" in approve["confirm"]["text"]["text"]
    assert block_problems(list(show(kind, access_level=level, company="&" * 64).blocks)) == []
    retry = buttons(show(kind, State.FAILED, access_level=level))
    assert all("confirm" not in button for button in retry)


def test_the_row_of_buttons_remembers_how_many_presses_had_counted() -> None:
    [row] = [block for block in show(presses=2).blocks if block["type"] == "actions"]
    assert ids.drawn_after(row["block_id"]) == 2


@pytest.mark.parametrize("block_id", ["", "x7Qz", "presses-", "presses--1", "presses-1x", "presses-" + "9" * 50])
def test_a_row_that_does_not_say_is_out_of_date(block_id: str) -> None:
    assert ids.drawn_after(block_id) == ids.NEVER_DRAWN < 0


@pytest.mark.safety(
    "Where two people are needed, the message says who can't be the second, and only there",
    "bot/slack/render/presses.py",
)
@pytest.mark.parametrize("kind", [Kind.ONBOARD, Kind.UPDATE])
def test_administrator_access_says_who_may_not_approve_it_alone_where_two_people_are_required(kind: Kind) -> None:
    two = replace(SETTINGS, approvers=replace(SETTINGS.approvers, two_people=True))
    level = AccessLevel.ADMINISTRATOR
    shown = words(show(kind, settings=two, access_level=level))
    assert "👥 Needs an approval that is not from <@U0ADA>." in shown
    assert ("This access is in effect already." in shown) == (kind is Kind.UPDATE)
    assert "Needs" not in words(show(kind, settings=two))
    assert "Needs" not in words(show(kind, access_level=level))
    assert "Needs" not in words(show(Kind.OFFBOARD, settings=two, access_level=level))


def test_how_many_and_whose_approval_is_not_enough_is_one_sentence() -> None:
    level, first = AccessLevel.ADMINISTRATOR, Decision(Verb.APPROVE, "U0BEA", NOW)
    both = replace(SETTINGS, approvers=replace(SETTINGS.approvers, two_people=True, needed=((level, 2),)))
    assert (
        "👥 Needs 2 approvals, one of them not from <@U0ADA>.\n"
        in f"{words(show(settings=both, access_level=level))}\n"
    )
    shown = words(show(settings=both, access_level=level, approvals=(first,)))
    assert "👥 Needs 2 approvals, one of them not from <@U0ADA>. So far: <@U0BEA>." in shown
    unknown = words(show(settings=both, access_level=level, invited_by=""))
    assert "👥 Needs 2 approvals, one of them not from whoever invited the client." in unknown


def test_it_shows_who_the_client_is_and_the_exact_role() -> None:
    shown = words(show())
    assert "*Company*\nAcme" in shown
    assert "*AWS account*\n`222222222222`" in shown
    assert "*Access level (says the client)*\nReadOnly" in shown
    assert "*Invited by*\n<@U0ADA>" in shown
    assert f"`{ROLE}`" in shown


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_the_role_is_of_the_deployments_partition(partition: str) -> None:
    assert f"`arn:{partition}:iam::222222222222:role/" in words(show(settings=replace(SETTINGS, partition=partition)))


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (State.APPROVED, []),
        (State.PROVISIONING, []),
        (State.DONE, []),
        (State.FAILED, ["Retry", "Text for the client"]),
        (State.DENIED, ["Reopen", "Text for the client"]),
        (State.EXPIRED, ["Reopen"]),
        (State.SUPERSEDED, []),
    ],
)
@pytest.mark.parametrize("kind", DECIDABLE)
def test_the_buttons_are_those_that_count_in_the_state(kind: Kind, state: State, offered: list[str]) -> None:
    unsaid = kind is Kind.OFFBOARD  # a removal that is denied or has failed is no client's business
    assert labels(show(kind, state)) == [one for one in offered if not (unsaid and one == "Text for the client")]


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_buttons_carry_the_request_id_and_nothing_else(kind: Kind, state: State) -> None:
    assert all(button["value"] == "rabcdefghijklmnop" for button in buttons(show(kind, state)))


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_only_what_is_done_is_green(kind: Kind, state: State) -> None:
    message = show(kind, state, reason="", claimed_company="")
    assert ("✅" in words(message) + message.text) == (state is State.DONE)


@pytest.mark.parametrize(("kind", "state"), EVERY)
def test_only_a_waiting_request_asks_in_its_title(kind: Kind, state: State) -> None:
    assert title(show(kind, state)).endswith("?") == (state is State.PENDING)


@pytest.mark.parametrize("state", [State.APPROVED, State.PROVISIONING, State.DONE, State.FAILED])
def test_after_the_approval_it_says_who_and_when(state: State) -> None:
    assert "*Approved* by <@U0ADA>, <!date^" in words(show(state=state))


@pytest.mark.safety("A message names everybody who approved, once", "bot/slack/render/presses.py")
def test_who_approved_is_said_once() -> None:
    approved = Decision(Verb.APPROVE, "U0ADA", NOW)
    shown = words(show(state=State.PROVISIONING, decision=approved, approvals=(approved,)))
    assert (shown.count("*Approved*"), shown.count("<@U0ADA>, ")) == (1, 1)


@pytest.mark.safety("After a Retry the message still says who approved", "bot/slack/render/presses.py")
def test_a_retry_names_who_retried() -> None:
    retried = Decision(Verb.RETRY, "U0BEA", NOW)
    approved = Decision(Verb.APPROVE, "U0ADA", NOW)
    shown = words(show(state=State.PROVISIONING, decision=retried, approvals=(approved,), attempt=Attempt(2)))
    assert "*Approved* by <@U0ADA>, " in shown
    assert "*Retried* by <@U0BEA>" in shown
    assert "attempt 2" in shown


@pytest.mark.safety("After a Retry a revocation still says that it was one", "bot/slack/render/presses.py")
@pytest.mark.parametrize(("verb", "told"), [(Verb.REVOKE, "*Revoked* by"), (Verb.RETRY, "The access was revoked.")])
def test_that_it_was_not_the_client_who_left_stays_after_a_retry(verb: Verb, told: str) -> None:
    done = words(show(Kind.OFFBOARD, State.DONE, decision=Decision(verb, "U0ADA", NOW), revoked=True))
    assert told in done
    assert "The client's stack still exists." in done
    assert "still exists" not in words(show(Kind.OFFBOARD, State.DONE))


def test_a_failed_removal_says_who_can_still_get_in() -> None:
    assert f"assume that {PEOPLE} can still switch in" in words(show(Kind.OFFBOARD, State.FAILED))
    assert "still switch in" not in words(show(Kind.ONBOARD, State.FAILED))


def test_a_reopened_request_says_who_reopened_it() -> None:
    assert "*Reopened* by <@U0BEA>" in words(show(decision=Decision(Verb.REOPEN, "U0BEA", NOW)))


@pytest.mark.safety("A reason is no markup in the channel", "bot/slack/render/presses.py")
def test_a_denial_shows_its_reason_as_typed_and_on_one_line() -> None:
    denied = Decision(Verb.DENY, "U0ADA", NOW, "No <!channel> *contract*\nyet\u202e")
    shown = words(show(state=State.DENIED, decision=denied))
    assert "*Denied* by <@U0ADA>" in shown
    assert "\n*Reason:* No &lt;!channel&gt; ∗contract∗ yet\N{REPLACEMENT CHARACTER}\n" in shown
    assert "Reason" not in words(show(state=State.DENIED))


def test_slack_takes_a_denial_with_the_longest_reason() -> None:
    denied = Decision(Verb.DENY, "U0ADA", NOW, "&" * 500)
    assert block_problems(list(show(Kind.UPDATE, State.DENIED, decision=denied).blocks)) == []


def test_slack_takes_the_longest_reason_in_an_answer_to_a_late_press_too() -> None:
    denied = Decision(Verb.DENY, "U0ADA", NOW, "&" * 500)
    late = request(Kind.UPDATE, State.DENIED, decision=denied, company="&" * 64, role_name="x" * 64)
    assert block_problems(list(answers.refusal(AlreadyDecided("late", late), SETTINGS).blocks)) == []


def test_a_failure_shows_cloudformations_reason_as_it_is() -> None:
    assert "```ClientGroup: The limit of 300 groups per account is reached.```" in words(show(state=State.FAILED))
    assert "CloudFormation gave no reason." in words(show(state=State.FAILED, reason=""))


def test_a_superseded_request_says_why() -> None:
    assert "A newer request has replaced this one" in words(show(state=State.SUPERSEDED))


def test_only_who_asks_to_be_let_in_first_is_to_be_compared_with_the_number_that_the_client_told() -> None:
    said = "AWS proves the account's number, not whose account it is"
    assert {kind for kind in Kind if said in words(show(kind, State.PENDING))} == {Kind.ONBOARD}


def test_denying_an_onboarding_makes_no_group() -> None:
    assert "*Denied* by <@U0ADA>" in words(show(state=State.DENIED))
    assert "Nobody was given access." in words(show(state=State.DENIED))


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED])
def test_denied_or_expired_updates_leave_the_group_and_say_so(state: State) -> None:
    shown = words(show(Kind.UPDATE, state, role_name="other-role"))
    assert f"Nothing was changed: {PEOPLE} may still switch into `switchyard-access`." in shown


@pytest.mark.parametrize("state", [State.DENIED, State.EXPIRED])
def test_a_denied_or_expired_removal_says_what_the_group_that_stays_can_do(state: State) -> None:
    confirmed = words(show(Kind.OFFBOARD, state))
    assert (
        "No access was taken away: if the client creates `switchyard-access` again, "
        f"{PEOPLE} can switch into it at once."
    ) in confirmed
    assert "may still switch" not in confirmed
    unconfirmed = words(show(Kind.OFFBOARD, state, unconfirmed=True))
    assert (
        f"No access was taken away: as long as `switchyard-access` exists, {PEOPLE} can switch into it."
    ) in unconfirmed
    assert "creates `switchyard-access` again" not in unconfirmed


def test_a_report_has_the_reason_and_nothing_to_decide() -> None:
    message = show(Kind.REPORT, State.REPORTED)
    assert title(message) == "Acme: client stack failed"
    assert "`ROLLBACK_COMPLETE`" in words(message)
    assert "```AccessRole: switchyard-access already exists```" in words(message)
    assert labels(message) == ["Text for the client"]


def test_the_access_level_is_shown_as_the_clients_word_unless_it_is_what_the_group_gives() -> None:
    for kind, state in ((Kind.ONBOARD, State.DONE), (Kind.UPDATE, State.PENDING), (Kind.REPORT, State.REPORTED)):
        assert "*Access level (says the client)*" in words(show(kind, state))
    assert "*Access level*\nReadOnly" in words(show(Kind.OFFBOARD))


def test_without_approvers_it_says_that_nobody_may() -> None:
    shown = words(show(settings=replace(SETTINGS, approvers=Approvers())))
    assert "nobody: no approvers are configured" in shown


def test_the_timeline_has_status_time_and_reason() -> None:
    failed = event("CREATE_FAILED", 3, "AccessRole", "switchyard-access *already* exists")
    shown = words(show(timeline=(event("CREATE_IN_PROGRESS"), failed)))
    assert "2026-11-23 06:05:54 UTC>  `CREATE_IN_PROGRESS`" in shown
    assert "`AccessRole` `CREATE_FAILED` switchyard-access ∗already∗ exists" in shown


def test_a_long_timeline_keeps_its_beginning_and_its_end() -> None:
    events = tuple(event(f"STATUS_{number}", number) for number in range(30))
    timeline = next(text["text"] for text in texts(show(timeline=events)) if "STATUS_" in text["text"])
    lines = timeline.splitlines()[1:]
    assert len(lines) == views.TIMELINE_LINES
    assert "STATUS_0" in lines[0]
    assert lines[1] == "… 19 more"
    assert "STATUS_20" in lines[2]
    assert "STATUS_29" in lines[-1]


def test_a_timeline_that_fits_is_whole() -> None:
    events = tuple(event(f"STATUS_{number}", number) for number in range(12))
    assert "more" not in words(show(timeline=events, company="A")).split("client's stack*")[1].split("Request")[0]


def test_a_reminder_mentions_the_approvers() -> None:
    shown = words(views.reminder(request(), SETTINGS))
    assert "<!subteam^S0APPROVERS>, <@U0ADA>" in shown
    assert "*Acme*" in shown


# A group that was changed by hand


def test_a_changed_group_says_what_differs_and_whom_that_concerns_and_offers_repair() -> None:
    shown = show(Kind.REPAIR, State.DRIFTED)
    assert labels(shown) == ["Repair"]
    assert "Acme: access changed by hand" in words(shown)
    assert "🟠 *Different from what was approved.* <!subteam^S0APPROVERS>, <@U0ADA>" in words(shown)
    assert "• The group's policy switch-into-client was changed. Now it says: * on *" in words(shown)
    assert f"*Repair* restores what was approved: {PEOPLE} may switch into `switchyard-access`" in words(shown)
    assert "Nobody is removed." in words(shown)


@pytest.mark.parametrize("what", [Remedy.RENEW, Remedy.RENEW])
def test_a_group_that_is_gone_says_that_repair_brings_no_members_back(what: Remedy) -> None:
    gone = (Difference(what, "The group is gone."),)
    assert "without members; add them again by hand" in words(show(Kind.REPAIR, State.DRIFTED, differences=gone))
    done = words(show(Kind.REPAIR, State.DONE, differences=gone))
    assert "The group was created again and has no members: add them again by hand." in done


def test_a_repaired_group_says_what_it_gives_and_who_pressed() -> None:
    decision = Decision(Verb.REPAIR, "U0ADA", NOW)
    shown = words(show(Kind.REPAIR, State.DONE, decision=decision))
    assert "✅ The access of Acme is repaired" in shown
    assert f"Now {PEOPLE} may switch into `switchyard-access`. The earlier card shows how." in shown
    assert "*Repair pressed* by <@U0ADA>" in shown
    assert "created again" not in shown


def test_what_differs_is_shown_as_it_is_and_formats_nothing() -> None:
    """Whoever changes a group by hand chooses the names of its policies."""
    evil = (Difference(Remedy.BY_HAND, "the inline policy <!channel>\n*x* `y`\u202e" + "z" * 5000),)
    shown = show(Kind.REPAIR, State.DRIFTED, differences=evil)
    assert "<!channel>" not in words(shown)
    assert "\u202e" not in words(shown)
    assert max(len(text["text"]) for text in texts(shown)) <= 3000
