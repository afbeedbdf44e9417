"""Everything that can go wrong and be told, as one tree. Each error carries the sentence its reader gets.

SwitchyardError
├── EventRefused            what POST /events answers, by `status`
│   ├── Malformed 400, ProofRefused 401, NotInvited 403, TooLarge 413
├── TryAgain                something of ours or AWS's is unavailable; nothing was lost (503)
├── ActionRefused           what a person in Slack is told, privately
│   ├── NotAllowed, AlreadyDecided, UnknownRequest, BadCommand
├── ProvisioningFailed      CloudFormation or IAM said no; shown with a Retry button
├── SlackUnavailable        Slack did not take a message; the sweep tries again
├── Conflict                somebody else changed the record first; read again
└── SettingsInvalid         the deployment is wrong; for the engineer
"""

from __future__ import annotations

from bot.model import Request


class SwitchyardError(Exception):
    """Base of all; `str(error)` is the sentence to show."""


class EventRefused(SwitchyardError):
    """An event that is not taken. Trying again unchanged would not help."""

    status = 400

    @property
    def for_the_log(self) -> str:
        """The sentence, and the notes that are not for whoever sent the event: who it claims to be, what STS said."""
        return " ".join([str(self), *getattr(self, "__notes__", [])])


class Malformed(EventRefused):
    """The body is not an event. For whoever wrote the forwarder to mend."""


class ProofRefused(EventRefused):
    """The proof of the account does not hold."""

    status = 401


class NotInvited(EventRefused):
    """The invitation is missing, unknown, expired, spent or another account's."""

    status = 403


class TooLarge(EventRefused):
    """The body is over the limit."""

    status = 413


class TryAgain(SwitchyardError):
    """Not now: STS, the table or Slack did not answer. Safe to repeat."""

    status = 503


class ActionRefused(SwitchyardError):
    """A person asked for something they don't get."""


class NotAllowed(ActionRefused):
    """The person is no approver."""


class AlreadyDecided(ActionRefused):
    """The request is past the point where this button counts. `request` is as it is stored now."""

    def __init__(self, message: str, request: Request) -> None:
        super().__init__(message)
        self.request = request


class UnknownRequest(ActionRefused):
    """No such request is stored."""


class BadCommand(ActionRefused):
    """A slash command that can't be understood; the sentence says how to write it."""


class ProvisioningFailed(SwitchyardError):
    """CloudFormation or IAM refused for good; the sentence is theirs."""


class SlackUnavailable(SwitchyardError):
    """Slack refused or did not answer. `retry_after` is Slack's own word in seconds, where it gave one."""

    def __init__(self, message: str, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Conflict(SwitchyardError):
    """A record changed between reading and saving. `duplicate` means the event is already stored; `request` is the
    request as it is now, where that was what changed."""

    def __init__(self, *, duplicate: bool = False, request: Request | None = None) -> None:
        super().__init__("somebody else changed it first")
        self.duplicate = duplicate
        self.request = request


class SettingsInvalid(SwitchyardError):
    """The environment is incomplete or wrong; the sentence names the variable."""
