"""`python -m local.demo [--auto | --slack real]`: exit code 0 only if the story came true."""

import argparse
import os
import signal
import sys
from types import FrameType

from local.demo import guided, guided_real, story
from local.demo.places import Places
from local.demo.real_settings import take_from
from local.demo.real_workspace import RealWorkspace
from local.demo.transcript import StoryBroken, Transcript
from local.demo.workspace import PlacesNotReady


def main() -> int:
    """Set everything up, tell the story, take everything down again."""
    parser = argparse.ArgumentParser(prog="python -m local.demo", description=__doc__)
    parser.add_argument("--auto", action="store_true", help="play without a person and check every step")
    parser.add_argument("--slack", choices=["local", "real"], default="local", help="real: a workspace of Slack's own")
    options = parser.parse_args()
    if options.auto and options.slack == "real":
        parser.error("nobody plays the people of a real workspace: --auto is for the local one")
    for name in (signal.SIGINT, signal.SIGTERM):  # a shell's background job would ignore SIGINT otherwise
        signal.signal(name, _interrupt)
    transcript = Transcript()
    try:
        if options.slack == "real":
            _play_with_real_slack(transcript)
            return 0
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


def _play_with_real_slack(transcript: Transcript) -> None:
    workspace = RealWorkspace(transcript, take_from(os.environ))
    workspace.ask()
    with Places(transcript, workspace=workspace) as places:
        guided_real.play(places, transcript, workspace.name)
        signal.pause()  # nobody is at the terminal: stay until interrupted


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
