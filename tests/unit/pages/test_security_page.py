"""What docs/security.md says is tested is tested, and what attacks the proof is in its table."""

from __future__ import annotations

from tests.named_tests import TESTS, found_in, missing_on, named_on

PAGE = "security.md"
ATTACKS = ("test_proof_attacks.py", "test_proof_scalars.py", "test_proof_answers.py", "test_proof_replay.py")


def test_every_test_the_page_names_is_there() -> None:
    assert len(named_on(PAGE)) > 50
    assert missing_on(PAGE) == []


def test_every_attack_on_the_proof_or_the_event_is_in_the_table() -> None:
    attacks = {
        (name, test) for name in (*ATTACKS, "test_event_attacks.py") for test in found_in(name, TESTS / "scenarios")
    }
    assert attacks <= set(named_on(PAGE))
