"""What follows once a client is in: it changes, it is listed, it leaves."""

from local.demo.actors import Operator, client_groups
from local.demo.cast import ACME, GLOBEX, HOOLI, INITECH
from local.demo.teller import Teller
from local.slack.workspace import facts


def acme_renames_its_role(teller: Teller, stack_id: str, group: str, olli: Operator) -> None:
    """An update is asked for with what changed, and switches the group over."""
    teller.tell.chapter("Acme renames its role and raises its level")
    request = teller.next_request(
        ACME,
        "the team is asked again",
        lambda: ACME.update_stack(stack_id, RoleName="acme-ops", AccessLevel="PowerUser"),
    )
    for change in ("switchyard-access", "acme-ops", "ReadOnly", "PowerUser"):
        teller.tell.holds(f"what changed is in plain sight: {change}", change in request.words)
    teller.tell.wait_for("Acme's stack is updated", lambda: ACME.stack_status(stack_id) == "UPDATE_COMPLETE")
    teller.tell.holds("until then, the new role is refused", olli.switch_into(ACME.role_arn("acme-ops")) is None)
    teller.press(facts.ADA, request, "Approve")
    teller.now_says(request, "✅", "Ada approves, and the message turns green")
    teller.tell.holds("it is still the same group", client_groups() == [group])
    arn = olli.switch_into(ACME.role_arn("acme-ops"))
    teller.tell.holds(f"still a member, Olli is now {arn}", arn is not None and "/acme-ops/" in arn)
    teller.tell.holds("the old role is refused", olli.switch_into(ACME.role_arn()) is None)


def everybody_is_listed(teller: Teller) -> None:
    """`/clients` shows all of them."""
    teller.tell.chapter("Anybody asks for the list")
    listed = "\n".join(answer.words for answer in teller.type(facts.OLLI, "/clients"))
    for company in (ACME, GLOBEX, INITECH, HOOLI):
        teller.tell.holds(f"{company.name} is listed", company.name in listed and company.account_id in listed)


def acme_leaves(teller: Teller, stack_id: str, group: str, olli: Operator) -> None:
    """The client deletes its stack; approving that removes the group, members and all."""
    teller.tell.chapter("Acme deletes its stack")
    request = teller.next_request(ACME, "the team is asked to remove Acme", lambda: ACME.delete_stack(stack_id))
    teller.tell.wait_for("Acme's stack is gone", lambda: ACME.stack_status(stack_id) == "DELETE_COMPLETE")
    teller.tell.holds("until then Olli stays in the group", group in olli.groups())
    teller.press(facts.ADA, request, "Approve")
    done = teller.now_says(request, "✅", "Ada approves the removal, and the message turns green")
    teller.tell.holds("it says who was removed from the group", "olli" in done.words)
    teller.tell.holds("the group is gone", group not in client_groups() and group not in olli.groups())
    teller.tell.holds("AWS refuses Olli the switch again", olli.switch_into(ACME.role_arn("acme-ops")) is None)
