"""Reads persons and presses from Slack's payloads without trusting their form.

They are signed by then, so no stranger wrote them. But Slack adds, renames and leaves out fields, and a missing field
or one of another type must not become a fault of ours.
"""

from __future__ import annotations

from typing import Any

from bot.domain.answers import Actor

Body = dict[str, Any]


def part(body: Body, name: str) -> Body:
    """Return the object under this name; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def objects(body: Body, name: str) -> list[Body]:
    """Return the objects in the list under this name; none where there is no list."""
    found = body.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def text(body: Body, name: str) -> str:
    """Return the text under this name; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def is_private(body: Body) -> bool:
    """Return whether only one person sees the message that was pressed (docs.slack.dev, "block_actions payload")."""
    return part(body, "container").get("is_ephemeral") is True


def is_at_home(body: Body) -> bool:
    """Return whether something was pressed in App Home."""
    return text(part(body, "view"), "type") == "home"


def unescaped(text: str) -> str:
    """Return text as it was typed: Slack sends `& < >` as entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def actor_of(body: Body) -> Actor:
    """Return who did it. What is missing stays empty, and the workflow refuses everybody who is not completely known.

    A press names the person's own workspace apart from the app's; they differ for guests of a shared channel. A window
    opened from a press may name the guest's workspace for both; its view says where the app is installed. On Enterprise
    Grid `team` may be null. A command only names the workspace in which it was typed.
    """
    user = body.get("user")
    if isinstance(user, dict):
        installed_at = text(part(body, "view"), "app_installed_team_id") or text(part(body, "team"), "id")
        return Actor(text(user, "id"), text(user, "team_id"), installed_at)
    named = text(body, "team_id")
    return Actor(text(body, "user_id"), named, named)
