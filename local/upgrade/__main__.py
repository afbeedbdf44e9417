"""`python -m local.upgrade [--from <commit>]`: exit code 0 only if an upgrade loses nothing that is half-done."""

import argparse
import signal
import sys
from pathlib import Path
from types import FrameType

from deploy.manifest import manifest_version
from local.demo.actors import Operator
from local.demo.teller import Teller
from local.demo.transcript import StoryBroken, Transcript
from local.demo.workspace import PlacesNotReady
from local.upgrade import after, back, before
from local.upgrade.cast import PRESSED_MEANWHILE, STAYING, UPDATES, Kept
from local.upgrade.checkout import REPOSITORY, NoSuchVersion, check_out, commit_of
from local.upgrade.meanwhile import Meanwhile, StayingIn
from local.upgrade.site import Site

PINNED = "23afbb7"
"""The last commit before App Home and the invite window."""
_STATE = REPOSITORY / ".local" / "upgrade"


def main() -> int:
    """Deploy the older version, leave everything half-done, deploy this one over it, and see that nothing is lost."""
    parser = argparse.ArgumentParser(prog="python -m local.upgrade", description=__doc__)
    parser.add_argument("--from", dest="version", default=PINNED, help=f"the older version (default {PINNED})")
    options = parser.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _interrupt)
    transcript = Transcript()
    try:
        upgrade_from(options.version, transcript)
    except KeyboardInterrupt:
        return 130
    except (StoryBroken, PlacesNotReady, NoSuchVersion) as broken:
        transcript.fail(str(broken))
        return 1
    transcript.end()
    return 0


def upgrade_from(version: str, transcript: Transcript) -> None:
    """Tell the whole story. Raises NoSuchVersion, PlacesNotReady, and StoryBroken where something was lost."""
    transcript.chapter(f"Setting up {version}, and this version")
    older = check_out(commit_of(version), _STATE / "older")
    with Site(_STATE, transcript) as site:
        _upgrade(site, older, transcript)


def _upgrade(site: Site, older: Path, transcript: Transcript) -> None:
    site.deploy(older)
    teller, olli, mia = Teller(site.slack, transcript), Operator("olli"), Operator("mia")
    kept = before.leave_everything_half_done(site, teller, olli, mia)
    told = _deploy_over_it(site, teller, kept, olli, mia)
    _manifest_is_told(older, told, transcript)
    after.what_was_begun_ends(site, teller, kept)
    after.old_messages_are_pressed(teller, kept, olli, mia)
    after.new_messages_are_pressed(site, teller, kept)
    after.clients_go_on(teller, kept, olli)
    back.the_older_version_again(site, older, teller, kept, olli)


def _deploy_over_it(site: Site, teller: Teller, kept: Kept, olli: Operator, mia: Operator) -> str:
    """Deploy this version while people and clients go on, and see that Slack shows what it has shown.

    Return what the deployment has printed.
    """
    teller.tell.chapter("This version is deployed over it")
    drawn = {one["ts"]: one for one in site.messages()}
    meanwhile = Meanwhile(site, teller, kept)
    into = [*((olli, company) for company in STAYING), (mia, UPDATES)]
    with StayingIn(into) as staying:
        printed = site.deploy(REPOSITORY, meanwhile.act)
    for what in meanwhile.acted:
        teller.tell.holds(f"while CloudFormation updates the stack, {what}", what)
    teller.tell.holds("that is a press and an event at least", len(meanwhile.acted) >= 2)
    refused = ", ".join(dict.fromkeys(staying.refused))
    teller.tell.holds(
        f"operators switched {staying.times} times meanwhile, and were let in each time {refused}".strip(), not refused
    )
    pressed = kept.requests[PRESSED_MEANWHILE.name].ts
    now = {one["ts"]: one for one in site.messages()}
    changed = [ts for ts in drawn if now.get(ts) != drawn[ts] and ts != pressed]
    teller.tell.holds(f"the {len(drawn)} messages of the older version are as they were, buttons and all", not changed)
    return printed


def _manifest_is_told(older: Path, printed: str, transcript: Transcript) -> None:
    """The deployment says so when the Slack app needs another manifest than the older version has noted."""
    notes = "SlackManifestVersion" in (older / "serverless.yml").read_text()
    same = notes and manifest_version(older / "slack-manifest.yml") == manifest_version()
    told = "The Slack app's manifest has changed since the last deployment" in printed
    transcript.holds("the deployment says whether the Slack app's manifest has to be pasted anew", told is not same)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
