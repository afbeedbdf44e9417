"""The proof, attacked by saying it again: later, changed in nothing that is signed, many times at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier, Event

from bot.domain.vocabulary import AccessLevel
from bot.ports.store import Located
from tests.fakes import ADA, event_body
from tests.memory_store import MemoryStore
from tests.scenarios.scene import Scene
from tests.scenarios.siege import Siege

ATTACKERS = 8


def test_a_replayed_proof_is_taken_and_does_nothing(siege: Siege) -> None:
    proof = siege.proof
    assert siege.scene.post(siege.body, proof)[0] == 202
    before = siege.records(), siege.scene.slack.calls
    for _ in range(3):
        assert siege.scene.post(siege.body, proof)[0] == 202
    assert siege.scene.post(siege.body, proof, as_base64=True)[0] == 202
    assert (siege.records(), siege.scene.slack.calls) == before


def test_a_proof_is_not_replayed_after_five_minutes(siege: Siege) -> None:
    proof = siege.proof
    siege.scene.clock.turn(minutes=5, seconds=1)
    siege.repels(401, proof, unasked=True)


def test_the_replay_of_an_older_event_does_not_turn_back_a_newer_one(scene: Scene) -> None:
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=scene.invite())
    proof = scene.proof(body)
    assert scene.post(body, proof)[0] == 202
    assert scene.happens("UPDATE_COMPLETE", level="Administrator") == 202
    before = scene.slack.messages
    assert scene.post(body, proof)[0] == 202
    assert scene.slack.messages == before
    assert "Administrator" in scene.last.words


class Crowded(MemoryStore):
    """Lets nobody plan before everybody has read: all of them see the same state of things."""

    def __init__(self, people: int) -> None:
        super().__init__()
        self._everybody = Barrier(people)
        self._open = Event()

    def locate(self, parent_stack_id: str, account_id: str, role_name: str) -> Located:
        found = super().locate(parent_stack_id, account_id, role_name)
        if not self._open.is_set():
            self._everybody.wait(timeout=10)
            self._open.set()
        return found


def test_of_replays_at_once_exactly_one_takes_effect(scene: Scene) -> None:
    # Given
    store = Crowded(ATTACKERS)
    scene.workflow = replace(scene.workflow, store=store)
    token = scene.workflow.invite("Acme", AccessLevel.READ_ONLY, ADA).token
    body = event_body("CREATE_COMPLETE", scene.clock.now(), token=token)
    proof = scene.proof(body)

    # When
    with ThreadPoolExecutor(ATTACKERS) as attackers:
        told = list(attackers.map(lambda _: scene.post(body, proof)[0], range(ATTACKERS)))

    # Then
    assert 202 in told
    assert set(told) <= {202, 503}
    assert scene.post(body, proof)[0] == 202
    assert len(scene.slack.messages) == 1
    assert [call.method for call in scene.slack.calls].count("chat.postMessage") == 1
    found = store.stored_clients, store.stored_requests, store.stored_events
    assert [len(records) for records in found] == [1, 1, 1]
    assert [audit.action for audit in store.stored_audits] == ["invited", "asked to onboard"]
