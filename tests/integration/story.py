"""A table with requests in every state and clients in many standings, written by playing what happens to them.

`python -m tests.integration.story` writes `tables/written_by_<version>.json`, and the form of every record as
`tables/form_<number>.json`. The files of a released version are never written again; those of the next lie beside them.
"""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from moto import mock_aws

from bot.aws.clients import AwsClients
from bot.aws.dynamodb import DynamoStore
from bot.aws.records import SCHEMA
from bot.domain.errors import NotAllowed, NotInvited
from bot.domain.ids import token_hash
from bot.domain.invitation import RefusedAttempts, RefusedPerson
from bot.domain.model import Difference
from bot.domain.team_kit import KitChange
from bot.domain.vocabulary import AccessLevel, Remedy, Verb
from bot.ports.store import Change, Claim, Turn
from tests.dynamodb_table import create_table
from tests.fakes import ADA, BEA, OLLI, TERMS, World
from tests.integration import records
from tests.memory_store import MemoryStore

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

VERSION = "0.1.0"
TABLES = Path(__file__).parent / "tables"
TABLE = "switchyard-story"
Items = list[dict[str, Any]]


def stored_table(version: str) -> Items:
    """What that version wrote."""
    return cast(Items, json.loads((TABLES / f"written_by_{version}.json").read_text()))


def items_of(client: DynamoDBClient, table: str) -> Items:
    """Everything that lies in a table, in a fixed order."""
    found = [dict(item) for page in client.get_paginator("scan").paginate(TableName=table) for item in page["Items"]]
    return sorted(found, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def form(client: DynamoDBClient, table: str) -> Items:
    """How fixed records are stored, each with every field filled in."""
    store = DynamoStore(client, table)
    store.save(
        Change(
            client=records.a_full_client(words=()),
            requests=(records.a_full_request(), records.a_request(id="r2")),
            invitations=(records.an_invitation(), records.a_full_invitation()),
            event=records.an_event(terms=TERMS),
            event_client_id="caaaaaaaaaa",
            claim=Claim("caaaaaaaaaa", records.PARENT, "222222222222", "switchyard-access", None),
            gone=records.a_gone_stack(),
            audits=(records.an_audit(),),
            turn=Turn("cursor", "cursor of words", 1),
            account=records.a_full_account(),
            messages=(records.a_full_message(),),
            teams=(records.a_full_team(),),
            pages=(records.a_full_page(),),
            asked=(records.a_full_page_change(),),
            kits=(KitChange("operators", records.NOW),),
            bulks=(records.a_full_bulk(),),
        )
    )
    store.claim_kit("operators", records.NOW, records.NOW + timedelta(minutes=1))
    store.keep_app_home(records.an_app_home())
    store.count_refused(RefusedAttempts("222222222222", "a" * 64, "No.", records.NOW, company="Acme"))
    store.count_refused(RefusedPerson("caaaaaaaaaa", "U0OLLI", "approve", records.NOW, "r1", "detail"))
    items = items_of(client, table)
    for item in items:  # the id of the save that wrote an audit is a random one
        item["sk"]["S"] = re.sub(r"#[0-9a-f]{8}#(\d\d)$", r"#save#\1", item["sk"]["S"])
    return items


def play(store: DynamoStore) -> None:
    """Let something happen to one client after the other, and leave each as its scene says."""
    world = World(store=cast(MemoryStore, store))
    for serial, scene in enumerate(SCENES, start=1):
        scene(_Scene(world, serial))
    open_seats = world.workflow.invite("Hooli", AccessLevel.POWER_USER, ADA, accounts=3).token
    world.happens("CREATE_COMPLETE", token=open_seats, account="333333333333", parent=99, company="Hooli Ltd")
    cancelled = world.workflow.invite("Initech", AccessLevel.READ_ONLY, BEA).token
    world.workflow.cancel_invitation(token_hash(cancelled), ADA)
    with suppress(NotInvited):
        world.happens("CREATE_COMPLETE", token=cancelled, account="444444444444", parent=98)
    with suppress(NotAllowed):
        world.press(Verb.APPROVE, OLLI)
    world.workflow.once("a-mark", lambda workflow: workflow.invite("Umbrella", AccessLevel.READ_ONLY, ADA))


class _Scene:
    """One client of its own account."""

    def __init__(self, world: World, serial: int) -> None:
        self.world, self.serial = world, serial

    def happens(self, status: str, **more: Any) -> None:
        company = f"Client {self.serial}"
        self.world.happens(status, account=f"{self.serial:012}", parent=self.serial, company=company, **more)

    def asks(self, level: str = "ReadOnly") -> None:
        token = self.world.workflow.invite(f"Client {self.serial}", AccessLevel(level), ADA).token
        self.happens("CREATE_IN_PROGRESS", token=token, level=level)
        self.happens("CREATE_COMPLETE", token=token, level=level)

    def is_in(self, *members: str) -> str:
        self.asks()
        self.world.press(Verb.APPROVE)
        self.world.work()
        client_id = self.world.last.client_id
        self.world.stacks.groups[client_id][1].update(members)
        return client_id

    def is_refused(self, reason: str) -> None:
        self.world.press(Verb.APPROVE)
        self.world.workflow.provision(self.world.bench.waiting.pop())
        for stack_id in self.world.stacks.complete(failing=reason):
            self.world.workflow.record_outcome(stack_id)


def expired(scene: _Scene) -> None:
    scene.asks()
    for _ in range(4):
        scene.world.clock.turn(days=2)
        scene.world.minute()


def drifted(scene: _Scene) -> None:
    client_id = scene.is_in("ada")
    scene.world.stacks.by_hand[client_id] = (Difference(Remedy.BY_HAND, "The policy admin was attached."),)
    for _ in range(4):
        scene.world.minute()


def waiting(scene: _Scene) -> None:
    scene.asks("Administrator")


def onboarded(scene: _Scene) -> None:
    scene.is_in("ada", "olli")


def update_waiting(scene: _Scene) -> None:
    scene.is_in()
    scene.happens("UPDATE_COMPLETE", level="PowerUser", role="renamed")


def denied(scene: _Scene) -> None:
    scene.asks()
    scene.world.press(Verb.DENY, BEA, reason="No contract")


def failed(scene: _Scene) -> None:
    scene.asks()
    scene.is_refused("LimitExceeded: groups per account")


def stack_failed(scene: _Scene) -> None:
    token = scene.world.workflow.invite(f"Client {scene.serial}", AccessLevel.READ_ONLY, ADA).token
    scene.happens("CREATE_IN_PROGRESS", token=token)
    scene.happens("CREATE_FAILED", token=token, resource="AccessRole", reason="AccessRole already exists")
    scene.happens("ROLLBACK_COMPLETE", token=token)


def leaving(scene: _Scene) -> None:
    scene.is_in("ada")
    scene.happens("DELETE_COMPLETE", last_word=True)


def leaving_unconfirmed(scene: _Scene) -> None:
    scene.is_in("ada")
    scene.happens("DELETE_COMPLETE")


def kept(scene: _Scene) -> None:
    leaving(scene)
    scene.world.press(Verb.DENY)


def offboarded(scene: _Scene) -> None:
    leaving(scene)
    scene.world.press(Verb.APPROVE)
    scene.world.work()


def removal_failed(scene: _Scene) -> None:
    leaving(scene)
    scene.is_refused("AccessDenied")


def withdrawn(scene: _Scene) -> None:
    scene.asks()
    scene.happens("DELETE_COMPLETE", last_word=True)


def revoked(scene: _Scene) -> None:
    scene.world.revoke(scene.is_in("ada"))
    scene.world.work()


def blocked(scene: _Scene) -> None:
    scene.asks()
    scene.world.press(Verb.DENY)
    scene.world.workflow.block(f"{scene.serial:012}", BEA)


def being_set_up(scene: _Scene) -> None:
    scene.asks()
    scene.world.press(Verb.APPROVE)
    scene.world.workflow.provision(scene.world.bench.waiting.pop())


def approved(scene: _Scene) -> None:
    scene.asks()
    scene.world.press(Verb.APPROVE)
    scene.world.bench.waiting.clear()


SCENES = (
    expired,
    drifted,
    waiting,
    onboarded,
    update_waiting,
    denied,
    failed,
    stack_failed,
    leaving,
    leaving_unconfirmed,
    kept,
    offboarded,
    removal_failed,
    withdrawn,
    revoked,
    being_set_up,
    approved,
    blocked,
)


def _write(name: str, items: Items) -> None:
    lines = ",\n".join(json.dumps(item, sort_keys=True, ensure_ascii=False) for item in items)
    (TABLES / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def main() -> None:
    """Write both files."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, fill in ((f"written_by_{VERSION}", play), (f"form_{SCHEMA}", None)):
        with mock_aws():
            client = AwsClients("eu-west-1").dynamodb
            create_table(client, TABLE)
            if fill is None:
                _write(name, form(client, TABLE))
            else:
                fill(DynamoStore(client, TABLE))
                _write(name, items_of(client, TABLE))


if __name__ == "__main__":
    main()
