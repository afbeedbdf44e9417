"""The way back: the older version is deployed over the newer one, and goes on with what that has left."""

from pathlib import Path

from local.demo.actors import Operator
from local.demo.teller import Teller
from local.slack.workspace import facts
from local.upgrade.before import create
from local.upgrade.cast import GOES_BACK, INVITED, WAITS, Kept
from local.upgrade.meanwhile import StayingIn
from local.upgrade.site import Site


def the_older_version_again(site: Site, older: Path, teller: Teller, kept: Kept, olli: Operator) -> None:
    """A request that the newer version asked is decided, and a stack of its template goes on."""
    teller.tell.chapter("The way back: the older version is deployed over this one")
    create(teller, GOES_BACK, teller.invite(GOES_BACK))
    waits = teller.request_of(GOES_BACK)
    with StayingIn([(olli, WAITS), (olli, INVITED)]) as staying:
        site.deploy(older)
    teller.tell.holds(f"Olli switched {staying.times} times meanwhile, and was let in", not staying.refused)
    teller.press(facts.ADA, waits, "Approve")
    teller.now_says(waits, "✅", f"{GOES_BACK.name}, asked by the newer version, is approved")
    teller.tell.holds(f"Olli switches into {GOES_BACK.name}", olli.switch_into(GOES_BACK.role_arn()))
    request = teller.next_request(
        INVITED,
        f"{INVITED.name}, whose stack is of the newer template, raises its level, and the team is asked",
        lambda: INVITED.update_stack(kept.stacks[INVITED.name], AccessLevel="PowerUser"),
    )
    teller.press(facts.ADA, request, "Approve")
    teller.now_says(request, "✅", "its update is approved")
