"""What operators paste into their own files for one client: profiles of the AWS CLI, a role of the browser extension.

Every card has them, so they are filled in without Jinja2, whose import would take a tenth of the CPU of showing one.
Clients choose company and role names: every value becomes one visible line, so that none can add a line.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.domain.spelling import one_line
from bot.kit.entries import Entry
from bot.settings import Settings

_OWN_REGION = "# your own region, where the AWS CLI calls STS. The client's stack is in {stack_region}."
_LONGEST = (
    "# the client's longest session. If YOUR_PROFILE is itself a role (IAM Identity Center), remove this line: "
    "AWS then\n# refuses more than one hour"
)
_OWN_PROFILE = "# your own profile and MFA device in account {provider_account_id}:"
_NO_MFA = "# the client says that MFA is not required. If AWS refuses you, use this line:"
_MFA = "mfa_serial = arn:{partition}:iam::{provider_account_id}:mfa/YOUR_DEVICE"
_OWN_SSO_PROFILE = "# your own profile of IAM Identity Center, for account {provider_account_id}:"
_ONE_HOUR = "# AWS refuses more than one hour when one role assumes another"


def cli_profile(entry: Entry, settings: Settings, *, explained: bool = False) -> str:
    """Return the profile for the AWS CLI; `explained`: with what to fill in as comments."""
    lasts = [*([_LONGEST] if explained else []), "duration_seconds = {duration_seconds}"]
    lines = [
        "[profile {profile}]",
        "role_arn = {role_arn}",
        *([_OWN_REGION] if explained else []),
        "region = {region}",
        *(lasts if entry.duration_seconds else []),
        *([_OWN_PROFILE] if explained else []),
        "source_profile = YOUR_PROFILE",
        *([_MFA] if entry.needs_mfa else [_NO_MFA, f"# {_MFA}"]),
    ]
    return _filled(lines, entry, settings)


def cli_profile_of_identity_center(entry: Entry, settings: Settings, *, explained: bool = False) -> str:
    """Return the profile for whoever has a role already, as people of IAM Identity Center have."""
    lines = [
        "[profile {profile_of_identity_center}]",
        "role_arn = {role_arn}",
        "region = {region}",
        *([_OWN_SSO_PROFILE] if explained else []),
        "source_profile = YOUR_SSO_PROFILE",
        *([_ONE_HOUR] if explained else []),
        "duration_seconds = 3600",
    ]
    return _filled(lines, entry, settings)


def extension_role(entry: Entry, settings: Settings) -> str:
    """Return the entry for the browser extension; empty for a role that it would misread."""
    if entry.misread_by_extension:
        return ""
    lines = [
        "[profile {profile}]",
        "aws_account_id = {account_id}",
        "role_name = {role_name}",
        "region = {stack_region}",
        "color = {color}",
    ]
    return _filled(lines, entry, settings)


def _filled(lines: Iterable[str], entry: Entry, settings: Settings) -> str:
    """Return the lines with their gaps filled in, each value on one visible line."""
    values = {
        "profile": entry.profile,
        "profile_of_identity_center": entry.profile_of_identity_center,
        "account_id": entry.account_id,
        "role_name": entry.role_name,
        "role_arn": entry.role_arn,
        "region": settings.region,
        "stack_region": entry.region,
        "partition": settings.partition,
        "provider_account_id": settings.provider_account_id,
        "color": entry.color,
        "duration_seconds": str(entry.duration_seconds or ""),
    }
    return "\n".join(lines).format_map({name: one_line(value) for name, value in values.items()})
