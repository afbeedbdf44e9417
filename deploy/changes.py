"""Finds what a deployment changes in a stage's settings, and which changes need a confirmation: ACCEPT_CHANGES=true."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.variables import GIVEN, NO_TEAM, VARIABLES, Origin, Variable, Weakened
from deploy.confirming import printable
from deploy.deployed import deployed_environment
from deploy.deployment import Deployment
from deploy.errors import DeployedUnreadable, NotReady

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

ACCEPT = "ACCEPT_CHANGES"
_WORKSPACE = "SLACK_TEAM_ID"
COMPARED = tuple(one for one in VARIABLES if one.origin is Origin.GIVEN or one.weakened is not Weakened.BY_NOTHING)
"""All others follow from the account and from the other resources of the deployment."""


@dataclass(frozen=True)
class Change:
    """A variable whose value changes. `why` says why that needs a confirmation; empty if it needs none."""

    name: str
    old: str
    new: str
    why: str = ""


def is_accepted(environment: Mapping[str, str]) -> bool:
    """Return whether the changes are confirmed in the environment of this command."""
    return environment.get(ACCEPT, "").strip().lower() == "true"


def read_deployed(
    functions: LambdaClient, deployment: Deployment, environment: Mapping[str, str]
) -> tuple[Mapping[str, str] | None, str]:
    """Return what is deployed, None when there is nothing to compare, and a warning or nothing.

    Raise NotReady when AWS doesn't say what is deployed, unless ACCEPT_CHANGES=true: then nothing is compared.
    """
    try:
        return deployed_environment(functions, deployment), ""
    except DeployedUnreadable as error:
        if is_accepted(environment):
            return None, f"{error} The settings were not compared, because {ACCEPT}=true was set."
        raise NotReady(
            f"{error} So it is unknown what this deployment would weaken. Deploying needs"
            f" lambda:GetFunctionConfiguration on this function. To deploy without the comparison, set {ACCEPT}=true"
            " before the command."
        ) from error


def find_changes(
    deployed: Mapping[str, str], new: Mapping[str, str], given: Collection[str], among: Collection[Variable]
) -> list[Change]:
    """Return what will differ from the deployed values. `given` names the settings in the environment or the file."""
    found = []
    for one in among:
        old = deployed.get(one.name, "").strip() or one.default
        value = new.get(one.name, "").strip()
        if old != value:
            found.append(Change(one.name, old, value, _why(one, old, value, one.name in given)))
    return found


def find_dropped(deployed: Mapping[str, str]) -> list[Change]:
    """Return the deployed variables that this version does not know, without their values, which may be secret."""
    known = {one.name for one in VARIABLES}
    dropped = sorted(name for name, value in deployed.items() if name not in known and value.strip())
    return [Change(name, "(set)", "", "this version has no such setting") for name in dropped]


def confirm_settings(deployed: Mapping[str, str] | None, new: Mapping[str, str], environment: Mapping[str, str]) -> str:
    """Return a table of all that changes, old → new; empty when nothing does, or there is nothing to compare.

    Raise NotReady with that table when something in it needs ACCEPT_CHANGES=true, and `environment`, which has to be
    that of this very command, doesn't hold it. To be called before the bot's token is sent to a Slack address that may
    be new. A workspace that is not set is left to `confirm_workspace`.
    """
    if deployed is None:
        return ""
    given = {one.name for one in GIVEN if one.given_in(environment)}
    among = [one for one in COMPARED if one.name != _WORKSPACE or one.name in given]
    return _confirm(find_changes(deployed, new, given, among) + find_dropped(deployed), environment)


def confirm_workspace(
    deployed: Mapping[str, str] | None, listed: str, settled: str, environment: Mapping[str, str]
) -> str:
    """Do the same for a workspace that was not set, once Slack has said whose the token is.

    Where none is deployed, the one that Slack names is no wider.
    """
    if listed or not deployed or not deployed.get(_WORKSPACE, "").strip():
        return ""
    among = [one for one in COMPARED if one.name == _WORKSPACE]
    return _confirm(find_changes(deployed, {_WORKSPACE: settled}, (), among), environment)


def _confirm(changes: Collection[Change], environment: Mapping[str, str]) -> str:
    if not changes:
        return ""
    table = "\n".join(_rows(changes))
    if any(change.why for change in changes) and not is_accepted(environment):
        raise NotReady(
            f"it would weaken or drop deployed settings (⚠):\n\n{table}\n\nNothing was changed. Add what is missing to"
            f" the stage's file or the environment. If you want all of these changes, deploy again with {ACCEPT}=true"
            " before the command."
        )
    return f"Settings that change, deployed → new:\n\n{table}\n"


def _why(variable: Variable, old: str, new: str, is_given: bool) -> str:
    """Return why a change needs a confirmation, or nothing."""
    if not new.strip(" ,"):
        return "its value is gone"
    if not is_given and variable.origin is Origin.GIVEN:
        return "it is not set, so this is the default"
    return _WEAKENED[variable.weakened](old, new)


def _more_ids(old: str, new: str) -> str:
    added = sorted(set(_parts(new)) - {*_parts(old), NO_TEAM})
    return f"{', '.join(added)} would be added" if added else ""


def _higher_number(old: str, new: str) -> str:
    higher = not (old.isdecimal() and new.isdecimal()) or int(new) > int(old)
    return "a longer time" if higher else ""


def _switched_off(old: str, new: str) -> str:
    return "off" if new.lower() != "true" and old.lower() != "false" else ""


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _lower_counts(old: str, new: str) -> str:
    """Return which counts sink. One that is not listed is 1; one that can't be read is taken for the highest."""
    before, after = _counts(old, unreadable=9), _counts(new, unreadable=1)
    sunk = sorted(name for name in before if after.get(name, 1) < before[name])
    return f"fewer for {', '.join(sunk)}" if sunk else ""


def _counts(text: str, unreadable: int) -> dict[str, int]:
    parts = (part.partition("=") for part in _parts(text))
    return {
        name.strip(): int(count) if re.fullmatch(r"\s*[0-9]+\s*", count) else unreadable for name, _, count in parts
    }


_WEAKENED: Mapping[Weakened, Callable[[str, str], str]] = {
    Weakened.BY_ANY_CHANGE: lambda _old, _new: "another one",
    Weakened.BY_MORE_IDS: _more_ids,
    Weakened.BY_A_LOWER_COUNT: _lower_counts,
    Weakened.BY_A_HIGHER_NUMBER: _higher_number,
    Weakened.BY_SWITCHING_OFF: _switched_off,
    Weakened.BY_NOTHING: lambda _old, _new: "",
}
"""By direction: returns why a change from the old to the new value weakens, or nothing."""


def _rows(changes: Collection[Change]) -> list[str]:
    """Return the lines of the table, aligned."""
    cells = [(change, _shown(change.old), _shown(change.new)) for change in changes]
    widths = [max(len(change.name) for change, _, _ in cells), max(len(old) for _, old, _ in cells)]
    return [
        f"  {'⚠' if change.why else ' '} {change.name:{widths[0]}}  {old:{widths[1]}} → {new}"
        + (f"   ({change.why})" if change.why else "")
        for change, old, new in cells
    ]


def _shown(value: str) -> str:
    """Return a value for a terminal: what is empty is said, what can't be seen is written as its code."""
    return printable(value) or "(nothing)"
