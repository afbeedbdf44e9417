"""The text for a client about the outcome of a request: the button that asks for it, and the private answer with it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from slack_sdk.models.blocks import ButtonElement

from bot.domain.model import Client
from bot.domain.request import Request
from bot.domain.telling import Outcome, advice_for_client, outcome, reason_for_client
from bot.settings import Settings
from bot.slack.ids import CLIENT_TEXT, CLIENT_TEXTS
from bot.slack.render.blocks import Message, button, context, header, section
from bot.slack.render.terms import duration_words
from bot.slack.render.text import Mrkdwn, preformatted_parts

_LABEL = "Text for the client"
_TEXTS = 4
"""Most texts of one answer: a message takes 13,200 characters."""
_MORE = Mrkdwn("And {} more texts, for accounts with other reasons: *Review* in the message gives each by itself.")
_MOST_HOURS = "12 hours"
_REASON = 1000
"""Most characters of CloudFormation's reason."""
_ONLY_YOU = Mrkdwn(
    "Only you can see this. Copy it and send it to the client in your own way: Switchyard sends nothing to clients."
)


_REASON_KEPT = Mrkdwn("The reason of the denial is left out, because *Tell the client the reason* was not chosen.")


def client_text_button(request: Request, client: Client | None) -> ButtonElement | None:
    """Return the button that asks for the text; None where there is nothing to tell."""
    told = outcome(request, client)
    return button(_LABEL, CLIENT_TEXT, value=request.id) if told else None


def client_texts_button(told: Iterable[tuple[Request, Client | None]], message_id: str) -> ButtonElement | None:
    """Return the same for the accounts of a shared message."""
    offered = any(outcome(request, client) for request, client in told)
    return button(_LABEL, CLIENT_TEXTS, value=message_id) if offered else None


def client_text(request: Request, told: Outcome, settings: Settings) -> Message:
    """Render what can be sent to the client about this outcome, to be copied."""
    return client_texts([(request, told)], settings)


def client_texts(found: Sequence[tuple[Request, Outcome]], settings: Settings) -> Message:
    """Render what can be sent to the client about these accounts: one text for those with the same outcome."""
    company = found[0][0].company
    alike: dict[tuple[Outcome, str], list[Request]] = {}
    for request, told in found:
        alike.setdefault((told, reason_for_client(request)), []).append(request)
    texts = [_text(requests, told, settings) for (told, _), requests in alike.items()]
    several = len(found) > 1
    blocks = [header(f"Text for {company}")]
    for text, requests in list(zip(texts, alike.values(), strict=True))[:_TEXTS]:
        title = [section(Mrkdwn("*For {} of {} accounts*").format(len(requests), len(found)))] if several else []
        blocks += [*title, *(section(part, expand=True) for part in preformatted_parts(text))]
    if len(texts) > _TEXTS:
        blocks.append(section(_MORE.format(len(texts) - _TEXTS)))
    if any(told is Outcome.DENIED and _keeps_reason(request) for request, told in found):
        blocks.append(context(_REASON_KEPT))
    return Message((*blocks, context(_ONLY_YOU)), Mrkdwn("The text for {}.").format(company))


def _keeps_reason(request: Request) -> bool:
    return bool(request.decision and request.decision.reason and not request.decision.tells_client)


def _text(requests: Sequence[Request], told: Outcome, settings: Settings) -> str:
    """Return the text about accounts with the same outcome."""
    from bot.templates import plain_text  # noqa: PLC0415  Jinja2 only where it's needed, not at a cold start

    first, numbers = requests[0], [one.stack.account_id for one in requests]
    terms = first.previous.terms if first.previous else first.stack.terms
    return plain_text(
        "text-for-client.txt.j2",
        outcome=told,
        company=first.company,
        provider=settings.provider_name,
        account=f"AWS account {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} AWS accounts",
        accounts=", ".join(numbers[1:] and numbers),
        role=_same([f"the role {one.stack.role_name}" for one in requests], "the role that each stack has made"),
        level=_same([f"the access level {one.stack.access_level}" for one in requests], "the level that you chose"),
        reason=reason_for_client(first),
        longest=duration_words(terms.max_session_seconds) if terms else _MOST_HOURS,
        operation=_operation(first),
        aws_reason=first.reason[:_REASON],
        advice=advice_for_client(first.reason),
    )


def _same(said: Sequence[str], otherwise: str) -> str:
    """Return what is said of every account; something else where they differ."""
    return said[0] if len(set(said)) == 1 else otherwise


def _operation(request: Request) -> str:
    """Return what CloudFormation was doing with the client's stack when that failed."""
    status = request.stack_status
    if status.startswith("UPDATE"):
        return "update"
    return "delete" if status.startswith("DELETE") else "create"
