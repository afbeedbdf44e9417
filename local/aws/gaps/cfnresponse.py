"""What a custom resource's inline function imports as `cfnresponse`, with AWS's names and arguments.

AWS CloudFormation User Guide, "cfn-response module". `inline_code` copies this file into the function's archive.
"""

# ruff: noqa: N803, PLR0917
import json
from typing import Any

import urllib3

SUCCESS = "SUCCESS"
FAILED = "FAILED"

_http = urllib3.PoolManager()


def send(
    event: dict[str, Any],
    context: Any,
    responseStatus: str,
    responseData: dict[str, Any] | None,
    physicalResourceId: str | None = None,
    noEcho: bool = False,
    reason: str | None = None,
) -> None:
    """Answer the custom resource's request; a failure to deliver is printed, not raised, as in AWS's module."""
    answer = {
        "Status": responseStatus,
        "Reason": reason or f"See the details in CloudWatch Log Stream: {context.log_stream_name}",
        "PhysicalResourceId": physicalResourceId or context.log_stream_name,
        "StackId": event["StackId"],
        "RequestId": event["RequestId"],
        "LogicalResourceId": event["LogicalResourceId"],
        "NoEcho": noEcho,
        "Data": responseData,
    }
    body = json.dumps(answer)
    headers = {"content-type": "", "content-length": str(len(body))}
    try:
        response = _http.request("PUT", event["ResponseURL"], headers=headers, body=body)
        print("Status code:", response.status)
    except Exception as error:
        print("send(..) failed executing http.request(..):", error)
