"""People at their browsers: somebody of the workspace at the local Slack's page, and a client at AWS's console.

Each has a browser context of their own, as on a machine of their own. They only click, type, read and copy.
"""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from local.browser.chromium import PATIENCE_SECONDS
from local.demo.transcript import StoryBroken
from local.slack.workspace import facts

_WIDTH, _HEIGHT = 1180, 900
_TRIES = 5


class Visitor:
    """Somebody with a browser and one page open."""

    def __init__(self, browser: Browser, name: str) -> None:
        self.name = name
        self.context = _new_context(browser)
        self.page = self.context.new_page()

    def keep(self, folder: Path) -> Path:
        """Write what is seen now into a folder, as picture and as text; return the picture's path."""
        picture = folder / f"seen-by-{self.name.lower()}.png"
        self.page.screenshot(path=picture)
        picture.with_suffix(".txt").write_text(f"{self.page.url}\n\n{self.page.locator('body').inner_text()}\n")
        return picture


class Person(Visitor):
    """Somebody of the workspace with the local Slack's page open."""

    def __init__(self, browser: Browser, slack_url: str, who: facts.Person) -> None:
        super().__init__(browser, who.name)
        self.page.goto(f"{slack_url}/?me={who.id}")

    def home(self) -> Locator:
        """Open the app's Home."""
        self._go("Home")
        return self.page.get_by_role("region", name="Home")

    def channel(self) -> Locator:
        """Open #onboarding."""
        self._go(facts.ONBOARDING.name)
        return self.page.get_by_role("log", name="Messages")

    def direct_message(self) -> Locator:
        """Open the direct message with the app."""
        self._go(facts.BOT_NAME)
        return self.page.get_by_role("log", name="Messages")

    def window(self, title: str) -> Locator:
        """Return the window with this title, which the app has opened or is about to open."""
        return self.page.get_by_role("dialog", name=title, exact=True)

    def type(self, line: str) -> None:
        """Type a line into the box below the messages and send it."""
        box = self.page.get_by_role("textbox", name="Message to")
        box.press_sequentially(line)
        box.press("Enter")

    def message(self, *words: str, button: str = "") -> Locator:
        """Wait for a message with all of these words, and with this button where one is named; return the newest.

        It stays the same message when its words change.
        """
        found = self.page.locator("#channel").get_by_role("article")
        for each in words:
            found = found.filter(has_text=each)
        if button:
            found = found.filter(has=self.page.get_by_role("button", name=button, exact=True))
        ts = found.last.get_attribute("data-ts")
        return self.page.locator(f'#channel [data-ts="{ts}"]')

    def asked_to_invite(self) -> Locator:
        """Press Home's button that invites; return the window that asks whom."""
        home, asked = self.home(), self.window("Invite a client")
        self._in_home(home.get_by_role("button", name="Invite a client").click, asked)
        return asked

    def search_in_home(self, letters: str, found: str, others: str) -> None:
        """Type letters into Home's search until what is found is there and the others are not."""
        home = self.home()
        fewer = home.filter(has_text=found).filter(has_not_text=others)

        def search() -> None:
            box = home.get_by_role("textbox", name="Search")
            box.fill("")
            box.press_sequentially(letters)
            box.press("Enter")

        self._in_home(search, fewer)

    def _in_home(self, act: Callable[[], None], came: Locator) -> None:
        """Act in Home until something came of it: a press is lost when Home is drawn anew under the person's hand."""
        lost = self.page.get_by_role("region", name="Home").get_by_role("alert")
        for _ in range(_TRIES):
            act()
            came.or_(lost).filter(visible=True).first.wait_for()
            if came.is_visible():
                return
        raise StoryBroken(f"{self.name} acted {_TRIES} times in Home in vain: {lost.inner_text()}")

    def invited(self, asked: Locator, company: str, look: Callable[[Locator], None] = lambda _: None) -> str:
        """Send the filled-in window and let `look` see what it turns into; return the text for the client, copied."""
        asked.get_by_role("button", name="Invite", exact=True).click()
        told = self.window("Invitation")
        expect(told).to_contain_text(f"Invitation for {company}")
        look(told)
        text = self.copied(told.locator(".code-block").first)
        told.locator("footer").get_by_role("button", name="Close").click()
        expect(told).to_have_count(0)
        return text

    def copied(self, block: Locator) -> str:
        """Press a code block's Copy and return what is then in the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        block.get_by_role("button", name="Copy this code").click()
        self.page.wait_for_function("async () => (await navigator.clipboard.readText()) !== ''")
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def follow(self, control: Locator) -> Page:
        """Press what opens a tab of its own; return the tab."""
        with self.context.expect_page() as opened:
            control.click()
        opened.value.wait_for_load_state()
        return opened.value

    def _go(self, name: str) -> None:
        self.page.get_by_role("navigation").get_by_role("button", name=name).click()


class Client(Visitor):
    """An administrator of a client, signed in to the console of an AWS account."""

    def __init__(self, browser: Browser, account_id: str) -> None:
        super().__init__(browser, f"client-{account_id}")
        self._account_id = account_id

    def open(self, link: str) -> Locator:
        """Open a quick-create link; return the form once it has its fields."""
        self.page.goto(link)
        self.page.get_by_label("Signed in to account").fill(self._account_id)
        self.page.get_by_label("Access level").wait_for()
        return self.page.get_by_role("main")

    def create_stack(self, form: Locator) -> None:
        """Tick what AWS wants to have acknowledged, press Create stack, and wait until the stack is there."""
        for box in form.get_by_role("checkbox").all():
            box.check()
        form.get_by_role("button", name="Create stack").click()
        expect(form.get_by_role("status")).to_contain_text("CREATE_COMPLETE")


def _new_context(browser: Browser) -> BrowserContext:
    """Return a fresh browser of one person: English, UTC, sharp pictures, and what is copied can be pasted."""
    context = browser.new_context(
        viewport={"width": _WIDTH, "height": _HEIGHT},
        device_scale_factor=2,
        locale="en-GB",
        timezone_id="UTC",
        reduced_motion="reduce",
        permissions=["clipboard-read", "clipboard-write"],
    )
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    return context
