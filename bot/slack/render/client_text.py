"""The text for a client about the outcome of a request: the button that asks for it, and the private answer with it."""

from __future__ import annotations

from slack_sdk.models.blocks import ButtonElement

from bot.domain.model import Client
from bot.domain.request import Request
from bot.domain.telling import Outcome, advice_for_client, outcome, reason_for_client
from bot.settings import Settings
from bot.slack.render.blocks import Message, button, context, header, section
from bot.slack.render.terms import duration_words
from bot.slack.render.text import Mrkdwn, preformatted_parts

CLIENT_TEXT = "client_text"
_MOST_HOURS = "12 hours"
_REASON = 1000
"""Most characters of CloudFormation's reason."""
_ONLY_YOU = Mrkdwn(
    "Only you can see this. Copy it and send it to the client in your own way: Switchyard sends nothing to clients."
)


def client_text_button(request: Request, client: Client | None) -> ButtonElement | None:
    """Return the button that asks for the text; None where there is nothing to tell."""
    told = outcome(request, client)
    return button("Text for the client", CLIENT_TEXT, value=request.id) if told else None


def client_text(request: Request, told: Outcome, settings: Settings) -> Message:
    """Render what can be sent to the client about this outcome, to be copied."""
    from bot.templates import plain_text  # noqa: PLC0415  Jinja2 only where it's needed, not at a cold start

    terms = request.previous.terms if request.previous else request.stack.terms
    text = plain_text(
        "text-for-client.txt.j2",
        outcome=told,
        company=request.company,
        provider=settings.provider_name,
        account_id=request.stack.account_id,
        role_name=request.stack.role_name,
        level=request.stack.access_level,
        reason=reason_for_client(request),
        longest=duration_words(terms.max_session_seconds) if terms else _MOST_HOURS,
        operation=_operation(request),
        aws_reason=request.reason[:_REASON],
        advice=advice_for_client(request.reason),
    )
    first, *more = preformatted_parts(text)
    blocks = (
        header(f"Text for {request.company}"),
        section(first, expand=True),
        *(section(part, expand=True) for part in more),
        context(_ONLY_YOU),
    )
    return Message(blocks, Mrkdwn("The text for {}.").format(request.company))


def _operation(request: Request) -> str:
    """Return what CloudFormation was doing with the client's stack when that failed."""
    status = request.stack_status
    if status.startswith("UPDATE"):
        return "update"
    return "delete" if status.startswith("DELETE") else "create"
