"""How Switchyard's forwarder speaks: one signed message to Switchyard at a time, for a limited time.

It calls no AWS API. The proof of this account is a request to `sts:GetCallerIdentity` that is signed here and sent by
Switchyard, which learns from AWS's answer this account's id and this role's name. The signature is good for nothing
else, and the secret key never leaves. In a client's stack this file and forwarder.py are one: Lambda's inline code.
"""

import functools
import hashlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from random import SystemRandom
from threading import Event
from typing import Any, TypeVar

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

IDENTITY_QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"
TAKEN = range(200, 300)
ANSWER_LIMIT = 8192
"""Bytes read of an answer; more of it, or unpacked, could cost the forwarder its memory."""
REFUSED = range(400, 500)
T = TypeVar("T")

log = logging.getLogger("switchyard")
log.setLevel(logging.INFO)
for chatty in ("botocore", "urllib3"):
    logging.getLogger(chatty).setLevel(logging.WARNING)  # at DEBUG they would log the session token


class NotTaken(Exception):
    """The other side could not be reached or could not take it now; trying again may help."""


@dataclass(frozen=True)
class Patience:
    """For how many seconds the forwarder tries and waits.

    `events` and `response` are for connecting and for reading. `waits` are the first and the longest wait of `persist`,
    which leaves `spare` of an invocation's time.
    """

    admission: float = 15
    last_word: float = 40
    pauses: tuple[float, ...] = (1, 2)
    waits: tuple[float, float] = (2, 60)
    spare: float = 30
    events: tuple[float, float] = (3, 9)
    response: tuple[float, float] = (2, 3)


PATIENCE = Patience()


def prove_account(body: bytes, settings: Mapping[str, str]) -> dict[str, str]:
    """Sign `sts:GetCallerIdentity`, for this audience and this event only; return what is needed to rebuild it."""
    request = AWSRequest(
        "POST",
        f"https://{settings['STS_HOST']}/",
        data=IDENTITY_QUESTION,
        headers={
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "X-Switchyard-Audience": settings["AUDIENCE"],
            "X-Switchyard-Event-SHA256": hashlib.sha256(body).hexdigest(),
        },
    )
    token = settings["AWS_SESSION_TOKEN"]
    credentials = Credentials(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"], token)
    SigV4Auth(credentials, "sts", settings["AWS_REGION"]).add_auth(request)
    return {
        "X-Switchyard-Region": settings["AWS_REGION"],
        "X-Switchyard-Date": request.headers["X-Amz-Date"],
        "X-Switchyard-Access-Key-Id": settings["AWS_ACCESS_KEY_ID"],
        "X-Switchyard-Session-Token": token,
        "X-Switchyard-Signature": request.headers["Authorization"].rpartition("Signature=")[2],
    }


def utc_now() -> datetime:
    """Return the time now, for what the forwarder itself reports."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Messenger:
    """Posts for one invocation: `settings` is the Lambda's environment, `function_arn` its own ARN."""

    settings: Mapping[str, str]
    function_arn: str
    patience: Patience = PATIENCE
    clock: Callable[[], datetime] = utc_now
    pause: Callable[[float], None] = time.sleep
    time_left: Callable[[], float] = lambda: 0
    """Seconds until Lambda ends this invocation."""
    http: urllib3.PoolManager = field(default_factory=lambda: urllib3.PoolManager(cert_reqs="CERT_REQUIRED"))

    def post(self, **news: Any) -> tuple[int, str]:
        """Send one event with its proof; return the answer. A refusal is final, NotTaken can be tried again."""
        claims = {
            "version": 2,
            "account_id": self.function_arn.split(":")[4],
            "company": self.settings["COMPANY"],
            "role_name": self.settings["ROLE_NAME"],
            "access_level": self.settings["ACCESS_LEVEL"],
            "require_mfa": self.settings["REQUIRE_MFA"] == "true",
            "max_session_seconds": int(float(self.settings["MAX_SESSION_SECONDS"])),
            "invitation": self.settings["INVITATION"],
            "parent_stack_id": self.settings["PARENT_STACK_ID"],
            "child_stack_id": None,
        }
        body = json.dumps({**claims, **news}).encode()
        headers = {"Content-Type": "application/json", **prove_account(body, self.settings)}
        status, text = self.send("POST", self.settings["EVENTS_URL"], body, headers, self.patience.events)
        if status in TAKEN:
            log.info("Switchyard accepted the event.")
        elif status in REFUSED and status != HTTPStatus.TOO_MANY_REQUESTS:
            log.error("Switchyard refused the event for good (%s): %s", status, text[:200])
        else:
            raise NotTaken(f"Switchyard answered {status}.")
        return status, text

    def now(self) -> dict[str, str]:
        """Return the time as Switchyard reads it."""
        return {"timestamp": self.clock().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}

    def within(self, seconds: float, attempt: Callable[[], T]) -> T | None:
        """Try for at most so many seconds. Raises nothing, because the stack must continue."""
        speaker, over = ThreadPoolExecutor(max_workers=1), Event()
        try:
            return speaker.submit(self.retry, attempt, over).result(timeout=seconds)
        except Exception as error:
            log.error("Switchyard did not accept it (%s); the stack continues.", type(error).__name__)  # noqa: TRY400
            return None
        finally:
            over.set()
            speaker.shutdown(wait=False)

    def retry(self, attempt: Callable[[], T], over: Event | None = None) -> T:
        """Try a few times in quick succession, unless it is `over` meanwhile; the last failure is raised."""
        for seconds in self.patience.pauses:
            try:
                return attempt()
            except NotTaken as error:
                log.warning("%s", error)
            self.pause(seconds)
            if over and over.is_set():  # Lambda may thaw this thread in a later invocation
                raise NotTaken("There was no time to try again.")
        return attempt()

    def persist(self, attempt: Callable[[], T]) -> T:
        """Try while this invocation has time; then raise the last failure, so that Lambda invokes again.

        The waits grow, and are drawn at random, so that many forwarders don't come back at the same moment.
        """
        longest, limit = self.patience.waits
        while True:
            try:
                return attempt()
            except NotTaken as error:
                wait = SystemRandom().uniform(longest / 2, longest)
                if self.time_left() < wait + self.patience.spare:
                    raise
                log.warning("%s Trying again in %.0f s.", error, wait)
            self.pause(wait)
            longest = min(2 * longest, limit)

    def send(
        self, method: str, url: str, body: bytes, headers: dict[str, str], times: tuple[float, float]
    ) -> tuple[int, str]:
        """Make one HTTP request, without retries or redirects; return its status and the beginning of its text."""
        timeout = urllib3.Timeout(connect=times[0], read=times[1])
        ask = functools.partial(self.http.request, timeout=timeout, retries=False, preload_content=False)
        try:
            answer = ask(method, url, body=body, headers=headers)
            try:
                return answer.status, answer.read(ANSWER_LIMIT, decode_content=False).decode(errors="replace")
            finally:
                answer.close()
        except urllib3.exceptions.HTTPError as error:
            raise NotTaken(f"No answer ({type(error).__name__}).") from None
