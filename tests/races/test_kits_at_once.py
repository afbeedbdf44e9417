"""Several Lambdas at one team's kit: an older kit is never the last one written, unless it is due to be renewed."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.aws.dynamodb import DynamoStore
from bot.decisions.rename import state_of
from bot.domain.errors import ActionRefused, TryAgain
from bot.domain.page import Teams
from bot.domain.request import LEASE
from bot.kit.entries import entry_of
from bot.kit.files import KitFile, files
from bot.kit.reading import granted
from bot.kit.renewing import KitRenewal
from tests.fakes import ADA, World
from tests.integration.conftest import CLIENTS
from tests.proving import amount
from tests.races.test_at_once import at_once
from tests.races.test_on_dynamodb import OneCallAtATime
from tests.unit.slack.samples import SETTINGS

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEAM = "operators"
ALONE = Teams((TEAM,), client_groups=False)
MOST_CALLS = 30
"""More than a renewal makes."""


class Killed(BaseException):
    """Nothing catches this, as nothing catches a killed Lambda."""


@dataclass
class Calls:
    """Counts the calls of one Lambda, and does something just before one of them."""

    before: int = 0
    act: Callable[[], object] = lambda: None
    made: int = 0

    def of(self, port: object) -> Any:
        return _Counted(port, self)


@dataclass
class _Counted:
    port: object
    calls: Calls

    def __getattr__(self, method: str) -> Callable[..., Any]:
        called = getattr(self.port, method)

        def call(*args: Any) -> Any:
            self.calls.made += 1
            if self.calls.made == self.calls.before:
                self.calls.act()
            return called(*args)

        return call


@dataclass
class Kits:
    """A team with a client, and the files that lie in its bucket."""

    world: World
    client_id: str = ""
    lying: dict[str, str] = field(default_factory=dict)
    names: Iterator[str] = field(default_factory=lambda: (f"Company {number}" for number in range(10**6)))

    def __post_init__(self) -> None:
        self.client_id = self.world.onboard()

    def put(self, team: str, file: KitFile) -> None:
        self.lying[file.name] = file.text

    def changes(self) -> None:
        """Somebody renames the client."""
        client = self.world.store.client(self.client_id)
        assert client is not None
        with suppress(ActionRefused, TryAgain):
            self.world.workflow.rename(self.client_id, next(self.names), ADA, state_of(client))

    def renewed(self, calls: Calls | None = None) -> None:
        """A Lambda renews the kit, to its end or until it is killed."""
        calls = calls or Calls()
        renewal = KitRenewal(calls.of(self.world.store), calls.of(self), SETTINGS, self.world.clock)
        with suppress(Killed):
            renewal.renew([TEAM])

    @property
    def is_due(self) -> bool:
        return list(self.world.store.due_kits(self.world.clock.now() + LEASE, 9)) == [TEAM]

    @property
    def is_as_it_should(self) -> bool:
        entries = [entry_of(one, SETTINGS) for one in granted(self.world.store, TEAM)]
        return self.lying == {file.name: file.text for file in files(entries, SETTINGS)}

    def settled(self) -> bool:
        """Whether the sweep makes the kit what it should be, if anything is left to do, and then leaves it alone."""
        for _ in range(3):
            self.world.clock.turn(seconds=LEASE.total_seconds())
            if self.world.store.due_kits(self.world.clock.now(), 9):
                self.renewed()
        return self.is_as_it_should and not self.is_due


def killed() -> None:
    raise Killed


@pytest.mark.safety("Of two renewals of a kit, the older one is never the last to be written", "bot/kit/renewing.py")
@pytest.mark.parametrize("seconds", [0, LEASE.total_seconds() + 1], ids=["while leased", "after the lease"])
def test_another_one_renews_at_any_moment(seconds: float) -> None:
    for moment in range(1, MOST_CALLS):
        kits = Kits(World(teams=ALONE))

        def meanwhile(kits: Kits = kits) -> None:
            kits.world.clock.turn(seconds=seconds)
            kits.changes()
            kits.renewed()

        calls = Calls(moment, meanwhile)
        kits.renewed(calls)
        assert kits.is_as_it_should or kits.is_due, moment
        assert kits.settled(), moment
        if calls.made < moment:
            return
    raise AssertionError("a renewal makes more calls than were tried")


def test_a_renewal_that_is_killed_at_any_moment_is_made_up_for() -> None:
    for moment in range(1, MOST_CALLS):
        kits = Kits(World(teams=ALONE))
        kits.renewed()
        kits.changes()
        calls = Calls(moment, killed)
        kits.renewed(calls)
        assert kits.is_as_it_should or kits.is_due, moment
        assert kits.settled(), moment
        if calls.made < moment:
            return
    raise AssertionError("a renewal makes more calls than were tried")


@pytest.mark.safety("Ten changes of a kit make one renewal or two", "bot/kit/renewing.py")
def test_ten_changes_make_one_renewal_or_two() -> None:
    kits = Kits(World(teams=ALONE))
    kits.renewed()
    for _ in range(10):
        kits.changes()
    calls = Calls()
    kits.renewed(calls)
    once, calls.made = calls.made, 0
    for _ in range(10):
        kits.renewed(calls)
    assert kits.is_as_it_should and not kits.is_due
    assert calls.made == 10, "each of them asks once whether there is anything to do"
    kits.changes()

    def nine_more() -> None:
        for _ in range(9):
            kits.changes()

    during = Calls(3, nine_more)
    kits.renewed(during)
    assert kits.is_as_it_should and during.made <= 2 * once


@pytest.mark.usefixtures("threads_take_turns_often")
@pytest.mark.parametrize("kind", ["memory", "dynamodb"])
def test_many_change_and_renew_it_at_once(kind: str, request: pytest.FixtureRequest) -> None:
    store: dict[str, Any] = {}
    if kind == "dynamodb":
        table = request.getfixturevalue("table")
        client = cast("DynamoDBClient", OneCallAtATime(CLIENTS.dynamodb))
        store["store"] = DynamoStore(client, table, sleep=lambda _: None)
    kits = Kits(World(teams=ALONE, **store))
    for _ in range(amount(3, proving=20)):
        doing = [*[kits.changes] * 3, *[kits.renewed] * 4]
        random.Random(0).shuffle(doing)
        at_once([partial(one) for one in doing])
        assert kits.is_as_it_should or kits.is_due
    assert kits.settled()
