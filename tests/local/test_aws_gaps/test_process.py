"""The local AWS as a process: one port, a clean end, and a clear word when it can't start."""

import os
import signal
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from local.aws.process import LocalAws, LocalAwsDidNotStartError
from tests.local.test_aws_gaps.accounts import PROVIDER, Account
from tests.local.test_aws_gaps.test_functions import LAMBDA, call, make

LISTEN, LOOPBACK = "0A", "0100007F"


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalAwsDidNotStartError, match=f"can't listen on 127.0.0.1:{port}.*--port"):
            LocalAws.start(tmp_path, port=port)


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_it_ends_cleanly_with_its_functions(tmp_path: Path, ended_by: signal.Signals) -> None:
    # Given a warm function of its own process
    running = LocalAws.start(tmp_path)
    provider = Account(running.url, PROVIDER)
    make(provider, "alive", provider.role("alive", LAMBDA), "import os\ndef handler(e, c):\n    return os.getpid()\n")
    worker = call(provider, "alive")
    os.kill(worker, 0)

    # When
    running.process.send_signal(ended_by)

    # Then
    assert running.process.wait(60) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(worker, 0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aws.log", "output.log"]
    assert running.log.read_text()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's table of sockets")
def test_it_listens_on_this_machine_only(local_aws: LocalAws) -> None:
    process = Path("/proc", str(local_aws.process.pid))
    sockets = set()
    for link in (process / "fd").iterdir():
        with suppress(FileNotFoundError):  # it was closed since, as connections are
            sockets.add(str(link.readlink()))
    listening = []
    for table in ("tcp", "tcp6"):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            _, local_address, _, state, *_, inode = line.split()[:10]
            if state == LISTEN and f"socket:[{inode}]" in sockets:
                address, _, port = local_address.partition(":")
                listening.append((address, int(port, 16)))
    assert listening == [(LOOPBACK, local_aws.port)]
