"""Teams that a deployment drops: refused while clients are on their pages, since nobody would be asked about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.errors import SwitchyardError
from bot.settings import teams_in
from deploy.deployment import Deployment
from deploy.errors import NotReady

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def check_dropped_teams(
    dynamodb: DynamoDBClient, deployment: Deployment, deployed: Mapping[str, str] | None, new: Mapping[str, str]
) -> None:
    """Raise NotReady when a deployed team would be dropped that still has clients, or is about to get one."""
    before = (deployed or {}).get("TEAMS", "")
    dropped = [team for team in teams_in(before) if team not in teams_in(new["TEAMS"])] if before else []
    full = [team for team in dropped if _has_clients(dynamodb, deployment, team)]
    if full:
        commands = " and ".join(f"/clients teams remove {team}" for team in full)
        raise NotReady(
            f"TEAMS would drop {' and '.join(full)}, whose people still get into clients' accounts. Nothing was"
            f" changed. First type in Slack: {commands}. When that is done, deploy again."
        )


def _has_clients(dynamodb: DynamoDBClient, deployment: Deployment, team: str) -> bool:
    """Return whether a page of the team may list a client, in AWS as well: what it is wanted to be is not enough."""
    try:
        store = DynamoStore(dynamodb, deployment.stack_name)
        stored, waiting = store.asked_of(team, limit=1)
        pages = store.pages(team, range(1, len(stored.filled) + 1)).values()
    except (BotoCoreError, ClientError, SwitchyardError) as error:
        raise NotReady(
            f"The table {deployment.stack_name} does not tell whether the team {team}, which TEAMS would drop, still"
            f" has clients: {error}. Deploying without a team needs dynamodb:Query and"
            " dynamodb:BatchGetItem on that table."
        ) from error
    about_to = stored.task is not None or bool(waiting)
    return about_to or any(stored.filled) or any(page.concerned for page in pages)
