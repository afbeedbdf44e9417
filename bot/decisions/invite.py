"""Lets approvers create invitations, list them with the refused attempts, and cancel them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar

from bot.decisions.block import Blocking, told
from bot.decisions.decide import BUSY, DETAIL_LENGTH, NO_CLIENT, Approval
from bot.domain.answers import Actor, Cancelled, Invited, OpenInvitations
from bot.domain.errors import ActionRefused, BadCommand, InvitationClosed
from bot.domain.ids import is_token_hash, token_hash
from bot.domain.invitation import MOST_ACCOUNTS, NAMESAKES_SHOWN, Invitation, RefusedAttempts
from bot.domain.model import Audit
from bot.domain.page import Teams
from bot.domain.spelling import company_key, company_name, same_company
from bot.domain.vocabulary import AccessLevel
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

LIFETIME = timedelta(days=7)
INVITATIONS_SHOWN, ATTEMPTS_SHOWN = 15, 8
INVITATIONS_READ, ATTEMPTS_READ = 200, 100
_NOTHING_ELSE = Change()
_One = TypeVar("_One", Invitation, RefusedAttempts)


@dataclass(eq=False, repr=False)
class Inviting:
    """For approvers only: every method raises NotAllowed for anybody else."""

    store: Store
    approval: Approval
    clock: Clock
    blocking: Blocking
    teams: Teams

    def invite(
        self, company: str, level: AccessLevel, actor: Actor, accounts: int, teams: tuple[str, ...] = ()
    ) -> Invited:
        """Store a new invitation, with only a hash of its token. Raises BadCommand for a bad company, number or team.

        `teams` are those that are to be let in; none for the usual one.
        """
        self.approval.require(actor, "invite", NO_CLIENT, detail=company)
        company, now = company_name(company), self.clock.now()
        if not 1 <= accounts <= MOST_ACCOUNTS:
            raise BadCommand(f"An invitation is for 1 to {MOST_ACCOUNTS} accounts, not for {accounts}.")
        teams = self.teams.require(teams)
        token = secrets.token_urlsafe(24)
        invitation = Invitation(
            token_hash=token_hash(token),
            company=company,
            access_level=level,
            invited_by=actor.user_id,
            created_at=now,
            expires_at=now + LIFETIME,
            accounts=accounts,
            teams=teams,
        )
        number = f", {accounts} accounts" if accounts > 1 else ""
        detail = f"{company}, {level}{number}, {invitation.token_hash[:8]}"[:DETAIL_LENGTH]
        detail += f", for {', '.join(teams)}" if teams else ""
        self.store.save(self._change(invitation, "invited", detail, actor))
        lets_in = self.teams.chosen(teams)
        return Invited(invitation, token, tuple(self.store.namesakes(company, NAMESAKES_SHOWN + 1)), lets_in)

    def open_ones(self, actor: Actor, company: str) -> OpenInvitations:
        """Return the usable invitations, newest first, and the refused attempts.

        Where a company is named, those of companies whose name begins so: first of all those of that very name.

        One whose accounts are all taken is left out, unless its company is named: it can still be cancelled, since its
        accounts may try again.

        Attempts with one of our invitations come first, because it may be stolen. Anybody can make the others; those
        belong to no company, so they are left out where one is named.
        """
        self.approval.require(actor, "list invitations", NO_CLIENT)
        since = self.clock.now() - LIFETIME
        made = self.store.invitations(since, INVITATIONS_READ)
        found = _named(made, company) if company else [one for one in made if not one.full]
        tried = self.store.refused_attempts(since, ATTEMPTS_READ, invited=True)
        refused = _each_invitation_first(_named(tried, company) if company else tried)
        if not company:
            refused += self.store.refused_attempts(since, ATTEMPTS_READ, invited=False)
        return OpenInvitations(
            tuple(found[:INVITATIONS_SHOWN]),
            tuple(refused[:ATTEMPTS_SHOWN]),
            more_invitations=len(found[INVITATIONS_SHOWN:]),
            more_refused=len(refused[ATTEMPTS_SHOWN:]),
        )

    def cancel(self, hashed: str, actor: Actor) -> Cancelled:
        """Cancel an invitation, and block the account that used it if it has no access.

        One for several accounts blocks none. Raises InvitationClosed when nobody could use it any more anyway.
        """
        self.approval.require(actor, "cancel", NO_CLIENT)
        change = saved(self.store, lambda: self._cancelled(hashed, actor), BUSY.format("invitation"))
        return Cancelled(change.invitations[0], told(change) if change.account else None)

    def _cancelled(self, hashed: str, actor: Actor) -> Change:
        found = self.store.invitation(hashed) if is_token_hash(hashed) else None
        if found is None or not found.listed:
            raise InvitationClosed("Nobody could use this invitation any more, so nothing was changed.")
        cancelled = replace(found, cancelled_at=self.clock.now())
        detail = f"{found.company}, {found.token_hash[:8]}"[:DETAIL_LENGTH]
        return self._change(cancelled, "cancelled", detail, actor, self._block(found, actor))

    def _block(self, invitation: Invitation, actor: Actor) -> Change:
        """Return the change that blocks the account of this invitation's client; an empty one where that can't be."""
        client = self.store.client(invitation.client_id) if invitation.client_id else None
        if client is None or client.token_hash != invitation.token_hash:
            return _NOTHING_ELSE
        try:
            return self.blocking.planned(self.store.account(client.stack.account_id), actor)
        except ActionRefused:
            return _NOTHING_ELSE

    def _change(
        self, invitation: Invitation, action: str, detail: str, actor: Actor, also: Change = _NOTHING_ELSE
    ) -> Change:
        audit = Audit(self.clock.now(), actor.user_id, action, NO_CLIENT, detail=detail)
        return replace(also, invitations=(invitation,), audits=(*also.audits, audit))


def _named(ones: Sequence[_One], company: str) -> list[_One]:
    """Return those of companies whose name begins so; those of that very name first, before any others."""
    begins = company_key(company)  # empty for what has nothing visible in it: that is nobody's name
    found = [one for one in ones if begins and company_key(one.company).startswith(begins)]
    return sorted(found, key=lambda one: not same_company(one.company, company))


def _each_invitation_first(attempts: Sequence[RefusedAttempts]) -> list[RefusedAttempts]:
    """Return the last attempt with each invitation, then the one before it, and so on.

    So many attempts with one invitation can't hide an attempt with another.
    """
    so_far: Counter[str] = Counter()
    places = []
    for attempt in attempts:
        places.append(so_far[attempt.token_hash])
        so_far[attempt.token_hash] += 1
    return [attempts[index] for index in sorted(range(len(attempts)), key=places.__getitem__)]
