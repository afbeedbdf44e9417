"""`python -m local.demo [--auto]`: exit code 0 only if the story came true."""

import argparse
import signal
import sys
from types import FrameType

from local.demo import guided, story
from local.demo.places import Places
from local.demo.transcript import StoryBroken, Transcript
from local.demo.workspace import PlacesNotReady


def main() -> int:
    """Set everything up, tell the story, take everything down again."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--auto", action="store_true", help="play without a person and check every step")
    options = parser.parse_args()
    for name in (signal.SIGINT, signal.SIGTERM):  # a shell's background job would ignore SIGINT otherwise
        signal.signal(name, _interrupt)
    transcript = Transcript()
    try:
        with Places(transcript) as places:
            if options.auto:
                story.play(places, transcript)
            else:
                guided.play(places, transcript)
    except KeyboardInterrupt:
        transcript.say("\nEnded. Everything the demo started is stopped.")
        return 0 if not options.auto else 130
    except (StoryBroken, PlacesNotReady) as broken:
        transcript.fail(str(broken))
        return 1
    return 0


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
