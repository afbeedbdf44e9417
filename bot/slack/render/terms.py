"""Renders the terms of a switch (MFA, longest session): as claimed, as changed, and what they mean for an operator.

The client's stack claims them; AWS enforces what the role really has. A false claim changes only these words.
"""

from __future__ import annotations

from bot.domain.model import Terms
from bot.slack.render.text import Mrkdwn

_UNITS = (("h", 3600), ("min", 60), ("s", 1))
_MFA_NEEDED = Mrkdwn(
    "*MFA is required,* says the client. Sign in with MFA before you switch. An AWS CLI profile needs its line "
    "`mfa_serial`."
)
_NO_MFA_NEEDED = Mrkdwn("*MFA is not required,* says the client. If AWS refuses you anyway, sign in with MFA.")
_MFA_UNKNOWN = Mrkdwn(
    "*MFA: unknown,* because the client's stack has an older template. Sign in with MFA before you switch, unless the "
    "client has turned that off."
)
_SESSION = Mrkdwn(
    "*Longest session: {},* says the client. The console lets you stay that long, or until your own sign-in ends, "
    "whichever comes first; then switch again."
)
_SESSION_UNKNOWN = Mrkdwn(
    "*Longest session: unknown,* for the same reason. Expect one hour, unless the client has allowed more."
)
_CHAINED = Mrkdwn("People with {} get in too. In the AWS CLI a session lasts at most one hour:\n{}")
_NO_CHAIN = Mrkdwn(
    "Nobody can get in from there: this client requires MFA, and a role can't pass its MFA on to the next role. That "
    "needs `RequireMfa=false` in the client's stack."
)
_CHAIN_UNKNOWN = Mrkdwn("This works only if the client does not require MFA. {}")
"""IAM User Guide, "Roles terms and concepts", about role chaining."""


def facts(terms: Terms | None) -> list[tuple[str, Mrkdwn]]:
    """Return label and value of each term, for a request's message."""
    if terms is None:
        older = Mrkdwn("unknown (older client template)")
        return [("MFA", older), ("Longest session", older)]
    return [("MFA (says the client)", _mfa(terms)), ("Longest session (says the client)", _session(terms))]


def changes(before: Terms | None, now: Terms | None) -> list[Mrkdwn]:
    """Return one line for each term that differs from what was granted; none where both are the same."""
    if before == now:
        return []
    if before is None:
        text = Mrkdwn("• MFA: *{}*. Longest session: *{}*. Until now the client's older template did not say either.")
        return [text.format(_mfa(now), _session(now))]
    pairs = (("MFA", _mfa(before), _mfa(now)), ("Longest session", _session(before), _session(now)))
    lines = [Mrkdwn("• {}: *{}* → *{}*").format(*pair) for pair in pairs if pair[1] != pair[2]]
    older = [] if now else [Mrkdwn("• The client's stack now has an older template, which does not say these two.")]
    return lines + older


def in_short(terms: Terms) -> Mrkdwn:
    """Return the terms in a few words, for one line among many."""
    return Mrkdwn("MFA {}, {}").format(_mfa(terms), _session(terms))


def for_operators(terms: Terms | None) -> Mrkdwn:
    """Render what the terms mean for whoever switches in."""
    if terms is None:
        return Mrkdwn("{}\n{}").format(_MFA_UNKNOWN, _SESSION_UNKNOWN)
    mfa = _MFA_NEEDED if terms.require_mfa else _NO_MFA_NEEDED
    return Mrkdwn("{}\n{}").format(mfa, _SESSION.format(_session(terms)))


def for_identity_center(terms: Terms | None, who: Mrkdwn, profile: Mrkdwn) -> Mrkdwn:
    """Render what the terms mean for whoever has a role already, as people of IAM Identity Center have."""
    if terms is not None and terms.require_mfa:
        return _NO_CHAIN
    chained = _CHAINED.format(who, profile)
    return chained if terms is not None else _CHAIN_UNKNOWN.format(chained)


def duration_words(seconds: int) -> str:
    """Return a duration for people, such as `1 h 30 min`."""
    parts = []
    for unit, length in _UNITS:
        count, seconds = divmod(seconds, length)
        parts += [f"{count} {unit}"] if count else []
    return " ".join(parts)


def _mfa(terms: Terms | None) -> Mrkdwn:
    if terms is None:
        return Mrkdwn("unknown")
    return Mrkdwn("required" if terms.require_mfa else "not required")


def _session(terms: Terms | None) -> Mrkdwn:
    return Mrkdwn("{}").format(duration_words(terms.max_session_seconds) if terms else "unknown")
