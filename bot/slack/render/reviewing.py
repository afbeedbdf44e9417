"""Renders Review: the accounts of a shared message one after the other, each as its own message would show it.

The answer is private, so only the response URL of a press can replace it. Its buttons name the shared message too, so
that the press leads on to the next account.
"""

from __future__ import annotations

from bot.domain.request import Request, SharedIn
from bot.domain.vocabulary import State
from bot.ports import Reviewed
from bot.settings import Settings
from bot.slack.ids import NEXT_OF_REVIEW, OF_REVIEW
from bot.slack.render import batch_press, views
from bot.slack.render.batch_lines import approved_by, standing_of
from bot.slack.render.blocks import Block, Message, actions, button, context, paragraph, section
from bot.slack.render.text import Mrkdwn, code, mention

BLOCKED = Mrkdwn("🚫 The account is blocked. `/clients unblock &lt;account&gt;` ends that.")
_NOTHING = Mrkdwn("Nothing is left to decide here. The message in {} shows all accounts.")
_LAST = Mrkdwn("{}\nThat was the last one. The message in {} shows all accounts.")


def reviewed(found: Reviewed, settings: Settings, said: Mrkdwn | None = None) -> Message:
    """Render one account for one person. `said` is what became of the one before."""
    picture = found.picture
    drawn = views.request_message(picture, settings)
    value = f"{batch_press.message_id(picture.message)} {picture.request.id}"
    blocks = [
        *([section(said)] if said else []),
        context(Mrkdwn("Account {} of {}. Only you see this.").format(found.number, found.of)),
        *(_own(block, value) for block in drawn.blocks),
    ]
    following = button("Next", NEXT_OF_REVIEW, value=value)
    for row in blocks:
        if row["type"] == "actions":
            row["elements"].append(following.to_dict())
            return Message(tuple(blocks), drawn.text)
    return Message((*blocks, *actions(following)), drawn.text)


def nothing_left(settings: Settings, said: Mrkdwn | None = None) -> Message:
    """Say that there is no further account to decide about."""
    channel = mention(settings.channel_id)
    return paragraph(_LAST.format(said, channel) if said else _NOTHING.format(channel))


def asked_for(value: str) -> tuple[SharedIn, str]:
    """Return the shared message and the request's id that a button's value holds."""
    home, _, request_id = value.rpartition(" ")
    return batch_press.asked_for(home), request_id


def came_of(request: Request) -> Mrkdwn:
    """Say where an account stands after a press."""
    symbol, stands = standing_of(request.state)
    so_far = Mrkdwn(", approved by {}").around(request.state is State.PENDING and approved_by(request))
    return Mrkdwn("{} {} {}{}").format(symbol, code(request.stack.account_id), stands, so_far)


def _own(block: Block, value: str) -> Block:
    """Return a block with Review's own buttons, which name the shared message as well as the request."""
    if block["type"] != "actions":
        return block
    elements = [one | {"action_id": f"{OF_REVIEW}{one['action_id']}", "value": value} for one in block["elements"]]
    return block | {"elements": elements}
