"""How many documents, pages and updates teams cost. `-s` shows the figures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

import pytest

from bot.domain.page import POLICY_LENGTH
from tests.proving import amount
from tests.unit.domain.played_team import PlayedTeam, document


@dataclass(eq=False)
class Provider:
    """Clients that come, go and rename their roles; names are of all lengths that a client may choose."""

    random: Random
    played: PlayedTeam = field(init=False)
    clients: list[str] = field(default_factory=list)
    came: int = 0

    def __post_init__(self) -> None:
        self.played = PlayedTeam(self.random)

    def role(self) -> str:
        name = "x" * self.random.randint(1, 43)
        return f"arn:aws:iam::{self.random.randrange(10**12):012}:role/{name}"

    def add(self, role: str = "") -> None:
        self.came += 1
        self.clients.append(f"c{self.came}")
        self.played.ask(self.clients[-1], role or self.role())

    def remove(self) -> None:
        client = self.one_at_rest()
        self.clients.remove(client)
        self.played.ask(client, None)

    def rename(self) -> None:
        self.played.ask(self.one_at_rest(), self.role())

    def one_at_rest(self) -> str:
        """Return a client of which nothing is under way, since each has one thing under way at most."""
        while True:
            client = self.random.choice(self.clients)
            if not self.played.told[client].waiting:
                return client

    def of(self, number: int) -> Provider:
        """Return the provider once it has so many clients, and all is at rest."""
        for _ in range(number):
            self.add()
        self.played.settle()
        self.played.aws.rewritten = 0
        self.played.aws.updates.clear()
        return self

    def something(self, adds: int, removes: int, renames: int) -> None:
        """Do one of these, as often as their weights say."""
        happens = self.random.choices([self.add, self.remove, self.rename], (adds, removes, renames))
        (happens[0] if self.clients else self.add)()

    @property
    def pages(self) -> int:
        return sum(length > 0 for length in self.played.team.filled)

    @property
    def fewest(self) -> int:
        """Return how many pages would hold all roles if they could be cut anywhere."""
        frame = len(document(["x"], 0)) - len('"x"') + len("R0000000000") - len("R0")
        roles = [role for roles in self.played.aws.documents.values() for role in roles]
        return math.ceil(sum(len(role) + len('"",') for role in roles) / (POLICY_LENGTH - frame + 1))

    def round(self) -> None:
        """Pack what is asked, and let all updates that are under way by then end at once."""
        self.pack()
        for page in sorted(self.played.aws.running):
            self.played.end(page, succeeded=True)

    def pack(self) -> None:
        while self.played.to_pack:
            work = self.played.begin()
            while self.played.proceed(work):
                pass

    @property
    def waiting(self) -> set[str]:
        return {client for client, told in self.played.told.items() if told.waiting}


@pytest.mark.parametrize(
    ("story", "clients", "weights"),
    [
        ("growing", 0, (50, 25, 25)),
        ("as many come as go", 1_000, (34, 33, 33)),
        ("shrinking", 3_000, (10, 60, 30)),
        ("renaming", 1_000, (1, 1, 98)),
    ],
)
def test_one_document_is_rewritten_for_a_change_and_pages_stay_few(
    story: str, clients: int, weights: tuple[int, int, int]
) -> None:
    changes, minutes = amount(1_000, 5_000), 0
    provider = Provider(Random(story)).of(clients)
    played = provider.played
    for _ in range(changes):
        provider.something(*weights)
        played.settle()
    rewritten, pages = played.aws.rewritten, provider.pages
    while played.compact():
        played.settle()
        minutes += 1
    print(  # noqa: T201
        f"\n{changes:,} changes, {story}: {rewritten / changes:.4f} documents rewritten for each. "
        f"{len(provider.clients):,} clients at the end, on {pages} pages (optimum {provider.fewest}), "
        f"and on {provider.pages} after {minutes} minutes of compaction."
    )
    played.judge_at_rest()
    assert rewritten <= 1.02 * changes
    assert played.aws.rewritten - rewritten <= 2 * minutes
    assert provider.pages <= provider.fewest + 1


@pytest.mark.parametrize(("clients", "weights"), [(0, (1, 0, 0)), (1_000, (0, 1, 0)), (1_000, (40, 30, 30))])
def test_a_thousand_at_once_cost_two_updates_a_page(clients: int, weights: tuple[int, int, int]) -> None:
    provider = Provider(Random(str(weights))).of(clients)
    while len(provider.waiting) < 1_000:
        provider.something(*weights)
    provider.round()
    after_one = len(provider.waiting)
    provider.round()
    updates = provider.played.aws.updates.values()
    print(  # noqa: T201
        f"\n1,000 at once, adds, removes and renames as {weights}: {sum(updates)} updates of {len(updates)} pages, at "
        f"most {max(updates)} of one; {1_000 - after_one} clients waited for one update, {after_one} for two."
    )
    assert provider.waiting == set()
    provider.played.settle()
    provider.played.judge_at_rest()
    assert max(updates) <= 2


def test_nobody_waits_for_more_than_two_updates_while_more_and_more_is_asked() -> None:
    provider = Provider(Random(40)).of(200)
    before: list[set[str]] = [set(), set()]
    for _ in range(amount(30, 300)):
        provider.pack()
        for _ in range(provider.random.randint(0, 80)):
            provider.something(70, 20, 0)
        before = [before[1], provider.waiting]
        provider.round()
        assert not before[0] & provider.waiting, "has waited for two, and waits still"


def test_a_thousand_in_a_row_rewrite_one_document_each() -> None:
    provider = Provider(Random(1000))
    for _ in range(1_000):
        provider.add()
        provider.played.settle()
    provider.played.judge_at_rest()
    aws = provider.played.aws
    updates = sum(aws.updates.values())
    print(f"\n1,000 in a row: {aws.rewritten} documents rewritten in {updates} updates of {len(aws.updates)} pages")  # noqa: T201
    assert aws.rewritten == 1_000
    assert updates <= 1_000 + len(aws.updates)
