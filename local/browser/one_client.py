"""One client, from Home to the kit: invited in a window, onboarded, found by letters, switched into, taken along."""

from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Locator, expect

from local.browser.camera import Camera
from local.browser.people import Client, Person
from local.demo.actors import Operator, team_groups
from local.demo.cast import ACME, GLOBEX
from local.demo.chapters.kits import FILES
from local.demo.transcript import Transcript

_NOTE = "Our ticket is OPS-1204."


def play(tell: Transcript, camera: Camera, ada: Person, olli: Person, acme: Client) -> None:
    """Home → invite window → the client's stack → approve → search → Switch role → kit."""
    operator = Operator("olli")
    tell.chapter("Ada invites Acme in a window, and Acme creates its stack")
    text = _ada_invites_acme(tell, camera, ada)
    _acme_creates_its_stack(tell, camera, acme, text)
    tell.chapter("Ada approves")
    _ada_approves(tell, camera, ada)
    _home_shows_both(tell, camera, ada)
    tell.chapter("Olli finds Acme, switches and takes the kit along")
    _olli_switches(tell, olli, _olli_finds_acme(tell, camera, olli), operator)
    _olli_takes_the_kit(tell, olli, operator)


def _ada_invites_acme(tell: Transcript, camera: Camera, ada: Person) -> str:
    """Return the text for the client, as Ada copied it from the window that she opened from Home."""
    asked = ada.asked_to_invite()
    asked.get_by_label("Company").fill(ACME.name)
    asked.get_by_label("Access level").select_option("ReadOnly")
    asked.get_by_label("Note for the client").fill(_NOTE)
    camera.take("invite", asked, 520)
    text = ada.invited(asked, ACME.name, lambda told: camera.take("invitation", told, 620, height=640))
    tell.holds("the window's text for Acme has Ada's note", _NOTE in text)
    ada.direct_message()
    message = ada.message(f"Invitation for {ACME.name}")
    tell.holds("a direct message has the same text", ada.copied(message.locator(".code-block").first) == text)
    return text


def _acme_creates_its_stack(tell: Transcript, camera: Camera, acme: Client, text: str) -> None:
    """Acme's administrator opens the link in the text, looks at the form and presses Create stack."""
    form = acme.open(link_in(text))
    expect(form.get_by_label("Your company")).to_have_value(ACME.name)
    expect(form.get_by_label("Access level")).to_have_value("ReadOnly")
    camera.take("client-form", acme.page.locator("body"), 800)
    form.get_by_label("Require multi-factor authentication?").select_option("false")
    acme.create_stack(form)
    tell.holds("the link in the text opens Acme's form; Acme presses Create stack, and has the role", ACME.has_role())


def _ada_approves(tell: Transcript, camera: Camera, ada: Person) -> None:
    """The request is in the channel; Ada presses Approve, it turns green, and the card comes."""
    ada.channel()
    request = ada.message(ACME.account_id, button="Approve")
    camera.take("request", request)
    request.get_by_role("button", name="Approve", exact=True).click()
    expect(request).to_contain_text("✅ Acme is onboarded")
    left = request.get_by_role("button", name="Approve", exact=True).count()
    tell.holds("Ada presses Approve, and the message turns green; nothing is left to decide", not left)
    card = ada.message(ACME.account_id, button="Switch role")
    camera.take("card", card, height=560)
    tell.holds("the card names Acme's role", ACME.role_arn() in card.inner_text())


def _home_shows_both(tell: Transcript, camera: Camera, ada: Person) -> None:
    """Globex asks by a command's text; Home has it above, as it waits, and Acme below."""
    ada.type(f"/clients invite {GLOBEX.name} PowerUser")
    message = ada.message("Only visible to you", f"Invitation for {GLOBEX.name}")
    GLOBEX.create_stack(link_in(ada.copied(message.locator(".code-block").first)))
    ada.message(GLOBEX.account_id, button="Approve")
    home = ada.home()
    expect(home.get_by_text(GLOBEX.account_id).first).to_be_visible()
    listed = home.inner_text()
    camera.take("home", home.locator(".home-content"))
    waiting, _, clients = listed.partition("Invite a client")
    tell.holds("what waits in Home is Globex alone", GLOBEX.name in waiting and ACME.name not in waiting)
    tell.holds("the clients below are both", GLOBEX.name in clients and ACME.name in clients)


def _olli_finds_acme(tell: Transcript, camera: Camera, olli: Person) -> Locator:
    """Olli types letters of the name, into Home and as a command; return the answer of the command."""
    olli.search_in_home("acm", ACME.account_id, GLOBEX.account_id)
    olli.channel()
    olli.type("/clients acm")
    found = olli.message("Only visible to you", ACME.account_id, button="Switch role")
    camera.take("search", found)
    decides = found.get_by_role("button", name="Revoke").count()
    tell.holds("Olli finds Acme by letters, in Home and by the command, and has nothing to decide", not decides)
    return found


def _olli_switches(tell: Transcript, olli: Person, found: Locator, operator: Operator) -> None:
    """The button opens the console's form with account and role, and AWS lets Olli in."""
    tab = olli.follow(found.get_by_role("button", name="Switch role"))
    words = tab.locator("body").inner_text()
    filled_in = ACME.account_id in words and "switchyard-access" in words
    tell.holds("Switch role opens the console's form, filled in", filled_in)
    tell.holds("outside of the team, AWS refuses Olli", operator.switch_into(ACME.role_arn()) is None)
    [team] = team_groups()
    operator.join(team)
    arn = operator.switch_into(ACME.role_arn()) or ""
    tell.holds(f"in the team, Olli is now {arn}", f":{ACME.account_id}:assumed-role/" in arn)


def _olli_takes_the_kit(tell: Transcript, olli: Person, operator: Operator) -> None:
    """The team's files arrive in the direct message; what Olli downloads works."""
    olli.type("/clients kit operators")
    olli.direct_message()
    message = olli.message(FILES[0], FILES[-1])
    with TemporaryDirectory() as folder:
        for name in FILES:
            with olli.page.expect_download() as started:
                message.get_by_title(f"Download {name}").click()
            started.value.save_as(Path(folder) / name)
        config = (Path(folder) / FILES[0]).read_text()
        kept = [name for name in FILES if (Path(folder) / name).stat().st_size]
    tell.holds(f"Olli downloads {', '.join(kept)}", kept == FILES)
    arn = operator.by_profile(f"acme-{ACME.account_id}-switchyard-access", config)
    tell.holds(f"by the profile in it Olli is {arn}", f":{ACME.account_id}:assumed-role/" in arn)


def link_in(text: str) -> str:
    """Return the quick-create link of a text for a client, which has a line of its own."""
    [link] = [line for line in text.splitlines() if "/cloudformation/home?" in line]
    return link
