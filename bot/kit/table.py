"""The table of a kit: comma-separated values (RFC 4180) that spreadsheets open, and in which no cell is a formula.

Source of what makes a formula: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from bot.domain.spelling import one_line
from bot.kit.entries import Entry

COLUMNS = (
    *("Company", "Label", "AWS account", "Role", "Access level", "Teams", "MFA", "Longest session (s)", "Region"),
    *("CLI profile", "Role ARN", "Switch role"),
)
_MARK = "\ufeff"
"""The byte order mark, without which Excel takes UTF-8 for something else."""
_FORMULA = re.compile('(^|[;,])([ "]*)([=+\\-@\uff1d\uff0b\uff0d\uff20])')
"""Where a cell begins, or would begin for a program that divides at semicolons or knows no quotes."""


def table(entries: Iterable[Entry]) -> str:
    """Return the table, in the order of the entries."""
    written = io.StringIO(newline="")
    rows = csv.writer(written, quoting=csv.QUOTE_ALL)
    rows.writerow(COLUMNS)
    rows.writerows([cell(value) for value in _row(one)] for one in entries)
    return _MARK + written.getvalue()


def cell(value: str) -> str:
    """Return a value on one line that no spreadsheet takes for a formula: an apostrophe makes it text."""
    return _FORMULA.sub(r"\1\2'\3", one_line(value))


def _row(entry: Entry) -> tuple[str, ...]:
    terms = entry.terms
    return (
        entry.company,
        entry.label,
        entry.account_id,
        entry.role_name,
        entry.level,
        " ".join(entry.teams),
        "unknown" if terms is None else "required" if terms.require_mfa else "not required",
        "" if terms is None else str(terms.max_session_seconds),
        entry.region,
        entry.profile,
        entry.role_arn,
        entry.url,
    )
