"""Twenty accounts of one company: one invitation, one message, one press, one card."""

import re
from concurrent.futures import ThreadPoolExecutor

from playwright.sync_api import expect

from local.browser.camera import Camera
from local.browser.people import Person
from local.demo.actors import Company, Operator, team_groups
from local.demo.cast import WAYNE
from local.demo.transcript import Transcript

_AT_ONCE = 2
"""How many accounts the stack set deploys to at once. With more, a small machine is busy starting Lambdas."""


def play(tell: Transcript, camera: Camera, ada: Person) -> None:
    """The invite window asks for twenty accounts; their requests are approved with one press."""
    tell.chapter("Ada invites Wayne with twenty accounts")
    asked = ada.asked_to_invite()
    asked.get_by_label("Company").fill("Wayne")
    asked.get_by_label("AWS accounts").fill(str(len(WAYNE)))
    text = ada.invited(asked, "Wayne")
    _wayne_deploys(tell, text)
    tell.chapter("Ada approves all twenty with one press")
    _ada_approves_all(tell, camera, ada)
    _an_operator_switches(tell)


def _wayne_deploys(tell: Transcript, text: str) -> None:
    """Wayne's stack set creates a stack in each account, with the template and the parameters of the text."""
    [template] = set(re.findall(r"http\S+/switchyard-client-flat\.yaml", text))
    given = dict(re.findall(r"^(\w+) = (.+)$", text, re.MULTILINE))
    tell.holds("the text names Wayne's parameters", sorted(given) == ["AccessLevel", "CompanyName", "InvitationToken"])

    def deploy(account: Company) -> None:
        stack = account.take_part(template, RequireMfa="false", **given)
        tell.wait_for(f"a stack in {account.account_id}", lambda: account.stack_status(stack) == "CREATE_COMPLETE")

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(deploy, WAYNE))


def _ada_approves_all(tell: Transcript, camera: Camera, ada: Person) -> None:
    """One message asks for all of them, one press decides, one card has a link to each."""
    ada.channel()
    label = f"Approve all {len(WAYNE)}"
    request = ada.message("Wayne", button=label)
    camera.take("batch", request)
    request.get_by_role("button", name=label).click()
    expect(request).to_contain_text(f"✅ {len(WAYNE)} accounts of Wayne are onboarded")
    listed = request.inner_text()
    tell.holds("the message lists all of them, by Ada", all(each.account_id in listed for each in WAYNE))
    tell.holds("and has nothing to approve", not request.get_by_role("button", name="Approve").count())
    card = ada.message(f"Switch into Wayne: {len(WAYNE)} accounts")
    links = [str(link.get_attribute("href")) for link in card.get_by_role("link").all()]
    linked = [each for each in WAYNE if any(f"/switchrole?account={each.account_id}&" in link for link in links)]
    tell.holds("one card has a link that switches into each", linked == WAYNE)


def _an_operator_switches(tell: Transcript) -> None:
    """Whoever is in the team may switch into every account, without an IAM command for any."""
    operator = Operator("mia")
    [team] = team_groups()
    operator.join(team)
    arns = [operator.switch_into(account.role_arn()) or "" for account in WAYNE]
    into = [account for account, arn in zip(WAYNE, arns, strict=True) if account.account_id in arn]
    tell.holds(f"Mia, who is in the team, switches into all {len(into)}", into == WAYNE)
