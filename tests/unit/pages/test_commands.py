"""Every command that a page tells people to run can be run: its program, target, operation and options exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.pages.commands import PROJECT, Command, commands_of, wrong_with

PAGES = sorted([*PROJECT.glob("*.md"), *PROJECT.glob("docs/**/*.md"), *PROJECT.glob("client-templates/*.md")])
OLD = ("CHANGELOG.md",)
"""It tells of commands as they were."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_the_commands_of_a_page_can_be_run(page: Path) -> None:
    if page.name in OLD:
        return
    wrong = {str(command): found for command in commands_of(page.read_text()) if (found := wrong_with(command))}
    assert wrong == {}


def test_there_are_commands_of_each_kind() -> None:
    """So that a change of how pages are written doesn't hide them from this test."""
    found = [command for page in PAGES for command in commands_of(page.read_text()) if command.whole]
    programs = {word for command in found for word in command.words[:2]}
    assert programs >= {"make", "aws", "cp", "export"}


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ("make deply STAGE=prod", "make has no target deply"),
        ("make test STAGE=prod", "make test does not read STAGE"),
        ("aws sns subscribe --topic arn:x", "subscribe has no --topic"),
        ("aws sns subscribe", "subscribe needs --topic-arn"),
        ("aws sns enlist", "sns has no enlist"),
        ("aws pigeons post", "AWS has no service pigeons"),
        ("aws s3 rb --gently s3://bucket", "aws s3 rb has no --gently"),
        ("aws cloudformation wait stack-happy --stack-name x", "cloudformation has no waiter ['stack-happy']"),
        (
            "aws sqs purge-queue --queue-url switchyard-<stage>-broken",
            "serverless.yml makes no switchyard-<stage>-broken",
        ),
        (
            "aws logs tail /aws/lambda/switchyard-<stage>-swept --since 1h",
            "serverless.yml makes no switchyard-<stage>-swept",
        ),
        (
            "aws dynamodb update-continuous-backups --table-name x --point-in-time-recovery-specification y --gone",
            "update-continuous-backups has no --gone",
        ),
        ("aws ec2 create-volume --availability-zone a --volume-type gp9", "--volume-type can't be gp9"),
        ("python -m deploy.gone", "there is no module deploy.gone"),
        ("python -m deploy --stages prod", "deploy does not know --stages"),
        ("cp stages/gone.env stages/prod.env", "there is no stages/gone.env"),
        ("git plug", "git has no plug"),
        ("APROVERS=U1 make demo", "nobody reads APROVERS"),
        ("export AWS_REGOIN=eu-central-1", "nobody reads AWS_REGOIN"),
        ("nmp ci", "the test does not know nmp"),
    ],
)
def test_a_command_that_can_not_be_run_is_found(told: str, wrong: str) -> None:
    [command] = commands_of(f"```sh\n{told}   # a comment\n```\n")
    assert wrong in wrong_with(command)


def test_commands_are_found_wherever_they_stand() -> None:
    page = "Run `make test` or `TEAMS=none make demo`.\n\n    aws sts get-caller-identity\n\n"
    page += "   ```sh\n   cd x && \\\n     make lint\n   ```\n"
    assert commands_of(page) == [
        Command(("cd", "x"), True),
        Command(("make", "lint"), True),
        Command(("aws", "sts", "get-caller-identity"), True),
        Command(("make", "test"), False),
        Command(("TEAMS=none", "make", "demo"), False),
    ]
