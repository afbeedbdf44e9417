"""What one person is told privately: the invitation, the list of clients, help, and why something did not happen."""

from __future__ import annotations

from bot.errors import AlreadyDecided, NotAllowed, SwitchyardError
from bot.model import Client, Invitation
from bot.ports import ClientPage, Invited
from bot.settings import Settings
from bot.slack import links, states
from bot.slack.blocks import Block, Button, Message, actions, context, header, section
from bot.slack.commands import Invite
from bot.slack.text import Mrkdwn, code, day, mention_channel, moment, preformatted, sentence
from bot.vocabulary import DEFAULT_LEVEL, AccessLevel, Standing, State

OPEN_QUICK_CREATE = "open_quick_create"
OLDER_CLIENTS = "clients_older"
NEWEST_CLIENTS = "clients_newest"

_SYMBOLS = {
    Standing.ARRIVING: "⏳",
    Standing.WAITING: "🟡",
    Standing.PROVISIONING: "🔵",
    Standing.ONBOARDED: "✅",
    Standing.UPDATE_WAITING: "🟡",
    Standing.DENIED: "⛔",
    Standing.STACK_FAILED: "🔴",
    Standing.EXPIRED: "⌛",
    Standing.FAILED: "🔴",
    Standing.LEAVING: "🟡",
    Standing.REMOVAL_FAILED: "🔴",
    Standing.KEPT: "🟠",
    Standing.WITHDRAWN: "⚪",
    Standing.OFFBOARDED: "⚪",
}
_NAMESAKES = 5
_PREVIEW = Mrkdwn("Only to look at: created while signed in to our own account, {}, the stack would onboard ourselves.")


def invitation(invited: Invited, settings: Settings, instead: Invite | None = None) -> Message:
    """The link for the client. The only place a token is ever shown. `instead` is what may have been meant."""
    from bot.slack.templating import plain_text  # noqa: PLC0415  Jinja2 only where it's needed, not at a cold start

    made, url = invited.invitation, links.quick_create_link(settings, invited)
    expires = f"{made.expires_at:%d %B %Y, %H:%M} UTC"
    to_client = plain_text(
        "message-to-client.txt.j2", company=made.company, link=url, level=made.access_level, expires=expires
    )
    lead = Mrkdwn(
        "*{level}* access, for one AWS account, until {until}. When the client has created the stack, the request "
        "appears in {channel} to be approved or denied; nobody gets in before."
    )
    blocks = [
        header(f"Invitation for {made.company}"),
        *([section(_did_you_mean(instead, made))] if instead else []),
        section(
            lead.format(
                level=made.access_level, until=moment(made.expires_at), channel=mention_channel(settings.channel_id)
            )
        ),
        *_namesakes(invited),
        section(Mrkdwn("*Send this to the client*\n{}").format(preformatted(to_client))),
        section(Mrkdwn("*Or the link alone*\n{}").format(preformatted(url))),
        actions([Button("Preview the client's form", OPEN_QUICK_CREATE, url=url)]),
        context(_PREVIEW.format(code(settings.provider_account_id))),
        context(_other_levels(made.company, made.access_level)),
    ]
    return Message(tuple(blocks), Mrkdwn("Invitation for {}, {} access.").format(made.company, made.access_level))


def clients(page: ClientPage, settings: Settings, *, newest: bool) -> Message:
    """One page of clients; `newest` when it is the first one."""
    if not page.clients:
        return _no_clients(settings, newest=newest)
    buttons = [] if newest else [Button("Newest", NEWEST_CLIENTS)]
    if page.cursor is not None:
        buttons.append(Button("Older", OLDER_CLIENTS, value=page.cursor))
    blocks = [
        header("Clients" if newest else "Clients, older"),
        *(section(_client(client)) for client in page.clients),
        *([actions(buttons)] if buttons else []),
        context(Mrkdwn("Newest first. `/clients help` says what else there is.")),
    ]
    return Message(tuple(blocks), Mrkdwn("Clients: {}.").format(", ".join(client.company for client in page.clients)))


def usage(settings: Settings, complaint: str = "") -> Message:
    """How to use `/clients`; `complaint` says what was not understood."""
    from bot.slack.templating import markup  # noqa: PLC0415  as above

    text = markup(
        "help.mrkdwn.j2",
        default_level=DEFAULT_LEVEL,
        levels=Mrkdwn(", ").join(map(code, AccessLevel)),
        channel=mention_channel(settings.channel_id),
        approvers=states.who_may(settings.approvers),
    )
    wrong = [section(sentence(complaint))] if complaint else []
    return Message((*wrong, section(text)), sentence(complaint) if complaint else Mrkdwn("How to use /clients."))


def refusal(error: SwitchyardError, settings: Settings) -> Message:
    """Why somebody's press or command changed nothing."""
    if isinstance(error, NotAllowed):
        text = Mrkdwn("⛔ You are no approver here, so nothing was changed. Who may invite, approve and deny: {}.")
        return _told(text.format(states.who_may(settings.approvers)))
    if isinstance(error, AlreadyDecided) and error.request.state is State.PENDING:
        return _told(
            Mrkdwn("Your press changed nothing: there is a newer request for {}.").format(error.request.company)
        )
    if isinstance(error, AlreadyDecided):
        text = Mrkdwn("Your press changed nothing. This is where the request for {} stands already:\n{}")
        return _told(text.format(error.request.company, states.state_line(error.request, settings)))
    return _told(sentence(str(error)))


def try_again() -> Message:
    """Something did not answer in time."""
    return _told(Mrkdwn("⏳ That did not go through just now. Please try again; twice does no harm."))


def broken(reference: str) -> Message:
    """A fault of ours; `reference` finds it in the log."""
    text = Mrkdwn("🔴 Something went wrong on Switchyard's side, and it is logged as {}. Please try again.")
    return _told(text.format(code(reference)))


def _told(text: Mrkdwn) -> Message:
    return Message((section(text),), text)


def _client(client: Client) -> Mrkdwn:
    role, level = (client.role_name, client.access_level)
    if client.grant is not None:
        role, level = client.grant.role_name, client.grant.access_level
    return Mrkdwn("{symbol} *{company}* · {standing}\n{account} · {role} · {level} · since {since}").format(
        symbol=_SYMBOLS[client.standing],
        company=client.company,
        standing=client.standing.value,
        account=code(client.account_id),
        role=code(role),
        level=level,
        since=day(client.created_at),
    )


def _no_clients(settings: Settings, *, newest: bool) -> Message:
    if not newest:
        return Message(
            (section(Mrkdwn("There are no older clients.")), actions([Button("Newest", NEWEST_CLIENTS)])),
            Mrkdwn("There are no older clients."),
        )
    text = Mrkdwn(
        "*No clients yet.* Invite the first one with `/clients invite &lt;company&gt;`: you get a link for the client, "
        "and its request will appear in {}. `/clients help` says more."
    )
    return _told(text.format(mention_channel(settings.channel_id)))


def _namesakes(invited: Invited) -> list[Block]:
    if not invited.namesakes:
        return []
    text = Mrkdwn("⚠️ *There is a client called {} already:* {}. Go on if this is another account or role.")
    known = Mrkdwn("; ").join(
        Mrkdwn("account {}, {}").format(code(one.account_id), one.standing.value)
        for one in invited.namesakes[:_NAMESAKES]
    )
    return [section(text.format(invited.invitation.company, known))]


def _did_you_mean(instead: Invite, made: Invitation) -> Mrkdwn:
    company = f'"{instead.company}"' if instead.company else "<company>"
    text = Mrkdwn(
        "⚠️ *Did you mean the level {level}?* This invitation is for a company called “{company}”, {given}. "
        "If not: {say}"
    )
    return text.format(
        level=instead.level,
        company=made.company,
        given=made.access_level,
        say=code(f"/clients invite {company} {instead.level}"),
    )


def _other_levels(company: str, level: AccessLevel) -> Mrkdwn:
    others = [one for one in AccessLevel if one is not level]
    lines = Mrkdwn(" or ").join(code(f'/clients invite "{company}" {other}') for other in others)
    return Mrkdwn("Another level: {}").format(lines)
