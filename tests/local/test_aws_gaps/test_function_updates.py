"""While a stack's functions are updated, everything else is answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import LAMBDA_TRUST, PROVIDER, Account


def template(answer: str) -> dict[str, Any]:
    """Two functions that answer this."""
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": LAMBDA_TRUST}}
    function = {
        "Runtime": "python3.13",
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": f"def handler(event, context):\n    return {answer!r}\n"},
    }
    functions = {name: {"Type": "AWS::Lambda::Function", "Properties": function} for name in ("First", "Second")}
    return {"Resources": {"Role": role, **functions}}


def test_the_stack_is_seen_being_updated(tmp_path: Path) -> None:
    """The update would take two minutes; the test does not wait for its end."""
    with LocalAws.start(tmp_path, function_update=60) as running:
        account = Account(running.url, PROVIDER)
        stack = account.deploy("answers", template("older"))
        assert account.settle(stack) == "CREATE_COMPLETE", "making functions takes no longer than ever"
        account.client("cloudformation").update_stack(
            StackName="answers", TemplateBody=json.dumps(template("newer")), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        assert account.stack(stack)["StackStatus"] == "UPDATE_IN_PROGRESS"
