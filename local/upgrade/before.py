"""What the older version is in the middle of when it is replaced: a client in each state."""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from local.demo.actors import Company, Operator, client_groups, team_groups
from local.demo.local_workspace import CLOUDFORMATION_FAILS
from local.demo.operating import failed_invocations, missing_permission
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts
from local.upgrade.cast import (
    ASKS_MEANWHILE,
    DENIED,
    FAILED,
    INVITED,
    LEAVES,
    LET_IN,
    NOT_BEGUN,
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

_AT_ONCE = 2
SO_FAR = f"So far: <@{facts.ADA.id}>"
"""What a message says after Ada's approval, the first of two. Before that, her name is there as an approver's."""
_BY_TWO = (WAITS_FOR_TWO, ONE_OF_TWO)


def leave_everything_half_done(site: Site, teller: Teller, olli: Operator, mia: Operator) -> Kept:
    """Bring a client into each state. In the end the sweep is off, or it would finish what is stopped halfway."""
    teller.tell.chapter("With the older version: clients ask")
    kept = Kept()
    asking = (*LET_IN, WAITS, *_BY_TWO, DENIED, FAILED, UNDER_WAY, NOT_BEGUN, PRESSED_MEANWHILE)
    for company in (*asking, INVITED, ASKS_MEANWHILE):
        kept.links[company.name] = teller.invite(company, "Administrator" if company in _BY_TWO else "")
    kept.links |= {
        several[0].name: _invite_several(teller, several[0].name, len(several)) for several in (TOGETHER, ONE_MISSING)
    }
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        made = pool.map(lambda one: create(teller, one, kept.links.pop(one.name)), asking)
        kept.stacks = dict(zip((one.name for one in asking), made, strict=True))
    _several_ask(site, teller, kept)
    kept.requests |= {company.name: teller.request_of(company) for company in asking}
    teller.tell.chapter("With the older version: some are decided")
    _let_in(teller, kept, olli, mia)
    _decide(teller, kept)
    _change(teller, kept)
    _open_a_window(teller)
    _stop_halfway(site, teller, kept)
    return kept


def create(teller: Teller, company: Company, link: str) -> str:
    """Create a client's stack by its link, and return the id of the stack once it is made."""
    stack_id = company.create_stack(link, RequireMfa="false")
    made = f"{company.name} creates its stack"
    teller.tell.wait_for(made, lambda: company.stack_status(stack_id) == "CREATE_COMPLETE")
    return stack_id


def _invite_several(teller: Teller, name: str, accounts: int) -> str:
    """Return the token of an invitation for several accounts, which comes late on a busy machine."""
    teller.type(facts.ADA, f"/clients invite {name} --accounts {accounts}")

    def token() -> str | None:
        words = "\n".join(each.words for each in teller.told(facts.ADA))
        found = re.search(r"^InvitationToken = (\S+)$", words, re.MULTILINE)
        return found[1] if found else None

    return teller.tell.wait_for(f"Ada invites {name} with {accounts} accounts", token)


def _several_ask(site: Site, teller: Teller, kept: Kept) -> None:
    """Two companies with several accounts ask, each in one message. One account of the second is still missing."""
    for account in (*TOGETHER, ONE_MISSING[0]):
        take_part(site, account, kept.links[account.name])
    for name, label in (("Wayne", "Approve all 3"), ("Dunder", "Approve")):
        fact = f"{name}'s accounts ask in one message, with the button {label}"
        kept.requests[name] = teller.tell.wait_for(fact, partial(asked, teller, name, label))


def take_part(site: Site, account: Company, token: str) -> None:
    """Create the stack of one account of several."""
    account.take_part(site.flat_template_url, CompanyName=account.name, InvitationToken=token, RequireMfa="false")


def asked(teller: Teller, name: str, label: str) -> Seen | None:
    """Return a company's message that has this button."""
    return next((one for one in teller.slack.messages() if name in one.words and label in one.buttons), None)


def _let_in(teller: Teller, kept: Kept, olli: Operator, mia: Operator) -> None:
    """Onboard some clients. Olli gets in by the team, Mia by the group of one client."""
    for company in LET_IN:
        teller.press(facts.ADA, kept.requests[company.name], "Approve")
        teller.now_says(kept.requests[company.name], "✅", f"{company.name} is onboarded")
    [team] = team_groups()
    olli.join(team)
    words = teller.slack.about(kept.requests[UPDATES.name].request_id).words
    mia.join(next(group for group in client_groups() if group in words))
    teller.tell.holds(
        "Olli, by the team, switches into all of them", all(olli.switch_into(one.role_arn()) for one in LET_IN)
    )
    teller.tell.holds(f"Mia, by its own group, switches into {UPDATES.name}", mia.switch_into(UPDATES.role_arn()))


def _decide(teller: Teller, kept: Kept) -> None:
    """One of two people approves; one request is denied; one fails."""
    requests = kept.requests
    teller.press(facts.ADA, requests[ONE_OF_TWO.name], "Approve", lambda: SO_FAR in _words(teller, kept, ONE_OF_TWO))
    teller.now_says(requests[ONE_OF_TWO.name], SO_FAR, f"{ONE_OF_TWO.name} has one of two approvals")
    teller.press(facts.ADA, requests[DENIED.name], "Deny")
    teller.now_says(requests[DENIED.name], "Denied", f"{DENIED.name} is denied")
    teller.slack.turn(CLOUDFORMATION_FAILS, on=True)
    teller.press(facts.ADA, requests[FAILED.name], "Approve")
    teller.now_says(requests[FAILED.name], "🔴", f"{FAILED.name}'s approval fails")
    teller.slack.turn(CLOUDFORMATION_FAILS, on=False)


def _words(teller: Teller, kept: Kept, company: Company) -> str:
    return teller.slack.about(kept.requests[company.name].request_id).words


def _change(teller: Teller, kept: Kept) -> None:
    """A client asks for an update, another has left, and of a third Ada is asked whether to revoke it."""
    kept.requests[UPDATES.name] = teller.next_request(
        UPDATES,
        f"{UPDATES.name} raises its level, and the team is asked",
        lambda: UPDATES.update_stack(kept.stacks[UPDATES.name], AccessLevel="PowerUser"),
    )
    kept.requests[LEAVES.name] = teller.next_request(
        LEAVES,
        f"{LEAVES.name} deletes its stack, and the team is asked",
        lambda: LEAVES.delete_stack(kept.stacks[LEAVES.name]),
    )
    teller.type(facts.ADA, f"/clients revoke {REVOKED.name}")
    kept.question = teller.private(facts.ADA, f"Ada is asked whether to revoke {REVOKED.name}", REVOKED.account_id)


def _open_a_window(teller: Teller) -> None:
    """Ada is about to label a client."""
    shown = teller.type(facts.ADA, f"/clients show {WAITS.name}")[-1]

    def opened() -> bool:
        if not teller.slack.window(facts.ADA) and not teller.slack.app_is_at_work():
            teller.confirm(facts.ADA, shown, "Label")
        return bool(teller.slack.window(facts.ADA))

    teller.tell.wait_for(f"Ada has the window open that asks for {WAITS.name}'s label", opened)


def _stop_halfway(site: Site, teller: Teller, kept: Kept) -> None:
    """Of one approval the end is lost on its way, of another the beginning."""
    site.turn_rule("sweep", on=False)
    site.turn_rule("outcome", on=False)
    groups = client_groups()
    teller.press(facts.ADA, kept.requests[UNDER_WAY.name], "Approve")
    teller.tell.wait_for(f"{UNDER_WAY.name}'s group is made", lambda: len(client_groups()) > len(groups))
    teller.tell.wait_for("and its end is told to nobody", lambda: not site.stacks_in_progress())
    site.turn_rule("outcome", on=True)
    with missing_permission("provision", "dynamodb:*"):
        teller.press(facts.ADA, kept.requests[NOT_BEGUN.name], "Approve", lambda: failed_invocations() > 0)
        teller.tell.wait_for(f"{NOT_BEGUN.name}'s approval is stored, but not begun", failed_invocations)
    unfinished = (_words(teller, kept, UNDER_WAY), _words(teller, kept, NOT_BEGUN))
    teller.tell.holds("neither of the two is green", not any("✅" in words for words in unfinished))
