"""What people ask for besides deciding on a request: what they type after `/clients`, and the presses that follow.

Whoever asks is checked in `bot/decisions`, where each of these is done.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Self, TypeVar

from bot.domain.answers import (
    Actor,
    AtHome,
    Blocked,
    Cancelled,
    ClientShown,
    History,
    Invited,
    OpenInvitations,
    Revocation,
    SeveralRevoked,
    SeveralToRevoke,
    TeamQuestion,
    TeamsChoice,
    TeamShown,
)
from bot.domain.app_home import AppHome
from bot.domain.errors import TryAgain
from bot.domain.kit import KitAsked
from bot.domain.message import home_of
from bot.domain.model import Client
from bot.domain.page import Team
from bot.domain.request import Request, SharedIn
from bot.domain.search import Found, Search
from bot.domain.vocabulary import UNDER_WAY, AccessLevel, Measure, TeamVerb, Verb
from bot.ports import Picture
from bot.ports.kits import have_renewed
from bot.ports.store import Command
from bot.workflow import Workflow

if TYPE_CHECKING:
    from bot.domain.telling import Outcome

log = logging.getLogger(__name__)
Done = TypeVar("Done")


class Commands(Workflow):
    """All use cases: those of the workflow, and those of commands."""

    def once(self, mark: str, act: Callable[[Self], Done]) -> Done:
        """Do `act` for one signed command, identified by its mark, and return its result.

        Raises Replayed, without doing anything, when the command has come before; and what `act` raises.
        """
        from bot.decisions.once import OnceStore

        store = OnceStore(self.store, Command(mark, self.clock.now()))
        return store.sealed(lambda: act(replace(self, store=store.as_store)))

    def invite(
        self, company: str, level: AccessLevel, actor: Actor, accounts: int = 1, teams: tuple[str, ...] = ()
    ) -> Invited:
        """Make an invitation. Raises NotAllowed, BadCommand."""
        return self._inviting.invite(company, level, actor, accounts, teams)

    def list_invitations(self, actor: Actor, company: str = "") -> OpenInvitations:
        """Return usable invitations and refused attempts. Raises NotAllowed."""
        return self._inviting.open_ones(actor, company)

    def cancel_invitation(self, token_hash: str, actor: Actor) -> Cancelled:
        """Cancel an invitation, and block the account that used it if it has no access.

        Raises NotAllowed, InvitationClosed.
        """
        cancelled = self._inviting.cancel(token_hash, actor)
        if cancelled.blocked is not None:
            self._show_blocked(cancelled.blocked)
        return cancelled

    def block(self, named: str, actor: Actor) -> Blocked:
        """Block an account without access: its events are refused and no longer shown. Raises ActionRefused."""
        return self._show_blocked(self._blocking.block(named, actor))

    def press_block(self, request_id: str, actor: Actor, drawn_after: int | None = None) -> Blocked:
        """Block the account of a request that was denied, or that removed its client. Raises ActionRefused."""
        return self._show_blocked(self._blocking.press(request_id, actor, drawn_after))

    def unblock(self, named: str, actor: Actor) -> Blocked:
        """End the block of an account. Raises ActionRefused."""
        return self._show_blocked(self._blocking.unblock(named, actor))

    def _show_blocked(self, changed: Blocked) -> Blocked:
        self.meter.count(Measure.DECISIONS, "block" if changed.account.blocked else "unblock")
        self._have_shown(*changed.to_show)
        return changed

    def require_ours(self, actor: Actor) -> None:
        """Raise WrongWorkspace for somebody from outside, PersonUnknown when Slack does not answer."""
        self.approval.belonging(actor).require(actor)

    def find(self, search: Search, actor: Actor) -> Found:
        """Return one page of the clients that are searched for; best first. Raises WrongWorkspace, PersonUnknown."""
        from bot.decisions.search import find

        self.require_ours(actor)
        return find(self.store, search)

    def person(self, user_id: str, home_team_id: str) -> Actor:
        """Return who this is, where only a user id is known, of the app installed there. Raises PersonUnknown."""
        return self.approval.belonging(Actor(user_id, "", home_team_id)).known(user_id)

    def at_home(self, search: Search, actor: Actor) -> AtHome:
        """Return what the person's Home shows, with clients that are searched for.

        Raises WrongWorkspace, PersonUnknown.
        """
        from bot.decisions.at_home import at_home

        return at_home(self.store, self.approval.belonging(actor), search, actor)

    def note_home(self, actor: Actor, search: Search, digest: str, hash: str) -> None:
        """Note what a person's Home shows from now on, so that the sweep refreshes it. Losing it costs only that."""
        try:
            now = self.clock.now()
            self.store.keep_app_home(AppHome(actor.user_id, actor.home_team_id, now, search.encoded, digest, hash))
        except TryAgain as error:
            log.warning("the Home of %s will not be refreshed: %s", actor.user_id, error)

    def note_presence(self, user_id: str) -> None:
        """Note that a person is at Home, where nothing of what it shows has changed. Losing it costs only a refresh."""
        try:
            self.store.stay_at_home(user_id, self.clock.now())
        except TryAgain as error:
            log.warning("the Home of %s may not be refreshed: %s", user_id, error)

    def show_client(self, named: str, actor: Actor) -> ClientShown | Found:
        """Return everything about the client that is named, or those that may be meant.

        Raises BadCommand where there is none, WrongWorkspace, PersonUnknown.
        """
        return self._showing.show(named, actor)

    def card(self, named: str, actor: Actor) -> Picture | Found:
        """Return the card of the client that is named, or the clients that may be meant.

        Raises ActionRefused where nobody has access to it, and as `show_client`.
        """
        return self._showing.card(named, actor)

    def post_card(self, client_id: str, actor: Actor) -> None:
        """Have the client's card posted once more for everybody. Raises ActionRefused."""
        message = self._card_posting.post(client_id, actor)
        self.meter.count(Measure.DECISIONS, "card")
        self._have_shown(message.owner)

    def rename(self, client_id: str, company: str, actor: Actor, state: str) -> Client:
        """Rename a client, unless it was renamed or labelled since that state was shown. Raises ActionRefused."""
        renamed = self._renaming.rename(client_id, company, actor, state)
        self.meter.count(Measure.DECISIONS, "rename")
        have_renewed(self.handoff, renamed.teams)
        return renamed

    def label(self, client_id: str, label: str, actor: Actor, state: str) -> Client:
        """Give a client this label, or none, unless it changed since that state was shown. Raises ActionRefused."""
        labelled = self._renaming.label(client_id, label, actor, state)
        self.meter.count(Measure.DECISIONS, "label")
        have_renewed(self.handoff, labelled.teams)
        return labelled

    def history(self, named: str, actor: Actor) -> History:
        """Return who did what about a client, newest first, and who was refused. Raises NotAllowed, BadCommand."""
        return self._histories.newest(named, actor)

    def history_page(self, client_id: str, cursor: str, actor: Actor) -> History:
        """Return the page of a history at the cursor, the newest for an empty one. Raises ActionRefused."""
        return self._histories.page(client_id, cursor, actor)

    def text_for_client(self, request_id: str, actor: Actor) -> tuple[Request, Outcome]:
        """Return the request as it is now, and which outcome its client can be told. Raises ActionRefused."""
        from bot.decisions.tell import Telling

        return Telling(self.store, self.approval).about(request_id, actor)

    def texts_for_client(self, home: SharedIn, actor: Actor) -> Sequence[tuple[Request, Outcome]]:
        """Return the same for every request of a shared message about which there is something to tell."""
        from bot.decisions.tell import Telling

        return Telling(self.store, self.approval).about_all(home, actor)

    def ask_to_revoke(self, named: str, actor: Actor) -> Revocation:
        """Return what revoking a client's access would take away, without changing anything. Raises ActionRefused."""
        return self._revoking.ask(named, actor)

    def revoke(self, client_id: str, state: str, actor: Actor) -> Request:
        """Revoke a client's access while its stack still exists, unless it has changed since that `Revocation`.

        Raises ActionRefused: NotAllowed, StalePress.
        """
        remembering = self._remembering
        removal = remembering._revoking.revoke(client_id, state, actor)
        self.meter.count(Measure.DECISIONS, Verb.REVOKE)
        remembering.provisioning.hand_over(removal)
        return removal

    def ask_whom_to_revoke(self, named: str, actor: Actor) -> Revocation | SeveralToRevoke:
        """Return what `ask_to_revoke` returns; where several clients of that name have access, that of each.

        Raises ActionRefused.
        """
        return self._revoking_several.ask(named, actor)

    def revoke_several(self, chosen: Sequence[tuple[str, str]], actor: Actor) -> SeveralRevoked:
        """Store a press that revokes the access of these clients, each unless it has changed since its `Revocation`.

        `chosen` are the clients' ids with the states that were shown. Raises ActionRefused.
        """
        name, revoked = self._revoking_several.press(chosen, actor)
        self._hand_over_bulk(name)
        return revoked

    def list_teams(self, actor: Actor) -> Sequence[TeamShown]:
        """Return the teams with their pages. Raises WrongWorkspace, PersonUnknown."""
        self.require_ours(actor)
        return self._team_tasks.shown()

    def ask_for_kit(self, asked: KitAsked, actor: Actor) -> None:
        """Have a kit sent to whoever asks for it by one signed command, and only once.

        Raises WrongWorkspace, PersonUnknown, BadCommand, TryAgain, and Replayed when the command has come before.
        """

        def check(once: Commands) -> None:
            once.require_ours(actor)
            once.teams.require([asked.team] if asked.team else [])

        self.once(asked.mark, check)
        self.handoff.kit(asked)

    def ask_about_team(self, verb: TeamVerb, team: str, actor: Actor) -> TeamQuestion:
        """Return what doing this to a whole team would concern, without changing anything. Raises ActionRefused."""
        return self._team_tasks.ask(verb, team, actor)

    def begin_with_team(self, verb: TeamVerb, team: str, state: str, actor: Actor) -> Team:
        """Have it done to a whole team, unless that has changed since that `TeamQuestion`. Raises ActionRefused."""
        begun = self._team_tasks.begin(verb, team, state, actor)
        self.meter.count(Measure.DECISIONS, f"team {verb}")
        self.provisioning.hand_over_pages([team], [])
        return begun

    def ask_to_regroup(self, named: str, teams: tuple[str, ...], actor: Actor) -> TeamsChoice:
        """Return who would get in at this client, before and after, without changing anything. Raises ActionRefused."""
        return self._regrouping.ask(named, teams, actor)

    def regroup(self, client_id: str, teams: tuple[str, ...], state: str, actor: Actor) -> Request:
        """Change which teams get in at a client, unless it has changed since that `TeamsChoice`. Raises ActionRefused.

        Where one approver is not enough to let more people in, this asks the others.
        """
        remembering = self._remembering
        request = remembering._regrouping.regroup(client_id, teams, state, actor)
        self.meter.count(Measure.DECISIONS, "teams")
        if request.state in UNDER_WAY:
            remembering.provisioning.hand_over(request)
        else:
            self._have_shown(home_of(request).owner)
        return request
