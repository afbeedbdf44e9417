"""What a person does whose click Slack gave up on: wait until the app is done, look, and only then try again.

Slack waits three seconds for an app. A busy machine may need longer, and the app may have done it all the same: what is
there already is not asked for twice.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from local.demo.slack import NotTaken, Slack
from local.demo.transcript import PATIENCE_SECONDS, StoryBroken, Transcript

_LOOK_EVERY = 0.2


@dataclass(frozen=True)
class Insisting:
    """Acts in Slack until it has come to something, or patience ends."""

    slack: Slack
    tell: Transcript
    seconds: float = PATIENCE_SECONDS

    def until_taken(self, what: str, act: Callable[[], None], done: Callable[[], bool]) -> None:
        """Act until the app takes it within Slack's three seconds, or has done it too late for them.

        `done` looks whether there is nothing left to do. Raises StoryBroken when neither comes true in time.
        """
        deadline = time.monotonic() + self.seconds
        while True:
            try:
                act()
            except NotTaken as late:
                self._until_the_app_rests(deadline, what)
                if done():
                    self.tell.say(f"  … {what}: Slack gave up waiting, but it was done")
                    return
                if time.monotonic() > deadline:
                    raise StoryBroken(f"Tried for {self.seconds:.0f} s in vain: {what}. {late}") from late
                self.tell.say(f"  … {what}: Slack gave up waiting, and nothing came of it; once more")
                time.sleep(_LOOK_EVERY)
            else:
                return

    def _until_the_app_rests(self, deadline: float, what: str) -> None:
        while self.slack.app_is_at_work():
            if time.monotonic() > deadline:
                raise StoryBroken(f"The app was still at work after {self.seconds:.0f} s: {what}.")
            time.sleep(_LOOK_EVERY)
