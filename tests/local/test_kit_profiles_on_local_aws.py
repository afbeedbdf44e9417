"""Profiles of a rendered kit, filled in as its first lines say, really let an operator into clients' roles."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from botocore.session import Session

from bot.domain.model import ClientStack, Terms
from bot.domain.vocabulary import AccessLevel
from bot.kit.entries import Entry, entry
from bot.kit.files import files
from local.aws.process import LocalAws
from tests.local.test_aws_gaps.accounts import PROVIDER, REGION, Account, allow, policy
from tests.unit.slack.samples import SETTINGS

ROLES = ["switchyard-access", "a+b=c,d.e@f_g-h", "=1+1", "@SUM"]
"""What IAM allows in a role's name is more than a spreadsheet or a browser's extension is glad of."""
EVIL = "Acme\n[default]\ncredential_process = evil \"' %(x)s"
EVERY = allow("sts:AssumeRole", "*")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.start(tmp_path_factory.mktemp("local-aws")) as running:
        yield running


def client_with(local: LocalAws, number: int, role: str, *, mfa: bool = False, seconds: int = 3600) -> Entry:
    """A client's account with its access role, as an entry of the kit."""
    account = f"{800_000_000_000 + number}"
    trust = policy({"Effect": "Allow", "Principal": {"AWS": PROVIDER}, "Action": "sts:AssumeRole"})
    Account(local.url, account).client("iam").create_role(
        RoleName=role, AssumeRolePolicyDocument=trust, MaxSessionDuration=seconds
    )
    parent = f"arn:aws:cloudformation:eu-west-1:{account}:stack/x/y"
    stack = ClientStack(account, role, AccessLevel.READ_ONLY, parent, Terms(mfa, seconds))
    return entry(EVIL, stack, replace(SETTINGS, region=REGION), "production", ("operators",))


def filled_in(kit: list[Entry], folder: Path, monkeypatch: pytest.MonkeyPatch, **profiles: Account) -> None:
    """Do what the first lines of `config` say, with the very command; the person's own keys are where theirs are."""
    text = files(kit, replace(SETTINGS, region=REGION))[0].text
    (folder / "config").write_text(text, encoding="ascii")
    [command] = re.findall(r"^#   (sed .*) > ~/\.aws/switchyard$", text, re.MULTILINE)
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=True)
    (folder / "switchyard").write_text(done.stdout.replace("YOUR_SSO_PROFILE", "sso"))
    own = (f"[{name}]\n{_keys_of(account)}" for name, account in profiles.items())
    (folder / "credentials").write_text("\n".join(own))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(folder / "switchyard"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


def _keys_of(account: Account) -> str:
    return "".join(f"{name} = {value}\n" for name, value in vars(account)["_credentials"].items() if value)


def who_am_i(local: LocalAws, profile: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What `aws sts get-caller-identity --profile …` prints as ARN."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", local.url)
    sts: Any = Session(profile=profile).create_client("sts")
    return str(sts.get_caller_identity()["Arn"])


@pytest.mark.safety("A kit's profiles assume their roles as they are", "bot/kit/profiles.py")
def test_every_profile_assumes_its_own_role(local: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kit = [client_with(local, number, role, seconds=7200) for number, role in enumerate(ROLES)]
    operator = Account(local.url, PROVIDER).user("olli", EVERY)
    filled_in(kit, tmp_path, monkeypatch, default=operator)

    for one in kit:
        arn = who_am_i(local, one.profile, monkeypatch)
        assert arn.startswith(f"arn:aws:sts::{one.account_id}:assumed-role/{one.role_name}/")


def test_somebody_without_the_right_is_refused_with_the_same_profile(
    local: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = client_with(local, 20, "switchyard-access")
    filled_in([one], tmp_path, monkeypatch, default=Account(local.url, PROVIDER).user("mia"))
    with pytest.raises(ClientError, match="AccessDenied"):
        who_am_i(local, one.profile, monkeypatch)


def test_people_with_a_role_get_in_by_the_profile_that_is_for_them(
    local: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given somebody who came in through a role, as from Identity Center, and a client with long sessions
    one = client_with(local, 30, "switchyard-access", seconds=7200)
    hand = Account(local.url, PROVIDER)
    chained = hand.user("comes-in", EVERY).assume(hand.role("from-identity-center", {"AWS": PROVIDER}, EVERY))
    filled_in([one], tmp_path, monkeypatch, sso=chained, default=chained)

    # Then their own profile works, and the other one asks for more than a role may have
    assert ":assumed-role/switchyard-access/" in who_am_i(local, f"{one.profile}-sso", monkeypatch)
    with pytest.raises(ClientError, match="1 hour session limit"):
        who_am_i(local, one.profile, monkeypatch)


def test_a_client_that_requires_mfa_is_asked_for_with_the_persons_own_device(
    local: LocalAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = client_with(local, 40, "switchyard-access", mfa=True)
    filled_in([one], tmp_path, monkeypatch, default=Account(local.url, PROVIDER).user("ada", EVERY))
    profile = Session(profile=one.profile).get_scoped_config()
    assert profile["mfa_serial"] == f"arn:aws:iam::{PROVIDER}:mfa/your.name"
