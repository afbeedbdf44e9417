"""The ports, and what works on them: each part is made when it is first used.

Each Lambda uses one or two of the wings, so a wing is imported where it is first used: cold starts take less CPU.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Self

from bot.domain.approvers import Approvers, Waiting, Workspaces
from bot.domain.page import Teams
from bot.ports import Access, Channel, Clock, Directory, Handoff, Meter, NoMeter, PageStacks, Verifier
from bot.ports.app_home import Homes
from bot.ports.remembering import Remembering
from bot.ports.store import Store

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
    from bot.ingest.receive import Receiving
    from bot.provisioning.paging import Paging
    from bot.provisioning.run import Provisioning


@dataclass(eq=False, repr=False)
class Wings:
    """The ports, and every part of the wings on them."""

    store: Store
    verifier: Verifier
    channel: Channel
    directory: Directory
    homes: Homes
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

    @property
    def _remembering(self) -> Self:
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
