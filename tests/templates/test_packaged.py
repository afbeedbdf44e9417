"""The packaged serverless.yml: what runs where, what triggers it, what is public, and what is in the package."""

import importlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cfnlint.api import lint

from bot.channel.rate_limit import MOST
from bot.domain.request import LEASE
from bot.settings import Settings
from deploy import halting
from deploy.deployment import Deployment
from deploy.packaging import INSTALLED, PROJECT, build_package
from tests.bursts.gateway import BURST, RATE
from tests.templates.documents import PARTITION_REGIONS, strings
from tests.templates.packaged import (
    BUCKET,
    FUNCTIONS,
    GROUP_TEMPLATE_KEY,
    HERE,
    PAGE_STACKS,
    PAGE_TEMPLATE_KEY,
    SERVICE_ROLE,
    STACKS,
    TEAM_SERVICE_ROLE,
    Package,
)

API = "AWS::ApiGatewayV2::"
HTTP_API_LIMIT = 30
UNCHECKED_HASH = (0b01).to_bytes(4, "little")
"""The flags of bytecode (PEP 552) that is trusted as it is."""


@pytest.mark.safety("A removal and a restore stop every function, and wait until each has ended", "deploy/halting.py")
def test_every_function_is_stopped_and_waited_for(packaged: Package) -> None:
    functions = [packaged.resolved(name) for name in packaged.of_type("AWS::Lambda::Function")]
    assert {one["FunctionName"] for one in functions} == {f"switchyard-test-{name}" for name in halting.FUNCTIONS}
    assert max(one["Timeout"] for one in functions) <= halting.LONGEST_RUN


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_run_as_the_design_says(packaged: Package, name: str) -> None:
    properties = packaged.function(name)

    assert properties["FunctionName"] == f"switchyard-test-{name}"
    assert properties["Runtime"] == "python3.13"
    assert properties["Architectures"] == ["arm64"]
    assert properties["Handler"] == f"handlers/{name}.handler"
    assert packaged.resolved(f"{name.capitalize()}LogGroup")["RetentionInDays"] == 90


@pytest.mark.parametrize("name", FUNCTIONS)
def test_whoever_speaks_to_slack_is_gone_before_the_sweep_takes_over(packaged: Package, name: str) -> None:
    assert packaged.function(name)["Timeout"] < LEASE.total_seconds()


@pytest.mark.parametrize("name", ["ingest", "slack"])
def test_http_functions_answer_before_the_api_gives_up(packaged: Package, name: str) -> None:
    assert packaged.function(name)["Timeout"] < HTTP_API_LIMIT


def test_the_sweep_ends_before_the_next_one_starts(packaged: Package) -> None:
    assert packaged.resolved("SweepEventsRuleSchedule1")["ScheduleExpression"] == "rate(1 minute)"
    assert packaged.function("sweep")["Timeout"] < 60


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_understands_its_environment(packaged: Package, name: str) -> None:
    variables = packaged.function(name)["Environment"]["Variables"]

    settings = Settings.from_environment({**variables, "AWS_REGION": "us-east-1"})

    assert variables["SECRETS_VERSION"] == "1-1"
    assert settings.stage == "test"
    assert settings.table_name == "switchyard-test"
    assert settings.group_role_arn == SERVICE_ROLE
    assert settings.group_template_url == HERE.template_url(GROUP_TEMPLATE_KEY)
    assert settings.page_template_url == HERE.template_url(PAGE_TEMPLATE_KEY)
    assert settings.team_role_arn == TEAM_SERVICE_ROLE
    assert settings.provision_function == packaged.function("provision")["FunctionName"]
    assert settings.client_template_url == HERE.client_template_url
    assert settings.audience == HERE.audience


@pytest.mark.parametrize("name", ["slack", "provision"])
def test_what_people_wait_for_is_kept_warm(packaged: Package, name: str) -> None:
    [rule] = [
        one
        for one in packaged.of_type("AWS::Events::Rule")
        if packaged.resolved(one).get("Name") == f"switchyard-test-warm-{name}"
    ]
    schedule = packaged.resolved(rule)
    assert (schedule["ScheduleExpression"], schedule["State"]) == ("rate(4 minutes)", "ENABLED")
    assert [json.loads(target["Input"]) for target in schedule["Targets"]] == [{"warm": True}]


def test_two_http_routes_are_all_that_is_open(packaged: Package) -> None:
    routes = {packaged.resources[route]["Properties"]["RouteKey"] for route in packaged.of_type(API + "Route")}
    payloads = {
        packaged.resources[one]["Properties"]["PayloadFormatVersion"] for one in packaged.of_type(API + "Integration")
    }

    assert routes == {"POST /events", "POST /slack/events"}
    assert payloads == {"2.0"}
    assert not packaged.of_type("AWS::Lambda::Url")


def test_nobody_can_use_up_the_accounts_lambdas_over_http(packaged: Package) -> None:
    [stage] = packaged.of_type(f"{API}Stage")
    limits = packaged.resolved(stage)["DefaultRouteSettings"]
    assert (limits["ThrottlingRateLimit"], limits["ThrottlingBurstLimit"]) == (RATE, BURST)


def test_outcomes_of_this_stages_client_groups_and_pages_alone_arrive(packaged: Package) -> None:
    pattern = packaged.resolved("Switchyardtestoutcomerule1EventBridgeRule")["EventPattern"]

    assert pattern["source"] == ["aws.cloudformation"]
    assert pattern["detail-type"] == ["CloudFormation Stack Status Change"]
    assert pattern["detail"]["stack-id"] == [{"prefix": stacks.removesuffix("*")} for stacks in (STACKS, PAGE_STACKS)]
    statuses = pattern["detail"]["status-details"]["status"]
    assert {"CREATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "DELETE_FAILED"} < set(statuses)
    assert not [status for status in statuses if status.endswith("_IN_PROGRESS")]


def test_lambda_does_not_retry_provisioning_by_itself(packaged: Package) -> None:
    retries = packaged.resolved("ProvisionLambdaEvConf")

    assert retries["FunctionName"] == "switchyard-test-provision"
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 300)


@pytest.mark.safety("A sweep is never run again beside the next one", "serverless.yml")
def test_a_sweep_is_never_run_again_beside_the_next_one(packaged: Package) -> None:
    retries = packaged.resolved("SweepLambdaEvConf")

    assert retries["FunctionName"] == "switchyard-test-sweep"
    assert (retries["MaximumRetryAttempts"], retries["MaximumEventAgeInSeconds"]) == (0, 60)
    assert timedelta(seconds=packaged.function("sweep")["Timeout"]) > MOST


def test_strangers_read_the_clients_prefix_and_nothing_else(packaged: Package) -> None:
    (statement,) = packaged.resolved("TemplatesBucketPolicy")["PolicyDocument"]["Statement"]

    assert statement["Action"] == "s3:GetObject"
    assert statement["Resource"] == f"arn:aws:s3:::{BUCKET}/clients/*"
    public = packaged.resolved("TemplatesBucket")["PublicAccessBlockConfiguration"]
    assert public == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


def test_the_table_can_be_restored_listed_and_swept(packaged: Package) -> None:
    table = packaged.resolved("Table")

    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    indexes = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table["GlobalSecondaryIndexes"]
    }
    assert indexes == {"listing": ["gsi1pk", "gsi1sk"], "attention": ["gsi2pk", "gsi2sk"]}


@pytest.mark.parametrize(
    "logical_id",
    ["Table", "TemplatesBucket", "KitBucket", "KitBucketPolicy", "ClientGroupsRole", "TeamPagesRole"],
)
def test_what_holds_state_outlives_the_stack_but_not_a_failed_first_deployment(
    packaged: Package, logical_id: str
) -> None:
    assert packaged.resources[logical_id]["DeletionPolicy"] == "RetainExceptOnCreate"
    assert packaged.resources[logical_id]["UpdateReplacePolicy"] == "Retain"


def test_every_name_carries_the_stage(packaged: Package) -> None:
    kinds = ("Name", "FunctionName", "RoleName", "TableName", "BucketName", "QueueName", "TopicName", "AlarmName")
    for logical_id, resource in packaged.resources.items():
        for key in set(kinds) & set(resource["Properties"]):
            assert "switchyard-test" in str(packaged.resolved(logical_id)[key]).split("/")[-1], logical_id


def test_nothing_is_tied_to_one_partition(packaged: Package) -> None:
    china = Deployment("test", "111111111111", "aws-cn", "cn-north-1")
    arns = [
        text
        for logical_id in packaged.resources
        if logical_id.endswith("Role") or logical_id.startswith(("Templates", "KitBucket"))
        for text in strings(packaged.resolved(logical_id, china))
        if text.startswith("arn:")
    ]

    assert arns
    assert {arn.split(":")[1] for arn in arns} == {"aws-cn"}
    assert "arn:aws:" not in packaged.template_file.read_text()


def test_cfn_lint_has_nothing_to_say(packaged: Package) -> None:
    # W3005 is about DependsOn that osls writes beside a Ref which already implies it: harmless, and not ours to change.
    matches = lint(
        packaged.template_file.read_text(), config={"ignore_checks": ["W3005"], "regions": PARTITION_REGIONS}
    )

    assert [f"{match.rule.id} {match.message}" for match in matches] == []


def test_the_package_holds_the_product_and_its_requirements_only(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.artifact) as artifact:
        files = artifact.namelist()
    top = {name.split("/")[0] for name in files}

    assert {f"handlers/{name}.py" for name in FUNCTIONS} < set(files)
    assert {"bot", "handlers", "slack_bolt", "slack_sdk", "jinja2", "anyascii", "aws_lambda_powertools"} < top
    assert not top & {"local", "tests", "docs", "deploy", "client-templates", "node_modules", ".venv", "build"}
    assert not top & {"boto3", "botocore", "moto", "serverless.yml", "package.json"}
    assert all(name.endswith(".cpython-313.pyc") for name in files if "__pycache__" in name)


def test_bytecode_is_packaged_where_a_python_can_make_it_and_needs_no_look_at_the_source(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.artifact) as artifact:
        heads = {name: artifact.read(name)[:8] for name in artifact.namelist() if name.endswith(".pyc")}
    assert bool(heads) == packaged.with_bytecode
    if heads:
        assert {"handlers/__pycache__/slack.cpython-313.pyc", "slack_bolt/__pycache__/app.cpython-313.pyc"} & set(heads)
        assert {head[4:] for head in heads.values()} == {UNCHECKED_HASH}


def test_the_same_code_makes_the_same_package(packaged: Package, tmp_path: Path) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / INSTALLED).symlink_to(PROJECT / INSTALLED)
    for own in ("bot", "handlers"):
        shutil.copytree(PROJECT / own, tmp_path / own)
    again, _ = build_package(tmp_path)
    assert again.read_bytes() == packaged.artifact.read_bytes()


@pytest.fixture(scope="module")
def on_lambda(packaged: Package, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Where Lambda's Python looks for modules: the package, and what the runtime brings."""
    folder = tmp_path_factory.mktemp("on-lambda")
    with zipfile.ZipFile(packaged.artifact) as artifact:
        artifact.extractall(folder / "task")
    runtime = folder / "runtime"
    runtime.mkdir()
    for brought in ("boto3", "botocore", "s3transfer", "jmespath", "urllib3", "dateutil", "six"):
        origin = Path(importlib.import_module(brought).__file__ or "")
        source = origin.parent if origin.name == "__init__.py" else origin
        (runtime / source.name).symlink_to(source)
    return [str(folder / "task"), str(runtime)]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_is_made_of_what_is_packaged_and_what_the_runtime_brings(
    on_lambda: list[str], tmp_path: Path, name: str
) -> None:
    script = f"import sys; sys.path[:0] = {on_lambda!r}; import handlers.{name}"
    done = subprocess.run(
        [sys.executable, "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_package_stays_small(packaged: Package) -> None:
    assert packaged.artifact.stat().st_size < 3_000_000


def test_profile_names_are_made_of_what_is_packaged(on_lambda: list[str], tmp_path: Path) -> None:
    make = "from bot.kit.entries import profile_name; print(profile_name('株式会社', '1' * 12, 'ops'))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {on_lambda[:1]!r}; {make}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "zhushihuishe-111111111111-ops\n", done.stderr


def test_compiled_requirements_are_for_lambdas_python_and_processor(packaged: Package) -> None:
    with zipfile.ZipFile(packaged.artifact) as artifact:
        compiled = [name for name in artifact.namelist() if name.endswith(".so")]

    assert compiled
    assert not [name for name in compiled if not re.search(r"cpython-313-aarch64-linux-gnu\.so$|abi3\.so$", name)]
