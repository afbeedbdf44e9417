"""Entries and clients of kits, as simple as can be."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.model import Client, ClientStack, Given, KnownBy, Terms
from bot.domain.vocabulary import AccessLevel
from bot.kit.entries import Entry, entry
from tests.unit.slack.samples import CLIENT, SETTINGS


def stack(account: str = "222222222222", role: str = "ops", *, mfa: bool = True) -> ClientStack:
    parent = f"arn:aws:cloudformation:eu-west-1:{account}:stack/switchyard-access/0a1b2c3d"
    return ClientStack(account, role, AccessLevel.READ_ONLY, parent, Terms(mfa, 3600))


def one(
    company: str = "Acme", role: str = "ops", label: str = "", teams: tuple[str, ...] = (), *, mfa: bool = True
) -> Entry:
    return entry(company, stack(role=role, mfa=mfa), SETTINGS, label, teams)


def entries(count: int) -> list[Entry]:
    return [entry(f"Company {number}", stack(f"{number:012}"), SETTINGS) for number in range(1, count + 1)]


def client(number: int, teams: tuple[str, ...] = (), *, granted: bool = True, label: str = "") -> Client:
    """A client that people may switch into, or may not."""
    own = stack(f"{number:012}")
    given = Given(own, teams=teams, by_group=not teams) if granted else None
    known_by = KnownBy(label=label)
    return replace(CLIENT, id=f"c{number:010}", company=f"Company {number}", stack=own, given=given, known_by=known_by)
