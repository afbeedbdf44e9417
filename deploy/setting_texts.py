"""The settings for people: the help of `make deploy`, stages/example.env and the rows of docs/operating.md."""

from __future__ import annotations

import textwrap

from bot.domain.variables import GIVEN, Variable
from deploy.changes import ACCEPT

_EXAMPLES = {"SLACK_CHANNEL_ID": "C0123456789", "APPROVERS": "U0123456789,S0123456789"}
_HEAD = """\
# Copy this to stages/<stage>.env, such as stages/prod.env: `make deploy STAGE=prod` reads it, and the environment wins.
# It holds nothing secret and can be committed. Nothing is filled in, so ${…} is refused.
# Slack's tokens are stored with `make secrets`; AWS credentials and AWS_ENDPOINT_URL belong in your shell.

# where to deploy; without it, the region of your AWS profile
AWS_REGION=eu-central-1
"""


def help_on_settings() -> str:
    """Return what `make deploy` says about the environment."""
    rows = [(one.name, f"{_plain(one)}. Default: {one.default or one.unset or 'none, it is needed'}") for one in GIVEN]
    rows += [
        ("AWS_REGION", "where to deploy; default: the region of your AWS profile"),
        ("AWS_ENDPOINT_URL", "a local AWS; every URL uses it"),
        (ACCEPT, "true: deploy though it weakens or drops what is deployed; only in the environment"),
    ]
    width = max(len(name) for name, _ in rows) + 4
    wrapped = (
        textwrap.fill(
            meaning, 118, initial_indent=f"  {name}".ljust(width), subsequent_indent=" " * width, break_long_words=False
        )
        for name, meaning in rows
    )
    return "\n".join(["environment, or stages/<stage>.env:", *wrapped])


def example_file() -> str:
    """Return stages/example.env: every setting, what it means, and its default as a comment."""
    parts = [_HEAD]
    for one in GIVEN:
        note = f"{_plain(one)}; unset: {one.unset}" if one.unset else _plain(one)
        comment = textwrap.fill(
            note, 118, initial_indent="# ", subsequent_indent="# ", break_long_words=False, break_on_hyphens=False
        )
        example = _EXAMPLES.get(one.name)
        parts.append(f"{comment}\n{one.name}={example}\n" if example else f"{comment}\n#{one.name}={one.default}\n")
    return "\n".join(parts)


def page_rows() -> list[str]:
    """Return the rows of the table in docs/operating.md."""
    return [f"| `{one.name}` | {_default(one)} | {one.meaning} |" for one in GIVEN]


def _default(one: Variable) -> str:
    return f"`{one.default}`" if one.default else one.unset or "—"


def _plain(one: Variable) -> str:
    return one.meaning.replace("`", "")


if __name__ == "__main__":
    print(example_file(), *page_rows(), sep="\n")
