"""What a test does with windows and shortcuts in the local Slack: the part of RunningWorkspace about views."""

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
    """Windows of a running local Slack. Menus and boxes are filled in with labels or values, a line for each."""

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

    def shortcut(self, who: Who, callback_id: str) -> Outcome:
        """Choose a global shortcut in the ⚡ menu; KeyError where slack-manifest.yml has none of this id."""
        return self._slack.acting.shortcut(person_of(who), callback_id)

    def shortcut_request(self, who: Who, callback_id: str) -> SignedRequest:
        """The signed request of a global shortcut, unsent, whatever the manifest says."""
        return self._slack.interactions.shortcut(person_of(who), callback_id)

    def _open(self, who: Who) -> Window:
        window = self.window(who)
        if window is None:
            raise NothingOpen(f"{person_of(who).name} has no window open")
        return window
