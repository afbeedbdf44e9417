"""A whole stage on the local AWS: deployed, used, removed, deployed again, restored, removed with all access."""

from __future__ import annotations

import csv
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bot.aws.dynamodb import DynamoStore
from bot.domain.vocabulary import Standing
from deploy.deployment import Deployment
from deploy.errors import NotReady
from deploy.inventory import clients_of
from deploy.remove import Removing, Told
from deploy.restore import Restoring, Wanted
from deploy.settling import Settled
from deploy.unsettled import is_unsettled
from local.demo.actors import Operator, client_groups, on_pages, team_groups
from local.demo.cast import ACME, GLOBEX, INITECH
from local.demo.places import PROVIDER, REGION, STAGE, Ground, Places, provider_environment, session
from local.demo.teller import Teller
from local.demo.transcript import Transcript
from local.slack.workspace import facts

HERE = Deployment(STAGE, PROVIDER, "aws", REGION)
FUNCTION = f"{HERE.stack_name}-sweep"
ALL = Told(clients=True, drop_open=True, yes=STAGE)


class Stage:
    """A deployed stage, its people, and the removal as `make remove` runs it."""

    def __init__(self, places: Places, folder: Path) -> None:
        self.places, self.folder = places, folder
        self.teller = Teller(places.slack, places._transcript)
        self.aws = session(PROVIDER)

    def remove(self, told: Told, ask: Any = None) -> None:
        Removing(self.aws, HERE, told, self.folder, ask or _nobody, lambda _: None).run()

    def restore(self, backup: str) -> Settled:
        return Restoring(self.aws, HERE, Wanted(backup=backup, yes=STAGE), _nobody, lambda _: None).run()

    @property
    def dynamodb(self) -> Any:
        return self.aws.client("dynamodb")

    def clients(self) -> dict[str, Standing]:
        """How the table says that each client stands."""
        return {one.company: one.standing for one in clients_of(DynamoStore(self.dynamodb, HERE.stack_name))}

    def onboard(self, company: Any) -> None:
        company.create_stack(self.teller.invite(company), RequireMfa="false")
        request = self.teller.request_of(company)
        self.teller.press(facts.ADA, request, "Approve")
        self.teller.now_says(request, "✅", f"{company.name} is approved")

    def stack(self, name: str = HERE.stack_name) -> str:
        try:
            return str(self.aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])
        except ClientError:
            return ""

    def redeploy(self) -> None:
        ssm = self.aws.client("ssm")
        for name, value in (("slack-bot-token", facts.BOT_TOKEN), ("slack-signing-secret", facts.SIGNING_SECRET)):
            ssm.put_parameter(Name=f"/switchyard/{STAGE}/{name}", Value=value, Type="SecureString", Overwrite=True)
        self.places.addresses = self.places._deploy()
        self.places.slack.set_request_url(self.places.addresses["slack_url"])
        self.places._wake_the_app()


def _nobody(_question: str) -> str:
    raise EOFError


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in provider_environment().items():
            patch.setenv(name, value)
        with Places(Transcript(), Ground(_free_port(), _free_port(), folder, slack_patience_seconds=60)) as places:
            yield Stage(places, folder)


@pytest.fixture(scope="module")
def olli(stage: Stage) -> Operator:
    """In the team of the one client that is onboarded."""
    stage.onboard(ACME)
    olli = Operator("olli")
    olli.join(team_groups()[0])
    assert olli.switch_into(ACME.role_arn())
    return olli


def test_nothing_is_touched_while_a_request_waits_or_without_the_stages_name(stage: Stage, olli: Operator) -> None:
    # Given a request that waits
    GLOBEX.create_stack(stage.teller.invite(GLOBEX), RequireMfa="false")
    request = stage.teller.request_of(GLOBEX)

    # Then
    with pytest.raises(NotReady, match="1 waiting for a decision"):
        stage.remove(Told(yes=STAGE))
    stage.teller.press(facts.ADA, request, "Deny")
    stage.teller.now_says(request, "Denied", "nothing waits any more")
    with pytest.raises(NotReady, match="is not demo"):
        stage.remove(Told(yes="prod"))
    with pytest.raises(NotReady, match="is not demo"):
        stage.remove(Told(), lambda _: "yes")
    with pytest.raises(NotReady, match="say YES=demo"):
        stage.remove(Told())
    assert stage.stack().endswith("_COMPLETE")
    concurrency = stage.aws.client("lambda").get_function_concurrency(FunctionName=FUNCTION)
    assert "ReservedConcurrentExecutions" not in concurrency


@pytest.mark.safety(
    "Removing a stage leaves operators' access and the roles for it, unless told otherwise",
    "deploy/remove.py",
)
def test_a_removed_stage_leaves_operators_their_access(
    stage: Stage, olli: Operator, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a table that is protected
    dynamodb: Any = stage.aws.client("dynamodb")
    dynamodb.update_table(TableName=HERE.stack_name, DeletionProtectionEnabled=True)

    # When
    stage.remove(Told(), lambda _: STAGE)

    # Then all of the stage is gone
    said = capsys.readouterr().out
    assert stage.stack() == ""
    assert HERE.stack_name not in dynamodb.list_tables()["TableNames"]
    left = [bucket["Name"] for bucket in stage.aws.client("s3").list_buckets()["Buckets"]]
    assert left == [HERE.bucket]
    assert "Versions" not in stage.aws.client("s3").list_object_versions(Bucket=HERE.bucket)
    assert stage.aws.client("ssm").describe_parameters()["Parameters"] == []

    # But Olli gets in, the table is backed up, and the clients are listed
    assert olli.switch_into(ACME.role_arn())
    [backup] = dynamodb.list_backups()["BackupSummaries"]
    assert backup["BackupArn"] in said
    [listed] = stage.folder.glob("clients-of-demo-*.csv")
    with listed.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["company"], row["account_id"]) for row in rows][-1] == ("Acme", ACME.account_id)
    assert "1 stack of clients' groups and 2 stacks of teams' pages stay" in said

    # And a second removal finds nothing
    stage.remove(Told())
    assert "Nothing is left of stage demo" in capsys.readouterr().out


@pytest.mark.safety("A role that stayed is taken over without what was added to it", "deploy/adopting.py")
def test_the_stage_is_deployed_again_over_what_has_stayed(stage: Stage, olli: Operator) -> None:
    # Given somebody has tampered with a role that stayed
    iam = stage.aws.client("iam")
    name = HERE.service_roles["TeamPagesRole"]
    everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    anybody = everything.replace('"Action":"*","Resource":"*"', '"Action":"sts:AssumeRole","Principal":{"AWS":"*"}')
    iam.put_role_policy(RoleName=name, PolicyName="more", PolicyDocument=everything)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=anybody)

    # When
    stage.redeploy()

    # Then
    assert stage.stack() == "UPDATE_COMPLETE"
    assert not is_unsettled(stage.aws.client("ssm"), HERE)
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["team-pages"]
    trust: Any = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
    assert [one["Principal"] for one in trust["Statement"]] == [{"Service": "cloudformation.amazonaws.com"}]
    assert olli.switch_into(ACME.role_arn())


def test_the_last_backup_brings_the_stage_back(stage: Stage, olli: Operator) -> None:
    # Given
    [backup] = stage.dynamodb.list_backups()["BackupSummaries"]
    assert stage.clients() == {}

    # When
    settled = stage.restore(backup["BackupArn"])

    # Then everything is known again, the table is set up as deployed, and the functions run
    assert settled == Settled()
    assert stage.clients()["Acme"] is Standing.ONBOARDED
    ttl = stage.dynamodb.describe_time_to_live(TableName=HERE.stack_name)["TimeToLiveDescription"]
    assert ttl["TimeToLiveStatus"] == "ENABLED"
    recovery = stage.dynamodb.describe_continuous_backups(TableName=HERE.stack_name)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    assert stage.aws.client("lambda").invoke(FunctionName=FUNCTION, Payload=b"{}")["StatusCode"] == 200
    assert olli.switch_into(ACME.role_arn())
    stage.teller.type(facts.ADA, "/clients acme")
    stage.teller.private(facts.ADA, "Ada finds Acme", ACME.account_id)


@pytest.mark.safety("A restored table gives a client that was revoked since no access", "deploy/settling.py")
def test_who_was_revoked_after_the_backup_stays_out(stage: Stage, olli: Operator) -> None:
    # Given
    [backup] = [one for one in stage.dynamodb.list_backups()["BackupSummaries"] if "-removed-" in one["BackupName"]]
    stage.teller.type(facts.ADA, "/clients revoke Acme")
    question = stage.teller.private(facts.ADA, "Ada is asked", "Revoke")
    stage.teller.confirm(facts.ADA, question, "Revoke")
    stage.teller.tell.wait_for("the page lists nobody, the group is gone", lambda: not [*on_pages(), *client_groups()])

    # When
    settled = stage.restore(backup["BackupArn"])

    # Then
    assert settled.removed == [f"Acme ({ACME.account_id})"]
    assert stage.clients()["Acme"] is Standing.OFFBOARDED
    stage.onboard(INITECH)
    assert on_pages() == [INITECH.role_arn()]
    assert olli.switch_into(INITECH.role_arn())
    assert olli.switch_into(ACME.role_arn()) is None


@pytest.mark.safety("CLIENTS=remove takes the access to every client away", "deploy/client_access.py")
def test_clients_access_goes_when_told(stage: Stage, olli: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    # Given what makes CloudFormation fail half-way: a policy that somebody's role uses
    iam = stage.aws.client("iam")
    [policy] = [one for one in iam.list_policies(Scope="Local")["Policies"] if "-team-operators-1" in one["Arn"]]
    iam.create_role(RoleName="permission-set", AssumeRolePolicyDocument='{"Version":"2012-10-17","Statement":[]}')
    iam.attach_role_policy(RoleName="permission-set", PolicyArn=policy["Arn"])
    with pytest.raises(Exception, match="does not delete the stack switchyard-demo-page-operators-1"):
        stage.remove(ALL)
    assert olli.switch_into(INITECH.role_arn()) is None

    # When that is mended and the removal is started again
    iam.detach_role_policy(RoleName="permission-set", PolicyArn=policy["Arn"])
    stage.remove(ALL)

    # Then
    assert client_groups() == [] and team_groups() == []
    assert olli.switch_into(INITECH.role_arn()) is None
    assert olli.groups() == []
    assert not [role for role in iam.list_roles()["Roles"] if role["RoleName"].startswith("switchyard-demo")]
    assert stage.stack() == ""
    capsys.readouterr()
    stage.remove(ALL)
    assert "Nothing is left of stage demo" in capsys.readouterr().out
