"""Who else acts: a client that follows its quick-create link, and an operator who tries to switch into its account."""

import json
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import botocore.session
from botocore.exceptions import ClientError

from local.demo.places import PROVIDER, REGION, STAGE, session


@dataclass(frozen=True)
class Company:
    """A client company with an AWS account of its own."""

    name: str
    account_id: str

    def create_stack(self, link: str, **parameters: str) -> str:
        """Do what the console does with a quick-create link; `parameters` are what the person changes in the form."""
        asked = parse_qs(urlsplit(link).fragment.partition("?")[2])
        chosen = {key.removeprefix("param_"): value[0] for key, value in asked.items() if key.startswith("param_")}
        answer = self._cloudformation().create_stack(
            StackName=parameters.pop("stack_name", asked["stackName"][0]),
            TemplateURL=asked["templateURL"][0],
            Parameters=_parameters(chosen | parameters),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        return str(answer["StackId"])

    def take_part(self, template_url: str, **parameters: str) -> str:
        """Do what a stack set does in one of its accounts: create the stack from the flat template."""
        answer = self._cloudformation().create_stack(
            StackName="switchyard-access",
            TemplateURL=template_url,
            Parameters=_parameters(parameters),
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        return str(answer["StackId"])

    def update_stack(self, stack_id: str, **parameters: str) -> None:
        """Change some of the client stack's parameters and leave the others."""
        cloudformation = self._cloudformation()
        known = cloudformation.describe_stacks(StackName=stack_id)["Stacks"][0]["Parameters"]
        kept = [one["ParameterKey"] for one in known if one["ParameterKey"] not in parameters]
        cloudformation.update_stack(
            StackName=stack_id,
            UsePreviousTemplate=True,
            Parameters=[*_parameters(parameters), *({"ParameterKey": key, "UsePreviousValue": True} for key in kept)],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )

    def delete_stack(self, stack_id: str) -> None:
        """Delete the client stack."""
        self._cloudformation().delete_stack(StackName=stack_id)

    def why_it_failed(self, stack_id: str) -> str:
        """What CloudFormation's own events say of the resources that failed."""
        events = self._cloudformation().describe_stack_events(StackName=stack_id)["StackEvents"]
        failed = [one for one in events if one["ResourceStatus"].endswith("_FAILED")]
        return "\n".join(one.get("ResourceStatusReason", "") for one in failed)

    def stack_status(self, stack_id: str) -> str:
        """Where the client stack stands."""
        return str(self._cloudformation().describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"])

    def make_role(self, role_name: str) -> None:
        """Make a role by hand, as somebody did long ago."""
        trust = {"Version": "2012-10-17", "Statement": []}
        session(self.account_id).client("iam").create_role(
            RoleName=role_name, AssumeRolePolicyDocument=json.dumps(trust)
        )

    def has_role(self, role_name: str = "switchyard-access") -> bool:
        """Whether the client's account has the role."""
        iam = session(self.account_id).client("iam")
        return role_name in [role["RoleName"] for role in iam.list_roles()["Roles"]]

    def role_arn(self, role_name: str = "switchyard-access") -> str:
        """The access role the stack makes."""
        return f"arn:aws:iam::{self.account_id}:role/{role_name}"

    def _cloudformation(self) -> Any:
        return session(self.account_id).client("cloudformation")


class Operator:
    """An IAM user of the provider account without any right of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._iam = session(PROVIDER).client("iam")
        self._iam.create_user(UserName=name)
        key = self._iam.create_access_key(UserName=name)["AccessKey"]
        self._session = boto3.Session(
            aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"], region_name=REGION
        )

    def join(self, group: str) -> None:
        """Be added to an IAM group by an administrator of the provider account, with one IAM command."""
        self._iam.add_user_to_group(GroupName=group, UserName=self.name)

    def groups(self) -> list[str]:
        """The IAM groups the operator is in."""
        return [group["GroupName"] for group in self._iam.list_groups_for_user(UserName=self.name)["Groups"]]

    def switch_into(self, role_arn: str) -> str | None:
        """Assume the role and ask AWS who that makes one; None when AWS refuses the switch."""
        sts = self._session.client("sts")
        try:
            credentials = sts.assume_role(RoleArn=role_arn, RoleSessionName=self.name)["Credentials"]
        except ClientError as error:
            if error.response["Error"]["Code"] == "AccessDenied":
                return None
            raise
        there = boto3.client(
            "sts",
            region_name=REGION,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )
        return str(there.get_caller_identity()["Arn"])

    def by_profile(self, profile: str, config: str) -> str:
        """Ask AWS who one is by a profile of a kit's `config`, filled in as its first lines say."""
        keys: Any = self._session.get_credentials()
        with TemporaryDirectory() as folder:
            mine, own = Path(folder) / "switchyard", Path(folder) / "credentials"
            mine.write_text(config.replace("YOUR_PROFILE", "default").replace("YOUR_DEVICE", self.name))
            own.write_text(
                f"[default]\naws_access_key_id = {keys.access_key}\naws_secret_access_key = {keys.secret_key}\n"
            )
            session = botocore.session.Session(profile=profile)
            session.set_config_variable("config_file", str(mine))
            session.set_config_variable("credentials_file", str(own))
            sts: Any = session.create_client("sts", region_name=REGION)
            return str(sts.get_caller_identity()["Arn"])

    def fetches(self, team: str) -> str | None:
        """Fetch the profiles of a team from its bucket; None when AWS refuses, or has none."""
        bucket = f"switchyard-{STAGE}-kits-{PROVIDER}-{REGION}"
        try:
            answer = self._session.client("s3").get_object(Bucket=bucket, Key=f"{team}/config")
        except ClientError as error:
            if error.response["Error"]["Code"] in ("AccessDenied", "NoSuchKey"):
                return None
            raise
        return answer["Body"].read().decode()


def client_groups() -> list[str]:
    """The client groups that exist in the provider account."""
    return _groups("/switchyard/clients/")


def team_groups() -> list[str]:
    """The groups of teams that exist in the provider account."""
    return _groups("/switchyard/teams/")


def on_pages() -> list[str]:
    """The roles that the teams' pages list, which are IAM policies of the provider account."""
    iam = session(PROVIDER).client("iam")
    listed: list[str] = []
    for page in iam.list_policies(PathPrefix="/switchyard/teams/")["Policies"]:
        version = iam.get_policy_version(PolicyArn=page["Arn"], VersionId=page["DefaultVersionId"])
        document: Any = version["PolicyVersion"]["Document"]
        for statement in document["Statement"]:
            if statement["Action"] != "sts:GetCallerIdentity":
                roles = statement["Resource"]
                listed += [roles] if isinstance(roles, str) else roles
    return listed


def _groups(path: str) -> list[str]:
    groups = session(PROVIDER).client("iam").list_groups(PathPrefix=path)["Groups"]
    return [group["GroupName"] for group in groups]


def _parameters(values: dict[str, str]) -> list[dict[str, str]]:
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
