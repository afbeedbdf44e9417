"""What the set-up says: each step once, with its seconds; a terminal sees besides what is being done now."""

import io

import pytest

from local.demo.transcript import Transcript

CLEARED = "\r\x1b[K"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


class Terminal(io.StringIO):
    """A text stream that a person looks at."""

    def isatty(self) -> bool:
        return True


def seen(terminal: Terminal) -> list[str]:
    """What a person has read on each line of the screen, oldest first; what was cleared is gone."""
    return [line.rpartition(CLEARED)[2] for line in terminal.getvalue().split("\n")]


def test_a_log_has_one_line_for_each_step_with_its_seconds() -> None:
    clock, log = Clock(), io.StringIO()
    transcript = Transcript(clock, log)
    with transcript.step("a local AWS"):
        clock.seconds += 2.13
    with transcript.step("serverless.yml deployed"):
        clock.seconds += 11
    assert log.getvalue() == "    2.1 s  a local AWS\n   11.0 s  serverless.yml deployed\n"


def test_steps_that_run_side_by_side_are_each_timed_alone() -> None:
    clock, log = Clock(), io.StringIO()
    transcript = Transcript(clock, log)
    with transcript.step("the slow one"):
        clock.seconds += 1
        with transcript.step("the quick one"):
            clock.seconds += 2
        clock.seconds += 3
    assert log.getvalue() == "    2.0 s  the quick one\n    6.0 s  the slow one\n"


def test_a_step_that_failed_does_not_read_as_done() -> None:
    log = io.StringIO()
    transcript = Transcript(Clock(), log)
    with pytest.raises(OSError, match="no room"), transcript.step("a local AWS"):
        raise OSError("no room")
    assert log.getvalue() == "    0.0 s  ✗ a local AWS\n"


def test_a_terminal_says_what_is_being_done_now_below_what_is_done() -> None:
    clock, terminal = Clock(), Terminal()
    transcript = Transcript(clock, terminal)
    with transcript.step("a local AWS"), transcript.step("a local Slack"):
        assert seen(terminal) == ["  … a local AWS, a local Slack"]
        transcript.say("A line")
        assert seen(terminal) == ["A line", "  … a local AWS, a local Slack"]
    assert seen(terminal) == ["A line", "    0.0 s  a local Slack", "    0.0 s  a local AWS", ""]


def test_what_is_being_done_never_takes_a_second_line_of_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    terminal = Terminal()
    with Transcript(Clock(), terminal).step("serverless.yml deployed to the local AWS"):
        assert seen(terminal) == ["  … serverless.yml "]
