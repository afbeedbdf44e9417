"""stages/<stage>.env: what a stage is deployed with, whoever deploys it. Read by python-dotenv, never by a shell.

It can be committed, so it holds nothing secret and nothing of one person's shell: unknown names, Slack's tokens, AWS
credentials and endpoints are refused, wherever they stand in it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

from dotenv.parser import parse_stream

from bot.domain.variables import GIVEN
from deploy.changes import ACCEPT
from deploy.deployment import check_stage
from deploy.errors import NotReady
from deploy.packaging import PROJECT

STAGES = PROJECT / "stages"
EXAMPLE = "example"
"""The stage that nobody can deploy: stages/example.env is to be copied."""
ALLOWED = ("AWS_REGION", *(one.name for one in GIVEN))
_SECRETS = {
    "a token of Slack": r"\bx(?:ox[a-z]|app|wfp)[-.][A-Za-z0-9]",
    "the id of an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{12,}",
    "what looks like a signing secret of Slack": r"\b[0-9a-f]{32}\b",
    "what looks like an AWS secret access key": r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])",
}
"""What is refused anywhere in the file, comments included. None of it is ever printed."""


def stage_environment(stage: str, environ: Mapping[str, str], stages: Path = STAGES) -> tuple[dict[str, str], str]:
    """Return the environment filled up with the stage's file, and a line about what it overrides, or nothing.

    What is set in the environment wins, even when it is empty. Raise NotReady for a file that is refused.
    """
    check_stage(stage)
    if stage == EXAMPLE:
        raise NotReady(f"stages/{EXAMPLE}.env is an example. Copy it to stages/<stage>.env and deploy that stage.")
    path = stages / f"{stage}.env"
    values = read_stage_file(path) if path.exists() else {}
    overridden = sorted(name for name, value in values.items() if environ.get(name, value).strip() != value.strip())
    notice = f"From the environment, not from stages/{path.name}: {', '.join(overridden)}." if overridden else ""
    return {**values, **environ}, notice


def region(environ: Mapping[str, str]) -> str | None:
    """Return the region that is set; without one, AWS's profile says it."""
    return environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")


def read_stage_file(path: Path) -> dict[str, str]:
    """Return the variables by name, as they stand there: nothing is filled in. Raise NotReady, naming the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NotReady(f"{_named(path)} can't be read as text: {error}.") from error
    _refuse_secrets(path, text)
    values: dict[str, str] = {}
    for binding in parse_stream(io.StringIO(text)):
        blank = len(binding.original.string) - len(binding.original.string.lstrip())
        line = binding.original.line + binding.original.string.count("\n", 0, blank)
        where = f"{_named(path)}, line {line}"
        if binding.error:
            raise NotReady(f"{where}, is not NAME=value. Correct that line.")
        if binding.key is None:
            continue
        _refuse(where, binding.key, binding.value, is_there=binding.key in values)
        values[binding.key] = binding.value or ""
    return values


def _refuse_secrets(path: Path, text: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        for what, form in _SECRETS.items():
            if re.search(form, line):
                raise NotReady(
                    f"{_named(path)}, line {number}, holds {what}. Remove it. If anybody may have seen the file,"
                    " replace the secret as well. Slack's secrets are stored with 'make secrets', AWS credentials"
                    " belong in your shell."
                )


def _refuse(where: str, name: str, value: str | None, *, is_there: bool) -> None:
    """Raise NotReady for a name that doesn't belong there, is set twice, or has no value on its one line."""
    if name == ACCEPT:
        raise NotReady(f"{where}: {ACCEPT} belongs before a single command, never in a file. Remove it.")
    if name.startswith("AWS_ENDPOINT_URL"):
        raise NotReady(f"{where}: {name} says which AWS is deployed to, so it belongs in your shell. Remove it.")
    if name.startswith("AWS_") and name not in ALLOWED:
        raise NotReady(f"{where}: {name} is one person's access to AWS, so it belongs in your shell. Remove it.")
    if name not in ALLOWED:
        raise NotReady(f"{where}: there is no setting {name!r}. There are: {', '.join(ALLOWED)}.")
    if is_there:
        raise NotReady(f"{where}: {name} is set twice. Keep one of the two lines.")
    if value is None:
        raise NotReady(f"{where}: {name} has no '='. Write {name}= with its value, or remove it.")
    if "${" in value or len(value.splitlines()) > 1:
        raise NotReady(f"{where}: {name} must be one line, without ${{…}}: nothing is filled in.")


def _named(path: Path) -> str:
    return f"stages/{path.name}"
