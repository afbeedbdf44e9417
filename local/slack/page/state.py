"""The whole workspace as JSON: what the page draws and what the demo's script looks at."""

from dataclasses import asdict

from local.slack.app.link import AppLink
from local.slack.faults.switches import Switches
from local.slack.page.suggestions import suggestions
from local.slack.workspace import facts
from local.slack.workspace.memory import Workspace
from local.slack.workspace.message import Json, Message
from local.slack.workspace.modals import Window

ACTORS = (facts.ADA, facts.BEA, facts.OLLI)  # whom the page lets you be


def state(workspace: Workspace, link: AppLink, switches: Switches) -> Json:
    """All messages oldest first (replies included), private answers per person, and who is who."""
    return {
        "change": workspace.changes,
        "team": {"id": facts.TEAM_ID, "name": facts.TEAM_NAME},
        "channel": {"id": facts.ONBOARDING.id, "name": facts.ONBOARDING.name, "topic": facts.ONBOARDING.topic},
        "app": {
            "user": facts.BOT_USER_ID,
            "name": facts.BOT_NAME,
            "connected": workspace.sockets.number > 0 if workspace.sockets.on else link.app is not None,
            "at_work": link.at_work,
        },
        "notice": workspace.notice,
        "request_url": None if workspace.sockets.on else link.request_url,
        "socket_mode": workspace.sockets.on,
        "switches": switches.shown(),
        "commands": suggestions(),
        "shortcuts": [asdict(each) for each in workspace.manifest.shortcuts],
        "actors": [person.id for person in ACTORS],
        "people": {person.id: _person(person) for person in facts.PEOPLE.values()},
        "groups": {facts.APPROVERS_GROUP_ID: {"handle": facts.APPROVERS_GROUP_HANDLE}},
        "members": {group: list(people) for group, people in workspace.groups().items()},
        "messages": [_message(each) for each in workspace.messages()],
        "direct": {
            channel.members[0]: _direct(workspace, channel) for channel in workspace.channels() if channel.is_direct
        },
        "ephemerals": {
            person.id: [_message(each) for each in workspace.private_answers(person.id)]
            for person in facts.PEOPLE.values()
        },
        "home_tab": workspace.manifest.home_tab,
        "homes": {person: _window(home) for person in facts.PEOPLE if (home := workspace.homes.of(person))},
        "modals": {person: _window(window) for person in facts.PEOPLE if (window := workspace.modals.of(person))},
    }


def _person(person: facts.Person) -> Json:
    return {"name": person.name, "username": person.username, "title": person.title}


def _direct(workspace: Workspace, channel: facts.Channel) -> Json:
    return {"channel": channel.id, "messages": [_message(each) for each in workspace.direct_messages(channel.id)]}


def _window(window: Window) -> Json:
    return {
        "id": window.id,
        "hash": window.hash,
        "view": window.view,
        "errors": window.errors,
        "problem": window.problem,
    }


def _message(message: Message) -> Json:
    return message.as_slack() | {"private_to": message.private_to, "channel": message.channel}
