"""`make remove STAGE=<stage>`: say what would go and what stays, ask for the stage's name, and remove the stage.

What lets operators into clients' accounts stays, unless CLIENTS=remove. A removal that was interrupted goes on when it
is started again.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import SwitchyardError
from deploy.backups import Backups
from deploy.client_access import ClientAccess
from deploy.confirming import confirm, counted
from deploy.deployment import Deployment
from deploy.errors import DeployError, NotReady
from deploy.halting import go_on, halt
from deploy.inventory import PATIENT, Inventory, clients_of, take_inventory, unfinished
from deploy.packaging import PROJECT
from deploy.preflight import find_deployment
from deploy.removal import StackDeletion, close_bucket, delete_bucket, delete_parameters, empty_bucket, write_clients
from deploy.remove_plan import plan, stacks_of
from deploy.stage_file import STAGES, region, stage_environment
from deploy.unsettled import forget_unsettled

if TYPE_CHECKING:
    from boto3.session import Session

_OWN_BUCKET = "ServerlessDeploymentBucket"
_RETAINING = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class Told:
    """What the person has said beforehand."""

    clients: bool = False
    """Take away the access to all clients as well."""
    drop_open: bool = False
    """Remove the stage though requests are open."""
    yes: str = ""
    """The stage's name, where nobody is there to type it."""


@dataclass(frozen=True)
class Removing:
    """The removal of one stage."""

    session: Session
    deployment: Deployment
    told: Told
    folder: Path = PROJECT / "build"
    """Where the list of clients is written."""
    ask: Callable[[str], str] = input
    sleep: Callable[[float], None] = time.sleep
    deletion: StackDeletion = field(init=False)

    def __post_init__(self) -> None:
        cloudformation = self.session.client("cloudformation", config=PATIENT)
        object.__setattr__(self, "deletion", StackDeletion(cloudformation))

    def run(self) -> None:
        """Do it all. Raise DeployError, with what to do, where it can't go on."""
        found = take_inventory(self.session, self.deployment)
        if self._is_done(found):
            where = f"{self.deployment.account_id}, {self.deployment.region}"
            print(
                f"Nothing is left of stage {self.deployment.stage} in {where}. Was there more? Then check stage, region"
                " and credentials."
            )
            self._tell_what_stays(found)
            return
        print(plan(self.deployment, found, self._count(found), with_clients=self.told.clients), flush=True)
        self._check(found)
        confirm(self.deployment.stage, self.told.yes, self.ask, "remove it")
        if found.has_table:
            self._write_lists()
        ran = halt(self.session.client("lambda"), self.deployment, self.sleep)
        backup = self._last_backup(found, ran)
        if self.told.clients:
            self._access.remove(take_inventory(self.session, self.deployment))
        self._remove_stack(found)
        self._remove_the_rest(found)
        print(f"\nStage {self.deployment.stage} is removed.")
        self._tell_what_stays(take_inventory(self.session, self.deployment), backup)

    def _is_done(self, found: Inventory) -> bool:
        gone = not (found.stack_status or found.has_table or found.parameters)
        gone = gone and self.deployment.kit_bucket not in found.buckets
        return gone and not (self.told.clients and found.of_clients)

    def _count(self, found: Inventory) -> tuple[int, int]:
        """Return how many clients there are, and how many give access."""
        if not found.has_table:
            return 0, 0
        clients = [one.may_have_group for one in clients_of(self._store)]
        return len(clients), sum(clients)

    def _check(self, found: Inventory) -> None:
        """Raise NotReady while somebody waits, or where the deployed stack would take the service roles with it."""
        if found.unfinished and not self.told.drop_open:
            raise NotReady(
                f"Requests are open: {found.unfinished}. Nothing was changed. Finish them in Slack, or say OPEN=drop:"
                " then they are dropped, and what is half-way in CloudFormation ends by itself or stays as it is."
            )
        if self.told.clients or not found.stack_status or self._keeps_roles():
            return
        raise NotReady(
            "This stage was deployed by a version whose stack deletes the service roles; then the stacks of clients'"
            " groups and pages could never be changed or deleted again. Nothing was changed. Deploy this version first:"
            f" make deploy STAGE={self.deployment.stage}"
        )

    def _keeps_roles(self) -> bool:
        """Return whether the deployed template keeps them. A role that is not in it has been kept already."""
        answer = self.deletion.cloudformation.get_template(StackName=self.deployment.stack_name)
        body = answer["TemplateBody"]
        resources = (json.loads(body) if isinstance(body, str) else body).get("Resources", {})
        there = [resources[role] for role in self.deployment.service_roles if role in resources]
        return all(one.get("DeletionPolicy") in _RETAINING for one in there)

    def _write_lists(self) -> None:
        """Write who is a client, and who is in which group, to files of this moment."""
        folder, at = self.folder, f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        clients = folder / f"clients-of-{self.deployment.stage}-{at}.csv"
        write_clients(self._store, clients)
        members = folder / f"groups-of-{self.deployment.stage}-{at}.json"
        members.write_text(json.dumps(self._access.members(), indent=2) + "\n", encoding="utf-8")
        print(f"The clients are listed in {clients}, the members of the groups in {members}.", flush=True)

    def _last_backup(self, found: Inventory, ran: bool) -> str:
        """Back the table up now that nobody writes to it. Raise NotReady when something came after the plan.

        Functions that ran before run again then. Others stay stopped: somebody may be restoring the table.
        """
        if not found.has_table:
            return ""
        now = unfinished(self._store)
        if now != found.unfinished and not self.told.drop_open:
            if ran:
                go_on(self.session.client("lambda"), self.deployment)
            left = "run again" if ran else "stay stopped, as they were"
            raise NotReady(f"Meanwhile requests have come: {now}. Nothing was removed, and the functions {left}.")
        return self._backups.make("removed")

    def _remove_stack(self, found: Inventory) -> None:
        """Delete the stack. Buckets that it deletes have to be empty."""
        if not found.stack_status:
            return
        s3, account = self.session.client("s3"), self.deployment.account_id
        for bucket in self._own_buckets():
            empty_bucket(s3, bucket, account)
        print(f"Deleting the stack {self.deployment.stack_name} …", flush=True)
        self.deletion.delete_own(self.deployment)

    def _own_buckets(self) -> list[str]:
        pages = self.deletion.cloudformation.get_paginator("list_stack_resources").paginate(
            StackName=self.deployment.stack_name
        )
        resources = (one for page in pages for one in page["StackResourceSummaries"])
        return [one["PhysicalResourceId"] for one in resources if one["LogicalResourceId"] == _OWN_BUCKET]

    def _remove_the_rest(self, found: Inventory) -> None:
        """Delete what the stack retains."""
        s3, here = self.session.client("s3"), self.deployment
        self._backups.delete()
        delete_bucket(s3, here.kit_bucket, here.account_id)
        if here.bucket in found.buckets:
            close_bucket(s3, here.bucket, here.account_id)
        delete_parameters(self.session.client("ssm"), found.parameters)
        forget_unsettled(self.session.client("ssm"), here)
        if self.told.clients:
            self._access.remove_roles(iter(found.roles.values()))

    def _tell_what_stays(self, found: Inventory, backup: str = "") -> None:
        if backup:
            print(
                f"The last backup stays: {backup}\nTo bring the stage back: make secrets and make deploy"
                f" STAGE={self.deployment.stage}, then make restore STAGE={self.deployment.stage} BACKUP={backup}\n"
                f"To delete it: aws dynamodb delete-backup --backup-arn {backup}"
            )
        if found.of_clients:
            print(
                f"{stacks_of(found)} stay, with {counted(len(found.roles), 'service role')}: operators go on switching."
                " To end that:"
                f" make remove STAGE={self.deployment.stage} CLIENTS=remove"
            )
        for bucket in found.buckets:
            print(f"The bucket {bucket} stays, empty and closed, so that no stranger takes its name.")

    @property
    def _store(self) -> DynamoStore:
        return DynamoStore(self.session.client("dynamodb"), self.deployment.stack_name)

    @property
    def _backups(self) -> Backups:
        return Backups(self.session.client("dynamodb"), self.deployment, self.sleep)

    @property
    def _access(self) -> ClientAccess:
        return ClientAccess(self.session.client("iam", config=PATIENT), self.deployment, self.deletion)


def main(arguments: Sequence[str] | None = None, *, stages: Path = STAGES) -> int:
    """Return 0 when the stage is removed, else 1 with the reason on stderr."""
    options = _parser().parse_args(arguments)
    try:
        environ, _ = stage_environment(options.stage, os.environ, stages)
        session = boto3.Session(region_name=region(environ))
        told = Told(options.clients == "remove", options.open == "drop", options.yes)
        Removing(session, find_deployment(session, options.stage, environ), told).run()
    except (DeployError, SwitchyardError) as error:
        print(f"\nNot removed: {error}", file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"\nNot removed: AWS refused a step: {error}. Fix that and run this again: it goes on.", file=sys.stderr)
    except KeyboardInterrupt:
        print("\nInterrupted. Run this again to go on.", file=sys.stderr)
    else:
        return 0
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.remove", description=__doc__)
    parser.add_argument("--stage", required=True, help="1 to 12 lower-case letters and digits, such as prod")
    parser.add_argument(
        "--clients", choices=("keep", "remove"), default="keep", help="remove: take away operators' access as well"
    )
    parser.add_argument("--open", choices=("refuse", "drop"), default="refuse", help="drop: though requests are open")
    parser.add_argument("--yes", default="", metavar="STAGE", help="the stage's name once more, instead of typing it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
