"""What most chapters do: invite, wait for a request, see what somebody is told, see a message change."""

from collections.abc import Callable

from local.demo.actors import Company
from local.demo.slack import Seen, Slack
from local.demo.transcript import Transcript
from local.slack import facts


class Teller:
    """Tells chapters: acts and looks in Slack, and says what it saw."""

    def __init__(self, slack: Slack, transcript: Transcript) -> None:
        self.slack = slack
        self.tell = transcript

    def invite(self, company: Company, level: str = "") -> str:
        """Ada invites a company; answers the quick-create link."""
        self.slack.type(facts.ADA, f"/clients invite {company.name} {level}".strip())
        links = [url for url in self.slack.private_answers(facts.ADA)[-1].links if "templateURL" in url]
        self.tell.holds(f"Ada invites {company.name} and gets a quick-create link", len(links) == 1)
        return links[0]

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

    def private(self, who: facts.Person, fact: str, words: str) -> None:
        """Wait for words in the last answer that only this person sees."""
        self.tell.wait_for(fact, lambda: any(words in m.words for m in self.slack.private_answers(who)[-1:]))

    def now_says(self, request: Seen, words: str, fact: str) -> Seen:
        """Wait until the request's message says this; answers it as it is then."""

        def look() -> Seen | None:
            now = self.slack.about(request.request_id)
            return now if words in now.words else None

        return self.tell.wait_for(fact, look, seconds=90)

    def card(self, request: Seen) -> Seen | None:
        """The switch-role card of a request, where it is posted."""
        return next((m for m in self.slack.messages() if m.thread_ts == request.ts and m.to_channel and m.links), None)
