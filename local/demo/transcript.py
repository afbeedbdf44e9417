"""What the demo prints, so that it reads as a story, and its one way to fail."""

import sys
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 600.0
"""How long anything may take. The sweep makes good within two minutes what Slack was too busy for; a machine with many
other things to do is several times slower than an idle one."""


class StoryBroken(Exception):
    """Something that should have come true did not; the sentence says what."""


class Transcript:
    """Prints chapters, what happens, and what was checked; counts the checks."""

    def __init__(self) -> None:
        self.checks = 0
        self._began = time.monotonic()

    def chapter(self, title: str) -> None:
        """A heading."""
        self.say(f"\n{title}\n{'─' * len(title)}")

    def say(self, line: str) -> None:
        """One line, at once."""
        print(line, flush=True)

    def holds(self, fact: str, true: object) -> None:
        """Check a fact; the story breaks when it is not so."""
        if not true:
            raise StoryBroken(f"This should be so, and is not: {fact}")
        self.checks += 1
        self.say(f"  ✓ {fact}")

    def wait_for(self, fact: str, look: Callable[[], Found | None], seconds: float = PATIENCE_SECONDS) -> Found:
        """Wait until something is found; answers it. The story breaks when that takes too long."""
        deadline = time.monotonic() + seconds
        while True:
            found = look()
            if found:
                self.holds(fact, found)
                return found
            if time.monotonic() > deadline:
                raise StoryBroken(f"Waited {seconds:.0f} s in vain for: {fact}")
            time.sleep(0.2)

    def end(self) -> None:
        """The last line of a story that came true."""
        self.say(f"\nThe story came true: {self.checks} checks held in {time.monotonic() - self._began:.0f} s.")

    def fail(self, sentence: str) -> None:
        """The last line of one that did not."""
        print(f"\n✗ {sentence}", file=sys.stderr, flush=True)
