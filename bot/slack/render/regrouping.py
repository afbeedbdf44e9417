"""`/clients team`: the private question with the teams before and after, what replaces it, and the message's line.

The question is not in the channel, so only the press's response URL can replace it.
"""

from __future__ import annotations

from bot.domain.answers import TeamsChoice
from bot.domain.request import Regrouping, Request
from bot.domain.vocabulary import State
from bot.settings import Settings
from bot.slack.ids import CHANGE_TEAMS, KEEP_TEAMS
from bot.slack.render.blocks import Message, actions, button, facts, header, paragraph, section
from bot.slack.render.choices import OPEN_SESSIONS
from bot.slack.render.text import Mrkdwn, code, listed, literal, mention

_STATE = "teams-"
_NAMED = 20
_ALONE = Mrkdwn("*Change* makes it so. {channel} shows the progress.{sessions}{group}")
_WITH_OTHERS = Mrkdwn(
    "Letting a further team in takes more than one approver here, so *Ask* posts a request in {channel}. Nothing "
    "changes before it is approved.{sessions}{group}"
)
_GROUP = Mrkdwn(" Members of the client's own group get in as before.")


def question(asked: TeamsChoice, settings: Settings) -> Message:
    """Ask an approver to confirm. The row of buttons carries the state of the access that it shows."""
    client, gives = asked.client, asked.gives
    fewer = set(asked.before) - set(asked.teams)
    means = (_WITH_OTHERS if asked.asks_others else _ALONE).format(
        channel=mention(settings.channel_id),
        sessions=Mrkdwn(" {}").format(OPEN_SESSIONS) if fewer else "",
        group=_GROUP if asked.by_group else "",
    )
    shown = (("AWS account", code(client.stack.account_id)), ("Role", code(gives.role_name)))
    value = " ".join((client.id, *asked.teams))
    change = button("Ask" if asked.asks_others else "Change", CHANGE_TEAMS, value=value, style="primary")
    blocks = (
        header(f"Change who gets in at {client.company}?"),
        facts(("Client", literal(client.company)), *shown, ("Access level", literal(gives.access_level))),
        section(_old_and_new(asked.before, asked.teams)),
        section(means),
        *actions(change, button("Cancel", KEEP_TEAMS, value=client.id), block_id=f"{_STATE}{asked.state}"),
    )
    return Message(blocks, Mrkdwn("Change who gets in at {}?").format(client.company))


def asked_for(value: str) -> tuple[str, tuple[str, ...]]:
    """Return the client and the teams that the button of the question names."""
    client_id, *teams = value.split(" ")
    return client_id, tuple(teams)


def state_shown(block_id: str) -> str:
    """Return the state of the access that the question with this row of buttons showed."""
    return block_id.removeprefix(_STATE)


def regrouped(update: Request, settings: Settings) -> Message:
    """Say that the teams are being changed, or that others are asked."""
    channel = mention(settings.channel_id)
    if update.state is State.PENDING:
        text = Mrkdwn("{} asks the approvers whether these teams may get in at *{}*: {}. Nothing has changed yet.")
    else:
        text = Mrkdwn("{} shows how the teams that get in at *{}* are changed to {}.")
    return paragraph(text.format(channel, update.company, _named(update.teams)))


def changed(asked: Regrouping, teams: tuple[str, ...]) -> Mrkdwn:
    """Render what an approver's own update changes, for its message."""
    text = Mrkdwn("*What changed*\n• {}, asked by {}. Role and access level are unchanged.")
    return text.format(_old_and_new(asked.before, teams), mention(asked.by))


def _old_and_new(before: tuple[str, ...], teams: tuple[str, ...]) -> Mrkdwn:
    return Mrkdwn("Teams: {} → {}").format(_named(before), _named(teams))


def _named(teams: tuple[str, ...]) -> Mrkdwn:
    return listed([Mrkdwn("*{}*").format(team) for team in teams], _NAMED) or Mrkdwn("none")
