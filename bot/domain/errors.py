"""All errors, as one tree. Each carries the sentence that its reader gets.

SwitchyardError
├── EventRefused            what POST /events answers, by `status`
│   ├── Malformed 400, ProofRefused 401, NotInvited 403, TooLarge 413
├── RequestRefused          what POST /slack/events answers to what Slack did not sign, by `status`
├── TryAgain                something of ours or AWS's is unavailable; nothing was lost (503)
│   └── StoredByNewer       a newer Switchyard stored this; for whoever runs it to deploy that one again
├── ActionRefused           what a person in Slack is answered, privately
│   ├── NotAllowed (WrongWorkspace), ApproversUnknown, PersonUnknown, TwoPeopleNeeded, AlreadyDecided, StalePress
│   ├── UnknownRequest, InvitationClosed, BadCommand (SeveralNamed)
├── ProvisioningFailed      CloudFormation or IAM said no; shown with a Retry button
├── SlackUnavailable        Slack did not take a message; the sweep tries again
│   └── MessageGone         deleted, or no longer to be edited; a request's is posted again
├── Replayed                a signed command that came before; nothing is done or answered
├── Conflict                somebody else changed the record first; read again
└── SettingsInvalid         the deployment is wrong; for the engineer
"""

from __future__ import annotations

from bot.domain.invitation import Invitation
from bot.domain.model import Client, Event
from bot.domain.request import Request


class SwitchyardError(Exception):
    """Base of all; `str(error)` is the sentence to show."""

    event: Event | None = None
    """The refused event, as far as it could be read. Only claims, unless its proof held."""

    @property
    def log_fields(self) -> dict[str, str]:
        """Return whom the event claims to be, for `extra` of a logging call."""
        event = self.event
        if event is None:
            return {}
        stack = event.stack
        return {"account_id": stack.account_id, "company": event.company, "parent_stack_id": stack.parent_stack_id}


class EventRefused(SwitchyardError):
    """An event that is refused. Sending it again unchanged would not help."""

    status = 400

    @property
    def for_the_log(self) -> str:
        """Return the sentence, and the notes that are not for the sender of the event, such as what STS said."""
        return " ".join([str(self), *getattr(self, "__notes__", [])])


class Malformed(EventRefused):
    """The body is not an event. The author of the forwarder has to fix it."""


class ProofRefused(EventRefused):
    """The proof of the account does not hold."""

    status = 401


class NotInvited(EventRefused):
    """The invitation is missing, unknown, expired, cancelled, spent or another account's.

    `invitation` is the one that was tried, where it is one of ours.
    """

    status = 403

    def __init__(self, message: str, invitation: Invitation | None = None) -> None:
        super().__init__(message)
        self.invitation = invitation


class TooLarge(EventRefused):
    """The body is over the limit."""

    status = 413


class RequestRefused(SwitchyardError):
    """A request to the Slack route that is refused. The sentence is for the log and quotes nothing of the request."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class TryAgain(SwitchyardError):
    """STS, the table or Slack did not answer. Safe to repeat."""

    status = 503


class StoredByNewer(TryAgain):
    """A stored record is of a newer Switchyard than this one, which must not touch it."""


class ActionRefused(SwitchyardError):
    """A person asked for something that is refused."""


class NotAllowed(ActionRefused):
    """The person is not an approver."""


class WrongWorkspace(NotAllowed):
    """The person is from outside, whether or not the list of approvers names them."""


class PersonUnknown(ActionRefused):
    """Slack did not say whether the person belongs to our organization, so they count as a stranger."""


class ApproversUnknown(ActionRefused):
    """Slack did not say who is in these user groups of approvers, so the person does not count as one."""

    def __init__(self, message: str, groups: tuple[str, ...]) -> None:
        super().__init__(message)
        self.groups = groups


class TwoPeopleNeeded(ActionRefused):
    """The inviter of the client may not be the only one to approve it."""


class StalePress(ActionRefused):
    """The button was drawn before the request was last decided."""


class AlreadyDecided(ActionRefused):
    """The request no longer accepts this button. `request` is as it is stored now."""

    def __init__(self, message: str, request: Request) -> None:
        super().__init__(message)
        self.request = request


class UnknownRequest(ActionRefused):
    """No such request is stored."""


class InvitationClosed(ActionRefused):
    """There is no such invitation, or nobody can use it any more: used, cancelled, or part of a set."""


class BadCommand(ActionRefused):
    """A slash command that can't be understood; the sentence says how to write it."""


class SeveralNamed(BadCommand):
    """Several clients have the name that was typed. `clients` are the newest of them, to choose one."""

    def __init__(self, message: str, name: str, clients: tuple[Client, ...]) -> None:
        super().__init__(message)
        self.name, self.clients = name, clients


class ProvisioningFailed(SwitchyardError):
    """CloudFormation or IAM refused for good, in the words of this error."""


class SlackUnavailable(SwitchyardError):
    """Slack refused or did not answer.

    `retry_after`: for how many seconds Slack wants no calls; None when it did not limit them. `down`: Slack itself has
    a problem, so other calls would fail too, and this one may still have been carried out, unless it was not even sent.
    Neither: Slack refused this very call.
    """

    def __init__(self, message: str, retry_after: int | None = None, *, down: bool = True, sent: bool = True) -> None:
        super().__init__(message)
        self.retry_after, self.sent = retry_after, sent
        self.down = down and retry_after is None

    @property
    def about_this_call(self) -> bool:
        """Return whether Slack refused this very call, so that others may still succeed."""
        return not self.down and self.retry_after is None

    @property
    def undone(self) -> bool:
        """Return whether the call has certainly changed nothing."""
        return not (self.down and self.sent)


class MessageGone(SlackUnavailable):
    """The message was deleted, or the workspace forbids editing it."""

    def __init__(self) -> None:
        super().__init__("The message is gone.", down=False)


class Conflict(SwitchyardError):
    """A record changed between reading and saving. `duplicate` means the event is already stored."""

    def __init__(self, *, duplicate: bool = False) -> None:
        super().__init__("somebody else changed it first")
        self.duplicate = duplicate


class Replayed(SwitchyardError):
    """A signed command has come before. Nothing was changed, and nobody gets an answer."""


class SettingsInvalid(SwitchyardError):
    """The environment is incomplete or wrong; the sentence names the variable."""
