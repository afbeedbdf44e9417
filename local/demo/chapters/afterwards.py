"""What follows once a client is in: it changes, it is listed, it leaves."""

from local.demo.actors import Company, Operator, client_groups, on_pages, team_groups
from local.demo.cast import ACME, GLOBEX, HOOLI, INITECH, UMBRELLA
from local.demo.local_workspace import CLOUDFORMATION_FAILS
from local.demo.teller import Teller
from local.slack.workspace import facts

_ACME_OPS = ACME.role_arn("acme-ops")
"""Acme's role, as it is called in the end."""


def acme_renames_its_role(teller: Teller, stack_id: str, group: str, olli: Operator, mia: Operator) -> None:
    """An update is asked for with what changed, and switches page and group over."""
    teller.tell.chapter("Acme renames its role and raises its level")
    request = teller.next_request(
        ACME,
        "the team is asked again",
        lambda: ACME.update_stack(stack_id, RoleName="acme-ops", AccessLevel="PowerUser"),
    )
    for change in ("switchyard-access", "acme-ops", "ReadOnly", "PowerUser"):
        teller.tell.holds(f"what changed is in plain sight: {change}", change in request.words)
    teller.tell.wait_for("Acme's stack is updated", lambda: ACME.stack_status(stack_id) == "UPDATE_COMPLETE")
    for operator in (olli, mia):
        refused = operator.switch_into(_ACME_OPS) is None
        teller.tell.holds(f"until then, the new role is refused to {operator.name}", refused)
    teller.press(facts.ADA, request, "Approve")
    teller.now_says(request, "✅", "Ada approves, and the message turns green")
    teller.tell.holds("it is still the same group", client_groups() == [group])
    teller.tell.holds("the team's page lists the new role in the old one's place", on_pages() == [_ACME_OPS])
    for operator in (olli, mia):
        arn = operator.switch_into(_ACME_OPS)
        teller.tell.holds(f"without any IAM command, {operator.name} is now {arn}", "/acme-ops/" in (arn or ""))
        old = operator.switch_into(ACME.role_arn())
        teller.tell.holds(f"the old role is refused to {operator.name}", old is None)


def everybody_is_listed(teller: Teller) -> None:
    """`/clients` shows all of them."""
    teller.tell.chapter("Anybody asks for the list")
    listed = "\n".join(answer.words for answer in teller.type(facts.OLLI, "/clients"))
    for company in (ACME, GLOBEX, INITECH, HOOLI):
        teller.tell.holds(f"{company.name} is listed", company.name in listed and company.account_id in listed)
    listed = "\n".join(answer.words for answer in teller.type(facts.OLLI, "/clients teams"))
    known = "3 clients" in listed and all(group in listed for group in team_groups())
    teller.tell.holds("/clients teams lists the team with its three clients and its group", known)


def acme_leaves(teller: Teller, stack_id: str, group: str, olli: Operator, mia: Operator) -> None:
    """The client deletes its stack; approving that clears the page and removes the group, members and all."""
    teller.tell.chapter("Acme deletes its stack")
    request = teller.next_request(ACME, "the team is asked to remove Acme", lambda: ACME.delete_stack(stack_id))
    teller.tell.wait_for("Acme's stack is gone", lambda: ACME.stack_status(stack_id) == "DELETE_COMPLETE")
    teller.tell.holds("until then Mia stays in the group", group in mia.groups())
    teller.tell.holds("and the team's page lists Acme's role", _ACME_OPS in on_pages())
    teller.press(facts.ADA, request, "Approve")
    done = teller.now_says(request, "✅", "Ada approves the removal, and the message turns green")
    teller.tell.holds("it says who was removed from the group", "mia" in done.words)
    teller.tell.holds("the group is gone", group not in client_groups() and group not in mia.groups())
    teller.tell.holds("no page lists Acme's role any more", _ACME_OPS not in on_pages())
    teller.tell.holds("Olli is still in the team", olli.groups() == team_groups())
    for operator in (olli, mia):
        refused = operator.switch_into(_ACME_OPS) is None
        teller.tell.holds(f"AWS refuses {operator.name} the switch again", refused)


def umbrella_is_revoked(teller: Teller, olli: Operator) -> None:
    """An approver takes the access away, though the client's stack and role are still there; at first a page fails."""
    teller.tell.chapter("Ada revokes the access to Umbrella, and CloudFormation fails once more")
    arn = olli.switch_into(UMBRELLA.role_arn())
    teller.tell.holds(f"until then Olli gets in: {arn}", "/switchyard-access/" in (arn or ""))
    before = client_groups()
    teller.slack.turn(CLOUDFORMATION_FAILS, on=True)
    removal = teller.next_request(UMBRELLA, "she confirms, and the removal is in the channel", lambda: _revoke(teller))
    failed = teller.now_says(removal, "🔴", "it turns red, since the page could not be changed")
    teller.tell.holds("it offers Retry", "Retry" in failed.buttons)
    untouched = UMBRELLA.role_arn() in on_pages() and client_groups() == before
    teller.tell.holds("page and group are untouched, so that Olli still gets in", untouched)
    teller.slack.turn(CLOUDFORMATION_FAILS, on=False)
    teller.press(facts.ADA, failed, "Retry")
    teller.now_says(removal, "✅", "CloudFormation works again: Ada presses Retry, and it turns green")
    teller.tell.holds("no page lists Umbrella's role any more", UMBRELLA.role_arn() not in on_pages())
    teller.tell.holds("its group is gone", len(client_groups()) == len(before) - 1)
    teller.tell.holds("its role still exists, and AWS refuses Olli the switch", _is_refused(UMBRELLA, olli))


def _revoke(teller: Teller) -> None:
    teller.type(facts.ADA, f"/clients revoke {UMBRELLA.name}")
    question = teller.private(facts.ADA, "Ada asks to revoke it and is asked what would be gone", "Revoke the access")
    teller.confirm(facts.ADA, question, "Revoke")


def _is_refused(company: Company, operator: Operator) -> bool:
    return company.has_role() and operator.switch_into(company.role_arn()) is None
