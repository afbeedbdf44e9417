"""Private answers to one person: help, and why something did not happen."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.domain import errors
from bot.domain.invitation import MOST_ACCOUNTS
from bot.domain.vocabulary import DEFAULT_LEVEL, AccessLevel, State
from bot.settings import Settings
from bot.slack.render import states
from bot.slack.render.blocks import Message, paragraph, section
from bot.slack.render.presses import pressed
from bot.slack.render.text import Mrkdwn, code, mention, sentence

_APPROVERS = Mrkdwn(
    "*Approvers* (only they may invite, decide, revoke, block, rename, change teams and read histories)\n{}"
)
_BEFORE_COMMAND = r"(?<=[.?]) (?=[^.?]*`/clients)"
_APPROVERS_UNKNOWN = Mrkdwn(
    "⛔ Slack did not say who belongs to {}, so Switchyard can't tell whether you are an approver. Nothing was "
    "changed. Try again in a minute. If that does not help, ask whoever runs Switchyard to check that the user group "
    "exists and that the app has the scope `usergroups:read`."
)


def usage(settings: Settings) -> Message:
    """Render how to use `/clients`."""
    from bot.slack.render.templating import markup  # noqa: PLC0415  Jinja2 only where it's needed

    text = markup(
        "help.mrkdwn.j2",
        default_level=DEFAULT_LEVEL,
        levels=Mrkdwn(", ").join(map(code, AccessLevel)),
        most_accounts=str(MOST_ACCOUNTS),
        team=settings.teams[-1] if settings.teams else "",
        several_teams="yes" if settings.teams[1:] else "",
        channel=mention(settings.channel_id),
        remind_hours=str(settings.waiting.first_reminder // timedelta(hours=1)),
        expire_days=str(settings.waiting.expiry.days),
    )
    people = states.who_may(settings.approvers)
    return Message((section(text, expand=True), section(_APPROVERS.format(people))), Mrkdwn("How to use /clients."))


def refusal(error: errors.ActionRefused, settings: Settings) -> Message:
    """Render why somebody's press or command changed nothing."""
    said = sentence(str(error))
    match error:
        case errors.WrongWorkspace() | errors.PersonUnknown():
            said = Mrkdwn("⛔ {}").format(said)
        case errors.NotAllowed():
            said = Mrkdwn("⛔ {}\nApprovers: {}.").format(said, states.who_may(settings.approvers))
        case errors.ApproversUnknown():
            said = _APPROVERS_UNKNOWN.format(Mrkdwn(", ").join(map(mention, error.groups)))
        case errors.BadCommand():
            said = _with_the_command(str(error))
        case errors.AlreadyDecided(request=request) if request.state is State.PENDING:
            said = Mrkdwn("Your press changed nothing: there is a newer request for {}.").format(request.company)
        case errors.AlreadyDecided(request=request):
            text = Mrkdwn("Your press changed nothing. The request stands like this now: *{}*\n{} {}")
            said = text.format(states.title(request), pressed(request), request.reason)
    return paragraph(said, again=isinstance(error, errors.ApproversUnknown | errors.PersonUnknown))


def _with_the_command(text: str) -> Mrkdwn:
    """Render a mistake in two lines: what is wrong, and the command that was meant; help where none is known."""
    wrong, *meant = re.split(_BEFORE_COMMAND, text, maxsplit=1)
    instead = sentence(meant[0]) if meant else Mrkdwn("`/clients help` lists all commands.")
    return Mrkdwn("{}\n{}").format(sentence(wrong), instead)


def try_again() -> Message:
    """Render that Slack or AWS did not answer in time."""
    return paragraph(Mrkdwn("⏳ That did not go through just now. Please try again."), again=True)


def no_window(label: str, *, too_late: bool) -> Message:
    """Render that Slack opened no window for the button, or did not confirm it: perhaps three seconds were over."""
    slow = Mrkdwn("Switchyard was too slow to open the window: Slack allows 3 seconds.")
    unconfirmed = Mrkdwn("Slack did not confirm that it opened the window.")
    again = Mrkdwn("⏳ {} Nothing was changed. Press *{}* again.")
    return paragraph(again.format(slow if too_late else unconfirmed, label))


def broken(reference: str) -> Message:
    """Render a fault of ours; `reference` finds it in the log."""
    text = Mrkdwn(
        "🔴 Something went wrong in Switchyard; it is logged as {}. Look whether it was done all the same, then try "
        "again. If it goes wrong again, tell whoever runs Switchyard that reference."
    )
    return paragraph(text.format(code(reference)))
