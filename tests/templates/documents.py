"""Reads CloudFormation YAML into plain dicts (intrinsics in their long form), and answers what depends on what."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from cfnlint.api import lint

Document = dict[str, Any]

PARTITION_REGIONS = ["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"]


class _Loader(yaml.SafeLoader):
    """SafeLoader that also knows !Ref, !GetAtt, !Sub and the rest."""


def _long_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _long_form)


def read(template: bytes) -> Document:
    document = yaml.load(template, Loader=_Loader)
    assert isinstance(document, dict)
    return document


def properties(document: Document, logical_id: str) -> Document:
    found = document["Resources"][logical_id]["Properties"]
    assert isinstance(found, dict)
    return found


def lint_messages(template: bytes) -> list[str]:
    """What cfn-lint says, informational rules included, in every partition."""
    matches = lint(template.decode(), config={"include_checks": ["I"], "regions": PARTITION_REGIONS})
    return [f"{match.rule.id} line {match.linenumber}: {match.message}" for match in matches]


def strings(node: Any) -> Iterator[str]:
    """Every string in a document, keys included."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(node, list):
        for item in node:
            yield from strings(item)


def references(node: Any) -> set[str]:
    """Names (of resources, parameters, pseudo parameters) that Ref, GetAtt, Sub and DependsOn point at."""
    if isinstance(node, list):
        return {name for item in node for name in references(item)}
    if not isinstance(node, Mapping):
        return set()
    found = {name for value in node.values() for name in references(value)}
    if isinstance(node.get("Ref"), str):
        found.add(node["Ref"])
    if "Fn::GetAtt" in node:
        found.add(node["Fn::GetAtt"][0])
    if "Fn::Sub" in node:
        text, given = node["Fn::Sub"] if isinstance(node["Fn::Sub"], list) else (node["Fn::Sub"], {})
        found |= {name.split(".")[0] for name in re.findall(r"\$\{([^!}]+)\}", text)} - set(given)
    if "Type" in node and "DependsOn" in node:
        named = node["DependsOn"]
        found |= {named} if isinstance(named, str) else set(named)
    return found


def prerequisites(document: Document, logical_id: str) -> set[str]:
    """The resources that exist before `logical_id` is created, and that are deleted only after it is gone."""
    resources = document["Resources"]
    found: set[str] = set()
    waiting = {logical_id}
    while waiting:
        direct = references(resources[waiting.pop()]) & set(resources)
        waiting |= direct - found
        found |= direct
    return found
