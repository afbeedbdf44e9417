"""The running server: ministack's app with the gaps filled and the console pages in front, on a socket given to it.

Import it only once the environment is ministack's (see `server`).
"""

import asyncio
import logging
import signal
import socket
from pathlib import Path
from typing import Any, cast

from hypercorn.asyncio import serve
from hypercorn.config import Config
from ministack.app import app
from ministack.core import hypercorn_compat

from local.aws.console_pages import with_console_pages
from local.aws.controls import with_controls
from local.aws.environment import HOST, READY
from local.aws.gaps import fill_gaps, lambda_workers
from local.aws.guard import guarded
from local.aws.quick_create import with_quick_create

_SECONDS_FOR_OPEN_REQUESTS = 1.0


def run(listener: socket.socket, port: int, runtime_dir: Path, sns_delay: float, function_update: float) -> None:
    """Serve until SIGINT or SIGTERM, then end every Lambda worker."""
    hypercorn_compat.install()
    fill_gaps(port=port, runtime_dir=runtime_dir, sns_delay=sns_delay, function_update=function_update)
    try:
        asyncio.new_event_loop().run_until_complete(_serve(listener, port))
    finally:
        lambda_workers.end_all()


async def _serve(listener: socket.socket, port: int) -> None:
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = _SECONDS_FOR_OPEN_REQUESTS
    config.errorlog = logging.getLogger("hypercorn.error")
    stopped = asyncio.Event()
    for received in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(received, stopped.set)
    print(f"{READY} http://{HOST}:{port}", flush=True)
    served = guarded(with_controls(with_quick_create(with_console_pages(app), port)))
    await serve(cast(Any, served), config, shutdown_trigger=stopped.wait)
