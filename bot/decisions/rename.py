"""Renames a client, and gives it a label. For approvers only.

The window is drawn for a state of the client. What is typed there counts only while that is still its state, so that a
second press and somebody who was slower change nothing. Requests keep the name under which they were asked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256

from bot.decisions.decide import BUSY, Approval
from bot.decisions.find_client import pressed_by_approver
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, BadCommand, StalePress
from bot.domain.model import Audit, Client
from bot.domain.spelling import company_name, is_plain
from bot.domain.team_kit import kit_changes
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

RENAME, LABEL = "rename", "label"
LABEL_LENGTH = 40
"""Most characters of a label, also in Slack's window."""


@dataclass(eq=False, repr=False)
class Renaming:
    """What approvers call a client."""

    store: Store
    approval: Approval
    clock: Clock

    def rename(self, client_id: str, company: str, actor: Actor, state: str) -> Client:
        """Give the client another company name. Raises ActionRefused: NotAllowed, BadCommand, StalePress."""

        def renamed(client: Client) -> tuple[Client, str]:
            if not company.strip():
                raise BadCommand("A client needs a name. Type the company's.")
            name = company_name(company)
            if name == client.company:
                raise ActionRefused(f"The client is called {name} already, so nothing was changed.")
            kept = "requests keep the name they were asked under"
            return replace(client, company=name), f"from “{client.company}” to “{name}”; {kept}"

        return self._saved(RENAME, client_id, actor, state, renamed)

    def label(self, client_id: str, label: str, actor: Actor, state: str) -> Client:
        """Give the client this label instead of its own, or none. Raises ActionRefused as `rename` does."""

        def labelled(client: Client) -> tuple[Client, str]:
            words = label_text(label)
            if words == client.label:
                now = f"is labelled {words} already" if words else "has no label"
                raise ActionRefused(f"{client.company} {now}, so nothing was changed.")
            known_by = replace(client.known_by, label=words)
            return replace(client, known_by=known_by), _relabelled(client.label, words)

        return self._saved(LABEL, client_id, actor, state, labelled)

    def _saved(
        self, action: str, client_id: str, actor: Actor, state: str, change: Callable[[Client], tuple[Client, str]]
    ) -> Client:
        client_id = pressed_by_approver(self.approval, actor, action, client_id).id

        def plan() -> Change:
            before = self.approval.client(client_id)
            if state != state_of(before):
                self.approval.refuse(actor, action, client_id, "", "stale")
                raise StalePress(
                    "The client has been renamed or labelled since, so nothing was changed. Look at it again."
                )
            (client, detail), now = change(before), self.clock.now()
            audit = Audit(now, actor.user_id, action, client_id, detail=detail)
            return Change(client=client, audits=(audit,), kits=kit_changes(client.teams, now))

        [client] = saved(self.store, plan, BUSY.format("client")).clients
        return client


def _relabelled(before: str, after: str) -> str:
    """Return what the history says of a changed label."""
    if before and after:
        return f"from “{before}” to “{after}”"
    return f"now “{after}”" if after else f"removed “{before}”"


def label_text(text: str) -> str:
    """Return a label as stored; empty for none. Raises BadCommand when it is too long or has invisible characters."""
    label = " ".join(text.split())
    if len(label) > LABEL_LENGTH:
        raise BadCommand(f"A label has at most {LABEL_LENGTH} characters; this one has {len(label)}.")
    if label and not is_plain(label):
        raise BadCommand("The label holds characters that can't be seen. Type it instead of pasting it.")
    return label


def state_of(client: Client) -> str:
    """Return a short text that changes with the client's name and label."""
    return sha256("\n".join((client.id, client.company, client.label)).encode()).hexdigest()[:16]
