"""Every event of a stack with NotificationARNs is published to those SNS topics.

AWS CloudFormation User Guide, "Setting CloudFormation stack options" (Amazon SNS notification options): subject
`AWS CloudFormation Notification`, a body of `Key='value'` lines. Values are not escaped: a reason may hold quotes and
newlines, as on AWS.
"""

import json
import logging
from typing import Any

from ministack.core import responses
from ministack.services import sns

SUBJECT = "AWS CloudFormation Notification"
_log = logging.getLogger("local.aws.stack_notifications")


def notify(stack: dict[str, Any], event: dict[str, Any]) -> None:
    """Publish one event; a topic that is gone already is passed over in silence, as on AWS."""
    for topic_arn in stack.get("NotificationARNs", []):
        _, _, _, _, region, account, *_ = f"x:{topic_arn}".split(":")
        with responses.request_scope(account, region):
            published = sns.publish_internal(topic_arn, notification(stack, event), SUBJECT)
        if published is None:
            _log.info("No topic %s for %s of %s", topic_arn, event["ResourceStatus"], event["LogicalResourceId"])


def notification(stack: dict[str, Any], event: dict[str, Any]) -> str:
    """The message body of one stack event."""
    account = event["StackId"].split(":")[4]
    fields = {
        "StackId": event["StackId"],
        "Timestamp": event["Timestamp"],
        "EventId": event["EventId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "Namespace": account,
        "PhysicalResourceId": event["PhysicalResourceId"],
        "PrincipalId": account,
        "ResourceProperties": _properties(stack, event),
        "ResourceStatus": event["ResourceStatus"],
        "ResourceStatusReason": event["ResourceStatusReason"],
        "ResourceType": event["ResourceType"],
        "StackName": event["StackName"],
        "ClientRequestToken": event.get("ClientRequestToken") or "null",
    }
    return "".join(f"{name}='{value}'\n" for name, value in fields.items())


def _properties(stack: dict[str, Any], event: dict[str, Any]) -> str:
    if event["PhysicalResourceId"] == event["StackId"]:
        return "null"
    logical_id = event["LogicalResourceId"]
    provisioned = stack.get("_resources", {}).get(logical_id)
    declared = (stack.get("_template") or {}).get("Resources", {}).get(logical_id) or {}
    properties = provisioned["Properties"] if provisioned else declared.get("Properties", {})
    return json.dumps(properties, separators=(",", ":"), default=str)
