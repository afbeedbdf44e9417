"""docs/deploying.md, followed command by command in a copy of the project, as the role of docs/examples/deployer.yaml.

The copy uses what is installed here. `python -m local.newcomer` does it in a fresh clone, which installs everything.
The local AWS judges every call of the role, CloudFormation's included, and its log says which those were.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.deployment import Deployment
from deploy.packaging import INSTALLED, PROJECT
from local.aws import registry
from local.demo.places import PROVIDER, REGION, session
from local.demo.transcript import Transcript
from local.newcomer import answers
from local.newcomer.journey import Newcomer, places
from local.newcomer.terminal import CommandFailed
from tests.deployer_calls import commands_calls
from tests.proving import PROVING
from tests.templates.documents import read

PAGE = PROJECT / "docs" / "deploying.md"
HERE = Deployment("prod", PROVIDER, "aws", REGION)
_LEFT_OUT = (".git", ".venv", "node_modules", "build", ".serverless", ".local", "*_cache", "__pycache__")
_SET_UP_FROM = ("package.json", "package-lock.json", ".npmrc", "locks/*.txt")
_STATEMENTS = read((PROJECT / "docs" / "examples" / "deployer.yaml").read_bytes())
_STATEMENTS = _STATEMENTS["Resources"]["DeployerPolicy"]["Properties"]["PolicyDocument"]["Statement"]
PROFILE = """
[profile switchyard-{stage}]
role_arn = arn:aws:iam::111111111111:role/{name}
source_profile = default
region = us-east-1
"""
MISSING = [one["Sid"] for one in _STATEMENTS] if PROVING else ["Secrets", "RolesOfFunctions"]
"""Statements without which a stage is tried."""
RARE = {f"cloudformation:{verb}ChangeSet" for verb in ("Create", "Describe", "Execute")}
RARE |= {"cloudformation:GetTemplate", "s3:DeleteObject"}
"""What the role is asked for only once a stage is old, or was removed before: `make prove` does that."""


def copy_of_the_project(folder: Path) -> Path:
    """Copy what a clone has, with what is installed here; nothing in it is newer, so `make` sets nothing up."""
    copy = folder / "clone"
    shutil.copytree(PROJECT, copy, ignore=shutil.ignore_patterns(*_LEFT_OUT))
    (copy / "build").mkdir()
    for installed in (".venv", "node_modules", str(INSTALLED)):
        assert (PROJECT / installed / ".installed").exists(), f"{installed} is not set up: run 'make setup'"
        (copy / installed).symlink_to((PROJECT / installed).resolve())
    for file in [file for pattern in _SET_UP_FROM for file in copy.glob(pattern)]:
        os.utime(file, (0, 0))
    return copy


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer")
    with places(folder) as (aws, slack):
        yield Newcomer(copy_of_the_project(folder), aws, slack, Transcript())


def test_the_page_leads_to_a_client_whom_an_operator_gets_into(newcomer: Newcomer) -> None:
    newcomer.follow(PAGE, without=None if PROVING else "A second stage")
    assert newcomer.switched, "the page ends before the operator has switched into the client"


def put_failed_invocation(stage: str) -> None:
    """Leave an invocation in the stage's queue that succeeds when it is replayed."""
    sqs, name = session(PROVIDER).client("sqs"), f"switchyard-{stage}-provision"
    failed = {"functionArn": f"arn:aws:lambda:{REGION}:{PROVIDER}:function:{name}:$LATEST"}
    body = json.dumps({"requestContext": failed, "requestPayload": {"warm": True}})
    sqs.send_message(
        QueueUrl=sqs.get_queue_url(QueueName=f"switchyard-{stage}-failed")["QueueUrl"],
        MessageBody=body,
    )


def package_bucket() -> str:
    """The bucket that osls keeps packages in."""
    buckets = session(PROVIDER).client("s3").list_buckets()["Buckets"]
    [found] = [one["Name"] for one in buckets if "prod-serverlessdeploymentbucket" in one["Name"]]
    return found


def put_old_packages() -> None:
    """Leave packages of earlier deployments, more than osls keeps."""
    s3 = session(PROVIDER).client("s3")
    for day in range(1, 7):
        folder = f"serverless/switchyard/prod/{1767225600000 + day * 86400000}-2026-01-0{day}T00:00:00.000Z"
        s3.put_object(Bucket=package_bucket(), Key=f"{folder}/compiled-cloudformation-template.json", Body=b"{}")


def test_the_role_replays_and_deploys_again(newcomer: Newcomer) -> None:
    newcomer.run("export AWS_PROFILE=switchyard-prod")
    with pytest.raises(CommandFailed, match="TEAMS would drop operators"):
        newcomer.run("TEAMS=none ACCEPT_CHANGES=true make deploy STAGE=prod")
    if PROVING:
        put_old_packages()
        newcomer.run("PROVIDER_NAME='Northwind Cloud' make deploy STAGE=prod")
    put_failed_invocation("prod")
    assert "1 replayed, 0 left" in newcomer.run("make replay STAGE=prod")
    if PROVING:
        delete_the_stack()
        assert "Taken over from an earlier deployment" in newcomer.run("make deploy STAGE=prod")


def delete_the_stack() -> None:
    """Delete the stage's stack by hand, which leaves what the stack retains."""
    cloudformation = session(PROVIDER).client("cloudformation")
    session(PROVIDER).resource("s3").Bucket(package_bucket()).objects.all().delete()
    cloudformation.delete_stack(StackName=HERE.stack_name)
    cloudformation.get_waiter("stack_delete_complete").wait(
        StackName=HERE.stack_name, WaiterConfig={"Delay": 1, "MaxAttempts": 120}
    )


def judged(newcomer: Newcomer) -> list[dict[str, Any]]:
    """What IAM was asked about the role, in order."""
    lines = newcomer.aws.log.read_text(encoding="utf-8").splitlines()
    told = [json.loads(line.partition("judged ")[2]) for line in lines if "judged " in line]
    return [one for one in told if ":assumed-role/deployer-of-switchyard-prod/" in one["principal"]]


def test_the_role_was_asked_for_what_the_policy_is_measured_by(newcomer: Newcomer) -> None:
    """The policy's test (tests/templates/test_deployer_rights.py) takes the commands' calls from a list: this one."""
    asked = judged(newcomer)
    assert [one for one in asked if one["verdict"] != "Allow"] == []
    by_commands = {one.action for one in commands_calls(HERE)}
    handlers = [registry.handler_permissions(name).values() for name in registry.ARNS]
    by_cloudformation = {action for permissions in handlers for each in permissions for action in each}
    seen = {one["action"] for one in asked}
    assert seen <= by_commands | by_cloudformation
    assert by_commands - seen == (set() if PROVING else RARE)


@pytest.mark.parametrize("sid", MISSING)
def test_without_a_statement_a_stage_is_not_deployed(newcomer: Newcomer, sid: str) -> None:
    # Given a stage whose role lacks one statement of the policy
    stage = f"no{sid.lower()}"[:12]
    name = f"deployer-of-switchyard-{stage}"
    template = "--template-file docs/examples/deployer.yaml --capabilities CAPABILITY_NAMED_IAM"
    overrides = f"--parameter-overrides Stage={stage} TrustedArn=arn:aws:iam::{PROVIDER}:root"
    newcomer.run(f"aws cloudformation deploy --stack-name {name} {template} {overrides}")
    take_away(name, sid)
    newcomer.add_profile(PROFILE.format(stage=stage, name=name))

    # Then a command fails, and the reason is AWS's
    with pytest.raises(CommandFailed, match=r"not authorized to perform|AccessDenied|lack s3:ListBucket"):
        deploy_all(newcomer, stage)


def deploy_all(newcomer: Newcomer, stage: str) -> None:
    """Do all that the role is for; a failed deployment is shown with CloudFormation's reason."""
    newcomer.run(f"export AWS_PROFILE=switchyard-{stage}")
    newcomer.run(f"cp stages/prod.env stages/{stage}.env")
    newcomer.run(f"make secrets STAGE={stage}")
    newcomer.run(f"make deploy STAGE={stage}")
    put_failed_invocation(stage)
    newcomer.run(f"make replay STAGE={stage}")


def take_away(name: str, sid: str) -> None:
    """Replace the role's policy by one without a statement."""
    iam = session(PROVIDER).client("iam")
    arn = f"arn:aws:iam::{PROVIDER}:policy/{name}"
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document: Any = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)


def test_a_changed_command_is_noticed(newcomer: Newcomer, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```sh\nmake deplooy STAGE=prod\n```\n")
    with pytest.raises(CommandFailed, match="deplooy"):
        newcomer.follow(page)


def test_the_readme_tells_the_same_commands() -> None:
    """They are a part of the page's, so what is tried here holds for them too."""
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Deploy it\n")[2].partition("\n## ")[0]
    told = re.findall(r"(?m)^ *(?:cp|make|aws|export) .*$", section)
    page = [line.strip() for line in PAGE.read_text(encoding="utf-8").splitlines()]
    assert told
    assert [line.strip() for line in told if line.strip() not in page] == []


def test_a_stage_s_file_has_every_line_that_is_edited(tmp_path: Path) -> None:
    copy = tmp_path / "prod.env"
    shutil.copy(PROJECT / "stages" / "example.env", copy)
    answers.edit_stage_file(copy)
    assert [f"{name}={value}" in copy.read_text() for name, value in answers.STAGE_FILE.items()] == [True] * 4
