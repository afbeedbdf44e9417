"""Clients that try everything: names full of what ini files, HTML and spreadsheets give a meaning to."""

from __future__ import annotations

from hypothesis import strategies as st

from bot.domain.model import ClientStack, Terms
from bot.domain.vocabulary import AccessLevel
from bot.kit.entries import Entry, entry
from tests.unit.slack.samples import SETTINGS

_SIGNS = "[]%#;=:,'\"`\\<>&!@+-|/*$ \t\r\n\x00\x0b\x0c\x85\u2028\u2029\u200b\u202e\ufeff\uff1d\uff20aB1ü株"
_EVIL = (
    "Acme\ncredential_process = evil\r\n[default]",
    "]\n[profile x]\nrole_arn = arn:aws:iam::999999999999:role/evil",
    '=HYPERLINK("https://evil.example","Acme")',
    "Acme;=cmd|' /C calc'!A0",
    'Acme"\n=1+1',
    'Acme","=1+1',
    "\t@SUM(1)",
    "</A><SCRIPT>alert(1)</SCRIPT>",
    '"><A HREF="https://evil.example">',
    "1" * 40,
    "%(source_profile)s ${AWS_SECRET}",
    "",
)
NAMES = st.sampled_from(_EVIL) | st.text(alphabet=_SIGNS, max_size=64) | st.text(max_size=64)
ROLES = st.from_regex(r"[A-Za-z0-9+=,.@_-]{1,43}", fullmatch=True) | st.sampled_from(["ops", "ops-sso", "=1+1", "@a"])
ACCOUNTS = st.sampled_from(["222222222222", "000000000001", "333333333333"])
TERMS = st.none() | st.builds(Terms, require_mfa=st.booleans(), max_session_seconds=st.integers(900, 43_200))
REGIONS = ("eu-west-1", "us-gov-west-1", "ap-east-1")
TEAMS = st.sampled_from([(), ("operators",), ("operators", "data")])


@st.composite
def hostile_entries(draw: st.DrawFn) -> Entry:
    account, region = draw(ACCOUNTS), draw(st.sampled_from(REGIONS))
    stack = ClientStack(
        account_id=account,
        role_name=draw(ROLES),
        access_level=draw(st.sampled_from(AccessLevel)),
        parent_stack_id=f"arn:aws:cloudformation:{region}:{account}:stack/x/y",
        terms=draw(TERMS),
    )
    return entry(draw(NAMES), stack, SETTINGS, draw(NAMES), draw(TEAMS))


KITS = st.lists(hostile_entries(), min_size=1, max_size=8)
