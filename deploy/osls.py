"""Running osls, and asking CloudFormation what it made."""

from __future__ import annotations

import os
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
WHEELS = "build/wheels"
"""What the Lambdas need besides our own code, fetched by `make setup`."""


def osls_command(project: Path, verb: str, deployment: Deployment) -> list[str]:
    """`osls <verb>` for a stage, from the project's own node_modules."""
    executable = project / "node_modules" / ".bin" / "osls"
    if not executable.exists():
        raise NotReady("osls is not installed. Run 'make setup' first.")
    if not any((project / WHEELS).glob("*.whl")):
        raise NotReady(f"{WHEELS} holds no packages for the Lambdas. Run 'make setup' first.")
    return [str(executable), verb, "--stage", deployment.stage, "--region", deployment.region]


def osls_environment(
    environ: Mapping[str, str], variables: Mapping[str, str], project: Path = PROJECT
) -> dict[str, str]:
    """Return the caller's environment with what serverless.yml asks for.

    `python3`, hence pip, is the one that runs us. pip installs only the wheels that `make setup` fetched, whatever the
    caller's pip is configured to do: so packaging needs no registry, and what is deployed is what was tested. Their
    address is a URL, as pip splits this variable at blanks.
    osls looks at the stack every second, not every five: most of a deployment's time was spent waiting to look.
    """
    python_folder = str(Path(sys.executable).parent)
    return {
        "SLS_AWS_MONITORING_FREQUENCY": "1000",
        **{name: value for name, value in environ.items() if not name.startswith("PIP_")},
        **variables,
        "PATH": f"{python_folder}:{environ.get('PATH', '')}",
        "AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED": "true",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": (project / WHEELS).as_uri(),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def deploy_stack(
    deployment: Deployment,
    variables: Mapping[str, str],
    environ: Mapping[str, str],
    cloudformation: CloudFormationClient,
    project: Path = PROJECT,
) -> dict[str, str]:
    """Package and deploy serverless.yml and return the stack's outputs. Progress and errors go to the terminal.

    osls's closing summary is left out: it knows no AWS_ENDPOINT_URL, so its URLs would be wrong on a local AWS.
    """
    command = osls_command(project, "deploy", deployment)
    environment = osls_environment(environ, variables, project)
    done = subprocess.run(command, cwd=project, env=environment, stdout=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise OslsFailed(
            f"osls did not deploy {deployment.stack_name}; its reason is above. Mend that and deploy again:"
            " a failed update has been rolled back."
        )
    stack = cloudformation.describe_stacks(StackName=deployment.stack_name)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
