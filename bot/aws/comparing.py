"""Compares a client group with what was approved, and describes the differences for the channel.

Approved is: a stack of ours, and in it one group at our path with one inline policy, which allows `sts:AssumeRole` on
exactly one role. The `Sid` of its statement has no effect, so it is not compared. One comparison takes five or six
calls.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from bot.aws.client_stacks import ClientStacks
from bot.aws.groups import Groups
from bot.domain.errors import TryAgain
from bot.domain.model import Difference
from bot.domain.vocabulary import Remedy
from bot.settings import Settings

POLICY_NAME = "switch-into-client"
"""The name in client-templates/client-group.yaml."""
_ALLOWED = {"Effect", "Action", "Resource"}
_NAMED = 5
_QUOTED = 400


def differences(
    settings: Settings, stacks: ClientStacks, groups: Groups, client_id: str, role_arn: str
) -> Iterator[Difference]:
    """Yield what is not as approved. Raises ProvisioningFailed when AWS refuses to tell, TryAgain when not now."""
    stack = stacks.named(stacks.name_of(client_id))
    if stack is None:
        yield from _stack_gone(stacks.name_of(client_id), groups, settings.group_name(client_id))
    elif not stacks.is_ours(stack):
        yield stacks.not_ours(stack)
    elif stack["StackStatus"].endswith("_IN_PROGRESS"):
        raise TryAgain(f"The stack {stack['StackName']} is in {stack['StackStatus']}.")
    else:
        yield from group_differences(settings, groups, client_id, role_arn)


def _stack_gone(stack: str, groups: Groups, group: str) -> Iterator[Difference]:
    if groups.where(group) is None:
        gone = f"The stack {stack} is deleted, and with it the group {group} and its memberships."
        yield Difference(Remedy.RENEW, gone)
        return
    yield Difference(Remedy.RENEW, f"The stack {stack} is deleted. The group {group} still exists without it.")
    yield Difference(
        Remedy.BY_HAND,
        f"First write down the members of the group {group}. Then delete the group in IAM, with its members and "
        "policies.",
    )


def group_differences(settings: Settings, groups: Groups, client_id: str, role_arn: str) -> Iterator[Difference]:
    """Yield what differs about the group of a stack of ours. Raises what `Groups` raises."""
    group = settings.group_name(client_id)
    path = groups.where(group)
    if path is None:
        text = f"The group {group} is deleted, with its memberships. Its stack still exists."
        yield Difference(Remedy.RENEW, text)
    elif path != settings.group_path:
        yield Difference(
            Remedy.BY_HAND,
            f"The group {group} is at {path} instead of {settings.group_path}, where Switchyard may not change it. "
            f"Move it back first: aws iam update-group --group-name {group} --new-path "
            f"{settings.group_path}",
        )
    else:
        yield from _policy_differences(groups, group, role_arn)


def _policy_differences(groups: Groups, group: str, role_arn: str) -> Iterator[Difference]:
    inline = groups.inline_policies(group)
    if POLICY_NAME not in inline:
        text = f"The group's policy {POLICY_NAME} is deleted, so members can't switch into {role_arn}."
        yield Difference(Remedy.PUT_BACK, text)
    else:
        document = groups.inline_policy(group, POLICY_NAME)
        if not allows_only(document, role_arn):
            text = f"The group's policy {POLICY_NAME} was changed. It should allow only sts:AssumeRole on {role_arn}."
            yield Difference(Remedy.PUT_BACK, f"{text} Now it says: {in_words(document)}")
    added = [f"the inline policy {name}" for name in inline if name != POLICY_NAME]
    added += [f"the managed policy {arn}" for arn in groups.attached_policies(group)]
    if added:
        yield Difference(
            Remedy.BY_HAND,
            f"The group was given more: {listed(added)}. Its members may do what that allows. Switchyard may not "
            "remove it, so remove it in IAM first.",
        )


def allows_only(document: Any, role_arn: str) -> bool:
    """Return whether a policy allows to assume exactly this role and nothing else."""
    return allowed(document) == ("sts:assumerole", [role_arn])


def allowed(document: Any) -> tuple[str, list[Any]]:
    """Return the action, in lower case, and the resources that a policy allows in its only statement; else nothing."""
    match _statements(document):
        case [statement]:
            effect, actions, resources = _ends(statement)
            if effect == "Allow" and len(actions) == 1:
                return str(actions[0]).lower(), resources
    return "", []


def in_words(document: Any) -> str:
    """Return what a policy allows, one clause for each simple statement, and any other statement as JSON."""
    said = []
    for statement in _statements(document):
        effect, actions, resources = _ends(statement)
        if effect == "Allow" and all(isinstance(one, str) for one in (*actions, *resources)):
            said.append(f"{', '.join(actions)} on {', '.join(resources)}")
        else:
            said.append(json.dumps(statement, separators=(",", ":"), sort_keys=True))
    text = "; ".join(said) or "nothing"
    return text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…"


def _statements(document: Any) -> list[Any]:
    found = document.get("Statement", []) if isinstance(document, dict) else [document]
    return found if isinstance(found, list) else [found]


def _ends(statement: Any) -> tuple[str, list[Any], list[Any]]:
    """Return effect, actions and resources of a statement without other parts than a Sid; an empty effect otherwise."""
    if not isinstance(statement, dict) or set(statement) - {"Sid"} != _ALLOWED:
        return "", [], []
    return str(statement["Effect"]), _as_list(statement["Action"]), _as_list(statement["Resource"])


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def listed(names: Sequence[str]) -> str:
    """Return the first few of the names, and how many more there are."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
