"""`make demo SLACK=real`: the person invites in their own Slack, and hands the link to the clients, which are here."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from urllib.parse import parse_qs, urlsplit

from botocore.exceptions import ClientError

from deploy.confirming import printable
from local.demo.actors import Company, Operator, client_groups, on_pages, team_groups
from local.demo.cast import ACME, GLOBEX, HOOLI, INITECH
from local.demo.places import Places
from local.demo.transcript import Transcript

FOREVER = 24 * 3600.0
_LINK = re.compile(r"https?://\S+#/stacks/create/review\?\S+")
_DELETE = "delete"
Read = Callable[[], str]


def play(places: Places, transcript: Transcript, workspace: str, read: Read = input, seconds: float = FOREVER) -> None:
    """Follow what the person does, until there is nobody at the terminal any more.

    Raises StoryBroken when the person takes longer than `seconds` to approve.
    """
    with suppress(EOFError):
        _Guide(places, transcript, read, seconds).play(workspace)


class _Guide:
    """Reads links from the terminal, plays the clients, and says what became of it in AWS."""

    def __init__(self, places: Places, transcript: Transcript, read: Read, seconds: float) -> None:
        self._seconds = seconds
        self._template_url = places.addresses["template_url"]
        self._transcript, self._read = transcript, read
        self._companies: Iterator[Company] = iter((ACME, GLOBEX, INITECH, HOOLI))
        self._olli = Operator("olli")

    def play(self, workspace: str) -> None:
        """One client from the invitation to its leaving, then as many as there are accounts."""
        say = self._transcript.say
        self._transcript.chapter(f"Your turn, in {workspace}")
        say(
            "  Type /clients invite Acme. The answer, which only you see, ends with a link for the client. Paste it\n"
            "  here and press Enter: Acme then creates its stack in the local AWS. Ctrl-C ends everything."
        )
        acme, stack_id = self._client()
        self._switches(acme, "before the approval")
        say("  Press Approve under the request in Slack.")
        self._transcript.wait_for(
            "the role is let in", lambda: acme.role_arn() in on_pages() or client_groups(), self._seconds
        )
        own = {*client_groups()}
        group = (team_groups() or client_groups())[0]
        self._switches(acme, "approved, but Olli is in no group yet")
        say(f"  $ aws iam add-user-to-group --group-name {group} --user-name olli")
        self._olli.join(group)
        self._transcript.wait_for("Olli gets in", lambda: self._olli.switch_into(acme.role_arn()), self._seconds)
        say("\n  Wait until the request is green. Then paste the link of another invitation,")
        say(f"  or type {_DELETE} to let the first client delete its stack.")
        self._clients_until(_DELETE)
        acme.delete_stack(stack_id)
        say("  The client deletes its stack. Approve the removal in Slack.")
        self._transcript.wait_for(
            "the role is let in no more",
            lambda: acme.role_arn() not in on_pages() and not own & {*client_groups()},
            self._seconds,
        )
        self._switches(acme, "the client has left")
        say("\n  That is the whole path. Paste the link of another invitation, or end with Ctrl-C.")
        self._clients_until(None)

    def _clients_until(self, word: str | None) -> None:
        """Let a client create its stack for each link, until somebody types the word."""
        while (line := self._read().strip()) != word:
            if link := self._link_in(line):
                self._create(link)

    def _client(self) -> tuple[Company, str]:
        """Wait for a link that a stack can be created from. Return the client and its stack's id."""
        while True:
            link = self._link_in(self._read())
            made = self._create(link) if link else None
            if made:
                return made

    def _link_in(self, line: str) -> str:
        """Return the link in what was pasted; empty where there is none of this deployment."""
        link = link_in(line)
        if link and _asked(link).get("templateURL") != self._template_url:
            self._transcript.say("  That link is of another deployment: it names another template. Invite again.")
            return ""
        return link

    def _create(self, link: str) -> tuple[Company, str] | None:
        company = next(self._companies, None)
        if company is None:
            self._transcript.say("  The demo has no more accounts. End it with Ctrl-C and begin anew.")
            return None
        try:
            stack_id = company.create_stack(link, RequireMfa="false")
        except (ClientError, KeyError) as refused:
            self._transcript.say(f"  The stack could not be created: {refused}. Copy the whole link.")
            return None
        name = _asked(link).get("param_CompanyName", "A client")
        self._transcript.say(f"  {printable(name)} creates its stack in account {company.account_id} …")
        return company, stack_id

    def _switches(self, company: Company, when: str) -> None:
        arn = self._olli.switch_into(company.role_arn())
        self._transcript.say(f"  Olli tries to switch into {company.account_id} ({when}): {arn or 'AccessDenied'}")


def link_in(line: str) -> str:
    """Return the quick-create link in a line, however it was copied; empty where there is none."""
    found = _LINK.search(line.replace("&amp;", "&"))
    return found.group().rstrip(">`.") if found else ""


def _asked(link: str) -> dict[str, str]:
    """Return what a quick-create link fills in."""
    return {name: value[0] for name, value in parse_qs(urlsplit(link).fragment.partition("?")[2]).items()}
