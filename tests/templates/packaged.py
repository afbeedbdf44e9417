"""What `osls package` makes of serverless.yml, with its intrinsics resolved for one imaginary account."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.deployment import Deployment, lambda_environment
from deploy.osls import osls_command, osls_environment
from deploy.packaging import INSTALLED, PROJECT, build_package

HERE = Deployment("test", "111111111111", "aws", "us-east-1")
FUNCTIONS = ["ingest", "slack", "provision", "outcome", "kit", "sweep"]
BUCKET = "switchyard-test-templates-111111111111-us-east-1"
SERVICE_ROLE = "arn:aws:iam::111111111111:role/switchyard-test-client-groups"
TEAM_SERVICE_ROLE = "arn:aws:iam::111111111111:role/switchyard-test-team-pages"
STACKS = "arn:aws:cloudformation:us-east-1:111111111111:stack/switchyard-test-client-*"
PAGE_STACKS = "arn:aws:cloudformation:us-east-1:111111111111:stack/switchyard-test-page-*"
GROUP_TEMPLATE_KEY = "provider/client-group-0123456789abcdef.yaml"
PAGE_TEMPLATE_KEY = "provider/team-page-0123456789abcdef.yaml"
NOBODY_LISTENS = "http://127.0.0.1:9"
_LEFT_OUT = (".git", ".venv", "node_modules", "build", ".serverless", ".local", "*_cache", "__pycache__")


@dataclass(frozen=True)
class Package:
    """The compiled template and the code that all functions share."""

    template_file: Path
    artifact: Path
    with_bytecode: bool

    @property
    def resources(self) -> dict[str, Any]:
        """The template's resources as osls wrote them."""
        found: dict[str, Any] = json.loads(self.template_file.read_text())["Resources"]
        return found

    def resolved(self, logical_id: str, deployment: Deployment = HERE) -> Any:
        """A resource's properties as CloudFormation would see them in that account."""
        return _resolve(self.resources[logical_id]["Properties"], self.resources, deployment)

    def function(self, name: str) -> dict[str, Any]:
        """A Lambda's resolved properties."""
        found: dict[str, Any] = self.resolved(f"{name.capitalize()}LambdaFunction")
        return found

    def of_type(self, resource_type: str) -> list[str]:
        """Logical ids of the resources of a type."""
        return [name for name, resource in self.resources.items() if resource["Type"] == resource_type]


def package(folder: Path) -> Package:
    """Package as a deployment does, where every registry is out of reach, in a copy of the project."""
    copy = folder / "project"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    (copy / "node_modules").symlink_to(PROJECT / "node_modules")
    (copy / "build").mkdir()
    (copy / INSTALLED).symlink_to(PROJECT / INSTALLED)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    bare |= dict.fromkeys(("UV_DEFAULT_INDEX", "npm_config_registry", "HTTP_PROXY", "HTTPS_PROXY"), NOBODY_LISTENS)
    artifact, with_bytecode = build_package(copy, bare)
    given = {"SLACK_CHANNEL_ID": "C0TEST", "APPROVERS": "U0ADA"}
    variables = lambda_environment(HERE, GROUP_TEMPLATE_KEY, PAGE_TEMPLATE_KEY, given)
    variables["SECRETS_VERSION"] = "1-1"
    command = [*osls_command(PROJECT, "package", HERE), "--package", str(folder / "package")]
    done = subprocess.run(
        command, cwd=copy, env=osls_environment(bare, variables), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Package(folder / "package" / "cloudformation-template-update-stack.json", artifact, with_bytecode)


def _resolve(node: Any, resources: dict[str, Any], here: Deployment) -> Any:
    if isinstance(node, list):
        return [_resolve(item, resources, here) for item in node]
    if not isinstance(node, dict):
        return node
    if "Ref" in node:
        return _reference(node["Ref"], resources, here)
    if "Fn::GetAtt" in node:
        return _reference(".".join(node["Fn::GetAtt"]), resources, here)
    if "Fn::Sub" in node:
        return re.sub(r"\$\{([^}]+)\}", lambda found: _reference(found[1], resources, here), node["Fn::Sub"])
    return {key: _resolve(value, resources, here) for key, value in node.items()}


def _reference(name: str, resources: dict[str, Any], here: Deployment) -> str:
    pseudo = {"AWS::Partition": here.partition, "AWS::Region": here.region, "AWS::AccountId": here.account_id}
    if name in pseudo:
        return pseudo[name]
    logical_id, _, attribute = name.partition(".")
    resource = resources[logical_id]
    named = {key: value for key, value in resource["Properties"].items() if key.endswith("Name")}
    physical = str(_resolve(next(iter(named.values()), logical_id), resources, here))
    return _arn(resource["Type"], physical, here) if attribute == "Arn" else physical


def _arn(resource_type: str, name: str, here: Deployment) -> str:
    regional = f"{here.region}:{here.account_id}"
    rest = {
        "AWS::DynamoDB::Table": f"dynamodb:{regional}:table/{name}",
        "AWS::Events::Rule": f"events:{regional}:rule/{name}",
        "AWS::IAM::Role": f"iam::{here.account_id}:role/{name}",
        "AWS::Lambda::Function": f"lambda:{regional}:function:{name}",
        "AWS::Logs::LogGroup": f"logs:{regional}:log-group:{name}:*",
        "AWS::S3::Bucket": f"s3:::{name}",
        "AWS::SQS::Queue": f"sqs:{regional}:{name}",
    }
    return f"arn:{here.partition}:{rest[resource_type]}"
