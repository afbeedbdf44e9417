"""`python -m local.slack --port 3000`: the local Slack workspace for people. Ctrl-C ends it."""

import argparse
import asyncio
import signal
import sys
import time
from pathlib import Path

from local.slack.app.link import PATIENCE_SECONDS, HttpApp
from local.slack.faults.switches import switch_elsewhere
from local.slack.server import HOST, LocalSlack, listen
from local.slack.workspace.manifest import manifest_of


def main() -> int:
    """Serve until interrupted; 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="python -m local.slack", description=__doc__)
    parser.add_argument("--port", type=int, default=3000)
    parser.add_argument("--manifest", type=Path, help="the app's manifest; without it, slack-manifest.yml")
    parser.add_argument("--request-url", help="where the app takes commands and presses; can be set later")
    parser.add_argument(
        "--patience",
        type=float,
        default=PATIENCE_SECONDS,
        help="how many seconds the app has to answer and to open a window; Slack gives 3, a busy machine may need more",
    )
    parser.add_argument(
        "--switch",
        nargs=3,
        action="append",
        default=[],
        metavar=("LABEL", "MEANING", "URL"),
        help='one more switch on the page; the URL takes {"on": true} and {"on": false}',
    )
    options = parser.parse_args()
    try:
        listening = listen(options.port)
    except OSError as taken:
        print(f"Port {options.port} is not free ({taken.strerror}). Stop what uses it, or choose another with --port.")
        return 1
    base_url = f"http://{HOST}:{listening.getsockname()[1]}"
    switches = [switch_elsewhere(*given) for given in options.switch]
    manifest = manifest_of(options.manifest.read_text(encoding="utf-8")) if options.manifest else None
    slack = LocalSlack(
        base_url, time.time, patience_seconds=options.patience, more_switches=switches, manifest=manifest
    )
    slack.workspace.modals.trigger_seconds = options.patience
    if options.request_url:
        slack.link.app = HttpApp(options.request_url)
    print(f"Slack workspace: {base_url}   Web API: {base_url}/api/", flush=True)

    async def serve() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        await slack.serve(listening, stop.wait)

    asyncio.run(serve())
    return 0


if __name__ == "__main__":
    sys.exit(main())
