"""Proof of the account: rebuilds the forwarder's signed `sts:GetCallerIdentity` and believes STS's answer alone.

Nothing of the proof reaches STS but five scalars, each checked from end to end; host, path, body and the set of headers
are constants of ours. So a proof can't ask STS for anything else (CVE-2020-16250), nor say one thing twice
(CVE-2022-2385), nor be sent anywhere but to an STS endpoint. The audience and the event's hash are signed headers: a
proof made for another deployment or another event has another signature.

The standard library's client is used because it follows no redirects, knows no proxies and never tries again by itself.
"""

from __future__ import annotations

import io
import re
import ssl
import time
from collections.abc import Collection
from dataclasses import astuple
from datetime import datetime, timedelta
from functools import cached_property
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import socket
from typing import Any, cast
from urllib.parse import urlsplit

from bot.aws.outages import passes
from bot.aws.sts_answer import error_code, identity_in
from bot.domain.errors import ProofRefused, TryAgain
from bot.ports import Clock, Identity, Proof

FRESH = timedelta(minutes=5)
ANSWER_LIMIT = 16 * 1024
_BODY = b"Action=GetCallerIdentity&Version=2011-06-15"
_SUFFIXES = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}
_FORMS = {
    "date": r"[0-9]{8}T[0-9]{6}Z",
    "access_key_id": r"ASIA[A-Z0-9]{12,124}",
    "session_token": r"[A-Za-z0-9+/=_-]{16,4096}",
    "signature": r"[0-9a-f]{64}",
}
_NAME = r"[A-Za-z0-9+=,.@_-]"
_NO = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
"""How STS says no. A forwarder gives up on a no of ours, so whatever else there is in an answer counts as none."""
_UNANSWERED = "AWS could not check the proof of the account just now. Send the event again."
_REFUSED = "AWS does not confirm the proof of the account."


class StsVerifier:
    """Keeps to `ports.Verifier`. `endpoint` only moves the connection, for a local AWS; what was signed stays."""

    def __init__(
        self,
        partition: str,
        regions: Collection[str],
        audience: str,
        clock: Clock,
        *,
        endpoint: str | None = None,
        timeout: float = 3,
    ) -> None:
        self._suffix = _SUFFIXES[partition]
        self._regions = frozenset(regions)
        self._audience = audience
        self._clock = clock
        self._endpoint = urlsplit(endpoint) if endpoint else None
        self._timeout = timeout
        self._arn = re.compile(
            rf"arn:{partition}:sts::(?P<account>[0-9]{{12}}):assumed-role"
            rf"/switchyard-forwarder-(?P<role>{_NAME}{{1,43}})/{_NAME}{{2,64}}"
        )

    def verify(self, proof: Proof, event_sha256: str) -> Identity:
        self._check(proof)
        status, content_type, body = self._ask(self._headers(proof, event_sha256))
        if status == HTTPStatus.OK:
            return self._identity(content_type, body)
        code = error_code(body)
        if status not in _NO or passes(code, status):
            raise TryAgain(_UNANSWERED)
        refused = ProofRefused(_REFUSED)
        refused.add_note(f"STS answered {status} {code}")
        raise refused

    def _check(self, proof: Proof) -> None:
        """Every scalar has exactly its form, and the proof is fresh."""
        if not any(astuple(proof)):
            raise ProofRefused("There is no proof of the account. Exactly its five headers are needed, each once.")
        if proof.region not in self._regions:
            raise ProofRefused("The proof of the account names no region with an STS endpoint.")
        for name, form in _FORMS.items():
            if not re.fullmatch(form, getattr(proof, name)):
                raise ProofRefused(f"The proof of the account has no valid {name.replace('_', ' ')}.")
        try:
            signed_at = datetime.fromisoformat(proof.date)
        except ValueError:
            raise ProofRefused("The proof of the account has no valid date.") from None
        if abs(self._clock.now() - signed_at) > FRESH:
            raise ProofRefused("The proof of the account is not of the last 5 minutes. Is the clock right?")

    def _headers(self, proof: Proof, event_sha256: str) -> dict[str, str]:
        signed = {
            "accept": "application/json",
            "content-type": "application/x-www-form-urlencoded; charset=utf-8",
            "host": f"sts.{proof.region}.{self._suffix}",
            "x-amz-date": proof.date,
            "x-amz-security-token": proof.session_token,
            "x-switchyard-audience": self._audience,
            "x-switchyard-event-sha256": event_sha256,
        }
        scope = f"{proof.date[:8]}/{proof.region}/sts/aws4_request"
        authorization = (
            f"AWS4-HMAC-SHA256 Credential={proof.access_key_id}/{scope}, "
            f"SignedHeaders={';'.join(signed)}, Signature={proof.signature}"
        )
        return {**signed, "authorization": authorization, "content-length": str(len(_BODY))}

    def _ask(self, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """STS's status, content type and body; the whole exchange ends by one deadline."""
        deadline = time.monotonic() + self._timeout
        connection = self._connection(headers["host"])
        try:
            connection.connect()
            connection.putrequest("POST", "/", skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(_BODY)
            answer = _Hurried(connection.sock, deadline).answer()
            body = answer.read(ANSWER_LIMIT + 1)
        except (OSError, HTTPException) as error:
            raise TryAgain(_UNANSWERED) from error
        finally:
            connection.close()
        if answer.length or len(body) > ANSWER_LIMIT:  # it broke off, or is longer than any of STS's
            raise TryAgain(_UNANSWERED)
        return answer.status, answer.getheader("content-type", ""), body

    def _connection(self, host: str) -> HTTPConnection:
        address = self._endpoint or urlsplit(f"https://{host}")
        if address.scheme == "http":
            return HTTPConnection(address.netloc, timeout=self._timeout)
        return HTTPSConnection(address.netloc, timeout=self._timeout, context=self._tls)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _identity(self, content_type: str, body: bytes) -> Identity:
        """Return whom STS's answer names. Raises unless it is exactly an answer to our question."""
        result = identity_in(content_type, body)
        if result is None:
            raise TryAgain(_UNANSWERED)
        role = self._arn.fullmatch(result["Arn"])
        if role is None:
            raise ProofRefused("The proof of the account was not made by a forwarder's role.")
        if role["account"] != result["Account"]:
            raise ProofRefused(_REFUSED)
        return Identity(account_id=role["account"], role_name=role["role"])


class _Hurried(io.RawIOBase):
    """Receives until a `deadline` of the monotonic clock, TimeoutError after that, however the answer trickles in.

    A socket's own limit begins anew with every byte.
    """

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
