"""Settles a table with what AWS gives: after a restore, and after a deployment over what a removed stage has left."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import SwitchyardError
from deploy.actual_access import read_access
from deploy.deployment import Deployment
from deploy.errors import DeployError
from deploy.inventory import PATIENT, our_stacks
from deploy.settling import Settled, Settling
from deploy.unsettled import forget_unsettled

if TYPE_CHECKING:
    from boto3.session import Session

_POLL = 5.0


def settle_with_aws(
    session: Session, deployment: Deployment, why: str, sleep: Callable[[float], None] = time.sleep
) -> Settled:
    """Compare the table with AWS, once nothing of ours is under way in CloudFormation, and settle it."""
    cloudformation = session.client("cloudformation", config=PATIENT)
    while busy := [one.name for kind in our_stacks(cloudformation, deployment) for one in kind if one.busy]:
        print(f"Waiting for {', '.join(busy[:5])} …", file=sys.stderr, flush=True)
        sleep(_POLL)
    actual = read_access(cloudformation, session.client("iam", config=PATIENT), deployment)
    store = DynamoStore(session.client("dynamodb"), deployment.stack_name)
    settled = Settling(store, actual, deployment.partition, why).run()
    forget_unsettled(session.client("ssm"), deployment)
    return settled


def settle_new_table(session: Session, deployment: Deployment) -> str:
    """Tell a new table which pages an earlier deployment has left. Return a warning about clients, or nothing."""
    try:
        settled = settle_with_aws(session, deployment, "This table is new.")
    except (BotoCoreError, ClientError, SwitchyardError) as error:
        raise DeployError(
            f"The stage runs, but its new table could not be told what an earlier deployment has left: {error}. Before"
            " anybody approves a client, restore a backup as an administrator of the account (docs/operating.md)."
        ) from error
    if not (settled.unknown_groups or settled.unknown_roles):
        return ""
    return (
        f"Warning: people still get in by {len(settled.unknown_groups)} groups and {len(settled.unknown_roles)} roles"
        " on teams' pages of an earlier deployment, and the new table knows none of these clients. The next change of a"
        f" page takes them off it. To have them back first: make restore STAGE={deployment.stage} BACKUP=<arn>"
        ' (docs/operating.md, "Restoring the table").'
    )
