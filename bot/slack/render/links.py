"""Addresses people open: CloudFormation's quick-create page for clients, the console's Switch Role page for operators.

Sources: AWS CloudFormation user guide, "Create quick-create links"; IAM user guide, "Switch from a user to an IAM role
(console)".
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

from bot.domain.answers import Invited
from bot.domain.vocabulary import AccessLevel
from bot.settings import Settings

DISPLAY_NAME_LIMIT = 64


def quick_create_link(settings: Settings, invited: Invited) -> str:
    """Return the page on which the client creates its stack, with company, token and level filled in."""
    values = {
        "templateURL": settings.client_template_url,
        "stackName": "switchyard-access",
        "param_CompanyName": invited.invitation.company,
        "param_InvitationToken": invited.token,
        "param_AccessLevel": invited.invitation.access_level.value,
    }
    page = f"{settings.console_url}/cloudformation/home?region={settings.region}#/stacks/create/review"
    return f"{page}?{urlencode(values, quote_via=quote, safe='')}"


def switch_role_link(settings: Settings, account_id: str, role_name: str, display_name: str) -> str:
    """Return the page on which an operator, signed in to the provider's account, switches into the client's role."""
    values = {"account": account_id, "roleName": role_name, "displayName": display_name}
    return f"{settings.sign_in_url}/switchrole?{urlencode(values, quote_via=quote, safe='')}"


def display_name(company: str, level: AccessLevel) -> str:
    """Return what the console shows after switching: company and level, at most 64 characters."""
    room = DISPLAY_NAME_LIMIT - len(level) - 1
    return f"{company[:room].rstrip()} {level}"


def profile_name(company: str, account_id: str, role_name: str) -> str:
    """Return a profile name that no other client has: account and role make it unique, the company readable.

    The company's part is cut so that it never looks like an account id: the first one in the name is the client's.
    """
    from anyascii import anyascii  # noqa: PLC0415  25 ms, so only where a card is posted

    slug = re.sub(r"[^a-z0-9]+", "-", anyascii(company).lower()).strip("-")[:32].rstrip("-")
    slug = re.sub(r"[0-9]{12,}", lambda digits: digits[0][:11], slug)
    return "-".join(part for part in (slug, account_id, role_name) if part)
