"""Changes which teams get in at a client that has access: an approver's own decision, carried out like any update.

Typing the command only asks. The press on the answer is checked again, like any press. Letting a further team in is a
grant: where that takes more than one approver, the press asks the others instead of deciding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256

from bot.decisions.decide import Approval
from bot.decisions.find_client import named_by_approver, pressed_by_approver
from bot.domain import policy
from bot.domain.answers import Actor, TeamsChoice
from bot.domain.approvers import Waiting
from bot.domain.errors import ActionRefused, StalePress
from bot.domain.message import message_about, raised
from bot.domain.model import Audit, Client, Given
from bot.domain.page import Teams
from bot.domain.request import Attempt, Decision, LetsIn, Request, new_request
from bot.domain.request import Regrouping as Asked
from bot.domain.transitions import REGROUPED, superseding
from bot.domain.vocabulary import UNDER_WAY, Kind, State, Verb
from bot.ports import Clock
from bot.ports.store import Change, Store, saved

ACTION = "teams"


@dataclass(eq=False, repr=False)
class Regrouping:
    """For approvers only."""

    store: Store
    approval: Approval
    clock: Clock
    teams: Teams
    waiting: Waiting

    def ask(self, named: str, teams: tuple[str, ...], actor: Actor) -> TeamsChoice:
        """Return who would get in, before and after, without changing anything. Raises ActionRefused."""
        client = named_by_approver(self.approval, actor, ACTION, named)
        given, teams = self._checked(client, teams)
        state = _state(client, given, teams)
        several = self._asks_others(given, teams)
        return TeamsChoice(client, given.stack.grant, given.teams, teams, state, asks_others=several)

    def regroup(self, client_id: str, teams: tuple[str, ...], state: str, actor: Actor) -> Request:
        """Return the update, approved, or pending where more people have to approve it.

        `state` is that of the `TeamsChoice` which the actor saw. Raises ActionRefused; StalePress when the access, its
        teams or those to be chosen have changed since then.
        """
        client_id = pressed_by_approver(self.approval, actor, ACTION, client_id).id
        busy = "This client is changing too fast at the moment. Press the button again."
        return saved(self.store, lambda: self._regrouped(client_id, teams, state, actor), busy).requests[-1]

    def _regrouped(self, client_id: str, teams: tuple[str, ...], state: str, actor: Actor) -> Change:
        """Plan the update; it is the last of the requests."""
        client = self.approval.client(client_id)
        current = self._current(client)
        given, teams = self._checked(client, teams)
        if state != _state(client, given, teams):
            self.approval.refuse(actor, ACTION, client.id, "", "stale")
            raise StalePress(
                f"The access of {client.company} has changed since you were asked, so nothing was changed. "
                "Type the command again, to see what it is now."
            )
        update = self._update(client, given, teams, actor)
        now = update.created_at
        superseded = superseding(current, REGROUPED, now)
        client = replace(client, current_request=update.id)
        if update.state is State.APPROVED:
            client = replace(client, may_have_group=True)
        client = replace(client, standing=policy.standing(client, update))
        audits = [Audit(now, actor.user_id, "superseded", client.id, one.id) for one in superseded]
        action = "changes teams" if update.state is State.APPROVED else "asks to change teams"
        detail = f"{_named(given.teams)} → {_named(teams)}"
        audits.append(Audit(now, actor.user_id, action, client.id, update.id, detail))
        return Change(
            client=client,
            requests=(*superseded, update),
            audits=tuple(audits),
            messages=(message_about(update, now),),
            raises=tuple(raised(one, now) for one in superseded),
        )

    def _update(self, client: Client, given: Given, teams: tuple[str, ...], actor: Actor) -> Request:
        """Return the update of exactly what is given, but for its teams."""
        now = self.clock.now()
        asks_others = self._asks_others(given, teams)
        state = State.PENDING if asks_others else State.APPROVED
        update = new_request(client, Kind.UPDATE, state, given.stack, now)
        attempt = Attempt(without_group=not given.by_group)
        update = replace(update, lets_in=LetsIn(teams, Asked(given.teams, actor.user_id)), attempt=attempt)
        if asks_others:
            return self.waiting.from_now(update, now)
        decision = Decision(Verb.APPROVE, actor.user_id, now, team_id=actor.team_id)
        return replace(update, decision=decision, approvals=(decision,), attempt=attempt.next())

    def _asks_others(self, given: Given, teams: tuple[str, ...]) -> bool:
        """Return whether this lets further people in, and one approver may not decide that alone."""
        further = set(teams) - set(given.teams)
        return bool(further) and not self.approval.approvers.one_suffices(given.stack.access_level)

    def _checked(self, client: Client, teams: tuple[str, ...]) -> tuple[Given, tuple[str, ...]]:
        """Return what is given now, and the teams in their order. Raises ActionRefused where they can't be changed."""
        teams = self.teams.require(teams)
        if not teams:
            raise ActionRefused("At least one team has to get in. To end the access, type `/clients revoke <client>`.")
        if client.given is None:
            raise ActionRefused(
                f"Nobody has access to {client.company} through Switchyard yet, so there are no teams to change. Where "
                "there are several teams, they are chosen beside *Approve*."
            )
        current = self._current(client)
        if client.provisioning is not None or (current is not None and current.state in UNDER_WAY):
            raise ActionRefused(f"Another change of {client.company} is in progress. Try again when that has ended.")
        if current is not None and current.state is not State.DONE and current.kind.takes_away:
            raise ActionRefused(f"{client.company} is leaving, so its teams stay as they are until that is decided.")
        if current is not None and current.state is State.PENDING:
            raise ActionRefused(
                f"{client.company} has an open request ({current.id}), so nothing was changed. Decide on that first."
            )
        if set(teams) == set(client.given.teams):
            raise ActionRefused(f"{client.company} has exactly these teams already: {_named(teams)}.")
        return client.given, teams

    def _current(self, client: Client) -> Request | None:
        return self.store.request(client.current_request) if client.current_request else None


def _named(teams: tuple[str, ...]) -> str:
    return ", ".join(teams) or "none"


def _state(client: Client, given: Given, teams: tuple[str, ...]) -> str:
    """Return a short text that changes with every grant, with who gets in, and with the teams that are chosen."""
    grant = given.stack.grant
    facts = (grant.role_name, grant.access_level, *given.by[-1:], _named(given.teams), _named(teams))
    return sha256("\n".join((client.id, *facts)).encode()).hexdigest()[:16]
