"""The deployed table's own definition, made anew for a test."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

_DEFINITION = Path(__file__).parents[1] / "deploy" / "cloudformation" / "table.yml"


class _Template(yaml.SafeLoader):
    """Reads over CloudFormation's own tags, which the table's keys don't use."""


_Template.add_multi_constructor("!", lambda *_: None)


def create_table(client: DynamoDBClient, name: str) -> None:
    """Make the table of `deploy/cloudformation/table.yml` under this name."""
    template = yaml.load(_DEFINITION.read_text(), Loader=_Template)
    properties: dict[str, Any] = template["Resources"]["Table"]["Properties"]
    keys = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName=name, **{key: properties[key] for key in keys})
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=properties["TimeToLiveSpecification"])
