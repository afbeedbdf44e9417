"""One Lambda container as it is deployed: what it keeps between invocations, and what it asks of AWS."""

from __future__ import annotations

from typing import Any

from bot import bootstrap


def forget() -> None:
    """As in a new container."""
    for made in (bootstrap.settings, bootstrap.workflow, bootstrap.commands, bootstrap.slack_app, bootstrap.slack_door):
        made.cache_clear()
    for kept in (bootstrap._clients, bootstrap.secrets, bootstrap._slack):
        kept.cache_clear()


def calls_to_aws() -> list[str]:
    """The names of the operations that this container calls from now on; it has made no client yet."""
    called: list[str] = []

    def note(event_name: str, **_: Any) -> None:
        called.append(event_name.rpartition(".")[2])

    bootstrap._clients()._session.events.register("before-call", note)
    return called
