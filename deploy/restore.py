"""`make restore STAGE=<stage> BACKUP=<arn>` or `AT=<time>`: put the stage's table back to what it was then.

The functions are stopped meanwhile, the table as it is now is backed up first, and what the old table remembers is
compared with AWS (deploy/settling.py) before anything runs again: nobody gets in who does not get in now. What was cut
short leaves the functions stopped, and goes on when it is started again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import SwitchyardError
from deploy.backups import Backups
from deploy.confirming import confirm, counted, printable
from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady
from deploy.halting import go_on, halt
from deploy.inventory import PATIENT, clients_of, stack_status
from deploy.preflight import find_deployment
from deploy.settle_table import settle_with_aws
from deploy.settling import Settled
from deploy.stage_file import STAGES, region, stage_environment

if TYPE_CHECKING:
    from boto3.session import Session


@dataclass(frozen=True)
class Wanted:
    """What to restore: a backup, or the table as of a time; and the stage's name where nobody is there to type it."""

    backup: str = ""
    at: datetime | None = None
    yes: str = ""


@dataclass(frozen=True)
class Restoring:
    """One stage's table."""

    session: Session
    deployment: Deployment
    wanted: Wanted
    ask: Callable[[str], str] = input
    sleep: Callable[[float], None] = time.sleep

    def run(self) -> Settled:
        """Do it all. Raise DeployError, with what to do, where it can't go on."""
        if not stack_status(self._cloudformation, self.deployment.stack_name):
            raise NotReady(
                f"Stage {self.deployment.stage} is not deployed here. Deploy it first, then restore its table."
            )
        then = self.wanted.at or self.backups.made_at(self.wanted.backup)
        print(self._plan(then), flush=True)
        confirm(self.deployment.stage, self.wanted.yes, self.ask, "restore its table")
        functions = self.session.client("lambda")
        ran = halt(functions, self.deployment, self.sleep)
        try:
            backup = self.wanted.backup or self.backups.as_of(then)
        except NotReady:
            if ran:
                go_on(functions, self.deployment)
            raise
        if self.backups.is_there():
            self.backups.make("before-restore")
        self.backups.delete()
        self.backups.restore(backup)
        settled = self._settle(then)
        go_on(functions, self.deployment)
        print(report(self.deployment, settled), flush=True)
        return settled

    @property
    def backups(self) -> Backups:
        """Return the table's backups."""
        return Backups(self.session.client("dynamodb"), self.deployment, self.sleep)

    def _plan(self, then: datetime) -> str:
        now = "There is no table now."
        if self.backups.is_there():
            clients = counted(sum(1 for _ in clients_of(self._store)), "client")
            now = f"The table as it is now, with {clients}, is backed up first."
        return (
            f"The table {self.deployment.stack_name} in {self.deployment.account_id}, {self.deployment.region}, becomes"
            f" what it was at {then:%Y-%m-%d %H:%M:%S} UTC. {now} The stage's functions are stopped until that is done:"
            " minutes for a small table, hours for a large one. Forwarders repeat an event for about 45 minutes."
        )

    def _settle(self, then: datetime) -> Settled:
        why = (
            f"Switchyard's table was restored as of {then:%Y-%m-%d %H:%M} UTC, and nobody knows what was decided after"
            " that. Press Retry if this is still meant."
        )
        return settle_with_aws(self.session, self.deployment, why, self.sleep)

    @property
    def _cloudformation(self) -> Any:
        return self.session.client("cloudformation", config=PATIENT)

    @property
    def _store(self) -> DynamoStore:
        return DynamoStore(self.session.client("dynamodb"), self.deployment.stack_name)


def report(deployment: Deployment, settled: Settled) -> str:
    """Return what was done, and what is left to people."""
    prefix = f"{deployment.stack_name}-client-"
    told = {
        "Approved then and not carried out; they wait for Retry in Slack": settled.failed,
        "Had access then and have none now, so they are removed (invite them again if that is wrong)": settled.removed,
        "Get in by fewer ways than then, as AWS has it": settled.narrowed,
        "Have a group that the table does not know, so they were approved later. Invite them again, and delete these"
        " stacks when their members may leave": [f"{prefix}{one}" for one in settled.unknown_groups],
        "On pages that the table does not know; the next change of the page takes them off": settled.unknown_roles,
    }
    parts = [
        f"{head}:\n" + "\n".join(f"  - {printable(one)}" for one in found) for head, found in told.items() if found
    ]
    return "\n\n".join(["\nThe table is restored, and the functions run again.", *parts])


def main(arguments: Sequence[str] | None = None, *, stages: Path = STAGES) -> int:
    """Return 0 when the table is restored, else 1 with the reason on stderr."""
    options = _parser().parse_args(arguments)
    try:
        environ, _ = stage_environment(options.stage, os.environ, stages)
        session = boto3.Session(region_name=region(environ))
        wanted = Wanted(options.backup, _time(options.at) if options.at else None, options.yes)
        Restoring(session, find_deployment(session, options.stage, environ), wanted).run()
    except (DeployError, SwitchyardError) as error:
        print(f"\nNot restored: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"\nNot restored: AWS refused a step: {error}. Fix that and run this again: it goes on.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted. The functions may be stopped. Run this again to go on.", file=sys.stderr)
    else:
        return 0
    return 1


def _time(text: str) -> datetime:
    """Return the time. Raise NotReady for one without its zone: hours would be restored wrongly."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise NotReady(f"AT={text} is no time such as 2026-11-26T12:00:00Z.") from error
    if at.tzinfo is None:
        raise NotReady(f"AT={text} does not say its zone. Write it as {text}Z for UTC.")
    return at.astimezone(UTC).replace(microsecond=0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.restore", description=__doc__)
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--backup", default="", help="the ARN of a backup of the table")
    what.add_argument("--at", default="", help="a time with its zone, such as 2026-11-26T12:00:00Z")
    parser.add_argument("--yes", default="", metavar="STAGE", help="the stage's name once more, instead of typing it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
