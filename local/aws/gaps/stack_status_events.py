"""Every change of a stack's status is an event on the account's default event bus.

AWS CloudFormation User Guide, "Stack Status Change event detail".
"""

import json
from typing import Any

from ministack.core import responses
from ministack.services import eventbridge


def put_status_event(_stack: dict[str, Any], event: dict[str, Any]) -> None:
    """Put the event when it is about the stack itself."""
    stack_id = event["StackId"]
    if event["PhysicalResourceId"] != stack_id:
        return
    region, account = stack_id.split(":")[3:5]
    detail = {
        "stack-id": stack_id,
        "status-details": {"status": event["ResourceStatus"], "status-reason": event["ResourceStatusReason"]},
        "client-request-token": event.get("ClientRequestToken", ""),
    }
    entry = {
        "Source": "aws.cloudformation",
        "DetailType": "CloudFormation Stack Status Change",
        "Resources": [stack_id],
        "Detail": json.dumps(detail),
    }
    with responses.request_scope(account, region):
        eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
