"""`python -m local.browser`: play the stories and write docs/images anew. Exit code 0 only if they came true."""

import sys

from playwright.sync_api import Error

from local.browser.camera import IMAGES, Camera, keep_texts
from local.browser.chromium import NoChromium
from local.browser.playing import play
from local.demo.transcript import StoryBroken, Transcript
from local.demo.workspace import REPOSITORY, PlacesNotReady


def main() -> int:
    """Take every picture, then keep the words that they show."""
    transcript, camera = Transcript(), Camera(IMAGES)
    try:
        play(transcript, camera, REPOSITORY / ".local" / "browser")
    except (NoChromium, PlacesNotReady) as not_ready:
        transcript.fail(str(not_ready))
        return 1
    except (StoryBroken, AssertionError, Error) as broken:
        transcript.fail("\n".join([str(broken), *getattr(broken, "__notes__", [])]))
        return 1
    keep_texts(camera.texts)
    transcript.say(f"\n{len(camera.texts)} pictures in {IMAGES}")
    transcript.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
