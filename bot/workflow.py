"""THE FILE TO READ: what happens when an event, a command, a click, an outcome or a minute arrives.

Each step stores first (one transaction, on the condition that nobody was faster). Afterwards it invokes the provision
Lambda, which begins what was approved and brings the messages in Slack up to date. Whatever a crash leaves between the
two is found by `sweep`.

Each Lambda uses one or two of the wings, so a wing is imported where it is first used: cold starts take less CPU.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from bot.domain.answers import (
    Actor,
    Blocked,
    Cancelled,
    ClientPage,
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
from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.errors import ActionRefused, Conflict, StalePress, SwitchyardError, TryAgain
from bot.domain.kit import KitAsked
from bot.domain.message import home_of, owners_about, raised
from bot.domain.model import Client
from bot.domain.page import PageName, Team, Teams, Todo
from bot.domain.request import Request, SharedIn
from bot.domain.search import PAGE, Found, Search
from bot.domain.vocabulary import UNDER_WAY, AccessLevel, Measure, TeamVerb, Verb
from bot.ports import (
    Access,
    Channel,
    Clock,
    Directory,
    Handoff,
    Meter,
    NoMeter,
    PageStacks,
    Picture,
    Proof,
    Reviewed,
    Verifier,
)
from bot.ports.kits import have_renewed
from bot.ports.remembering import Remembering
from bot.ports.store import Change, Command, Store

if TYPE_CHECKING:
    from bot.channel.delivery import Delivery
    from bot.decisions.block import Blocking
    from bot.decisions.bulk import Bulks
    from bot.decisions.decide import Approval
    from bot.decisions.histories import Histories
    from bot.decisions.invite import Inviting
    from bot.decisions.post_card import CardPosting
    from bot.decisions.regroup import Regrouping
    from bot.decisions.rename import Renaming
    from bot.decisions.revoke import Revoking
    from bot.decisions.revoke_several import RevokingSeveral
    from bot.decisions.show import Showing
    from bot.decisions.team_tasks import TeamTasks
    from bot.domain.bulk import BulkName, Drawn, Pressed
    from bot.domain.telling import Outcome
    from bot.ingest.receive import Receiving
    from bot.provisioning.paging import Paging
    from bot.provisioning.run import Provisioning

SHOWN_AT_ONCE = 10
"""Clients whose messages are brought up to date at once, when many requests end together. The sweep shows the rest."""
APPLYING = timedelta(seconds=30)
"""How long one Lambda applies a press on several requests; showing what is new comes after it."""
log = logging.getLogger(__name__)
Done = TypeVar("Done")


@dataclass(eq=False, repr=False)
class Workflow:
    """The use cases, on ports. `bootstrap` builds it for the Lambdas, tests build it on fakes."""

    store: Store
    verifier: Verifier
    channel: Channel
    directory: Directory
    access: Access
    pages: PageStacks
    handoff: Handoff
    clock: Clock
    approvers: Approvers
    partition: str
    provider_account_id: str
    waiting: Waiting = field(default_factory=Waiting)
    workspaces: Workspaces = field(default_factory=Workspaces)
    teams: Teams = field(default_factory=Teams)
    meter: Meter = field(default_factory=NoMeter)
    compares: bool = True
    """Whether the sweep looks for access that was changed by hand."""

    def receive_event(self, body: bytes, proof: Proof) -> None:
        """Take one event of a client's stack: prove the account, store it, ask the team what it asks for.

        Taking the same event again changes nothing. Raises EventRefused, or TryAgain.
        """
        self._have_shown(*self.receiving.receive(body, proof))

    def once(self, mark: str, act: Callable[[Workflow], Done]) -> Done:
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

    def list_clients(self, cursor: str | None = None) -> ClientPage:
        """Return one page of clients, newest first."""
        return self.store.clients(PAGE, cursor)

    def find(self, search: Search, actor: Actor) -> Found:
        """Return one page of the clients that are searched for; best first. Raises WrongWorkspace, PersonUnknown."""
        from bot.decisions.search import find

        self.require_ours(actor)
        return find(self.store, search)

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

        def check(workflow: Workflow) -> None:
            workflow.require_ours(actor)
            workflow.teams.require([asked.team] if asked.team else [])

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

    def decide(
        self,
        request_id: str,
        verb: Verb,
        actor: Actor,
        drawn_after: int | None = None,
        reason: str = "",
        *,
        teams: tuple[str, ...] | None = None,
        tells_client: bool = False,
    ) -> Request:
        """Store the press, and have it carried out and shown. Of several presses exactly one wins.

        `reason` is a denial's, which the client may read if `tells_client`; other presses have none. `teams` are those
        chosen beside Approve, if there is a choice.

        Raises ActionRefused: NotAllowed, AlreadyDecided (with the winner), UnknownRequest, and what `Approval` raises.
        """
        remembering = self._remembering
        try:
            decided = remembering.approval.decide(
                request_id, verb, actor, drawn_after, reason, teams=teams, tells_client=tells_client
            )
        except StalePress:
            self._draw_anew(request_id)
            raise
        self.meter.count(Measure.DECISIONS, verb)
        if decided.state in UNDER_WAY:
            remembering.provisioning.hand_over(decided)
        else:
            self._have_shown(home_of(decided).owner)
        return decided

    def _draw_anew(self, request_id: str) -> None:
        """Have the request's message drawn as it is now: perhaps only a setting has changed since its drawing."""
        request = self.store.request(request_id)
        if request is not None:
            with suppress(TryAgain, Conflict):
                self.store.save(Change(raises=(raised(request, self.clock.now()),)))
                self._have_shown(home_of(request).owner)

    def press_all(
        self, home: SharedIn, drawn: Drawn, verb: Verb, actor: Actor, reason: str = "", *, tells_client: bool = False
    ) -> Pressed:
        """Store a press on all requests of a shared message that need no look of their own, and have it applied.

        `drawn`: what the button was drawn for (`as_drawn`); nothing that has changed since is covered. Raises
        ActionRefused.
        """
        pressed = self._bulks.press(home, drawn, verb, actor, reason, tells_client=tells_client)
        self._hand_over_bulk(pressed.bulk.name)
        return pressed

    def review(self, home: SharedIn, after: str, actor: Actor) -> Reviewed | None:
        """Return the next open request of a shared message after that one; the first for an empty id.

        None when nothing is left to press. Raises ActionRefused.
        """
        found = self._bulks.next_open(home, after, actor)
        if found is None:
            return None
        message, request, number, of = found
        return Reviewed(self.delivery.drawing.single(message, request), number, of)

    def apply_bulk(self, name: BulkName) -> None:
        """Apply a press to the requests or clients that it covers, for as long as a Lambda may; show what is new.

        What was approved is handed over afterwards: it would compete for the shared message with the next decisions.
        What is left is handed over again, or left to the sweep. Raises TryAgain.
        """
        until, approved = self.clock.now() + APPLYING, list[Request]()
        try:
            for decided in self._remembering._applying(name).apply(name, until):
                self.meter.count(Measure.DECISIONS, decided.decision.verb if decided.decision else Verb.APPROVE)
                approved += [decided] if decided.state in UNDER_WAY else []
            if self.clock.now() >= until:
                self._hand_over_bulk(name)
        except ActionRefused as error:
            raise TryAgain(str(error)) from error
        finally:
            for request in approved:
                self.provisioning.hand_over(request)
            self.show([name.owner])

    def _applying(self, name: BulkName) -> Bulks | RevokingSeveral:
        """Return what applies this press."""
        bulk = self.store.bulk(name)
        return self._revoking_several if bulk is not None and bulk.verb is Verb.REVOKE else self._bulks

    def _hand_over_bulk(self, name: BulkName) -> None:
        """Have the provision Lambda apply a press. What can't be handed over now is left to the sweep."""
        try:
            self.handoff.bulk(name)
        except TryAgain as error:
            log.warning("a press on several requests is left to the sweep: %s", error)

    def provision(self, request_id: str) -> None:
        """Do what was approved, unless it is done already or not its turn; show how far it is. Raises TryAgain."""
        remembering = self._remembering
        request = remembering.store.request(request_id)
        if request is not None:
            owners = owners_about(request, remembering.store.client(request.client_id))
            self._carry_on(Todo(requests=[request_id], owners=owners), remembering)

    def work_on_pages(self, teams: Iterable[str], pages: Iterable[PageName] = ()) -> None:
        """Pack what is asked of these teams' pages, send it and these pages; show what is new. Raises TryAgain."""
        self._carry_on(Todo(teams=set(teams), pages=set(pages)), self._remembering)

    def _carry_on(self, todo: Todo, doing: Workflow) -> None:
        """Do what is to be done, and what comes next, as far as nothing has to be waited for.

        Messages are drawn from the store itself: somebody else may have finished it meanwhile.
        """
        try:
            while todo.requests or todo.teams or todo.pages:
                if todo.requests:
                    todo.teams |= set(doing.provisioning.run(todo.requests.pop(0)))
                elif todo.pages:
                    doing.paging.send(todo.pages.pop(), todo)
                else:
                    doing.paging.work(todo.teams.pop(), todo)
        finally:
            self.show(list(todo.owners)[:SHOWN_AT_ONCE])
            have_renewed(self.handoff, todo.kits)

    def record_outcome(self, stack_id: str) -> None:
        """Record the outcome of one of our stacks, which CloudFormation has reported as changed."""
        remembering = self._remembering
        name = self.pages.name_of(stack_id)
        if name is not None:
            todo = Todo()
            remembering.paging.settle(name, todo)
            remembering._hand_over(todo)
            return
        request = remembering.provisioning.working_on(stack_id)
        if request is not None:
            teams = set(remembering.provisioning.settle(request).teams)
            # While pages come next, nothing is new to show.
            owners = {} if teams else owners_about(request, remembering.store.client(request.client_id))
            remembering._hand_over(Todo(teams=teams, owners=owners))

    def _hand_over(self, todo: Todo) -> None:
        """Have the provision Lambda do what comes next. Whatever is lost of it, the sweep finds."""
        for request_id in todo.requests:
            request = self.store.request(request_id)
            if request is not None:
                self.provisioning.hand_over(request)
        self.provisioning.hand_over_pages(sorted(todo.teams), sorted(todo.pages))
        self._have_shown(*list(todo.owners)[:SHOWN_AT_ONCE])
        have_renewed(self.handoff, todo.kits)

    def show(self, owners: Sequence[str]) -> None:
        """Bring the messages of these clients, and of these invitations for several accounts, up to date."""
        for owner in owners:
            self.delivery.show(owner)

    def _have_shown(self, *owners: str) -> None:
        """Have the provision Lambda show what is new. What can't be handed over now is left to the sweep."""
        try:
            if owners:
                self.handoff.show(owners)
        except TryAgain as error:
            log.warning("what is new about %s is left to the sweep: %s", ", ".join(owners), error)

    def sweep(self) -> None:
        """Do the work of a minute: finish what was left half-done, remind and expire.

        In a minute with time left, compare one client's access, and list older clients in the index of words.
        """
        from bot.sweep import Reconciler

        reconciler = Reconciler(self.store, self.provisioning, self.paging, self.delivery, self.clock, self.meter)
        idle = reconciler.sweep()
        if idle and self.compares:
            self._compare_one()
            self._compact()
        if idle:
            self._index_more()

    def _compare_one(self) -> None:
        """Look whether the next client's access is as approved, and tell what is not. The next minute goes on."""
        from bot.provisioning.drift import Drift

        try:
            client_id = Drift(self.store, self.access, self.pages, self.clock).look()
            if client_id is not None:
                self.delivery.show(client_id)
        except SwitchyardError as error:
            log.warning("no access was compared in this minute: %s", error)
        except Exception:
            log.exception("no access was compared in this minute")

    def _compact(self) -> None:
        """Have one client of each team moved where that saves a page. What fails is tried in the next minute."""
        todo = Todo()
        for name in self.teams.names:
            try:
                self.paging.compact(name, todo)
            except SwitchyardError as error:
                log.warning("the pages of team %s were not compacted in this minute: %s", name, error)
        self.provisioning.hand_over_pages(sorted(todo.teams), ())

    def _index_more(self) -> None:
        """List some older clients in the index of words. The next minute goes on."""
        from bot.ports.indexing import index_more

        try:
            index_more(self.store)
        except SwitchyardError as error:
            log.warning("no words were indexed in this minute: %s", error)
        except Exception:
            log.exception("no words were indexed in this minute")

    @property
    def _remembering(self) -> Workflow:
        """Return the same use cases with a store that reads each request and client only once."""
        return replace(self, store=Remembering(self.store).as_store)

    @cached_property
    def delivery(self) -> Delivery:
        """Return the delivery of messages to Slack."""
        from bot.channel.delivery import Delivery

        return Delivery(self.store, self.access, self.channel, self.clock, self.meter)

    @cached_property
    def provisioning(self) -> Provisioning:
        """Return what carries out approved requests."""
        from bot.provisioning.run import Provisioning

        return Provisioning(self.store, self.access, self.pages, self.handoff, self.clock, self.meter, self.teams)

    @cached_property
    def paging(self) -> Paging:
        """Return what keeps teams' pages."""
        from bot.provisioning.paging import Paging

        return Paging(self.store, self.pages, self.provisioning, self.clock)

    @cached_property
    def receiving(self) -> Receiving:
        """Return what takes events."""
        from bot.ingest.admission import Intake
        from bot.ingest.receive import Receiving

        intake = Intake(self.store, self.clock, self.waiting, self.teams)
        return Receiving(self.store, self.verifier, self.clock, intake, self.partition, self.provider_account_id)

    @cached_property
    def approval(self) -> Approval:
        """Return what knows who may decide, and decides."""
        from bot.decisions.decide import Approval

        people = self.directory, self.clock, self.approvers, self.waiting, self.workspaces
        return Approval(self.store, *people, self.teams)

    @cached_property
    def _histories(self) -> Histories:
        from bot.decisions.histories import Histories

        return Histories(self.store, self.approval)

    @cached_property
    def _showing(self) -> Showing:
        from bot.decisions.show import Showing

        return Showing(self.store, self.approval, self.access, self.clock)

    @cached_property
    def _card_posting(self) -> CardPosting:
        from bot.decisions.post_card import CardPosting

        return CardPosting(self.store, self.approval, self.clock)

    @cached_property
    def _renaming(self) -> Renaming:
        from bot.decisions.rename import Renaming

        return Renaming(self.store, self.approval, self.clock)

    @cached_property
    def _revoking(self) -> Revoking:
        from bot.decisions.revoke import Revoking

        return Revoking(self.store, self.approval, self.clock, self.access)

    @cached_property
    def _regrouping(self) -> Regrouping:
        from bot.decisions.regroup import Regrouping

        return Regrouping(self.store, self.approval, self.clock, self.teams, self.waiting)

    @cached_property
    def _inviting(self) -> Inviting:
        from bot.decisions.invite import Inviting

        return Inviting(self.store, self.approval, self.clock, self._blocking, self.teams)

    @cached_property
    def _team_tasks(self) -> TeamTasks:
        from bot.decisions.team_tasks import TeamTasks

        return TeamTasks(self.store, self.approval, self.clock, self.teams)

    @cached_property
    def _revoking_several(self) -> RevokingSeveral:
        from bot.decisions.revoke_several import RevokingSeveral

        return RevokingSeveral(self._revoking)

    @cached_property
    def _bulks(self) -> Bulks:
        from bot.decisions.bulk import Bulks

        return Bulks(self.store, self.approval, self.clock)

    @cached_property
    def _blocking(self) -> Blocking:
        from bot.decisions.block import Blocking

        return Blocking(self.store, self.approval, self.clock)
