"""The files of a kit: profiles of the AWS CLI, the browser extension's roles, bookmarks, and a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain.record import Record
from bot.kit.entries import Entry
from bot.settings import Settings
from bot.templates import plain_text

CONFIG, EXTENSION = "config", "extend-switch-roles.ini"


class KitFile(Record):
    """One file, which is UTF-8 text."""

    name: str
    text: str


def files(entries: Iterable[Entry], settings: Settings) -> tuple[KitFile, ...]:
    """Return the files for these entries, in the order of their names."""
    ordered = sorted(entries, key=lambda one: (one.company.casefold(), one.account_id, one.role_name))
    return (
        KitFile(CONFIG, "\n".join(cli_profile(one, settings) for one in ordered)),
        KitFile(EXTENSION, "\n".join(_extension(ordered, settings))),
    )


def cli_profile(entry: Entry, settings: Settings) -> str:
    """Return the profile for the AWS CLI."""
    return plain_text("aws-config.ini.j2", **_values(entry, settings))


def cli_profile_of_identity_center(entry: Entry, settings: Settings) -> str:
    """Return the profile for whoever has a role already, as people of IAM Identity Center have."""
    return plain_text("aws-config-chained.ini.j2", **_values(entry, settings))


def extension_role(entry: Entry, settings: Settings) -> str:
    """Return the entry for the browser extension; empty for a role that it would misread."""
    return "" if entry.misread_by_extension else plain_text("extend-switch-roles.ini.j2", **_values(entry, settings))


def _extension(entries: Sequence[Entry], settings: Settings) -> list[str]:
    return [role for one in entries if (role := extension_role(one, settings))]


def _values(entry: Entry, settings: Settings) -> dict[str, str]:
    return {
        "profile": entry.profile,
        "account_id": entry.account_id,
        "role_name": entry.role_name,
        "role_arn": entry.role_arn,
        "region": settings.region,
        "stack_region": entry.region,
        "partition": settings.partition,
        "provider_account_id": settings.provider_account_id,
        "color": entry.color,
        "duration_seconds": str(entry.duration_seconds or ""),
        "mfa": "needed" if entry.needs_mfa else "",
    }
