"""What the demo prints, so that it reads as a story, and its one way to fail."""

import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO, TypeVar

Found = TypeVar("Found")
PATIENCE_SECONDS = 600.0
"""How long anything may take. The sweep makes good within two minutes what Slack was too busy for; a machine with many
other things to do is several times slower than an idle one."""


class StoryBroken(Exception):
    """Something that should have come true did not; the sentence says what."""


class Transcript:
    """Prints chapters, steps with their seconds, what happens, and what was checked; counts the checks.

    A terminal's last line says what is being done now. A log has only a line for each step that is done.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic, out: TextIO | None = None) -> None:
        self.checks = 0
        self._now = now
        self._out = out or sys.stdout
        self._began = now()
        self._doing: list[str] = []
        self._writing = threading.RLock()

    def chapter(self, title: str) -> None:
        """A heading."""
        self.say(f"\n{title}\n{'─' * len(title)}")

    def say(self, line: str) -> None:
        """One line, at once."""
        with self._writing:
            self._write(f"{line}\n")

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Say what is being done, and once it is done how many seconds it took. Several may run side by side."""
        began, mark = self._now(), "✗ "
        self._change(self._doing.append, what)
        try:
            yield
            mark = ""
        finally:
            self._change(self._doing.remove, what)
            self.say(f"  {self._now() - began:5.1f} s  {mark}{what}")

    def holds(self, fact: str, true: object) -> None:
        """Check a fact; the story breaks when it is not so. A step's line tells its checks, too."""
        if not true:
            raise StoryBroken(f"This should be so, and is not: {fact}")
        self.checks += 1
        if not self._doing:
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

    def seconds(self) -> float:
        """Return how long ago the demo began."""
        return self._now() - self._began

    def end(self) -> None:
        """The last line of a story that came true."""
        self.say(f"\nThe story came true: {self.checks} checks held in {self.seconds():.0f} s.")

    def fail(self, sentence: str) -> None:
        """The last line of one that did not."""
        print(f"\n✗ {sentence}", file=sys.stderr, flush=True)

    def _change(self, change: Callable[[str], None], what: str) -> None:
        with self._writing:
            change(what)
            self._write("")

    def _write(self, lines: str) -> None:
        """Write whole lines; on a terminal, above the one that says what is being done now."""
        if self._out.isatty():
            now = f"  … {', '.join(self._doing)}"[: shutil.get_terminal_size().columns - 1] if self._doing else ""
            lines = f"\r\x1b[K{lines}{now}"
        self._out.write(lines)
        self._out.flush()
