"""A provider account in memory (moto) for the tests of deploy/, with credentials nobody else knows."""

import io
import zipfile
from collections.abc import Iterator, Mapping

import boto3
import pytest
from moto import mock_aws

from deploy.deployment import SECRETS, Deployment
from local.slack.workspace import facts

ACCOUNT = "123456789012"
REGION = "eu-central-1"
VALUES = {"slack-bot-token": facts.BOT_TOKEN, "slack-signing-secret": facts.SIGNING_SECRET}
HERE = Deployment("demo", ACCOUNT, "aws", REGION)


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[boto3.Session]:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        yield boto3.Session(region_name=REGION)


def put_secrets(session: boto3.Session) -> None:
    for secret in SECRETS:
        session.client("ssm").put_parameter(Name=HERE.secret_name(secret), Type="SecureString", Value=VALUES[secret])


def make_bucket(session: boto3.Session) -> None:
    session.client("s3").create_bucket(
        Bucket=HERE.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )


def put_function(session: boto3.Session, variables: Mapping[str, str]) -> None:
    """Deploy what stands in for the Lambda that takes presses, with this environment."""
    functions = session.client("lambda")
    name = f"{HERE.stack_name}-slack"
    try:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": dict(variables)})
    except functions.exceptions.ResourceNotFoundException:
        role = session.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("slack.py", "")
        functions.create_function(
            FunctionName=name,
            Role=role,
            Runtime="python3.13",
            Handler="slack.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": dict(variables)},
        )
