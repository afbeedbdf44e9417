"""What most chapters do: invite, wait for a request, see what somebody is told, see a message change."""

from collections.abc import Callable

from local.demo.actors import Company
from local.demo.insisting import Insisting
from local.demo.slack import Seen, Slack
from local.demo.transcript import PATIENCE_SECONDS, Transcript
from local.slack.workspace import facts


class Teller:
    """Tells chapters: acts and looks in Slack, and says what it saw."""

    def __init__(self, slack: Slack, transcript: Transcript, patience_seconds: float = PATIENCE_SECONDS) -> None:
        self.slack = slack
        self.tell = transcript
        self._insisting = Insisting(slack, transcript, patience_seconds)
        self._answered: dict[str, int] = {}
        """How many private answers each person had before acting last."""

    def type(self, who: facts.Person, line: str) -> list[Seen]:
        """Type a line, again where Slack gave up on it; returns what the app has answered privately since."""
        self._remember(who)
        self._insisting.until_taken(
            f"{who.name} types {line}", lambda: self.slack.type(who, line), lambda: bool(self.told(who))
        )
        return self.told(who)

    def press(self, who: facts.Person, message: Seen, label: str, came: Callable[[], bool] = lambda: False) -> None:
        """Press a button of a request, again where Slack gave up on it and nothing came of it.

        Something came when the button is gone or the person was answered privately, or when `came` says so.
        """
        self._remember(who)

        def done() -> bool:
            now = self.slack.about(message.request_id)
            return came() or label not in now.buttons or bool(self.told(who))

        self._insisting.until_taken(f"{who.name} presses {label}", lambda: self.slack.press(who, message, label), done)

    def confirm(self, who: facts.Person, question: Seen, label: str) -> None:
        """Press a button of a question that the app has asked this person alone; its answer replaces the question."""

        def done() -> bool:
            shown = next((each for each in self.slack.private_answers(who) if each.ts == question.ts), None)
            return shown is None or label not in shown.buttons

        self._insisting.until_taken(f"{who.name} presses {label}", lambda: self.slack.press(who, question, label), done)

    def fill_in(self, who: facts.Person, values: dict[str, str], came: Callable[[], bool]) -> None:
        """Fill in the window that is open and send it, again where Slack gave up on it and `came` sees nothing."""
        self._insisting.until_taken(f"{who.name} sends the window", lambda: self.slack.fill_in(who, values), came)

    def open_home(self, who: facts.Person) -> None:
        """Open Home, again where Slack gave up on it and it was not published."""
        self._insisting.until_taken(
            f"{who.name} opens Home", lambda: self.slack.open_home(who), lambda: bool(self.slack.home(who))
        )

    def told(self, who: facts.Person) -> list[Seen]:
        """Return what the app told this person alone since the person acted last."""
        return [each for each in self.slack.private_answers(who)[self._answered.get(who.id, 0) :] if each.by_app]

    def _remember(self, who: facts.Person) -> None:
        self._answered[who.id] = len(self.slack.private_answers(who))

    def invite(self, company: Company, level: str = "") -> str:
        """Ada invites a company; answers the quick-create link."""
        answers = self.type(facts.ADA, f"/clients invite {company.name} {level}".strip())
        links = [url for answer in answers for url in answer.links if "templateURL" in url]
        self.tell.holds(f"Ada invites {company.name} and gets a quick-create link", links)
        return links[-1]

    def request_of(self, company: Company) -> Seen:
        """The company's request, once it is in the channel."""
        return self.tell.wait_for(
            f"{company.name} creates its stack, and the request appears in the channel",
            lambda: next((m for m in self.requests(company) if m.buttons), None),
        )

    def next_request(self, company: Company, fact: str, cause: Callable[[], None]) -> Seen:
        """The request that comes of something the company does."""
        seen = {message.request_id for message in self.slack.messages()}
        cause()
        return self.tell.wait_for(
            fact, lambda: next((m for m in self.requests(company) if m.request_id not in seen), None)
        )

    def requests(self, company: Company) -> list[Seen]:
        """The messages of the company's requests, oldest first."""
        return [each for each in self.slack.messages() if each.request_id and company.account_id in each.words]

    def private(self, who: facts.Person, fact: str, words: str) -> Seen:
        """Wait for words in what only this person sees since acting last; answers the message with them."""
        return self.tell.wait_for(fact, lambda: next((each for each in self.told(who) if words in each.words), None))

    def now_says(self, request: Seen, words: str, fact: str) -> Seen:
        """Wait until the request's message says this; answers it as it is then."""

        def look() -> Seen | None:
            now = self.slack.about(request.request_id)
            return now if words in now.words else None

        return self.tell.wait_for(fact, look)

    def card(self, request: Seen) -> Seen | None:
        """The switch-role card of a request, where it is posted."""
        return next((m for m in self.slack.messages() if m.thread_ts == request.ts and m.to_channel and m.links), None)

    def card_of_several(self, request: Seen) -> Seen | None:
        """The card of a message about several accounts, where it is posted; its links are in its lines."""
        replies = [each for each in self.slack.messages() if each.thread_ts == request.ts and each.to_channel]
        return next((each for each in replies if "/switchrole?" in each.words), None)
