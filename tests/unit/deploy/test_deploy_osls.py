"""osls is run with what serverless.yml asks for, and what it made is asked of CloudFormation."""

import json
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.stub import Stubber

from deploy.errors import NotReady, OslsFailed
from deploy.osls import deploy_stack, osls_command
from deploy.packaging import PACKAGE, build_package
from tests.unit.deploy.account import HERE, account

__all__ = ["account"]

RECORDER = f"""#!{sys.executable}
import json, os, pathlib, sys
pathlib.Path("ran.json").write_text(json.dumps({{"arguments": sys.argv[1:], "environment": dict(os.environ)}}))
print("endpoints: POST - https://wrong.execute-api.eu-central-1.amazonaws.com/events")
print("CREATE_FAILED: the reason")
sys.exit(int(os.environ["OSLS_EXIT"]))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose osls writes down how it was run."""
    executable = tmp_path / "node_modules" / ".bin" / "osls"
    executable.parent.mkdir(parents=True)
    executable.write_text(RECORDER)
    executable.chmod(executable.stat().st_mode | stat.S_IXUSR)
    for package in ("bot", "handlers", "build/lambda/slack_bolt"):
        (tmp_path / package).mkdir(parents=True)
        (tmp_path / package / "__init__.py").touch()
    return tmp_path


def test_a_deployed_stack_gives_its_outputs(
    account: boto3.Session, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    cloudformation = account.client("cloudformation")
    with Stubber(cloudformation) as stubber:
        stack = {
            "StackName": HERE.stack_name,
            "CreationTime": datetime(2026, 11, 23, tzinfo=UTC),
            "StackStatus": "CREATE_COMPLETE",
            "Outputs": [{"OutputKey": "HttpApiId", "OutputValue": "a1b2"}],
        }
        stubber.add_response("describe_stacks", {"Stacks": [stack]}, {"StackName": "switchyard-demo"})
        environ = {"PATH": "/usr/bin", "OSLS_EXIT": "0", "APPROVERS": "outer"}

        outputs = deploy_stack(HERE, {"APPROVERS": "U0ADA"}, environ, cloudformation, project)

    assert outputs == {"HttpApiId": "a1b2"}
    ran = json.loads((project / "ran.json").read_text())
    assert ran["arguments"] == ["deploy", "--stage", "demo", "--region", "eu-central-1"]
    assert ran["environment"]["APPROVERS"] == "U0ADA"
    assert (project / PACKAGE).exists()
    assert "wrong.execute-api" not in capfd.readouterr().out


def test_a_failure_of_osls_is_one_of_the_deployment_and_its_reason_is_shown(
    account: boto3.Session, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    environ = {"PATH": "/usr/bin", "OSLS_EXIT": "1"}

    with pytest.raises(OslsFailed, match="switchyard-demo"):
        deploy_stack(HERE, {}, environ, account.client("cloudformation"), project)
    assert "CREATE_FAILED: the reason" in capfd.readouterr().err


def test_a_missing_osls_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="make setup"):
        osls_command(tmp_path, "deploy", HERE)


def test_missing_packages_say_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="make setup"):
        build_package(tmp_path)


def test_without_the_lambdas_python_the_package_is_made_without_bytecode_and_that_is_said(
    account: boto3.Session, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "PATH": str(tmp_path),
        "PYENV_ROOT": str(tmp_path),
        "OSLS_EXIT": "1",
        "UV_PYTHON_INSTALL_DIR": str(tmp_path),
    }
    with pytest.raises(OslsFailed):
        deploy_stack(HERE, {}, environ, account.client("cloudformation"), project)
    assert "holds no bytecode" in capsys.readouterr().out
