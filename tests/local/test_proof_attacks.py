"""The proof attacked on the local AWS: roles, keys and signatures of its own making, its STS, its DynamoDB."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from bot.ports import Proof
from local.aws.process import LocalAws
from local.slack.running import running_workspace
from tests.dynamodb_table import create_table
from tests.fakes import TurnableClock, event_body
from tests.local.test_aws_gaps.accounts import CLIENT, PROVIDER, Account, allow
from tests.scenarios.scene import REGION, Scene
from tests.unit.aws.sts_proofs import AUDIENCE, QUESTION
from tests.unit.aws.sts_server import StsServer

FORWARDER = "switchyard-forwarder-switchyard-access"
ATTACKERS = 8


@pytest.fixture(scope="module")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    with LocalAws.start(tmp_path_factory.mktemp("attacked-aws")) as running:
        yield running


@dataclass
class Keys:
    """Somebody's credentials, and the proofs they make."""

    access_key_id: str
    secret: str
    session_token: str

    def proof(self, body: bytes, audience: str = AUDIENCE, question: bytes = QUESTION) -> Proof:
        headers = {
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": f"sts.{REGION}.amazonaws.com",
            "x-switchyard-audience": audience,
            "x-switchyard-event-sha256": hashlib.sha256(body).hexdigest(),
        }
        request = AWSRequest("POST", f"https://{headers['host']}/", headers=headers, data=question)
        credentials = Credentials(self.access_key_id, self.secret, self.session_token or None)
        SigV4Auth(credentials, "sts", REGION).add_auth(request)
        signature = request.headers["Authorization"].rpartition("Signature=")[2]
        return Proof(REGION, request.headers["X-Amz-Date"], self.access_key_id, self.session_token, signature)


@pytest.fixture(scope="module")
def taken(local_aws: LocalAws) -> Callable[[str, str], Keys]:
    """The session of a role of that name in that account."""

    def take(account: str, name: str) -> Keys:
        root = Account(local_aws.url, account)
        iam = root.client("iam")
        known = [role["Arn"] for role in iam.list_roles()["Roles"] if role["RoleName"] == name]
        arn = known[0] if known else root.role(name, {"AWS": account})
        found = root.client("sts").assume_role(RoleArn=arn, RoleSessionName=FORWARDER)["Credentials"]
        return Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    return take


@pytest.fixture(scope="module")
def store(local_aws: LocalAws) -> Iterator[DynamoStore]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ENDPOINT_URL", local_aws.url)
        environment.setenv("AWS_ACCESS_KEY_ID", PROVIDER)
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.delenv("AWS_SESSION_TOKEN", raising=False)
        environment.delenv("AWS_PROFILE", raising=False)
        clients = AwsClients(REGION)
        create_table(clients.dynamodb, "switchyard-attacked")
        yield DynamoStore(clients.dynamodb, "switchyard-attacked")


@pytest.fixture
def scene(local_aws: LocalAws, store: DynamoStore) -> Iterator[Scene]:
    """The real handler in front of the local AWS's STS and table. One table for all: each test brings another role."""
    with running_workspace() as slack:
        yield Scene(slack, StsServer(url=local_aws.url), store, clock=TurnableClock(datetime.now(UTC)))


def event(scene: Scene, role: str, **claims: Any) -> bytes:
    serial = int(hashlib.sha256(role.encode()).hexdigest()[:6], 16)
    return event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite(), role=role, parent=serial, **claims)


Attack = Callable[[Callable[[str, str], Keys], str, bytes], tuple[bytes, Proof]]


def forwarder(role: str) -> str:
    return f"switchyard-forwarder-{role}"


ATTACKS: dict[str, Attack] = {
    "altered level": lambda take, role, body: (
        body.replace(b"ReadOnly", b"Administrator"),
        take(CLIENT, forwarder(role)).proof(body),
    ),
    "another audience": lambda take, role, body: (
        body,
        take(CLIENT, forwarder(role)).proof(body, "switchyard/prod/333333333333"),
    ),
    "another action": lambda take, role, body: (
        body,
        take(CLIENT, forwarder(role)).proof(body, question=QUESTION.replace(b"CallerIdentity", b"SessionToken")),
    ),
    "another account": lambda take, role, body: (body, take("333333333333", forwarder(role)).proof(body)),
    "a role that starts like ours": lambda take, role, body: (body, take(CLIENT, forwarder(role) + "x").proof(body)),
    "a role that is no forwarder": lambda take, role, body: (body, take(CLIENT, f"admin-{role}").proof(body)),
    "a forged signature": lambda take, role, body: (
        body,
        Keys(take(CLIENT, forwarder(role)).access_key_id, "guessed", take(CLIENT, forwarder(role)).session_token).proof(
            body
        ),
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_where_the_honest_event_is_taken(
    scene: Scene, taken: Callable[[str, str], Keys], name: str
) -> None:
    # Given
    role = name.replace(" ", "-")
    body = event(scene, role)
    calls = scene.slack.calls

    # When
    status, _ = scene.post(*ATTACKS[name](taken, role, body))

    # Then
    assert status == 401
    assert scene.slack.calls == calls
    assert scene.post(body, taken(CLIENT, forwarder(role)).proof(body))[0] == 202
    assert len(scene.slack.messages) == 1


def test_a_users_own_key_is_refused(scene: Scene, local_aws: LocalAws, taken: Callable[[str, str], Keys]) -> None:
    body = event(scene, "user-key")
    iam = Account(local_aws.url, CLIENT).client("iam")
    iam.create_user(UserName=forwarder("user-key"))
    key = iam.create_access_key(UserName=forwarder("user-key"))["AccessKey"]
    assert scene.post(body, Keys(key["AccessKeyId"], key["SecretAccessKey"], "").proof(body))[0] == 401
    assert scene.slack.messages == ()
    assert scene.post(body, taken(CLIENT, forwarder("user-key")).proof(body))[0] == 202


def test_a_users_temporary_credentials_are_refused(
    scene: Scene, local_aws: LocalAws, taken: Callable[[str, str], Keys]
) -> None:
    body = event(scene, "user-session")
    user = Account(local_aws.url, CLIENT).user(forwarder("user-session"), allow("sts:*"))
    found = user.client("sts").get_session_token()["Credentials"]
    keys = Keys(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])
    assert scene.post(body, keys.proof(body))[0] == 401
    assert scene.slack.messages == ()
    assert scene.post(body, taken(CLIENT, forwarder("user-session")).proof(body))[0] == 202


def test_an_expired_proof_is_refused(scene: Scene, taken: Callable[[str, str], Keys]) -> None:
    body = event(scene, "expired")
    proof = taken(CLIENT, forwarder("expired")).proof(body)
    scene.clock.moment += timedelta(minutes=6)
    assert scene.post(body, proof)[0] == 401
    scene.clock.moment -= timedelta(minutes=6)
    assert scene.post(body, proof)[0] == 202


def test_of_replays_at_once_exactly_one_takes_effect_on_the_real_table(
    scene: Scene, taken: Callable[[str, str], Keys]
) -> None:
    # Given
    body = event(scene, "replayed")
    proof = taken(CLIENT, forwarder("replayed")).proof(body)

    # When
    with ThreadPoolExecutor(ATTACKERS) as attackers:
        told = list(attackers.map(lambda _: scene.post(body, proof)[0], range(ATTACKERS)))

    # Then
    assert 202 in told
    assert set(told) <= {202, 503}
    assert scene.post(body, proof)[0] == 202
    assert len(scene.slack.messages) == 1
    claims = json.loads(body)
    located = scene.store.locate(claims["parent_stack_id"], CLIENT, "replayed")
    assert located.client is not None
    audits = [audit.action for audit in scene.store.audits(located.client.id, 9).audits]
    assert audits == ["asked to onboard"]
    assert len(scene.store.events(located.client.id)) == 1
