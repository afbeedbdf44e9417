"""Entries of a kit: one client that people may switch into, with every name that files and cards give it.

Source of the link: IAM User Guide, "Switch from a user to an IAM role (console)".
"""

from __future__ import annotations

import re
from typing import assert_never
from urllib.parse import quote, urlencode

from bot.domain.model import Client, ClientStack, Terms
from bot.domain.record import Record
from bot.domain.vocabulary import AccessLevel
from bot.settings import Settings

DISPLAY_NAME = 64
"""Characters that the console shows of a role that somebody switched into."""
AWS_DEFAULT_SESSION = 3600
"""Seconds that a session of the AWS CLI lasts by default (STS API Reference, AssumeRole)."""
LABEL = 24
"""Characters of a label in names; its company's part is cut to what is left."""
SYNCED_ROLES = 200
"""Roles that the browser extension keeps in synchronized storage; more fit only into its *Local* storage."""
_SLUG = 32


class Entry(Record):
    """One client in a kit. `company` is as its invitation says; the rest is as it was granted."""

    company: str
    account_id: str
    role_name: str
    level: AccessLevel
    region: str
    """The region of the client's stack."""
    role_arn: str
    url: str
    """The address of the console's page that switches into the role, with everything filled in."""
    label: str = ""
    terms: Terms | None = None
    teams: tuple[str, ...] = ()

    @property
    def display_name(self) -> str:
        """Return what the console shows after switching."""
        return display_name(self.company, self.level, self.label)

    @property
    def profile(self) -> str:
        """Return its name in the AWS CLI and in the browser extension."""
        return profile_name(self.company, self.account_id, self.role_name, self.label)

    @property
    def profile_of_identity_center(self) -> str:
        """Return its second name in the AWS CLI, for people who have a role already."""
        return f"{self.profile}-sso"

    @property
    def color(self) -> str:
        """Return the colour of the console's bar in the extension: red for the widest access."""
        match self.level:
            case AccessLevel.ADMINISTRATOR:
                return "d13212"
            case AccessLevel.POWER_USER:
                return "ff9900"
            case AccessLevel.READ_ONLY:
                return "1d8102"
        assert_never(self.level)

    @property
    def duration_seconds(self) -> int:
        """Return the longest session, where it is longer than AWS's default; else 0."""
        seconds = self.terms.max_session_seconds if self.terms else AWS_DEFAULT_SESSION
        return seconds if seconds > AWS_DEFAULT_SESSION else 0

    @property
    def needs_mfa(self) -> bool:
        """Return whether to sign in with MFA: unless the client says that it's not required."""
        return self.terms is None or self.terms.require_mfa

    @property
    def is_for_identity_center(self) -> bool:
        """Return whether people of IAM Identity Center can get in: by a team, where the client asks for no MFA."""
        return bool(self.teams) and not self.needs_mfa

    @property
    def misread_by_extension(self) -> bool:
        """Return whether the browser extension would misread the role: its parser ends a value at the second `=`."""
        return "=" in self.role_name


def entry_of(client: Client, settings: Settings) -> Entry:
    """Return the entry of a client that has access, as granted. Raises ValueError for one that has none."""
    if client.given is None:
        raise ValueError(f"client {client.id} has no access")
    return entry(client.company, client.given.stack, settings, client.label, client.given.teams)


def entry(company: str, stack: ClientStack, settings: Settings, label: str = "", teams: tuple[str, ...] = ()) -> Entry:
    """Return the entry of a company's role, which this stack made."""
    return Entry(
        company=company,
        account_id=stack.account_id,
        role_name=stack.role_name,
        level=stack.access_level,
        region=stack.parent_stack_id.split(":")[3],
        role_arn=settings.role_arn(stack.account_id, stack.role_name),
        url=switch_role_url(company, stack, settings, label),
        label=label,
        terms=stack.terms,
        teams=teams,
    )


def switch_role_url(company: str, stack: ClientStack, settings: Settings, label: str = "") -> str:
    """Return the address of the console's page that switches into this stack's role, with everything filled in."""
    shown_as = display_name(company, stack.access_level, label)
    filled_in = {"account": stack.account_id, "roleName": stack.role_name, "displayName": shown_as}
    return f"{settings.sign_in_url}/switchrole?{urlencode(filled_in, quote_via=quote, safe='')}"


def display_name(company: str, level: AccessLevel, label: str = "") -> str:
    """Return what the console shows after switching: company, label and level, at most 64 characters."""
    rest = " ".join(filter(None, (label[:LABEL].strip(), level)))
    return f"{company[: DISPLAY_NAME - len(rest) - 1].rstrip()} {rest}"


def profile_name(company: str, account_id: str, role_name: str, label: str = "") -> str:
    """Return a profile name that no other role has: account and role make it unique, company and label readable.

    Both are cut so that they never look like an account id: the first one in the name is the client's.
    """
    parts = _slug(company, _SLUG), _slug(label, LABEL), account_id, role_name
    return "-".join(filter(None, parts))


def _slug(name: str, length: int) -> str:
    """Return a name in letters, digits and hyphens of ASCII; empty where it has none."""
    slug = re.sub(r"[^a-z0-9]+", "-", _transliterated(name).lower()).strip("-")[:length].rstrip("-")
    return re.sub(r"[0-9]{12,}", lambda digits: digits[0][:11], slug)


def _transliterated(name: str) -> str:
    """Return the name in ASCII."""
    if name.isascii():
        return name
    from anyascii import anyascii  # noqa: PLC0415  25 ms, so only where it is needed

    return anyascii(name)
