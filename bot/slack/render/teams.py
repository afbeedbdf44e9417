"""`/clients teams`: the teams, how full their pages are and what is near a limit; and what is asked about a whole team.

Sources of the limits: IAM User Guide, "IAM and AWS STS quotas".
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import assert_never

from bot.domain.answers import PageFill, TeamQuestion, TeamShown
from bot.domain.limits import near
from bot.domain.page import PAGES_IN_A_GROUP, ROOM, PageName, Team
from bot.domain.vocabulary import TeamVerb
from bot.settings import Settings
from bot.slack.ids import NOT_THE_TEAM, TEAM_TASK
from bot.slack.render.blocks import Message, actions, button, context, header, paragraph, section
from bot.slack.render.kit import fetch_command
from bot.slack.render.text import Mrkdwn, code, listed, literal, packed

_STATE = "team-"
GROUPS_OF_A_USER, POLICIES_OF_AN_ACCOUNT, MOST_POLICIES = 10, 1_500, 5_000
ONE_PERCENT = 0.01
_SECTION = 2_900
_ALL_TEAMS = 8_000
"""Most characters about teams: a message takes 13,200, of which the names of those that are left out may need 2,000."""
_LEFT_OUT = Mrkdwn("*Not shown,* since a message has no room for more: {}.")
_NONE = Mrkdwn("*No teams.* `TEAMS` names none, so each client has a group of its own and nothing else lets people in.")
_ANOTHER_GROUP = Mrkdwn(
    "⚠️ {used} of the {room} pages of the group {group} are in use. After that the team gets the group {next}: put the "
    "team's people into it too, or they don't get in at new clients."
)
_GROUPS_OF_A_USER = Mrkdwn(
    "⚠️ This team has {groups} groups, and IAM allows a user {most}. Take on new clients with another team: add one to "
    "`TEAMS`, and name it with `/clients invite &lt;company&gt; --team &lt;team&gt;`."
)
_POLICIES = Mrkdwn(
    "⚠️ The teams have {pages}. Each is a managed policy, and IAM allows an account {quota} of them, yours "
    "included. Ask AWS for more in the Service Quotas console (“Customer managed policies per account”, at most "
    "{most})."
)


_IN_CLIENT_GROUPS = Mrkdwn(
    "In groups of single clients when this team adopted: {}. Whoever is put into the team's group needs them no longer."
)
_NAMED_USERS = 20


def teams(shown: Sequence[TeamShown], settings: Settings) -> Message:
    """Render every team: its clients, pages and groups, what is being done to it, and what is near a limit."""
    if not shown:
        return paragraph(_NONE)
    told, left_out = _told(shown, settings)
    pages = sum(len(one.pages) for one in shown)
    if near(pages, POLICIES_OF_AN_ACCOUNT):
        quota, most = f"{POLICIES_OF_AN_ACCOUNT:,}", f"{MOST_POLICIES:,}"
        told.append(_POLICIES.format(pages=_counted(pages, "page"), quota=quota, most=most))
    if left_out:
        told.append(_LEFT_OUT.format(Mrkdwn(", ").join(one.team.name for one in left_out)))
    texts = packed(told, Mrkdwn("\n\n"), _SECTION)
    hint = Mrkdwn("A page is an IAM policy that lists the roles of clients. `/clients help` lists all commands.")
    blocks = [header("Teams"), *map(section, texts), context(hint)]
    return Message(tuple(blocks), Mrkdwn("Teams: {}.").format(", ".join(one.team.name for one in shown)))


def _told(shown: Sequence[TeamShown], settings: Settings) -> tuple[list[Mrkdwn], list[TeamShown]]:
    """Return a paragraph for each team as long as they fit into one message, and the teams that are left out."""
    told = [_team(one, settings) for one in shown]
    fit = sum(length <= _ALL_TEAMS for length in accumulate(map(len, told)))
    return told[:fit], list(shown[fit:])


def _team(one: TeamShown, settings: Settings) -> Mrkdwn:
    lines = [Mrkdwn("*{}* · {}").format(one.team.name, _counted(one.clients, "client"))]
    last = PageName(one.team.name, max(len(one.pages), 1))
    groups = [settings.team_group_name(one.team.name, number) for number in range(1, last.group + 1)]
    if one.pages:
        late = Mrkdwn(" {} not written yet.").around(sum(page.late for page in one.pages))
        lines.append(Mrkdwn("{}, {} full.{}").format(_counted(len(one.pages), "page"), _filled(one.pages), late))
        form = Mrkdwn("Groups: {}. The team's people belong in each of them.") if groups[1:] else Mrkdwn("Group: {}")
        lines.append(form.format(Mrkdwn(", ").join(map(code, groups))))
        lines.append(Mrkdwn("Its kit, always current: {}").format(code(fetch_command(one.team.name, settings))))
    else:
        lines.append(Mrkdwn("No page yet: the first approval makes it, with the group {}.").format(code(groups[0])))
    if one.team.task is not None:
        lines.append(_task(one.team))
    elif one.team.in_client_groups:
        lines.append(_IN_CLIENT_GROUPS.format(listed([*map(code, one.team.in_client_groups)], _NAMED_USERS)))
    return Mrkdwn("\n").join([*lines, *_near_a_limit(one, last, settings)])


def _filled(pages: Sequence[PageFill]) -> str:
    share = sum(page.length for page in pages) / (ROOM * len(pages))
    return "less than 1%" if 0 < share < ONE_PERCENT else f"{share:.0%}"


def _task(team: Team) -> Mrkdwn:
    task = team.task
    if task is None:
        return Mrkdwn("")
    wait = "waits" if len(task.busy) == 1 else "wait"
    waiting = Mrkdwn(" {} {} for other work to end.").format(len(task.busy), wait) if task.listed and task.busy else ""
    text = Mrkdwn("🔵 The team {}. {} so far.{}")
    return text.format(task.verb.doing, _counted(task.done, "client"), waiting)


def _near_a_limit(one: TeamShown, last: PageName, settings: Settings) -> list[Mrkdwn]:
    """Return what to do about each limit of which four fifths are used."""
    found = []
    used = sum(page.clients > 0 for page in one.pages[(last.group - 1) * PAGES_IN_A_GROUP :])
    if near(used, PAGES_IN_A_GROUP):
        group, following = (settings.team_group_name(last.team, number) for number in (last.group, last.group + 1))
        text = _ANOTHER_GROUP.format(used=used, room=PAGES_IN_A_GROUP, group=code(group), next=code(following))
        found.append(text)
    if near(last.group, GROUPS_OF_A_USER):
        found.append(_GROUPS_OF_A_USER.format(groups=last.group, most=GROUPS_OF_A_USER))
    return found


def question(asked: TeamQuestion, settings: Settings) -> Message:
    """Ask an approver to confirm. The button says what is done, its value to which team, the row's id on what basis."""
    title, text, label = _words(asked, settings)
    begin = button(label, f"{TEAM_TASK}{asked.verb}", value=asked.team, style=_style(asked.verb))
    row = actions(begin, button("Cancel", NOT_THE_TEAM, value=asked.team), block_id=f"{_STATE}{asked.state}")
    return Message((header(title), section(text), *row), Mrkdwn("{}").format(title))


def _words(asked: TeamQuestion, settings: Settings) -> tuple[str, Mrkdwn, str]:
    """Return title, explanation and the button's label."""
    team, group = literal(asked.team), code(settings.team_group_name(asked.team))
    number = Mrkdwn("more than {}" if asked.more else "{}").format(_counted(asked.clients, "client"))
    match asked.verb:
        case TeamVerb.ADOPT:
            text = Mrkdwn(
                "*Adopt* lets the people of the team *{}* switch into {} that others can switch into already. Each is "
                "put on one of the team's pages. Nothing is taken away: client groups and other teams stay. Cards "
                "that were posted before stay as they are, and don't name the team.{}"
            )
            return f"Adopt all clients for {asked.team}?", text.format(team, number, _left_out(asked)), "Adopt"
        case TeamVerb.REMOVE:
            text = Mrkdwn(
                "*Remove* takes {} off the pages of the team *{}*, so that its people can't switch in there by this "
                "team any more. Each of these clients keeps another way in: its own group or another team. Open "
                "sessions last until they expire. The empty pages stay. Approvals still let the team in until a "
                "deployment takes it out of `TEAMS`. Messages and cards that were posted before still name the team."
            )
            return f"Remove all clients from {asked.team}?", text.format(number, team), "Remove"
        case TeamVerb.PREPARE:
            text = Mrkdwn(
                "*Prepare* makes the first {} pages of the team *{}* and its group {} now, all of them empty. A "
                "permission set of IAM Identity Center can then name them. Nobody gets in anywhere by that."
            )
            return f"Prepare the pages of {asked.team}?", text.format(PAGES_IN_A_GROUP, team, group), "Prepare"
    assert_never(asked.verb)


def _left_out(asked: TeamQuestion) -> Mrkdwn:
    """Return who is left alone since it takes several people to let others in there."""
    if not asked.left_out:
        return Mrkdwn("")
    text = Mrkdwn(
        "\n*Left alone:* clients with {} access, since that takes more than one approver. Give those a team one by "
        "one, with `/clients team &lt;client&gt; &lt;team&gt;`."
    )
    return text.format(" or ".join(asked.left_out))


def _style(verb: TeamVerb) -> str | None:
    return "danger" if verb is TeamVerb.REMOVE else None


def state_shown(block_id: str) -> str:
    """Return the state of the team that the question with this row of buttons showed."""
    return block_id.removeprefix(_STATE)


def begun(team: Team) -> Message:
    """Say that it is under way, and where to see how far it is."""
    doing = team.task.verb.doing if team.task else ""
    return paragraph(Mrkdwn("The team *{}* {}. `/clients teams` shows how far it is.").format(team.name, doing))


def kept() -> Message:
    """Return the message that replaces the question after Cancel."""
    return paragraph(Mrkdwn("Nothing was changed."))


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
