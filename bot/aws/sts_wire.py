"""Receives an HTTP answer by one moment, however it trickles in: a socket's own limit begins anew with every byte."""

from __future__ import annotations

import io
import time
from http.client import HTTPResponse
from socket import socket
from typing import Any, cast


class Hurried(io.RawIOBase):
    """Limits what a socket receives to a `deadline` of the monotonic clock; TimeoutError after that."""

    def __init__(self, received_by: socket, deadline: float) -> None:
        self._socket = received_by
        self._deadline = deadline

    def answer(self) -> HTTPResponse:
        """Return the answer to the POST that was sent, with its header read."""
        answer = HTTPResponse(cast(socket, self), method="POST")  # `makefile` is all it needs of a socket
        answer.begin()
        return answer

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer took too long")
        self._socket.settimeout(left)
        return self._socket.recv_into(buffer)
