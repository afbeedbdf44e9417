"""Invitations as approvers see them: a fresh one with what to send to the client, and the list of open ones.

Both are private answers. The first shows the token, for the only time: the table keeps only its hash.
"""

from __future__ import annotations

import json
import shlex
from enum import Enum
from urllib.parse import quote, urlencode

from slack_sdk.models.blocks import ConfirmObject

from bot.domain.answers import Cancelled, Invited, OpenInvitations
from bot.domain.invitation import NAMESAKES_SHOWN, Invitation, RefusedAttempts
from bot.domain.vocabulary import AccessLevel
from bot.settings import Settings
from bot.slack.ids import CANCEL_INVITATION, OPEN_QUICK_CREATE
from bot.slack.inbound.commands import Invite
from bot.slack.render.blocked import blocked_with
from bot.slack.render.blocks import Block, Message, actions, button, confirmation, context, header, section
from bot.slack.render.text import (
    Mrkdwn,
    code,
    listed,
    literal,
    mention,
    moment,
    packed,
    preformatted,
    preformatted_parts,
)

_SHORT, _COMPANY, _CONFIRMED = 100, 120, 60
_NAMED, _SECTION = 10, 2_900
_TEAMS, _LISTED_TEAMS = 20, 5
"""Most teams that are named of an invitation, by itself and in the list."""
_COMMAND = 600
"""Most characters of a command to be copied. A company's name may take five times as many once it is escaped."""
_LEAD = Mrkdwn(
    "*{level}* access for one AWS account. The invitation expires {until}. When the client has created the stack, the "
    "request appears in {channel}. Nobody gets access before it is approved. Whoever has the text below can ask in "
    "this company's name, so send it to nobody else."
)
_LEAD_FOR_SEVERAL = Mrkdwn(
    "*{level}* access for up to {accounts} AWS accounts. The invitation expires {until}. The client deploys one stack "
    "set. A request for each account appears in {channel}. Nobody gets access to an account before it is approved. "
    "Whoever has the text below can ask in this company's name, so send it to nobody else."
)
_PREVIEW = Mrkdwn("Preview only. Creating the stack in your own account ({}) is refused.")
_MEANINGS = {
    AccessLevel.READ_ONLY: "ReadOnly. We may look at everything, stored data included, and change nothing.",
    AccessLevel.POWER_USER: "PowerUser. We may look at and change everything except users, roles and the organization.",
    AccessLevel.ADMINISTRATOR: "Administrator. We may look at and change everything, users and roles included.",
}
"""What each access level allows, in the text for a client."""
_MORE_OPEN = Mrkdwn("And {} older ones. `/clients invitations &lt;company&gt;` lists those for one company.")
_NONE_OPEN = Mrkdwn("*No open invitations.* `/clients invite &lt;company&gt;` creates one.")
_NONE_OF_COMPANY = Mrkdwn(
    "*No open invitation* for a company whose name begins with *{}*. `/clients invitations` lists all."
)


class Kept(Enum):
    """How long the text for the client can be read, by where it stands."""

    BY_NOBODY = Mrkdwn(
        "Only you can see this message, and it is gone when you reload Slack. Copy it now: the invitation's token "
        "can't be shown again."
    )
    SENT_TOO = Mrkdwn("You have the same as a direct message. The invitation's token can't be shown again.")
    WHILE_OPEN = Mrkdwn(
        "⚠️ Slack did not take the same as a direct message. Copy it now: it is gone when you close this window, and "
        "the invitation's token can't be shown again."
    )
    HERE = Mrkdwn("Only you can see this message. The invitation's token can't be shown again.")


def invitation(
    invited: Invited,
    settings: Settings,
    instead: Invite | None = None,
    *,
    note: str = "",
    kept: Kept = Kept.BY_NOBODY,
) -> Message:
    """Render what to send to the client, the only place that shows a token. `instead` is what may have been meant.

    `note` stands in the text for the client; `kept` says how long this can be read.
    """
    made = invited.invitation
    lead = (_LEAD if made.accounts == 1 else _LEAD_FOR_SEVERAL).format(
        level=made.access_level,
        accounts=made.accounts,
        until=moment(made.expires_at),
        channel=mention(settings.channel_id),
    )
    blocks = [
        header(f"Invitation for {made.company}"),
        *([section(_did_you_mean(instead, made))] if instead else []),
        section(lead),
        *([section(_who_gets_in(invited))] if invited.teams else []),
        context(kept.value),
        *([section(_namesakes(invited))] if invited.namesakes else []),
        *_to_send(invited, settings, note),
        context(_other_levels(made)),
    ]
    return Message(tuple(blocks), Mrkdwn("Invitation for {}, {} access.").format(made.company, made.access_level))


def invitations(found: OpenInvitations, *, cancelled: Cancelled | None = None, company: str = "") -> Message:
    """Render the open invitations, each with Cancel, and who was refused; `cancelled` was open until just now.

    `company` is how the names of those that are listed begin; empty for all.
    """
    none = _NONE_OF_COMPANY.format(literal(company, _COMPANY)) if company else _NONE_OPEN
    blocks = [
        header("Open invitations"),
        *([section(_cancelled(cancelled))] if cancelled else []),
        *([] if found.invitations else [section(none)]),
    ]
    for one in found.invitations:
        cancel = button("Cancel", CANCEL_INVITATION, value=one.token_hash, style="danger", confirm=_sure(one))
        blocks += [section(_open(one)), *actions(cancel)]
    if found.more_invitations:
        blocks.append(context(_MORE_OPEN.format(found.more_invitations)))
    if found.refused:
        companies = {one.token_hash: one.company for one in found.invitations}
        lines = [_refused(one, one.company or companies.get(one.token_hash, "")) for one in found.refused]
        more = [Mrkdwn("• and {} more").format(found.more_refused)] if found.more_refused else []
        told = [Mrkdwn("*Refused in the last 7 days*"), *lines, *more]
        blocks += map(section, packed(told, Mrkdwn("\n"), _SECTION))
    companies_named = listed([literal(one.company) for one in found.invitations], _NAMED) or Mrkdwn("none")
    return Message(tuple(blocks), Mrkdwn("Open invitations: {}.").format(companies_named))


def _sure(one: Invitation) -> ConfirmObject:
    """Return the question before an invitation is cancelled, which names what that does."""
    means = Mrkdwn("")
    if one.seats_taken:
        means = Mrkdwn(" Requests of the accounts that have used it ({}) stay open.").format(one.seats_taken)
    elif one.account_id is not None:
        text = Mrkdwn(" The account {} has used it and is *blocked*, unless anybody has access to it.")
        means = text.format(code(one.account_id))
    text = Mrkdwn("Nobody can use the invitation for *{}* any more.{}").format(literal(one.company, _CONFIRMED), means)
    return confirmation("Cancel the invitation?", text, "Cancel it", "Keep it")


def _cancelled(done: Cancelled) -> Mrkdwn:
    text = Mrkdwn("⚪ The invitation for *{}* is cancelled: nobody can use it any more. {}")
    others = Mrkdwn("A client that used it before can still send requests. Approve or deny them in the channel.")
    return text.format(done.invitation.company, blocked_with(done.blocked) if done.blocked else others)


def _to_send(invited: Invited, settings: Settings, note: str) -> list[Block]:
    """Return the text for the client, in as many blocks as it takes; for one account also the link alone."""
    from bot.templates import plain_text  # noqa: PLC0415  Jinja2 only where it's needed, not at a cold start

    made, url = invited.invitation, quick_create_link(settings, invited)
    chosen = {"CompanyName": made.company, "InvitationToken": invited.token, "AccessLevel": made.access_level.value}
    parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in chosen.items()]
    to_client = plain_text(
        "message-to-client.txt.j2" if made.accounts == 1 else "message-to-client-accounts.txt.j2",
        company=made.company,
        note=note,
        provider=settings.provider_name,
        provider_account_id=settings.provider_account_id,
        level=made.access_level,
        meaning=_MEANINGS[made.access_level],
        region=settings.region,
        template_url=settings.flat_template_url,
        token=invited.token,
        expires=f"{made.expires_at:%d %B %Y, %H:%M} UTC",
        link=url,
        accounts=str(made.accounts),
        file=settings.flat_template_url.rpartition("/")[2],
        parameters=shlex.quote(json.dumps(parameters, ensure_ascii=False)),
    )
    first, *more = preformatted_parts(to_client)
    text = [section(Mrkdwn("*Send this to the client*\n{}").format(first), expand=True)]
    text += [section(Mrkdwn("*… continued. Send this too*\n{}").format(part), expand=True) for part in more]
    if made.accounts > 1:
        return text
    return [
        *text,
        section(Mrkdwn("*Or the link alone*\n{}").format(preformatted(url)), expand=True),
        *actions(button("Preview the client's form", OPEN_QUICK_CREATE, url=url)),
        context(_PREVIEW.format(code(settings.provider_account_id))),
    ]


def quick_create_link(settings: Settings, invited: Invited) -> str:
    """Return the page on which a client creates its stack (CloudFormation User Guide, "Create quick-create links")."""
    values = {
        "templateURL": settings.client_template_url,
        "stackName": "switchyard-access",
        "param_CompanyName": invited.invitation.company,
        "param_InvitationToken": invited.token,
        "param_AccessLevel": invited.invitation.access_level.value,
    }
    page = f"{settings.console_url}/cloudformation/home?region={settings.region}#/stacks/create/review"
    return f"{page}?{urlencode(values, quote_via=quote, safe='')}"


def _open(one: Invitation) -> Mrkdwn:
    used = Mrkdwn("not used yet")
    if one.accounts > 1:
        used = Mrkdwn("{} of {} accounts").format(one.seats_taken, one.accounts)
    elif one.account_id is not None:
        used = Mrkdwn("in use by account {}").format(code(one.account_id))
    text = Mrkdwn("*{}* · {} · {}{}\nby {}, {} · until {}")
    made, by, until = moment(one.created_at), mention(one.invited_by), moment(one.expires_at)
    teams = Mrkdwn(" · for {}").around(listed([*map(literal, one.teams)], _LISTED_TEAMS))
    return text.format(literal(one.company, _COMPANY), one.access_level, used, teams, by, made, until)


def _refused(attempt: RefusedAttempts, company: str) -> Mrkdwn:
    tried = Mrkdwn(" with the invitation for *{}*").around(literal(company, _SHORT))
    times = "once" if attempt.count == 1 else f"{attempt.count} times"
    text = Mrkdwn("• account {}{}, {}, last {}: {}")
    return text.format(code(attempt.account_id), tried, times, moment(attempt.last_at), literal(attempt.reason, _SHORT))


def _namesakes(invited: Invited) -> Mrkdwn:
    text = Mrkdwn("⚠️ *There is a client called {} already:* {}{}. Send this only for another account or role.")
    one_of_them = Mrkdwn("account {}, {}")
    known = [one_of_them.format(code(one.stack.account_id), one.standing.value) for one in invited.namesakes]
    more = Mrkdwn("; and more") if len(known) > NAMESAKES_SHOWN else ""
    return text.format(invited.invitation.company, Mrkdwn("; ").join(known[:NAMESAKES_SHOWN]), more)


def _who_gets_in(invited: Invited) -> Mrkdwn:
    """Return which teams an approval lets in."""
    teams = listed([Mrkdwn("*{}*").format(team) for team in invited.teams], _TEAMS)
    return Mrkdwn("Approving the request lets the team{} {} in.").format("s" if invited.teams[1:] else "", teams)


def _did_you_mean(instead: Invite, made: Invitation) -> Mrkdwn:
    company = f'"{instead.company}"' if instead.company else "<company>"
    text = Mrkdwn(
        "⚠️ *Did you mean the level {level}?* This invitation is for a company called “{company}”, with {given} access. "
        "For {level}, type {say}, and cancel this one: `/clients invitations`."
    )
    say = _command(company, instead.level, made)
    return text.format(level=instead.level, company=made.company, given=made.access_level, say=say)


def _other_levels(made: Invitation) -> Mrkdwn:
    others = [_command(f'"{made.company}"', level, made) for level in AccessLevel if level is not made.access_level]
    return Mrkdwn("For another level, type {}").format(Mrkdwn(" or ").join(others))


def _command(company: str, level: AccessLevel, made: Invitation) -> Mrkdwn:
    """Return the command that invites this company with another level."""
    accounts = f" --accounts {made.accounts}" if made.accounts > 1 else ""
    teams = "".join(f" --team {team}" for team in made.teams)
    return code(f"/clients invite {company} {level}{accounts}{teams}", _COMMAND)
