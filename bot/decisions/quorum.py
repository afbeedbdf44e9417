"""Counts whether enough different people have approved a request. The press that decides counts all of them again."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.decisions.people import People
from bot.domain.approvers import Approvers
from bot.domain.errors import TwoPeopleNeeded
from bot.domain.request import Decision, Request

ALREADY = "You have already approved this. Another approver has to approve it too."


@dataclass(eq=False, repr=False)
class Quorum:
    """The rules for approvals by several people."""

    approvers: Approvers
    people: People

    def several(self, request: Request) -> bool:
        """Return whether it can take more than one person to approve."""
        return self.approvers.need_two_people(request) or self.approvers.approvals_for(request) > 1

    def reached(self, request: Request) -> bool:
        """Return whether enough people have approved."""
        return len(request.approvals) >= self.approvers.approvals_for(request)

    def with_approval(self, request: Request, press: Decision) -> Request:
        """Return the request with this approval added, and without earlier ones that no longer count.

        Raises TwoPeopleNeeded; ApproversUnknown or PersonUnknown when Slack does not say whether an earlier approval
        still counts.
        """
        if press.actor in [one.actor for one in request.approvals]:
            raise TwoPeopleNeeded(ALREADY)
        request = self._judged_anew(request, also=1)
        if self.approvers.need_two_people(request):
            self._require_another_than_inviter(request, press)
        lapsed = tuple(one for one in request.lapsed if one.actor != press.actor)
        return replace(request, approvals=(*request.approvals, press), lapsed=lapsed)

    def with_retry(self, request: Request, press: Decision) -> Request:
        """Return the request for a Retry, which carries out what was approved before.

        Where one person may approve alone, one person may retry alone. Otherwise the earlier approvals are checked
        again; if too few still count, the Retry counts as one more. Raises what `with_approval` raises.
        """
        if not self.several(request):
            return request
        anew = self._judged_anew(request, also=0)
        others = [one for one in anew.approvals if one.actor != request.asker]
        if self.reached(anew) and (others or not self.approvers.need_two_people(request)):
            return anew
        return self.with_approval(anew, press)

    def _judged_anew(self, request: Request, *, also: int) -> Request:
        """Return the request without approvals that no longer count; unchanged while even all of them are too few."""
        if len(request.approvals) + also < self.approvers.approvals_for(request):
            return request
        people = self.people
        ours = [one for one in request.approvals if people.are_ours(one.actor, one.team_id)]
        kept = tuple(one for one in ours if people.approve(one.actor))
        gone = tuple(one for one in request.approvals if one not in kept)
        return replace(request, approvals=kept, lapsed=(*request.lapsed, *gone))

    def _require_another_than_inviter(self, request: Request, press: Decision) -> None:
        """Raise TwoPeopleNeeded when the inviter is unknown, or would be the only one to approve.

        Where an approver changes the teams, that approver counts as the inviter.
        """
        alone = not request.approvals and self.approvers.approvals_for(request) == 1
        if not request.asker:
            raise TwoPeopleNeeded(f"It is not known who invited {request.company}. Deny this request and invite again.")
        if request.asker == press.actor and alone:
            you = "asked for this" if request.regrouping else f"invited {request.company}"
            raise TwoPeopleNeeded(f"You {you}, so another person must approve {request.stack.access_level} access.")
