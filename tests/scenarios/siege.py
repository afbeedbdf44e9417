"""Attacks on `POST /events`, one at a time: each must be refused and leave no trace anywhere.

The attacker holds everything a client has (an account with a forwarder, an invitation that counts) and all of our
code, so only the alteration itself can be what the attack is refused for.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.ports import Proof
from tests.fakes import event_body
from tests.scenarios.scene import REGION, Scene, headers_of
from tests.unit.aws.sts_proofs import QUESTION, proof_of, signed_headers, verifier

Records = Callable[[], list[dict[str, Any]]]


@dataclass
class Siege:
    """A scene in which a client was invited and has said nothing yet. `body` is what it would honestly send."""

    scene: Scene
    records: Records
    body: bytes = field(init=False)

    def __post_init__(self) -> None:
        self.body = event_body("CREATE_COMPLETE", self.scene.clock.now(), token=self.scene.invite())

    @property
    def proof(self) -> Proof:
        """An honest proof of the honest event, made now."""
        return self.scene.proof(self.body)

    def bent(self, **scalars: str) -> Proof:
        """The honest proof with other words in it."""
        return replace(self.proof, **scalars)

    def signed(
        self, question: bytes = QUESTION, *, region: str = REGION, at: datetime | None = None, **headers: str | None
    ) -> Proof:
        """A proof whose signature really covers these other things. A header that is None is not signed."""
        date = (at or self.scene.clock.moment).strftime("%Y%m%dT%H%M%SZ")
        digest = hashlib.sha256(self.body).hexdigest()
        honest = signed_headers(host=f"sts.{region}.amazonaws.com", x_amz_date=date, x_switchyard_event_sha256=digest)
        changed = honest | {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in changed.items() if value is not None}
        return proof_of(kept, question, region, date)

    def claiming(self, **claims: Any) -> bytes:
        """The honest event with other claims in it."""
        return json.dumps(json.loads(self.body) | claims).encode()

    def repels(
        self,
        status: int,
        proof: Proof | None = None,
        *,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        as_base64: bool = False,
        unasked: bool = False,
    ) -> None:
        """The attack gets this status; Slack hears of nothing, the table stays as it was, and, if `unasked`, so STS."""
        before, questions = self._traces(), len(self.scene.sts.received)
        body = self.body if body is None else body
        headers = headers_of(proof or self.proof) if headers is None else headers
        told, answer = self.scene.deliver(body, headers, as_base64=as_base64)
        assert (told, set(answer)) == (status, {"error"})
        assert self._traces() == before
        assert not unasked or len(self.scene.sts.received) == questions

    def hurry(self, timeout: float = 0.2) -> None:
        """Wait for STS no longer than this, in seconds."""
        quick = verifier(self.scene.sts.url, clock=self.scene.clock, timeout=timeout)
        self.scene.workflow = replace(self.scene.workflow, verifier=quick)

    def ends(self) -> None:
        """The honest event is taken, by the same endpoint in the same state: it makes one client and one message."""
        self.scene.sts.says = self.scene.sts.writes = None
        self.hurry(timeout=30)
        assert self.scene.post(self.body)[0] == 202
        assert len(self.scene.slack.messages) == 1
        assert len([item for item in self.records() if item["sk"] == {"S": "client"}]) == 1

    def _traces(self) -> tuple[Any, ...]:
        slack = self.scene.slack
        return slack.calls, slack.messages, self.records()
