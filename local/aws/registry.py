"""What CloudFormation asks of IAM for each resource of Switchyard's own stack, as the CloudFormation registry says.

Each resource type's schema lists the permissions that its handlers need (AWS CloudFormation CLI User Guide, "Resource
type schema", `handlers`). cfn-lint carries these schemas. Many permissions serve a property alone: those are asked for
when the template has that property (`local.aws.only_with`). Without a service role, whoever deploys needs all of it.
"""

import importlib.util
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from local.aws.only_with import ONLY_WITH

Properties = Mapping[str, Any]


@dataclass(frozen=True)
class Call:
    """One permission that a handler needs: the action, the ARN it acts on, and condition keys."""

    action: str
    arn: str
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Place:
    """Where a resource is, and its name where no property has it."""

    name: str
    account: str
    region: str


ARNS = {
    "AWS::ApiGatewayV2::Api": "arn:aws:apigateway:{region}::/apis/{name}",
    "AWS::ApiGatewayV2::Integration": "arn:aws:apigateway:{region}::/apis/{name}/integrations",
    "AWS::ApiGatewayV2::Route": "arn:aws:apigateway:{region}::/apis/{name}/routes",
    "AWS::ApiGatewayV2::Stage": "arn:aws:apigateway:{region}::/apis/{name}/stages",
    "AWS::CloudWatch::Alarm": "arn:aws:cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::Lambda::EventInvokeConfig": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Lambda::Permission": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}",
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::S3::BucketPolicy": "arn:aws:s3:::{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::SQS::QueuePolicy": "arn:aws:sqs:{region}:{account}:{name}",
}
"""What the actions of a resource type act on. Source: Service Authorization Reference, by service."""

_OTHER_ARNS = {
    "apigateway:PUT": "arn:aws:apigateway:{region}::/tags/arn%3Aaws%3Aapigateway%3A{region}%3A%3A%2Fapis%2F{name}",
    "cloudwatch:DescribeAlarms": "arn:aws:cloudwatch:{region}:{account}:alarm:*",
    "logs:DescribeLogGroups": "arn:aws:logs:{region}:{account}:log-group::log-stream:",
    "logs:DescribeResourcePolicies": "*",
}
"""Actions that act on something else: a list of all, or the API's tags."""

_NAMED_BY = {
    "AWS::ApiGatewayV2::Integration": "ApiId",
    "AWS::ApiGatewayV2::Route": "ApiId",
    "AWS::ApiGatewayV2::Stage": "ApiId",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::Events::Rule": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::EventInvokeConfig": "FunctionName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Lambda::Permission": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::Topic": "TopicName",
    "AWS::SQS::Queue": "QueueName",
    "AWS::SQS::QueuePolicy": "Queues",
}
"""The property that names what the actions act on. An API has no name of its own, only an id."""

_HANDLERS = {"create": ("create", "read"), "update": ("update", "read"), "delete": ("delete",)}


def calls(resource_type: str, verb: str, properties: Properties, place: Place) -> list[Call]:
    """Return what `create`, `update` or `delete` of a resource asks IAM for."""
    return [
        _call(resource_type, action, properties, place) for action in sorted(_actions(resource_type, verb, properties))
    ]


def handler_permissions(resource_type: str) -> Mapping[str, frozenset[str]]:
    """Return the registry's list of each handler."""
    handlers = _schema(resource_type)["handlers"]
    return {name: frozenset(handler["permissions"]) for name, handler in handlers.items()}


def _call(resource_type: str, action: str, properties: Properties, place: Place) -> Call:
    if resource_type == "AWS::Lambda::Function" and action == "iam:PassRole":
        return Call(action, str(properties["Role"]), (("iam:PassedToService", "lambda.amazonaws.com"),))
    if resource_type == "AWS::Lambda::Function" and action == "s3:GetObject":
        return Call(action, "arn:aws:s3:::{S3Bucket}/{S3Key}".format_map(properties["Code"]))
    arn = _OTHER_ARNS.get(action, ARNS[resource_type])
    if (resource_type, action) == ("AWS::ApiGatewayV2::Api", "apigateway:POST"):
        arn = arn.removesuffix("/{name}")
    named = properties.get(_NAMED_BY.get(resource_type, ""), place.name)
    name = _last_part(named[0] if isinstance(named, list) else str(named))
    return Call(action, arn.format(name=name, account=place.account, region=place.region))


def _actions(resource_type: str, verb: str, properties: Properties) -> Iterator[str]:
    listed = handler_permissions(resource_type)
    # A type without an update handler is replaced.
    names = _HANDLERS[verb] if verb in listed else ("create", "read", "delete")
    for action in frozenset[str]().union(*(listed.get(name, frozenset()) for name in names)):
        serves = [one for form, one in ONLY_WITH.get(resource_type, {}).items() if fnmatchcase(action, form)]
        if all(one in properties for one in serves):
            yield action


def _last_part(named: str) -> str:
    """Return a function's name from its ARN, and a queue's from its URL."""
    if named.startswith("arn:"):
        return named.rsplit(":", 1)[-1]
    return named.rsplit("/", 1)[-1] if "//" in named else named


@cache
def _schema(resource_type: str) -> dict[str, Any]:
    found = importlib.util.find_spec("cfnlint")
    if not found or not found.origin:
        raise RuntimeError("cfn-lint, which carries the registry's schemas, is not installed: run 'make setup'")
    schemas = Path(found.origin).parent / "data" / "schemas"
    digest = json.loads((schemas / "providers" / "us-east-1.json").read_text())[resource_type]
    schema: dict[str, Any] = json.loads((schemas / "resources" / f"{digest}.json").read_text())
    return schema
