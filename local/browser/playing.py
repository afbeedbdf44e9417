"""Plays both stories once: the places on free ports of their own, Chromium, and the people at their pages."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from local.browser import one_client, twenty_accounts
from local.browser.camera import Camera
from local.browser.chromium import PATIENCE_SECONDS, chromium
from local.browser.people import Client, Person, Visitor
from local.demo.cast import ACME
from local.demo.places import Ground, Places
from local.demo.transcript import Transcript
from local.slack.workspace import facts


def play(tell: Transcript, camera: Camera, state: Path) -> None:
    """Set everything up, play both stories and take everything down; logs and what was seen last go to `state`.

    Raises NoChromium, PlacesNotReady, StoryBroken, AssertionError, or playwright's Error, with a note on where to look.
    """
    ground = Ground(_free_port(), _free_port(), state, slack_patience_seconds=PATIENCE_SECONDS)
    with chromium() as browser, Places(tell, ground) as places:
        ada, olli = (Person(browser, places.slack.url, who) for who in (facts.ADA, facts.OLLI))
        acme = Client(browser, ACME.account_id)
        with _kept_on_failure([ada, olli, acme], state):
            one_client.play(tell, camera, ada, olli, acme)
            twenty_accounts.play(tell, camera, ada)


@contextmanager
def _kept_on_failure(people: list[Visitor], folder: Path) -> Iterator[None]:
    """Write down what everybody sees when something fails, and say where in the failure."""
    try:
        yield
    except Exception as failure:
        for one in people:
            failure.add_note(f"What {one.name} saw: {one.keep(folder)}, and the same as .txt")
        failure.add_note(f"What the Lambdas did: {folder / 'aws' / 'aws.log'}")
        raise


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
