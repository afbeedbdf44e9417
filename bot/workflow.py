"""THE FILE TO READ: what happens when an event, a press, an outcome or a minute arrives; then `commands.py`.

Each step stores first (one transaction, on the condition that nobody was faster). Afterwards it invokes the provision
Lambda, which begins what was approved and brings the messages in Slack up to date. Whatever a crash leaves between the
two is found by `sweep`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.domain import app_home
from bot.domain.answers import Actor
from bot.domain.errors import ActionRefused, Conflict, StalePress, SwitchyardError, TryAgain
from bot.domain.message import home_of, owners_about, raised
from bot.domain.page import PageName, Todo
from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import UNDER_WAY, Measure, Verb
from bot.ports import Proof, Reviewed
from bot.ports.kits import have_renewed
from bot.ports.store import Change
from bot.wings import Wings

if TYPE_CHECKING:
    from bot.decisions.bulk import Bulks
    from bot.decisions.revoke_several import RevokingSeveral
    from bot.domain.bulk import BulkName, Drawn, Pressed

SHOWN_AT_ONCE = 10
"""Clients whose messages are brought up to date at once, when many requests end together. The sweep shows the rest."""
APPLYING = timedelta(seconds=30)
"""How long one Lambda applies a press on several requests; showing what is new comes after it."""
log = logging.getLogger(__name__)


class Workflow(Wings):
    """The use cases of events and decisions. `bootstrap` builds it for the Lambdas, tests build it on fakes."""

    def receive_event(self, body: bytes, proof: Proof) -> None:
        """Take one event of a client's stack: prove the account, store it, ask the team what it asks for.

        Taking the same event again changes nothing. Raises EventRefused, or TryAgain.
        """
        self._have_shown(*self.receiving.receive(body, proof))

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

    def _hand_over_bulk(self, name: BulkName) -> None:
        """Have the provision Lambda apply a press. What can't be handed over now is left to the sweep."""
        try:
            self.handoff.bulk(name)
        except TryAgain as error:
            log.warning("a press on several requests is left to the sweep: %s", error)

    def sweep(self) -> None:
        """Do the work of a minute: finish what was left half-done, remind and expire.

        In a minute with time left, compare one client's access, and list older clients in the index of words. What is
        only to be looked at comes last.
        """
        from bot.sweep import Reconciler

        began = self.clock.now()
        reconciler = Reconciler(self.store, self.provisioning, self.paging, self.delivery, self.clock, self.meter)
        idle = reconciler.sweep()
        if idle and self.compares:
            self._compare_one()
            self._compact()
        if idle:
            self._index_more()
        self._refresh_homes(began)

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

    def _refresh_homes(self, began: datetime) -> None:
        """Publish anew the Homes of those who are there. What does not fit into this minute is left to the next."""
        try:
            due = self.store.due_app_homes(self.clock.now(), app_home.AT_ONCE)
            if due:
                from bot.decisions.refresh_homes import Refreshing

                until = app_home.refreshed_until(began, self.clock.now())
                Refreshing(self.store, self.approval, self.homes, self.clock).refresh(due, until)
        except SwitchyardError as error:
            log.warning("no Home was refreshed in this minute: %s", error)
        except Exception:
            log.exception("no Home was refreshed in this minute")
