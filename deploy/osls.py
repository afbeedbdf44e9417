"""Running osls, and reading from CloudFormation what it made."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.deployment import Deployment
from deploy.errors import NotReady, OslsFailed

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

PROJECT = Path(__file__).resolve().parent.parent


def osls_command(project: Path, verb: str, deployment: Deployment) -> list[str]:
    """`osls <verb>` for a stage, from the project's own node_modules."""
    executable = project / "node_modules" / ".bin" / "osls"
    if not executable.exists():
        raise NotReady("osls is not installed. Run 'make setup' first.")
    return [str(executable), verb, "--stage", deployment.stage, "--region", deployment.region]


def osls_environment(environ: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The caller's environment with what serverless.yml asks for; `python3`, hence pip, is the one that runs us."""
    python_folder = str(Path(sys.executable).parent)
    return {**environ, **variables, "PATH": f"{python_folder}:{environ.get('PATH', '')}"}


def deploy_stack(deployment: Deployment, variables: Mapping[str, str], environ: Mapping[str, str]) -> None:
    """Package and deploy serverless.yml. What osls says goes to the terminal as it comes."""
    command = osls_command(PROJECT, "deploy", deployment)
    done = subprocess.run(command, cwd=PROJECT, env=osls_environment(environ, variables), check=False)
    if done.returncode:
        raise OslsFailed(
            f"osls did not deploy {deployment.stack_name}; its reason is above. Mend that and deploy again:"
            " a failed update has been rolled back."
        )


def read_outputs(cloudformation: CloudFormationClient, stack_name: str) -> dict[str, str]:
    """The stack's outputs by name, such as HttpApiId."""
    stack = cloudformation.describe_stacks(StackName=stack_name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
