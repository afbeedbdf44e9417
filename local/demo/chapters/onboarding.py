"""How a client comes in: asked, approved, switched into; and who does not get in."""

from urllib.parse import parse_qs, urlsplit

from local.demo.actors import Operator, client_groups, on_pages, team_groups
from local.demo.cast import ACME, MALLORY
from local.demo.impostor import Impostor
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts


def acme_asks(teller: Teller, olli: Operator) -> tuple[str, str, Seen]:
    """Acme is invited, deploys its stack, and the team sees it. Answers the link, the stack's id and the request."""
    teller.tell.chapter("Acme is invited and deploys its stack")
    teller.type(facts.OLLI, "/clients invite Acme")
    teller.private(facts.OLLI, "Olli, who is no approver, is told privately who may invite", facts.ADA.id)
    link = teller.invite(ACME)
    stack_id = ACME.create_stack(link, RequireMfa="false")
    request = teller.request_of(ACME)
    teller.tell.holds("the request offers Approve and Deny", request.buttons == ("Approve", "Deny"))
    teller.tell.holds("it names the account", ACME.account_id in request.words)
    teller.tell.holds(
        "it says that Acme does not require MFA", "*MFA (says the client)*\nnot required" in request.words
    )
    teller.tell.holds("and that approving lets the team operators in", "the team `operators`" in request.words)
    teller.tell.holds("before the approval, AWS refuses Olli the switch", olli.switch_into(ACME.role_arn()) is None)
    return link, stack_id, request


def mallory_is_refused(teller: Teller, link: str, events_url: str) -> None:
    """Mallory has Acme's link and all of the code, and gets nowhere with either."""
    teller.tell.chapter("Mallory poses as Acme")
    before = [message.ts for message in teller.slack.messages()]
    token = parse_qs(urlsplit(link).fragment.partition("?")[2])["param_InvitationToken"][0]
    impostor = Impostor(MALLORY.account_id, "Acme")
    status, words = impostor.claims_to_be(ACME.account_id, events_url, token)
    teller.tell.holds(f"an event that claims Acme's account is refused: {status} {words}", status == 401)
    status, words = impostor.claims_to_be(MALLORY.account_id, events_url, token)
    teller.tell.holds(f"one of Mallory's own, with Acme's invitation, too: {status} {words}", status == 403)
    reason = MALLORY.why_it_failed(_rolled_back(teller, link))
    teller.tell.holds("whose reason is in CloudFormation's events", "belongs to another AWS account" in reason)
    teller.type(facts.ADA, "/clients invitations")
    teller.private(facts.ADA, "Ada sees who was refused with Acme's invitation", MALLORY.account_id)
    teller.tell.holds("nothing of it is in the channel", [message.ts for message in teller.slack.messages()] == before)


def _rolled_back(teller: Teller, link: str) -> str:
    """Return the id of Mallory's stack that was refused.

    The gate lets a stack through where Switchyard is too busy to say no in time; its events are refused all the same.
    Then Mallory deletes it and tries anew.
    """
    tried: list[str] = []

    def refused() -> str | None:
        status = MALLORY.stack_status(tried[-1]) if tried else "DELETE_COMPLETE"
        if status == "CREATE_COMPLETE":
            MALLORY.delete_stack(tried[-1])
        elif status == "DELETE_COMPLETE":
            name = f"mallory-{len(tried) + 1}"
            tried.append(MALLORY.create_stack(link, stack_name=name, RoleName="acme-access"))
        return tried[-1] if "ROLLBACK" in status else None

    return teller.tell.wait_for("Acme's link in Mallory's account ends in a rollback", refused)


def ada_approves(teller: Teller, request: Seen, olli: Operator) -> str:
    """Olli may not approve, Ada may; the group is made and the card arrives."""
    teller.tell.chapter("Ada approves")
    teller.press(facts.OLLI, request, "Approve")
    teller.private(facts.OLLI, "Olli presses Approve and is told privately that he may not", facts.ADA.id)
    teller.press(facts.EVE, request, "Approve")
    teller.private(
        facts.EVE, "Eve, of another workspace, presses it and is told that it does not count", "another Slack workspace"
    )
    still = teller.slack.about(request.request_id)
    teller.tell.holds("the request waits as it did", "Waiting" in still.words and still.buttons == request.buttons)
    teller.tell.holds("no group exists", client_groups() == [] and team_groups() == [])
    teller.press(facts.ADA, request, "Approve")
    done = teller.now_says(request, "✅", "Ada presses Approve, and the message turns green")
    teller.tell.holds("Approve and Deny are gone", not {"Approve", "Deny"} & {*done.buttons})
    card = teller.tell.wait_for("the switch-role card is in its thread and in the channel", lambda: teller.card(done))
    teller.tell.holds("it names account and role", ACME.account_id in card.words and "switchyard-access" in card.words)
    teller.tell.holds("it links to the console's Switch Role", any("/switchrole?" in url for url in card.links))
    [team], [group] = team_groups(), client_groups()
    teller.tell.holds(f"it names the team's IAM group {team}", team in card.words)
    teller.tell.holds(f"and Acme's own IAM group {group}", group in card.words)
    teller.tell.holds("the team's page lists Acme's role and no other", on_pages() == [ACME.role_arn()])
    teller.tell.holds("outside both groups, AWS refuses Olli the switch", olli.switch_into(ACME.role_arn()) is None)
    return group


def operators_switch(teller: Teller, group: str, olli: Operator, mia: Operator) -> None:
    """Whoever is in the team switches, and whoever is in the client's own group; nobody else does."""
    teller.tell.chapter("Olli and Mia switch into Acme's account")
    [team] = team_groups()
    olli.join(team)
    teller.tell.say(f"  An administrator puts Olli into the team, once: {team}")
    arn = olli.switch_into(ACME.role_arn())
    teller.tell.holds(f"in the team, Olli is now {arn}", arn == _as_operator("olli"))
    teller.tell.holds("Mia, who is in no group, is refused", mia.switch_into(ACME.role_arn()) is None)
    mia.join(group)
    arn = mia.switch_into(ACME.role_arn())
    teller.tell.holds(f"in Acme's own group alone, Mia is now {arn}", arn == _as_operator("mia"))


def _as_operator(name: str) -> str:
    return f"arn:aws:sts::{ACME.account_id}:assumed-role/switchyard-access/{name}"
