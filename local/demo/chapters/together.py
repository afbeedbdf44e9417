"""Many accounts of one company come in together: one invitation, one message, one press, one card."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

from local.demo.actors import Company, Operator, on_pages
from local.demo.cast import WAYNE
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts

MOST_MESSAGES = 5
_AT_ONCE = 3
"""How many accounts the stack set deploys to at once. With more, a small machine is busy starting Lambdas."""
_LOOK_EVERY = 0.3


def invited(teller: Teller) -> str:
    """Invite Wayne with all of its accounts; return the invitation's token."""
    answers = teller.type(facts.ADA, f"/clients invite Wayne --accounts {len(WAYNE)}")
    tokens = re.findall(r"^InvitationToken = (\S+)$", "\n".join(each.words for each in answers), re.MULTILINE)
    teller.tell.holds("Ada sends one invitation for all of them", tokens)
    return str(tokens[-1])


def all_ask(teller: Teller, template_url: str, token: str) -> Seen:
    """Let a stack be created in each account; return the message that asks for all of them, with one button for all."""
    stopped = threading.Event()

    def deploy(account: Company) -> None:
        stack = account.take_part(template_url, CompanyName=account.name, InvitationToken=token, RequireMfa="false")
        while account.stack_status(stack) == "CREATE_IN_PROGRESS" and not stopped.wait(_LOOK_EVERY):
            pass

    pool = ThreadPoolExecutor(_AT_ONCE)
    try:
        list(pool.map(deploy, WAYNE))
    finally:
        stopped.set()
        pool.shutdown(cancel_futures=True)
    label = f"Approve all {len(WAYNE)}"
    return teller.tell.wait_for(
        f"one message in the channel has a line for each, and the button {label}",
        lambda: next((each for each in of_wayne(teller) if label in each.buttons and _has_a_line_for_each(each)), None),
    )


def _has_a_line_for_each(message: Seen) -> bool:
    return all(account.account_id in message.words for account in WAYNE)


def of_wayne(teller: Teller) -> list[Seen]:
    """What the app has written about Wayne, oldest first."""
    return [each for each in teller.slack.messages() if each.by_app and "Wayne" in each.words]


def ada_approves_all(teller: Teller, request: Seen, olli: Operator) -> None:
    """One press; every account is onboarded, and one card has a link to each."""
    teller.tell.chapter("Ada approves all twenty with one press")
    teller.press(facts.ADA, request, f"Approve all {len(WAYNE)}")
    teller.private(facts.ADA, "she is told what her press counts for", f"counts for {len(WAYNE)} accounts")
    done = teller.now_says(request, f"✅ {len(WAYNE)} accounts of Wayne are onboarded", "the message turns green")
    lines = [line for line in done.words.splitlines() if "onboarded · by" in line]
    by_ada = len(lines) == len(WAYNE) and all(facts.ADA.id in line for line in lines)
    teller.tell.holds("each line says that Ada approved it", by_ada)
    card = teller.tell.wait_for("one card is in the channel", lambda: teller.card_of_several(done))
    links = [account for account in WAYNE if f"account={account.account_id}" in card.words]
    teller.tell.holds(f"with {len(links)} links to switch role", len(links) == len(WAYNE))
    listed = set(on_pages())
    teller.tell.holds("the team's page lists all of their roles", all(one.role_arn() in listed for one in WAYNE))
    arns = [account.account_id in (olli.switch_into(account.role_arn()) or "") for account in WAYNE]
    teller.tell.holds(f"without any IAM command, Olli switches into all {sum(arns)} accounts", all(arns))
    told = len(of_wayne(teller))
    teller.tell.holds(
        f"one press, {told} messages in the channel, thread replies counted: at most {MOST_MESSAGES}",
        told <= MOST_MESSAGES,
    )
