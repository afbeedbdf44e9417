"""Clients that are not let in as they asked: MFA, a denial, a stack that fails."""

from local.demo.actors import Company, Operator, client_groups, on_pages
from local.demo.cast import GLOBEX, HOOLI, INITECH
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts

_REASON = "No contract yet"


def globex_requires_mfa(teller: Teller, olli: Operator, mia: Operator) -> None:
    """A client that requires MFA is not entered without it."""
    teller.tell.chapter("Globex requires MFA")
    before = set(client_groups())
    GLOBEX.create_stack(teller.invite(GLOBEX))
    request = teller.request_of(GLOBEX)
    terms = ("*MFA (says the client)*\nrequired", "*Longest session (says the client)*\n1 h")
    teller.tell.holds("its request says so, and how long a session lasts", all(one in request.words for one in terms))
    teller.press(facts.ADA, request, "Approve")
    teller.now_says(request, "✅", "Ada approves Globex")
    teller.tell.holds("the team's page lists its role, too", GLOBEX.role_arn() in on_pages())
    refused = olli.switch_into(GLOBEX.role_arn()) is None
    teller.tell.holds("in the team but without MFA, Olli is refused", refused)
    [group] = set(client_groups()) - before
    mia.join(group)
    refused = mia.switch_into(GLOBEX.role_arn()) is None
    teller.tell.holds("in Globex's own group but without MFA, Mia is refused", refused)


def initech_is_denied(teller: Teller, olli: Operator) -> None:
    """After a denial no group exists, and no page lists the role."""
    teller.tell.chapter("Initech is denied")
    before = client_groups()
    INITECH.create_stack(teller.invite(INITECH, "Administrator"), RequireMfa="false")
    request = teller.request_of(INITECH)
    asked = _ada_denies(teller, request)
    denied = teller.now_says(request, "Denied", "Ada denies it, and the message says so")
    if asked:
        teller.tell.holds("so does the reason she typed into the window that opened", _REASON in denied.words)
    teller.tell.holds("no group was made", client_groups() == before)
    teller.tell.holds("no page lists its role", INITECH.role_arn() not in on_pages())
    refused = INITECH.has_role() and olli.switch_into(INITECH.role_arn()) is None
    teller.tell.holds("its role exists, and AWS refuses Olli the switch", refused)


def _ada_denies(teller: Teller, request: Seen) -> bool:
    """Press Deny until it counts; return whether it opened a window, which is filled in and sent.

    Slack opens a window within three seconds of the press or not at all; then Ada presses again.
    """

    def denied() -> bool:
        return "Denied" in teller.slack.about(request.request_id).words

    def asked_or_denied() -> bool:
        return bool(teller.slack.window(facts.ADA)) or denied()

    def look() -> bool:
        if not asked_or_denied() and not teller.slack.app_is_at_work():
            teller.press(facts.ADA, request, "Deny", asked_or_denied)
        return asked_or_denied()

    teller.tell.wait_for("Ada presses Deny, and it counts or asks for a reason", look)
    if denied():
        return False
    teller.fill_in(facts.ADA, {"Reason": _REASON}, denied)
    return True


def hoolis_stack_fails(teller: Teller) -> None:
    """A stack that fails is told once, with CloudFormation's reason, and asks nothing."""
    teller.tell.chapter("Hooli's stack fails, since the role exists already")
    its_failure_is_told(teller, HOOLI, deploys_beside_its_role(HOOLI, teller.invite(HOOLI)))


def deploys_beside_its_role(company: Company, link: str) -> str:
    """Let a company deploy where its role exists already, which will fail. Return the stack's id."""
    company.make_role("switchyard-access")
    return company.create_stack(link)


def its_failure_is_told(teller: Teller, company: Company, stack_id: str) -> None:
    """Wait for what the channel is told of a company's stack that failed."""
    teller.tell.wait_for(
        "the channel is told what of it failed",
        lambda: [m for m in teller.slack.messages() if company.account_id in m.words and "AccessRole" in m.words],
    )
    teller.tell.wait_for(
        f"{company.name}'s stack is rolled back", lambda: "ROLLBACK_COMPLETE" in company.stack_status(stack_id)
    )
    told = [message for message in teller.slack.messages() if company.account_id in message.words]
    decides = {"Approve", "Deny", "Retry"} & {button for one in told for button in one.buttons}
    teller.tell.holds("once, and with nothing to decide", len(told) == 1 and not decides)
    if "already exists" not in told[0].words:
        teller.tell.say("  (its forwarder went with the stack before it could tell the role's own reason)")
