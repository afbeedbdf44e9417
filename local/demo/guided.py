"""`make demo` for a person: the scene is set, then each step is the person's, and the terminal says what came of it."""

import sys
import threading
import time
from collections.abc import Callable

from local.demo.actors import Operator
from local.demo.cast import OPENING
from local.demo.following import Following
from local.demo.places import Places
from local.demo.scene import set_scene
from local.demo.teller import Teller
from local.demo.transcript import Transcript

_TO_TRY = """\
  Open {url} (Home in a second tab: {url}/?where=home). You are Ada, an approver.

  1. Press Approve under Acme's request. Olli, in the team since Globex came, can switch into Acme at once.
  2. Press “Approve all 20” under Wayne's message, or Review to see them one by one.
  3. Type /clients, /clients acme, or /clients help for all commands.
  4. Open Home: what waits for you, all clients, and the button that invites one.
  5. Be Olli, who is no approver, and press Approve: see what he is told. Bea is an approver, too.
  6. Let something fail: three switches on the left, “Slack is down”, “Threads take no replies” and
     “CloudFormation fails”. Then press something, and watch the recovery.
  7. Press Enter here once Acme is let in: Acme deletes its stack. Then approve the removal.

  Ctrl-C ends everything."""
_LOOK_EVERY = 1.0


def play(places: Places, transcript: Transcript) -> None:
    """Set the scene, then follow what the person does until Ctrl-C."""
    teller, olli = Teller(places.slack, transcript), Operator("olli")
    places.slack.notice("The demo's clients are just arriving. The terminal says when all are here.")
    scene = set_scene(teller, places.flat_template_url, OPENING, olli)
    places.slack.notice("")
    transcript.chapter(f"Your turn, after {transcript.seconds():.0f} s")
    transcript.say(_TO_TRY.format(url=places.slack.url))
    entered = threading.Event()
    threading.Thread(target=_listen, args=(entered.set,), daemon=True).start()
    following = Following(teller, scene, OPENING, olli)
    while True:
        following.look()
        if entered.is_set():
            entered.clear()
            following.enter()
        time.sleep(_LOOK_EVERY)


def _listen(enter: Callable[[], None]) -> None:
    """Tell of each Enter at the terminal; where nobody is at one, of none."""
    for _line in sys.stdin:
        enter()
