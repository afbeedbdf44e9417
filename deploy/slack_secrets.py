"""`make secrets STAGE=<stage>`: asks for the Slack app's two secrets and stores them as SecureStrings in SSM.

At a terminal they are not shown while they are typed or pasted. From elsewhere they are two lines of standard input:
the bot token, then the signing secret. They are printed nowhere, and stand in no command line.
"""

from __future__ import annotations

import argparse
import getpass
import os
import re
import sys
import warnings
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from deploy.deployment import SECRETS, Deployment
from deploy.errors import DeployError, NotReady
from deploy.preflight import find_deployment
from deploy.stage_file import STAGES, region, stage_environment

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient


@dataclass(frozen=True)
class _Kind:
    called: str
    where: str
    form: str
    form_in_words: str


_KINDS = {
    "slack-bot-token": _Kind(
        "Bot User OAuth Token", "under OAuth & Permissions", r"xoxb-[A-Za-z0-9-]{3,}", "xoxb-, then letters and digits"
    ),
    "slack-signing-secret": _Kind(
        "Signing Secret", "under Basic Information", r"[0-9a-f]{32}", "32 of the characters 0-9 and a-f"
    ),
}


def main(arguments: Sequence[str] | None = None, *, stdin: TextIO | None = None, stages: Path = STAGES) -> int:
    """Return 0 when the secrets are stored, else 1 with the reason on stderr."""
    parser = argparse.ArgumentParser(
        prog="python -m deploy.slack_secrets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    parser.add_argument("--overwrite", action="store_true", help="replace secrets that are there without asking")
    options = parser.parse_args(arguments)
    try:
        environ, _ = stage_environment(options.stage, os.environ, stages)
        session = boto3.Session(region_name=region(environ))
        deployment = find_deployment(session, options.stage, environ)
        give(deployment, session.client("ssm"), stdin or sys.stdin, overwrite=options.overwrite)
    except DeployError as error:
        print(f"\nNot stored: {error}", file=sys.stderr)
        return 1
    except (BotoCoreError, ClientError) as error:
        print(f"\nNot stored: AWS refused a step: {_reason(error)}.", file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\nInterrupted. The lines above say what was stored.", file=sys.stderr)
        return 1
    return 0


def give(
    deployment: Deployment,
    ssm: SSMClient,
    stdin: TextIO,
    *,
    overwrite: bool = False,
    ask_hidden: Callable[[str], str] = getpass.getpass,
    ask: Callable[[str], str] = input,
) -> None:
    """Read both secrets, check both, then store them. Raise NotReady, with nothing stored, when one can't be taken."""
    there = {secret for secret in SECRETS if _is_there(ssm, deployment.secret_name(secret))}
    print(f"The Slack app's secrets for stage {deployment.stage}, in {deployment.account_id}, {deployment.region}")
    at_terminal = stdin.isatty()
    given = _ask_for_both(there, ask_hidden) if at_terminal else _read_both(stdin)
    for secret, value in given.items():
        _check_form(secret, value)
    taken = [deployment.secret_name(secret) for secret in given if secret in there]
    if taken and not overwrite:
        if not at_terminal:
            raise NotReady(f"{' and '.join(taken)} exist already. Set OVERWRITE=true to replace them.")
        if ask(f"Replace {' and '.join(taken)}? [y/N] ").strip().lower() not in ("y", "yes"):
            raise NotReady("Nothing was replaced.")
    for secret, value in given.items():
        name = deployment.secret_name(secret)
        ssm.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=secret in there)
        print(f"Stored {name}")
    print(f"Running Lambdas keep what they have read: 'make deploy STAGE={deployment.stage}' makes them read these.")


def _ask_for_both(there: Set[str], ask_hidden: Callable[[str], str]) -> dict[str, str]:
    """Return what was typed, by secret. Enter alone keeps a secret that is there."""
    given = {}
    for secret, kind in _KINDS.items():
        keep = ", Enter keeps what is there" if secret in there else ""
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                value = ask_hidden(f"{kind.called} ({kind.where}; not shown{keep}): ").strip()
            except getpass.GetPassWarning as shown:
                raise NotReady("This terminal can't hide what is typed. Hand both in as two lines instead.") from shown
        if value or secret not in there:
            given[secret] = value
    return given


def _read_both(stdin: TextIO) -> dict[str, str]:
    lines = [line.strip() for line in stdin.read(10_000).splitlines() if line.strip()]
    if len(lines) != len(SECRETS):
        raise NotReady(
            f"Standard input has {len(lines)} lines. It must have two: the bot token, then the signing secret."
        )
    return dict(zip(_KINDS, lines, strict=True))


def _check_form(secret: str, value: str) -> None:
    kind = _KINDS[secret]
    if not re.fullmatch(kind.form, value, re.ASCII):
        found = f"has {len(value)} characters of another form" if value else "is empty"
        raise NotReady(
            f"The {kind.called} {found}. It is {kind.form_in_words}: api.slack.com/apps, your app, {kind.where}."
            " Nothing was stored."
        )


def _is_there(ssm: SSMClient, name: str) -> bool:
    """Return whether the SecureString exists. Raise NotReady for one in plain text: SSM can't change its type."""
    try:
        type_there = ssm.get_parameter(Name=name)["Parameter"]["Type"]
    except ssm.exceptions.ParameterNotFound:
        return False
    if type_there != "SecureString":
        raise NotReady(
            f"{name} is there in plain text, and SSM can't make it a SecureString. Let Slack make a new secret, as this"
            f" one could be read; delete the parameter (aws ssm delete-parameter --name {name}), wait 30 seconds, and"
            " run this again."
        )
    return True


def _reason(error: BotoCoreError | ClientError) -> str:
    """Return what AWS said, without its text where that might quote what was sent."""
    if isinstance(error, ClientError):
        return f"{error.operation_name} answered {error.response['Error'].get('Code', 'an error')}"
    return type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
