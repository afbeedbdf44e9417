"""What people do with the app's own tabs: open Home, or the direct message with the app.

Slack tells the app so only where its manifest asks for the event. It sends an event again at once when the app did not
take it, and then twice more within minutes, which the local Slack leaves out. A person sees nothing of all that: Home
shows what was last published.
"""

from local.slack.app.events import HOME_OPENED, Events
from local.slack.app.link import AppLink, DeliveryFailed
from local.slack.people.acting import Outcome
from local.slack.people.filling_in import NothingOpen
from local.slack.workspace import facts
from local.slack.workspace.memory import Workspace

TABS = ("home", "messages")


class AtHome:
    """Opens the app's tabs in the name of a person."""

    def __init__(self, workspace: Workspace, events: Events, link: AppLink) -> None:
        self._workspace = workspace
        self._events = events
        self._link = link

    def open(self, person: facts.Person, tab: str = "home") -> Outcome:
        """Open a tab; NothingOpen where the manifest has no Home. Nothing is sent without the event in the manifest."""
        if tab == "home" and not self._workspace.manifest.home_tab:
            raise NothingOpen("slack-manifest.yml switches no Home tab on")
        if HOME_OPENED not in self._workspace.manifest.events:
            return Outcome()
        request = self._events.home_opened(person, tab)
        try:
            return Outcome(self._link.deliver(request))
        except DeliveryFailed as failure:
            reason = "http_timeout" if failure.error == "operation_timeout" else "http_error"
        try:
            return Outcome(self._link.deliver(self._events.again(request, reason)))
        except DeliveryFailed as failure:
            return Outcome(error=failure.error, explanation=failure.explanation)
