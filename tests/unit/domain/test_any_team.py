"""Teams' pages in any order of events: what people were told, against the documents that AWS has."""

from __future__ import annotations

from random import Random

import pytest

from tests.proving import amount
from tests.unit.domain.played_team import PlayedTeam, Work

ACCOUNT = "arn:aws:iam::222222222222:role/"


class Play:
    """One random story. Long names make pages of few roles, and so teams of many pages."""

    def __init__(self, seed: str, *, crashes: bool = False, in_order: bool = True, failures: bool = True) -> None:
        self.random = Random(seed)
        self.team = PlayedTeam(self.random)
        self.crashes, self.in_order, self.failures = crashes, in_order, failures
        self.clients = [f"c{number}" for number in range(self.random.choice([3, 12, 60]))]
        self.longest = self.random.choice([900, 2_500, 5_800])
        self.roles = [self._role() for _ in range(self.random.choice([2, 200]))]
        self.workers: list[Work] = []

    def _role(self) -> str:
        return ACCOUNT + f"{self.random.randrange(10**9)}".ljust(self.random.randint(9, self.longest), "x")

    def run(self, events: int) -> None:
        happens = [self.ask] * 4 + [self.take_up] * 2 + [self.proceed] * 6 + [self.end] * 3 + [self.send, self.compact]
        happens += [self.sweep, self.die] if self.crashes else []
        for _ in range(events):
            self.random.choice(happens)()
            self.team.judge()
        while self.workers:
            self.proceed()
            self.team.judge()

    def finish(self) -> None:
        """Let all end well: what waits, what failed once it is asked again, and compaction."""
        self.team.settle(sweeps=self.crashes)
        self.team.judge()
        for client_id, told in self.team.told.items():
            if told.failed:
                self.team.ask(client_id, self.random.choice([None, told.granted]))
        self.team.settle(sweeps=True)
        self.team.judge_at_rest()

    def ask(self) -> None:
        client_id = self.random.choice(self.clients)
        told = self.team.told.get(client_id)
        if told is not None and told.waiting and self.in_order:
            return
        role = self.random.choice([*self.random.sample(self.roles, 2), None])
        self.team.ask(client_id, role)
        self.lose_the_call()

    def lose_the_call(self) -> None:
        if self.crashes and self.random.random() < 0.1:
            self.team.to_pack = False
            self.team.to_send.clear()

    def take_up(self) -> None:
        if self.team.to_pack or self.random.random() < 0.1:
            self.workers.append(self.team.begin())

    def proceed(self) -> None:
        if self.workers:
            worker = self.random.choice(self.workers)
            if not self.team.proceed(worker):
                self.workers.remove(worker)

    def die(self) -> None:
        if self.workers:
            worker = self.workers.pop(self.random.randrange(len(self.workers)))
            self.team.dies(worker)

    def end(self) -> None:
        if not self.team.aws.running:
            return
        number = self.random.choice(sorted(self.team.aws.running))
        succeeded = not self.failures or self.random.random() < 0.7
        dies_after = self.random.choice([None, None, 0, 1, 2]) if self.crashes else None
        written = None if succeeded or self.random.random() < 0.8 else True
        self.team.end(number, succeeded=succeeded, written=written, dies_after=dies_after)
        self.lose_the_call()

    def send(self) -> None:
        if self.team.to_send:
            self.team.send(self.random.choice(sorted(self.team.to_send)))

    def compact(self) -> None:
        self.team.compact()

    def sweep(self) -> None:
        self.team.sweep()


@pytest.mark.parametrize("kind", ["calm", "failing", "crashing", "overtaking"])
def test_documents_list_what_is_granted_and_nothing_that_was_taken_away(kind: str) -> None:
    for seed in range(amount(80, 2_000)):
        play = Play(
            f"{kind} {seed}",
            crashes=kind in {"crashing", "overtaking"},
            failures=kind != "calm",
            in_order=kind != "overtaking",
        )
        try:
            play.run(play.random.choice([60, 200, 400]))
            play.finish()
        except AssertionError as error:
            raise AssertionError(f"{kind} {seed}: {error}") from error
