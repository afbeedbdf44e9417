"""What a removal would do, in words: for whoever has to type the stage's name."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.confirming import counted
from deploy.deployment import Deployment
from deploy.inventory import Inventory

_WORDS: Mapping[str, str] = {
    "AWS::Lambda::Function": "Lambda functions",
    "AWS::ApiGatewayV2::Api": "HTTP API",
    "AWS::SQS::Queue": "queue with its failed invocations",
    "AWS::CloudWatch::Alarm": "alarms",
    "AWS::SNS::Topic": "alarm topic with its subscriptions",
    "AWS::Logs::LogGroup": "log groups with their logs",
    "AWS::Events::Rule": "schedules and event rules",
}


def plan(deployment: Deployment, found: Inventory, clients: tuple[int, int], *, with_clients: bool) -> str:
    """Return what goes, what stays, and what clients see. `clients`: how many there are, how many give access."""
    parts = [
        f"Removing stage {deployment.stage} from {deployment.account_id}, {deployment.region}.",
        "Goes:\n" + _list(_going(deployment, found, clients, with_clients=with_clients)),
        "Stays:\n" + _list(_staying(deployment, found, with_clients=with_clients)),
    ]
    if with_clients and found.of_clients:
        parts.append(
            f"WARNING: with CLIENTS=remove every operator loses the access to {counted(clients[1], 'client')} and"
            " leaves all groups. The clients' own stacks and roles stay; only the clients can delete those. A"
            " permission set of Identity Center that names a page has to let go of it first."
        )
    if clients[0]:
        parts.append(_for_clients())
    return "\n\n".join(parts)


def _going(deployment: Deployment, found: Inventory, clients: tuple[int, int], *, with_clients: bool) -> list[str]:
    lines = []
    if found.stack_status:
        parts = [f"{found.resources[kind]} {word}" for kind, word in _WORDS.items() if found.resources.get(kind)]
        lines.append(f"the stack {deployment.stack_name} ({found.stack_status}): {', '.join(parts)}, their roles")
    if found.has_table:
        lines.append(
            f"the table {deployment.stack_name} with {counted(clients[0], 'client')} ({clients[1]} with access);"
            f" requests: {found.unfinished}. A last backup is made first"
        )
    if deployment.kit_bucket in found.buckets:
        lines.append(f"the bucket {deployment.kit_bucket} with the teams' kits")
    if deployment.bucket in found.buckets:
        lines.append(f"the templates in the bucket {deployment.bucket}, so that nobody deploys them any more")
    lines += [f"the parameter {name}" for name in found.parameters]
    if with_clients:
        lines += [
            f"{stacks_of(found)}, with the groups and policies that they have made",
            *(f"the role {name}" for name in found.roles.values()),
        ]
    return lines


def _staying(deployment: Deployment, found: Inventory, *, with_clients: bool) -> list[str]:
    lines = []
    if not with_clients and found.of_clients:
        lines = [
            f"{stacks_of(found)}:"
            " operators go on switching into clients' accounts, and nobody is asked about changes any more",
            f"the roles {' and '.join(found.roles.values())}, without which those stacks could not be changed or"
            " deleted",
        ]
    if deployment.bucket in found.buckets:
        lines.append(
            f"the bucket {deployment.bucket}, empty and closed: links to it are out there, and a stranger who takes a"
            " free name could answer them with a template of their own"
        )
    if found.has_table:
        lines.append("the last backup of the table, about $0.10 a month for each GB, until you delete it")
    return lines


def stacks_of(found: Inventory) -> str:
    """Return how many stacks let operators into clients' accounts."""
    clients = counted(len(found.client_stacks), "stack of clients' groups")
    pages = counted(len(found.page_stacks), "stack of teams' pages")
    return f"{clients} and {pages}"


def _for_clients() -> str:
    return (
        "Clients notice nothing at once. Their stacks go on working and can be changed and deleted, but what they"
        " report reaches nobody: their forwarders try for about 45 minutes and give up, which the function's log in"
        " their account says. Ask each client to delete its stack; after your next deployment, which has another"
        " address, to create it anew. docs/removing.md has a text for them."
    )


def _list(lines: list[str]) -> str:
    return "\n".join(f"  - {line}" for line in lines) or "  - nothing"
