"""What CloudFormation makes of client-templates/team-page.yaml and its parameters, as far as the template needs it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from deploy.rendering import page_template
from tests.templates.documents import read

TEMPLATE = read(page_template()[1])
PSEUDO = {"AWS::Partition": "aws", "AWS::AccountId": "111111111111", "AWS::Region": "eu-west-1"}


class ParameterRefused(Exception):
    """CloudFormation refuses the value of a parameter."""


def page_resources(parameters: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return the properties of the resources that are made, by logical id. Raise ParameterRefused."""
    if set(parameters) != set(TEMPLATE["Parameters"]):
        raise ParameterRefused(set(parameters) ^ set(TEMPLATE["Parameters"]))
    for name, rules in TEMPLATE["Parameters"].items():
        _check(name, parameters[name], rules)
    made = {
        name: one
        for name, one in TEMPLATE["Resources"].items()
        if "Condition" not in one or _holds(one["Condition"], parameters)
    }
    return {name: _resolved(one["Properties"], parameters) for name, one in made.items()}


def _check(name: str, value: str, rules: Mapping[str, Any]) -> None:
    pattern, allowed = rules.get("AllowedPattern"), rules.get("AllowedValues", [value])
    fits = pattern is None or re.fullmatch(pattern, value) is not None
    if not fits or value not in allowed or len(value.encode()) > min(rules.get("MaxLength", 4096), 4096):
        raise ParameterRefused(name)


def _holds(condition: str, parameters: Mapping[str, str]) -> bool:
    one, other = _resolved(TEMPLATE["Conditions"][condition]["Fn::Equals"], parameters)
    return bool(one == other)


def _resolved(node: Any, parameters: Mapping[str, str]) -> Any:
    if isinstance(node, list):
        return [_resolved(one, parameters) for one in node]
    if not isinstance(node, dict):
        return node
    match list(node.items()):
        case [("Ref", name)]:
            if name in parameters or name in PSEUDO:
                return {**PSEUDO, **parameters}[name]
            # The Ref of a group is its name.
            return _resolved(TEMPLATE["Resources"][name]["Properties"]["GroupName"], parameters)
        case [("Fn::If", [condition, then, otherwise])]:
            return _resolved(then if _holds(condition, parameters) else otherwise, parameters)
        case [("Fn::Split", [divider, text])]:
            return _resolved(text, parameters).split(divider)
        case [("Fn::Select", [index, several])]:
            return _resolved(several, parameters)[int(index)]
        case [("Fn::Sub", [text, named])]:
            known = {**PSEUDO, **{name: _resolved(value, parameters) for name, value in named.items()}}
            return re.sub(r"\$\{([^}]+)\}", lambda found: known[found[1]], text)
        case [("Fn::Join", [divider, parts])]:
            return divider.join(_resolved(parts, parameters))
    return {key: _resolved(value, parameters) for key, value in node.items()}
