"""Prepares this process and serves the local AWS: its own port, environment, log and temporary files.

The port is bound before anything else happens, so a second copy fails at once with a sentence that says what to do.
"""

import logging
import os
import shutil
import socket
from pathlib import Path

from local.aws.environment import HOST, ministack_environment


def serve(port: int, state_dir: Path, sns_delay: float, function_update: float) -> None:
    """Run until SIGINT or SIGTERM; doesn't return."""
    listener = _listen(port)
    state_dir = state_dir.resolve()
    temporary = state_dir / "tmp"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    environment = ministack_environment(os.environ, port, state_dir)
    os.environ.clear()
    os.environ.update(environment)
    logging.basicConfig(
        filename=state_dir / "aws.log",
        filemode="w",
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    from local.aws import gateway  # noqa: PLC0415 (ministack reads the environment when it is imported)

    try:
        gateway.run(listener, port, temporary / "lambda-runtime", sns_delay, function_update)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        logging.shutdown()
        # A stack operation may still wait for a custom resource on a thread that nobody will answer any more.
        os._exit(0)


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen(100)
    except OSError as error:
        raise SystemExit(
            f"The local AWS can't listen on {HOST}:{port} ({error.strerror}). "
            "If another copy is running, stop it; otherwise choose another port with --port."
        ) from error
    return listener
