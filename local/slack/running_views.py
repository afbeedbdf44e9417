"""What a test does with windows, Home and shortcuts in the local Slack: RunningWorkspace as far as views go."""

from local.slack.app.elements import Target
from local.slack.app.signing import SignedRequest
from local.slack.people.acting import Outcome
from local.slack.people.filling_in import NothingOpen
from local.slack.server import LocalSlack
from local.slack.workspace import facts
from local.slack.workspace.modals import Window

Who = facts.Person | str


def person_of(who: Who) -> facts.Person:
    """Return the person; KeyError for an unknown user id."""
    return who if isinstance(who, facts.Person) else facts.PEOPLE[who]


class RunningViews:
    """Windows and Home of a running local Slack. Menus and boxes are filled in with labels or values, a line each."""

    def __init__(self, slack: LocalSlack) -> None:
        self._slack = slack

    def window(self, who: Who) -> Window | None:
        """The modal this person has open."""
        return self._slack.workspace.modals.of(person_of(who).id)

    def submit(self, who: Who, **typed: str) -> Outcome:
        """Send the open modal, its fields filled in by label: `submit(ADA, Reason="No contract", Level="ReadOnly")`."""
        return self._slack.filling_in.submit(person_of(who), typed)

    def press_in_window(self, who: Who, label: str, **typed: str) -> Outcome:
        """Press the button (or choose the menu option) with this label in the open modal, its fields filled in."""
        return self._slack.acting.press_in_view(person_of(who), self._open(who), Target(label, chosen=typed))

    def close_window(self, who: Who) -> Outcome:
        """Close the open modal unsent."""
        return self._slack.filling_in.close(person_of(who))

    def submission_request(self, who: Who, **typed: str) -> SignedRequest:
        """The signed request of sending the open modal, unsent."""
        return self._slack.filling_in.request(person_of(who), typed)

    def open_home(self, who: Who) -> Outcome:
        """Open the app's Home tab; NothingOpen where slack-manifest.yml switches none on."""
        return self._slack.at_home.open(person_of(who))

    def home(self, who: Who) -> Window | None:
        """The Home tab as it was last published for this person."""
        return self._slack.workspace.homes.of(person_of(who).id)

    def press_in_home(self, who: Who, label: str, **typed: str) -> Outcome:
        """Press the button (or choose the menu option) with this label in Home, its fields filled in.

        A field that dispatches its action is pressed by its label: `press_in_home(ADA, "Search", Search="acme")`.
        """
        return self._slack.acting.press_in_view(person_of(who), self._home(who), Target(label, chosen=typed))

    def press_in_home_request(self, who: Who, label: str, **typed: str) -> SignedRequest:
        """The signed request of a press in Home, unsent."""
        return self._slack.interactions.press_in_view(person_of(who), self._home(who), Target(label, chosen=typed))

    def home_opened_request(self, who: Who, tab: str = "home") -> SignedRequest:
        """The signed event of opening Home (or the tab `messages`), unsent, whatever the manifest says."""
        return self._slack.events.home_opened(person_of(who), tab)

    def shortcut(self, who: Who, callback_id: str) -> Outcome:
        """Choose a global shortcut in the ⚡ menu; KeyError where slack-manifest.yml has none of this id."""
        return self._slack.acting.shortcut(person_of(who), callback_id)

    def shortcut_request(self, who: Who, callback_id: str) -> SignedRequest:
        """The signed request of a global shortcut, unsent, whatever the manifest says."""
        return self._slack.interactions.shortcut(person_of(who), callback_id)

    def _home(self, who: Who) -> Window:
        home = self.home(who)
        if home is None:
            raise NothingOpen(f"nothing was published for {person_of(who).name}")
        return home

    def _open(self, who: Who) -> Window:
        window = self.window(who)
        if window is None:
            raise NothingOpen(f"{person_of(who).name} has no window open")
        return window
