"""A custom resource's function is called asynchronously, and one that fails says so in CloudFormation's words.

AWS CloudFormation User Guide, "Custom resource request and response types" (an answer of 4,096 bytes at most, a reason
for FAILED) and "Lambda-backed custom resources"; AWS Lambda Developer Guide, "Invoking a function asynchronously". A
custom resource that failed to create gets a Delete with the id it answered, or one that CloudFormation made up when it
never answered. ministack calls the function once and in line, and never deletes what failed.
"""

import json
import threading
from collections.abc import Mapping
from typing import Any

from ministack.core import responses
from ministack.services import cloudformation, lambda_svc
from ministack.services.cloudformation import custom_resource, provisioners

from local.aws.gaps.lambda_invocations import invoke
from local.aws.gaps.nested_rollback import leave_to_rollback

_LONGEST_ANSWER = 4096
_DEFAULT_TIMEOUT = 3600


class CustomResourceError(Exception):
    """What the event of a custom resource that failed says."""


def install() -> None:
    """Take over the question to a custom resource's function."""
    for taken_over in ("register_token", "_response_url", "_normalise_resource_properties", "_pending"):
        getattr(custom_resource, taken_over)
    custom_resource.invoke_custom_resource = ask


def ask(
    request_type: str,
    logical_id: str,
    properties: Mapping[str, Any],
    stack_name: str,
    *stack_id_and_type: str,
    physical_id: str | None = None,
    old_props: Mapping[str, Any] | None = None,
) -> tuple[str, dict[str, Any]]:
    """Have the function called and wait for its answer: the physical id and the attributes. Runs on a thread."""
    stack_id, resource_type = stack_id_and_type
    function_arn = str(properties.get("ServiceToken", ""))
    if lambda_svc._get_func_record_for_ref(function_arn)[0] is None:
        raise CustomResourceError(f"Function not found: {function_arn}")
    request = {
        "RequestType": request_type,
        "RequestId": responses.new_uuid(),
        "StackId": stack_id,
        "ResourceType": resource_type,
        "LogicalResourceId": logical_id,
        "ResourceProperties": custom_resource._normalise_resource_properties(properties),
        **({} if physical_id is None else {"PhysicalResourceId": physical_id}),
    }
    if old_props is not None:
        request["OldResourceProperties"] = custom_resource._normalise_resource_properties(old_props)
    answer = _answer_to(request, function_arn, float(properties.get("ServiceTimeout", _DEFAULT_TIMEOUT)))
    answered_as = str(answer.get("PhysicalResourceId") or physical_id or "")
    if failure := _failure(answer, request["RequestId"]):
        if request_type == "Create":
            made_up = provisioners._physical_name(stack_name, logical_id)
            stack = cloudformation._stacks[stack_name]
            leave_to_rollback(stack, logical_id, resource_type, answered_as or made_up, properties)
        raise CustomResourceError(failure)
    return answered_as, answer.get("Data") or {}


def _answer_to(request: dict[str, Any], function_arn: str, seconds: float) -> dict[str, Any]:
    token = responses.new_uuid()
    answered = custom_resource.register_token(token)
    event = {**request, "ResponseURL": custom_resource._response_url(token)}
    threading.Thread(target=invoke, args=(function_arn, event, request["LogicalResourceId"]), daemon=True).start()
    answered.wait(seconds)
    return custom_resource._pending.pop(token)["result"] or {}


def _failure(answer: Mapping[str, Any], request_id: str) -> str | None:
    if not answer:
        return (
            "CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId "
            f"[{request_id}]. If you are using the Python cfn-response module, you may need to update your Lambda "
            "function code so that CloudFormation can attach the updated version."
        )
    if len(json.dumps(answer)) > _LONGEST_ANSWER:
        return "Response object is too long."
    if answer.get("Status") != "SUCCESS":
        said = f"Received response status [{answer.get('Status')}] from custom resource."
        return f"{said} Message returned: {answer.get('Reason', '')} (RequestId: {request_id})"
    return None if answer.get("PhysicalResourceId") else "Invalid PhysicalResourceId"
