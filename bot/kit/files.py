"""The files of a kit: profiles of the AWS CLI, the browser extension's roles, bookmarks, and a table.

Clients choose company and role names, and each format could be misled by them in a way of its own. So every value in an
ini file (`profiles.py`) or in HTML (`plain_text`) is one visible line, names of profiles are made of a few letters
(`entries.py`), HTML is escaped by its template, and `table.py` takes care of spreadsheets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.domain.kit import CONFIG
from bot.domain.record import Record
from bot.kit.entries import SYNCED_ROLES, Entry
from bot.kit.profiles import cli_profile, cli_profile_of_identity_center, extension_role
from bot.kit.table import table
from bot.settings import Settings
from bot.templates import plain_text

EXTENSION, BOOKMARKS, TABLE = "extend-switch-roles.ini", "bookmarks.html", "clients.csv"


class KitFile(Record):
    """One file, which is UTF-8 text."""

    name: str
    text: str


def files(entries: Iterable[Entry], settings: Settings) -> tuple[KitFile, ...]:
    """Return the files for these entries. The same entries, in any order, make the same files."""
    ordered = distinct(entries)
    return (
        KitFile(CONFIG, _config(ordered, settings)),
        KitFile(EXTENSION, _extension(ordered, settings)),
        KitFile(BOOKMARKS, _bookmarks(ordered, settings)),
        KitFile(TABLE, table(ordered)),
    )


def distinct(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries in the order of their names, each profile's name once.

    Two clients may have the same role, and the AWS CLI reads no file that has the same profile twice.
    """
    ordered = sorted(entries, key=lambda one: (one.company.casefold(), one.label.casefold(), one.profile, repr(one)))
    return list({one.profile: one for one in reversed(ordered)}.values())[::-1]


def _config(entries: Sequence[Entry], settings: Settings) -> str:
    """Return the AWS CLI's file. It is ASCII: the CLI reads it in whatever encoding the computer has."""
    head = plain_text("kit-config.ini.j2", provider_account_id=settings.provider_account_id, stage=settings.stage)
    return _parted(head, *_profiles(entries, settings))


def _profiles(entries: Sequence[Entry], settings: Settings) -> Iterator[str]:
    taken = {one.profile for one in entries}
    for one in entries:
        yield cli_profile(one, settings)
        if one.is_for_identity_center and one.profile_of_identity_center not in taken:
            yield cli_profile_of_identity_center(one, settings)


def _extension(entries: Sequence[Entry], settings: Settings) -> str:
    roles = [role for one in entries if (role := extension_role(one, settings))]
    left_out = len(entries) - len(roles)
    head = plain_text(
        "kit-extend-switch-roles.ini.j2",
        stage=settings.stage,
        needs_local="yes" if len(roles) > SYNCED_ROLES else "",
        most=str(SYNCED_ROLES),
        left_out=str(left_out or ""),
    )
    return _parted(head, *roles)


def _parted(*parts: str) -> str:
    return "\n\n".join(one.strip("\n") for one in parts) + "\n"


def _bookmarks(entries: Sequence[Entry], settings: Settings) -> str:
    links = [
        plain_text("kit-bookmark.html.j2", url=one.url, name=one.display_name, account_id=one.account_id)
        for one in entries
    ]
    head = plain_text("kit-bookmarks-head.html.j2", stage=settings.stage)
    return "\n".join([head, *links, plain_text("kit-bookmarks-end.html.j2"), ""])
