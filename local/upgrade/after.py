"""What the newer version makes of everything that the older one left: each request ends as it should."""

from local.demo.actors import Company, Operator, client_groups, on_pages
from local.demo.operating import failed_invocations, replay
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts
from local.upgrade.before import SO_FAR, asked, create, take_part
from local.upgrade.cast import (
    ASKS_MEANWHILE,
    DENIED,
    FAILED,
    INVITED,
    LEAVES,
    NOT_BEGUN,
    ONBOARDED,
    ONE_MISSING,
    ONE_OF_TWO,
    PRESSED_MEANWHILE,
    REVOKED,
    TOGETHER,
    UNDER_WAY,
    UPDATES,
    WAITS,
    WAITS_FOR_TWO,
    Kept,
)
from local.upgrade.site import Site


def what_was_begun_ends(site: Site, teller: Teller, kept: Kept) -> None:
    """The sweep and `make replay` of the newer version finish what the older one had begun."""
    teller.tell.chapter("With the newer version: what was begun goes on")
    site.turn_rule("sweep", on=True)
    said = replay()
    teller.tell.holds(f"make replay invokes what had failed: {said.splitlines()[-1]}", failed_invocations() == 0)
    for company in (NOT_BEGUN, PRESSED_MEANWHILE, UNDER_WAY):
        _green(teller, kept, company, f"{company.name}, approved before or while deploying, is onboarded")


def old_messages_are_pressed(teller: Teller, kept: Kept, olli: Operator, mia: Operator) -> None:
    """Every button that the older version has drawn does what it says."""
    teller.tell.chapter("With the newer version: buttons that the older one has drawn")
    requests = kept.requests
    for who, company, label in (
        (facts.ADA, WAITS, "Approve"),
        (facts.BEA, ONE_OF_TWO, "Approve"),
        (facts.ADA, FAILED, "Retry"),
        (facts.ADA, UPDATES, "Approve"),
    ):
        teller.press(who, requests[company.name], label)
        _green(teller, kept, company, f"{who.name} presses {label} for {company.name}, and it turns green")
    for operator in (olli, mia):
        arn = operator.switch_into(UPDATES.role_arn())
        teller.tell.holds(f"without any IAM command, {operator.name} is now {arn}", arn)
    groups = client_groups()
    teller.press(facts.ADA, requests[LEAVES.name], "Approve")
    _green(teller, kept, LEAVES, f"{LEAVES.name} is removed")
    teller.tell.holds("its group is gone", len(client_groups()) == len(groups) - 1)
    teller.press(facts.ADA, requests["Wayne"], "Approve all 3")
    teller.now_says(
        requests["Wayne"], "✅ 3 accounts of Wayne are onboarded", "one press onboards all of Wayne's accounts"
    )
    _revokes(teller, kept)
    _labels(teller)


def _revokes(teller: Teller, kept: Kept) -> None:
    """Ada answers the question that the older version had asked her privately."""
    question: Seen = kept.question  # type: ignore[assignment]
    removal = teller.next_request(
        REVOKED,
        f"the question whether to revoke {REVOKED.name} is answered, and the removal is in the channel",
        lambda: teller.confirm(facts.ADA, question, "Revoke"),
    )
    teller.now_says(removal, "✅", f"{REVOKED.name}'s access is taken away")
    teller.tell.holds("no page lists its role any more", REVOKED.role_arn() not in on_pages())


def _labels(teller: Teller) -> None:
    """Ada sends the window that the older version has opened."""

    def labelled() -> bool:
        return any("(kept)" in each.words for each in teller.slack.private_answers(facts.ADA))

    teller.fill_in(facts.ADA, {"Label": "kept"}, labelled)
    teller.tell.wait_for("a window that the older one has opened is sent, and the client has its label", labelled)


def new_messages_are_pressed(site: Site, teller: Teller, kept: Kept) -> None:
    """Requests whose messages the newer version has drawn anew are decided, too."""
    teller.tell.chapter("With the newer version: messages that it has drawn anew")
    two = kept.requests[WAITS_FOR_TWO.name]
    teller.press(facts.ADA, two, "Approve", lambda: SO_FAR in teller.slack.about(two.request_id).words)
    drawn = teller.now_says(two, SO_FAR, f"Ada is the first of two for {WAITS_FOR_TWO.name}; its message is drawn anew")
    teller.press(facts.BEA, drawn, "Approve")
    _green(teller, kept, WAITS_FOR_TWO, "Bea is the second, and it turns green")
    denied = kept.requests[DENIED.name]
    teller.press(facts.ADA, denied, "Reopen")
    waits = teller.now_says(denied, "Waiting for approval", f"Ada reopens {DENIED.name}'s request")
    teller.press(facts.ADA, waits, "Approve")
    _green(teller, kept, DENIED, "she approves it, and it turns green")
    take_part(site, ONE_MISSING[1], kept.links["Dunder"])
    both = teller.tell.wait_for(
        "Dunder's second account joins the message of the first", lambda: asked(teller, "Dunder", "Approve all 2")
    )
    teller.press(facts.ADA, both, "Approve all 2")
    teller.now_says(kept.requests["Dunder"], "✅ 2 accounts of Dunder are onboarded", "one press onboards both")


def clients_go_on(teller: Teller, kept: Kept, olli: Operator) -> None:
    """An invitation of the older version is good, and stacks of its template go on: they ask, change and leave."""
    teller.tell.chapter("With the newer version: invitations and client stacks of the older one")
    kept.stacks[INVITED.name] = create(teller, INVITED, kept.links.pop(INVITED.name))
    for company in (INVITED, ASKS_MEANWHILE):
        kept.requests[company.name] = teller.request_of(company)
        teller.press(facts.ADA, kept.requests[company.name], "Approve")
        _green(teller, kept, company, f"{company.name} is onboarded")
    _approve_newest(teller, ONBOARDED, f"{ONBOARDED.name}'s update of that minute is approved")
    removal = teller.next_request(
        ONBOARDED,
        f"{ONBOARDED.name} deletes its stack, and the team is asked",
        lambda: ONBOARDED.delete_stack(kept.stacks[ONBOARDED.name]),
    )
    teller.press(facts.ADA, removal, "Approve")
    teller.now_says(removal, "✅", f"{ONBOARDED.name} is removed")
    gone = (LEAVES, REVOKED, ONBOARDED)
    teller.tell.holds(
        "AWS refuses Olli where access has ended", not any(olli.switch_into(one.role_arn()) for one in gone)
    )
    let_in = (WAITS, WAITS_FOR_TWO, ONE_OF_TWO, DENIED, FAILED, UNDER_WAY, NOT_BEGUN, PRESSED_MEANWHILE, INVITED)
    all_in = (*let_in, ASKS_MEANWHILE, *TOGETHER, *ONE_MISSING)
    teller.tell.holds(
        f"and lets him into all {len(all_in)} others", all(olli.switch_into(one.role_arn()) for one in all_in)
    )
    waiting = [one.words for one in teller.slack.messages() if {"Approve", "Retry"} & {*one.buttons}]
    teller.tell.holds("nothing waits any more", not waiting)


def _approve_newest(teller: Teller, company: Company, fact: str) -> None:
    request = teller.tell.wait_for(
        f"{company.name}'s update is asked",
        lambda: next((one for one in teller.requests(company) if "Approve" in one.buttons), None),
    )
    teller.press(facts.ADA, request, "Approve")
    teller.now_says(request, "✅", fact)


def _green(teller: Teller, kept: Kept, company: Company, fact: str) -> None:
    teller.now_says(kept.requests[company.name], "✅", fact)
