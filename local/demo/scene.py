"""What a guided demo opens on: clients that are active, failed and waiting, twenty accounts that wait, Home filled.

Each part is checked as it comes; StoryBroken says which one is missing. `make demo AUTO=1` sets the same scene.
"""

from dataclasses import dataclass
from functools import partial

from local.demo.actors import Company, Operator, team_groups
from local.demo.cast import Cast
from local.demo.chapters import together
from local.demo.chapters.others import deploys_beside_its_role, its_failure_is_told
from local.demo.slack import Seen
from local.demo.teller import Teller
from local.slack.workspace import facts


@dataclass(frozen=True)
class Scene:
    """What waits for a decision, and the id of the stack of the client that waits alone."""

    waiting: Seen
    stack_id: str
    several: Seen


def set_scene(teller: Teller, template_url: str, cast: Cast, olli: Operator) -> Scene:
    """Invite everybody and let them deploy side by side, let one in, fill Home. Return what waits.

    `template_url` is the flat template, for the company with several accounts.
    """
    step, several = teller.tell.step, cast.several[0].name
    teller.tell.chapter("The clients arrive")
    with step(f"{cast.active.name}, {cast.failed.name}, {several} and {cast.waiting.name} invited"):
        token = together.invited(teller)
        links = {each.name: teller.invite(each) for each in (cast.active, cast.failed, cast.waiting)}
    failing = deploys_beside_its_role(cast.failed, links[cast.failed.name])
    _let_in(teller, cast.active, links[cast.active.name], olli)
    with step(f"{cast.failed.name}: the stack failed, and the channel says why"):
        its_failure_is_told(teller, cast.failed, failing)
    with step(f"{several}: {len(cast.several)} accounts wait for approval"):
        asked = together.all_ask(teller, template_url, token)
    with step(f"{cast.waiting.name}: waits for approval"):
        stack_id = cast.waiting.create_stack(links[cast.waiting.name], RequireMfa="false")
        waiting = teller.request_of(cast.waiting)
        refused = olli.switch_into(cast.waiting.role_arn()) is None
        teller.tell.holds("AWS refuses Olli the switch", refused)
    with step("Home filled for Ada, Bea and Olli"):
        _fill_home(teller, cast)
    return Scene(waiting, stack_id, asked)


def _let_in(teller: Teller, company: Company, link: str, olli: Operator) -> None:
    """Approve one client, by a second person too where two are needed; put Olli into the team, see that he gets in."""
    with teller.tell.step(f"{company.name}: approved by Ada; its card is posted, and Olli, of the team, can switch in"):
        company.create_stack(link, RequireMfa="false")
        request = teller.request_of(company)
        teller.press(facts.ADA, request, "Approve")
        if "Approve" in _counted(teller, request).buttons:
            teller.press(facts.BEA, request, "Approve")
        done = teller.now_says(request, "✅", f"{company.name} is approved")
        teller.tell.wait_for("its card is posted", lambda: teller.card(done))
        for team in team_groups():
            olli.join(team)
        teller.tell.wait_for("Olli switches in", lambda: olli.switch_into(company.role_arn()))


def _counted(teller: Teller, request: Seen) -> Seen:
    """Wait until a first approval counts; return the request's message, with the button if it takes another."""

    def look() -> Seen | None:
        now = teller.slack.about(request.request_id)
        return now if "Approve" not in now.buttons or "So far:" in now.words else None

    return teller.tell.wait_for("the press counts", look)


def _fill_home(teller: Teller, cast: Cast) -> None:
    """Open everybody's Home, and see that it lists the clients, and to approvers what waits."""
    for who in (facts.ADA, facts.BEA, facts.OLLI):
        teller.open_home(who)
        words = teller.tell.wait_for(f"{who.name}'s Home is there", partial(teller.slack.home, who))
        listed = all(one.name in words for one in (cast.waiting, cast.several[0]))
        teller.tell.holds(f"{who.name}'s Home lists the newest clients", listed)
        waits = "Waits for you" in words
        teller.tell.holds("it says what waits to approvers alone", waits is (who is not facts.OLLI))
