"""Running osls, and asking CloudFormation what it made."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from deploy.deployment import Deployment
from deploy.errors import NotReady, OslsFailed
from deploy.packaging import LAMBDA_PYTHON, PROJECT, build_package

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


def osls_command(project: Path, verb: str, deployment: Deployment) -> list[str]:
    """`osls <verb>` for a stage, from the project's own node_modules."""
    executable = project / "node_modules" / ".bin" / "osls"
    if not executable.exists():
        raise NotReady("osls is not installed. Run 'make setup' first.")
    return [str(executable), verb, "--stage", deployment.stage, "--region", deployment.region]


def osls_environment(environ: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return the caller's environment with what serverless.yml asks for.

    osls looks at the stack every second, not every five: most of a deployment's time was spent waiting to look.
    """
    return {
        "SLS_AWS_MONITORING_FREQUENCY": "1000",
        **environ,
        **variables,
        "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
    }


def deploy_stack(
    deployment: Deployment,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    cloudformation: CloudFormationClient,
    project: Path = PROJECT,
) -> dict[str, str]:
    """Package and deploy serverless.yml and return the stack's outputs. Progress goes to the terminal.

    What osls says at its end is shown only when it fails, for the reason. The summary of a success is left out: it
    knows no AWS_ENDPOINT_URL, so its URLs would be wrong on a local AWS.
    """
    command = osls_command(project, "deploy", deployment)
    environment = osls_environment(environ, variables)
    _, with_bytecode = build_package(project, environ)
    if not with_bytecode:
        print(f"No Python {LAMBDA_PYTHON} was found, so the package holds no bytecode: Lambdas start more slowly.")
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.PIPE, check=False)
    if done.returncode:
        print(done.stdout.decode(errors="replace"), file=sys.stderr)
        raise OslsFailed(
            f"osls did not deploy {deployment.stack_name}; its reason is above. Fix that and deploy again:"
            " a failed update has been rolled back."
        )
    return stack_outputs(deployment, cloudformation)


def stack_outputs(deployment: Deployment, cloudformation: CloudFormationClient) -> dict[str, str]:
    """Return the outputs of the stage's stack, none where it was never deployed. Raises ClientError."""
    try:
        stack = cloudformation.describe_stacks(StackName=deployment.stack_name)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ValidationError":
            raise
        return {}
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
