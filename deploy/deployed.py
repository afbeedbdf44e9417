"""What is deployed now: the environment of the Lambda that takes presses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.deployment import Deployment
from deploy.errors import DeployedUnreadable

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient


def deployed_environment(functions: LambdaClient, deployment: Deployment) -> Mapping[str, str] | None:
    """Return the deployed variables, None at a first deployment. Raise DeployedUnreadable when AWS doesn't say."""
    name = f"{deployment.stack_name}-slack"
    try:
        answer = functions.get_function_configuration(FunctionName=name)
    except functions.exceptions.ResourceNotFoundException:
        return None
    except ClientError as error:
        raise DeployedUnreadable(f"The environment of {name} can't be read: {error}.") from error
    environment = answer.get("Environment", {})
    if "Error" in environment:
        raise DeployedUnreadable(f"The environment of {name} can't be decrypted.")
    return environment.get("Variables", {})
