"""What Slack sends about a person and a press, read without believing its form.

It is signed by then, so these are no strangers' words. But Slack adds, renames and leaves out, and nothing that is
missing or of another type may become a fault of ours.
"""

from __future__ import annotations

from typing import Any

from bot.domain.answers import Actor

Body = dict[str, Any]


def part(body: Body, name: str) -> Body:
    """The object under this name; an empty one where there is none."""
    found = body.get(name)
    return found if isinstance(found, dict) else {}


def text(body: Body, name: str) -> str:
    """The text under this name; empty where there is none."""
    found = body.get(name)
    return found if isinstance(found, str) else ""


def actor_of(body: Body) -> Actor:
    """Who did it. What is missing stays empty, and the workflow lets nobody in who is not known completely.

    A press names the person's own workspace apart from the app's; they differ for guests of a shared channel. A window
    that was opened from one may name the guest's workspace for both, and says of itself where the app is installed.
    On Enterprise Grid `team` may be null. A command names the workspace it was typed in, and no other.
    """
    user = body.get("user")
    if isinstance(user, dict):
        installed_at = text(part(body, "view"), "app_installed_team_id") or text(part(body, "team"), "id")
        return Actor(text(user, "id"), text(user, "team_id"), installed_at)
    named = text(body, "team_id")
    return Actor(text(body, "user_id"), named, named)
