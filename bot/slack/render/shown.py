"""Renders one client: its facts, who gets in, where to look, and for approvers what was decided and what they may do.

The buttons that decide are those of the request's own message: the same action, value and row, under the same words.
So a press here is guarded like a press there.
"""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import quote

from slack_sdk.models.blocks import ButtonElement

from bot.domain import transitions
from bot.domain.answers import ClientShown
from bot.domain.message import message_about
from bot.domain.model import Client
from bot.domain.page import PageName
from bot.domain.policy import shown_with_client
from bot.domain.request import Request
from bot.domain.vocabulary import UNDER_WAY, Standing, State
from bot.kit.entries import switch_role_url
from bot.ports import Picture
from bot.settings import Settings
from bot.slack.ids import ASK_TO_REVOKE, LABEL_CLIENT, NEWEST_HISTORY, OPEN_CONSOLE, POST_CARD, RENAME_CLIENT, SHOW_CARD
from bot.slack.render import states, terms, views
from bot.slack.render.blocks import Block, Message, actions, button, context, facts, header, paragraph, section
from bot.slack.render.clients import named_plainly
from bot.slack.render.history import line
from bot.slack.render.standings import symbol
from bot.slack.render.text import Mrkdwn, code, is_address, link, literal, mention, moment, packed, sentence

_DECISIONS, _DETAIL, _SECTION = 5, 200, 2900
_NAME = 64
_TITLE = 2
"""How many blocks say which client it is, and how it stands."""
_DRAWN = ("client", "state", "company", "now")
_PAGES = 4
_LETS_IN = Mrkdwn("*Who gets in*\n{people} may switch into {role}.")
_BEING_CHANGED = Mrkdwn("*Who gets in*\nThis is being changed at the moment. Until it is done, {people} may get in.")
_CHANGE_FAILED = Mrkdwn("*Who gets in*\nThe last change failed, so this is not certain: {people} may get in.")
_UNKNOWN = Mrkdwn(
    "⏳ Slack did not say whether you are an approver, so what only approvers see is left out. Try again in a minute."
)
_OF_SEVERAL = Mrkdwn(
    "*Approve* and *Deny* here count for this account alone. Its invitation is for several: their request in the "
    "channel decides them all."
)
_WHERE_TO_PRESS = Mrkdwn("This window only shows. {} has the buttons that decide, rename and revoke.")
_NOBODY = Mrkdwn("*Who gets in*\nNobody, through Switchyard.")


def shown(client: ClientShown, settings: Settings, message_link: str = "") -> Message:
    """Render the client for whoever asked. `message_link` opens its request's message, where that is known."""
    one = client.client
    blocks = [
        header(f"{symbol(one.standing)} {named_plainly(one)}"),
        section(Mrkdwn("*{}*, first seen {}").format(one.standing.value, moment(one.created_at))),
        *actions(*_to_switch(client, settings)),
        *([] if client.approves and _is_open(client.request) and one.given is None else [facts(*_facts(one))]),
        section(_who_gets_in(client)),
        context(_places(one, settings, message_link)),
        *(_for_approvers(client, settings) if client.approves else []),
        *([context(_UNKNOWN)] if client.approves is None else []),
    ]
    return Message(tuple(blocks), Mrkdwn("{}, account {}: {}.").format(one.company, one.stack.account_id, one.standing))


def to_look_at(client: ClientShown, settings: Settings, message_link: str = "") -> Message:
    """Render the client for a place that takes no presses: an approver is told where the buttons are."""
    message = shown(client, settings, message_link)
    if not client.approves:
        return message
    decides = client.request is not None and transitions.buttons(client.request.state) and is_address(message_link)
    command = code(f"/clients show {client.client.stack.account_id}")
    where = [
        *actions(button("Decide in the channel", OPEN_CONSOLE, url=message_link) if decides else None),
        context(_WHERE_TO_PRESS.format(command)),
    ]
    return replace(message, blocks=(*message.blocks[:_TITLE], *where, *message.blocks[_TITLE:]))


def _facts(client: Client) -> list[tuple[str, Mrkdwn]]:
    given = client.gives
    return [
        ("AWS account", code(client.stack.account_id)),
        ("Access level" if client.given else "Access level (says the client)", literal(given.access_level)),
        ("Role", code(given.role_name)),
        *terms.facts(given.terms),
    ]


def _who_gets_in(shown: ClientShown) -> Mrkdwn:
    client, people = shown.client, shown.entrance.people
    if client.given is not None:
        whoever = sentence(f"{people[:1].upper()}{people[1:]}")
        return _LETS_IN.format(people=whoever, role=code(client.given.stack.role_name))
    if client.ways_in or client.may_have_group:
        failed = client.standing in (Standing.FAILED, Standing.REMOVAL_FAILED)
        return (_CHANGE_FAILED if failed else _BEING_CHANGED).format(people=sentence(people))
    return _NOBODY


def _places(client: Client, settings: Settings, message_link: str) -> Mrkdwn:
    """Return the client's id, and links to the request's message and to the stacks that make the access."""
    links = [Mrkdwn("client {}").format(code(client.id))]
    links += [link(message_link, Mrkdwn("Request in the channel"))] if is_address(message_link) else []
    if client.may_have_own_group:
        links.append(link(_stacks_named(f"{settings.stack_prefix}{client.id}", settings), Mrkdwn("Stack of its group")))
    pages = [PageName(place.team, place.number) for place in client.places if place.team and place.number]
    for page in pages[:_PAGES]:
        label = Mrkdwn("Page {} of {}").format(page.number, page.team)
        links.append(link(_stacks_named(settings.page_stack_name(page), settings), label))
    links.append(link(_stack(client.stack.parent_stack_id, settings), Mrkdwn("Client's own stack")))
    return Mrkdwn(" · ").join(links)


def _stacks_named(name: str, settings: Settings) -> str:
    """Return the page of the console that lists stacks of ours with this name."""
    return f"{settings.console_url}/cloudformation/home?region={settings.region}#/stacks?filteringText={quote(name)}"


def _stack(stack_id: str, settings: Settings) -> str:
    """Return the page of the console that shows this stack, to whoever is signed in to its account."""
    region = quote(stack_id.split(":")[3], safe="")
    page = f"{settings.console_url}/cloudformation/home?region={region}"
    return f"{page}#/stacks/stackinfo?stackId={quote(stack_id, safe='')}"


def _to_switch(shown: ClientShown, settings: Settings) -> list[ButtonElement]:
    client = shown.client
    if client.given is None:
        return []
    return [
        button(
            "Switch role", OPEN_CONSOLE, url=switch_role_url(client.company, client.given.stack, settings, client.label)
        ),
        button("Card", SHOW_CARD, value=client.id),
    ]


def _for_approvers(shown: ClientShown, settings: Settings) -> list[Block]:
    return [
        *(_request(shown, shown.request, settings) if shown.request else []),
        *([context(views.timeline(shown.timeline))] if shown.timeline else []),
        *_decisions(shown),
        *actions(*_to_manage(shown)),
    ]


def _request(shown: ClientShown, request: Request, settings: Settings) -> list[Block]:
    """Render the request as its message does; settled without its facts, and not at all where who gets in says it."""
    client = shown.client if shown_with_client(request) else None
    message = shown.message or message_about(request, request.created_at)
    picture = Picture(message, request, shown.asked, client, shown.timeline, shown.account)
    if request.state is State.DONE and shown.client.given is not None:
        return views.to_press(picture, settings)
    if _is_open(request):
        rendered = views.body(picture, settings)
    else:
        rendered = [*views.outcome(picture, settings), *views.to_press(picture, settings)]
    beside = [context(_OF_SEVERAL)] if message.shared and request.state is State.PENDING else []
    return [section(Mrkdwn("*Newest request:* {}").format(states.title(request))), *rendered, *beside]


def _is_open(request: Request | None) -> bool:
    """Return whether there is something to press on the request, or to wait for."""
    return request is not None and bool(transitions.buttons(request.state) or request.state in UNDER_WAY)


def _decisions(shown: ClientShown) -> list[Block]:
    lines = [line(audit, _DETAIL) for audit in shown.history.audits[:_DECISIONS]]
    if not lines:
        return []
    return [section(part) for part in packed([Mrkdwn("*History, newest first*"), *lines], Mrkdwn("\n"), _SECTION)]


def _to_manage(shown: ClientShown) -> list[ButtonElement | None]:
    client = shown.client
    return [
        button("Card for everybody", POST_CARD, value=client.id) if client.given else None,
        button("Rename", RENAME_CLIENT, value=_named_as(shown, client.company)),
        button("Label", LABEL_CLIENT, value=_named_as(shown, client.label)),
        button("Full history", NEWEST_HISTORY, value=client.id),
        button("Revoke", ASK_TO_REVOKE, value=client.id, style="danger") if client.may_have_group else None,
    ]


def _named_as(shown: ClientShown, now: str) -> str:
    """Return what a window to rename or label the client needs: nothing but a press can open one in time."""
    client = shown.client
    drawn = {"client": client.id, "state": shown.state, "company": client.company[:_NAME], "now": now[:_NAME]}
    return json.dumps(drawn, ensure_ascii=False)


def posting_card(settings: Settings) -> Message:
    """Say that the card is on its way to the channel."""
    return paragraph(
        Mrkdwn("The card is being posted in {}, for everybody to see.").format(mention(settings.channel_id))
    )


def named_as(value: str) -> dict[str, str]:
    """Return what such a button's value holds; empty texts where it is none of ours."""
    try:
        found = json.loads(value)
        return {name: str(found[name]) for name in _DRAWN}
    except (ValueError, LookupError, TypeError, RecursionError):
        return dict.fromkeys(_DRAWN, "")
