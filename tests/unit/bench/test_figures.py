"""The arithmetic of `make bench`. What it measures decides no test."""

from __future__ import annotations

import pytest

from bench.figures import gb_seconds, network, paired, share_of, waited, waited_for
from bench.latency import P50, P99
from bench.server import Noted
from bench.wire import Call, unflattened

READ = Noted(Call("dynamodb", "GetItem", {}), connected=True, cpu=0.1)
DRAWN = Noted(Call("slack", "chat.update", {}), connected=True, cpu=0.3)
AGAIN = Noted(Call("dynamodb", "GetItem", {}), connected=False, cpu=0.4)


def test_a_function_has_a_share_of_a_processor_by_its_memory() -> None:
    assert [round(share_of(memory), 3) for memory in (512, 1024, 1769, 3008)] == [0.289, 0.579, 1.0, 1.0]


def test_a_ratio_compares_what_ran_in_the_same_round() -> None:
    """A round that was slow for both changes nothing."""
    assert paired([1.0, 20.0, 1.2], [1.0, 10.0, 1.0]) == 1.2


def test_calls_wait_for_one_another_and_for_their_new_connections() -> None:
    assert network([READ, DRAWN, AGAIN], P50) == pytest.approx(0.006 * 2 + 0.180 + 2 * 0.006)
    assert network([READ, DRAWN, AGAIN], P99) == pytest.approx(0.025 * 2 + 0.900 + 2 * 0.040)


def test_a_person_waits_for_the_cpu_at_its_share_and_for_the_calls() -> None:
    assert waited(0.5, [AGAIN], 1024, P50) == pytest.approx(0.5 / share_of(1024) + 0.006)


def test_the_drawing_is_there_when_its_call_is_answered() -> None:
    """Neither what is computed nor what is called afterwards counts."""
    until = waited_for("slack chat.update", [READ, DRAWN, AGAIN], 1769, P50)
    assert until == pytest.approx(0.3 + network([READ, DRAWN], P50))
    assert waited_for("slack chat.update", [READ], 1769, P50) is None


def test_lambda_bills_memory_times_time() -> None:
    assert gb_seconds(2.0, 512) == 1.0


def test_a_query_form_becomes_what_a_client_of_boto3_takes() -> None:
    form = {
        "StackName": "one",
        "Tags.member.1.Key": "a",
        "Tags.member.1.Value": "b",
        "Capabilities.member.1": "CAPABILITY_NAMED_IAM",
        "MaxItems": "1",
    }
    assert unflattened(form) == {
        "StackName": "one",
        "Tags": [{"Key": "a", "Value": "b"}],
        "Capabilities": ["CAPABILITY_NAMED_IAM"],
        "MaxItems": 1,
    }
