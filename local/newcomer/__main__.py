"""`python -m local.newcomer [--keep]`: clone this repository afresh and follow docs/deploying.md in the clone.

It sets up all that the page's commands set up, so it asks the package registries. Exit code 0 only if a client is let
in at the end, and an operator gets into it.
"""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from local.demo.transcript import StoryBroken, Transcript
from local.newcomer.journey import Newcomer, places, told_commands
from local.newcomer.terminal import CommandFailed

_REPOSITORY = Path(__file__).resolve().parents[2]


def main() -> int:
    """Return 0 when the page leads to a working deployment."""
    parser = argparse.ArgumentParser(prog="python -m local.newcomer", description=__doc__)
    parser.add_argument("--page", type=Path, default=Path("docs/deploying.md"), help="the page to follow")
    options = parser.parse_args()
    transcript = Transcript()
    with TemporaryDirectory(prefix="switchyard-newcomer-") as scratch:
        folder = Path(scratch)
        clone = folder / "clone"
        subprocess.run(["git", "clone", "--quiet", str(_REPOSITORY), str(clone)], check=True)
        transcript.chapter(f"A newcomer follows {options.page} in a fresh clone")
        try:
            with places(folder) as (aws, slack):
                newcomer = Newcomer(clone, aws, slack, transcript)
                newcomer.follow(clone / options.page)
        except (StoryBroken, CommandFailed) as broken:
            transcript.fail(str(broken))
            return 1
    transcript.say("\n" + told_commands(newcomer.seconds))
    transcript.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
