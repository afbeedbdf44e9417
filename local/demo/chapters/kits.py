"""What an operator takes along: the team's kit, from Slack and from the team's bucket."""

from local.demo.actors import Operator
from local.demo.cast import ACME
from local.demo.teller import Teller
from local.slack.workspace import facts

FILES = ["config", "extend-switch-roles.ini", "bookmarks.html", "clients.csv"]


def olli_takes_the_kit_along(teller: Teller, olli: Operator, mia: Operator) -> None:
    """Olli gets the team's files from Slack and fetches them from its bucket; their profiles work at once."""
    teller.tell.chapter("Olli takes the configuration along")
    teller.type(facts.OLLI, "/clients kit operators")
    teller.private(facts.OLLI, "Olli asks for the team's kit and is told that it comes", "kit of team `operators`")
    kit = teller.tell.wait_for("it arrives in a direct message", lambda: teller.slack.files(facts.OLLI))
    teller.tell.holds(f"as the files {', '.join(kit)}", list(kit) == FILES)
    profile = f"acme-{ACME.account_id}-switchyard-access"
    arn = olli.by_profile(profile, kit["config"])
    teller.tell.holds(f"by the profile {profile}, Olli is now {arn}", f":{ACME.account_id}:assumed-role/" in arn)
    fetched = teller.tell.wait_for(
        "the same profiles lie in the team's bucket", lambda: ACME.account_id in (olli.fetches("operators") or "")
    )
    teller.tell.holds("which Olli may read, being in the team", fetched)
    teller.tell.holds("and Mia, who is not, may not", mia.fetches("operators") is None)
