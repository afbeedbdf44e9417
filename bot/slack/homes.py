"""Publishes App Home, for whoever opens it or presses something in it, and for the sweep.

Slack answers `views.publish` with a `hash`. Where one is sent along, Slack refuses to publish over anything else
(docs.slack.dev, `views.publish`). A refresh sends it, so that it never replaces what was published since.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from hashlib import sha256

from slack_sdk import WebClient

from bot.domain.answers import AtHome
from bot.domain.app_home import AppHome
from bot.ports import Channel
from bot.settings import Settings
from bot.slack.client import SlackRefused, ask
from bot.slack.inbound.payload import part, text
from bot.slack.render.blocks import Block
from bot.slack.render.home import home, not_for_you, view

_CONFLICT = "hash_conflict"


@dataclass(eq=False, repr=False)
class SlackHomes:
    """The Homes port on Slack's Web API."""

    client: WebClient
    settings: Settings
    channel: Channel

    def refresh(self, published: AppHome, shown: AtHome | None) -> AppHome | None:
        """Publish what is shown over what was published, if it differs."""
        drawn = for_person(shown, self.settings, self.channel)
        digest = digest_of(drawn)
        if digest == published.digest:
            return published
        try:
            slacks_hash = publish(self.client, published.user_id, drawn, over=published.hash)
        except SlackRefused as refused:
            if refused.code == _CONFLICT:
                return None
            raise
        return replace(published, digest=digest, hash=slacks_hash) if slacks_hash else None


def for_person(shown: AtHome | None, settings: Settings, channel: Channel) -> Block:
    """Return the whole Home of one person; None is shown to somebody who is not ours."""
    return home(shown, settings, _links(shown, channel)) if shown is not None else view(not_for_you().blocks)


def publish(client: WebClient, user_id: str, drawn: Block, over: str | None = None) -> str:
    """Publish a Home; with `over`, only over the one of this `hash`. Return its own; empty where Slack names none.

    Raises SlackUnavailable.
    """
    only = {} if over is None else {"hash": over}
    answer = ask(client.views_publish, user_id=user_id, view=drawn, **only).data
    return text(part(answer, "view"), "hash") if isinstance(answer, dict) else ""


def digest_of(drawn: Block) -> str:
    """Return a digest of a Home, which tells whether a refresh would change anything."""
    return sha256(json.dumps(drawn, sort_keys=True).encode()).hexdigest()


def _links(shown: AtHome, channel: Channel) -> dict[str, str]:
    """Return what opens the messages of requests, by the request's id; nothing where Slack does not tell."""
    links: dict[str, str] = {}
    for request_id, ts in shown.posted:
        links[request_id] = channel.permalink(ts)
        if not links[request_id]:
            break
    return links
