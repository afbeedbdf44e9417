"""What people can start in Slack, as the listeners see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.domain.invitation import Invitation
from bot.domain.request import Request
from bot.domain.vocabulary import AccessLevel, Verb
from bot.ports import Actor, ClientPage, History, Invited, OpenInvitations, Revocation

Done = TypeVar("Done")


class Workflow(Protocol):
    """The use cases that people start."""

    def once(self, mark: str, act: Callable[[Workflow], Done]) -> Done: ...

    def invite(self, company: str, level: AccessLevel, actor: Actor, accounts: int = 1) -> Invited: ...

    def list_invitations(self, actor: Actor, company: str = "") -> OpenInvitations: ...

    def cancel_invitation(self, token_hash: str, actor: Actor) -> Invitation: ...

    def require_ours(self, actor: Actor) -> None: ...

    def list_clients(self, cursor: str | None = None) -> ClientPage: ...

    def history(self, named: str, actor: Actor) -> History: ...

    def history_page(self, client_id: str, cursor: str, actor: Actor) -> History: ...

    def ask_to_revoke(self, named: str, actor: Actor) -> Revocation: ...

    def revoke(self, client_id: str, state: str, actor: Actor) -> Request: ...

    def decide(
        self, request_id: str, verb: Verb, actor: Actor, drawn_after: int | None = None, reason: str = ""
    ) -> Request: ...
