"""The lock files agree with what is required, carry hashes, and name no registry."""

import ast
import re
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]
LOCKS = sorted((PROJECT / "locks").glob("*.txt"))
IN_RUNTIME = {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
IMPORTED_AS = {"aws_lambda_powertools": "aws-lambda-powertools", "slack_bolt": "slack-bolt", "slack_sdk": "slack-sdk"}


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^]]*])?==([^ ;\\\n]+)", path.read_text(), re.MULTILINE)
    return {name.lower().replace("_", "-"): version for name, version in found}


@pytest.mark.parametrize(
    ("required", "lock", "left_out"),
    [
        ("requirements.txt", "locks/lambda.txt", IN_RUNTIME),
        ("requirements.txt", "locks/dev.txt", set()),
        ("requirements-dev.txt", "locks/dev.txt", set()),
        ("locks/uv.in", "locks/uv.txt", set()),
    ],
)
def test_what_is_required_is_locked_at_that_version(required: str, lock: str, left_out: set[str]) -> None:
    wanted = {name: version for name, version in pins(PROJECT / required).items() if name not in left_out}
    locked = pins(PROJECT / lock)
    assert wanted
    assert {name: locked.get(name) for name in wanted} == wanted, "run 'make lock'"
    assert not left_out & locked.keys()


@pytest.mark.safety("What is packaged and installed is pinned by hash", "deploy/packaging.py")
@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_every_locked_package_has_hashes_and_none_an_address(lock: Path) -> None:
    text = lock.read_text()
    for requirement in text.replace("\\\n", " ").splitlines():
        assert "--hash=sha256:" in requirement, requirement
    assert "://" not in text


def test_requirements_list_all_that_the_lambdas_import() -> None:
    imported = set()
    for path in [*(PROJECT / "bot").rglob("*.py"), *(PROJECT / "handlers").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.split(".")[0])
    typing_only = {name for name in imported if name.startswith(("mypy_boto3", "_typeshed"))}
    foreign = imported - sys.stdlib_module_names - {"bot", "handlers"} - typing_only
    assert {IMPORTED_AS.get(name, name) for name in foreign} == pins(PROJECT / "requirements.txt").keys()
