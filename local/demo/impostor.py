"""Who poses as a client: with an account of its own, a forwarder's role made by hand and everything that is public.

It knows all of the code, so it signs exactly as a forwarder does.
"""

import hashlib
import json
import time
import urllib.error
import urllib.request
from datetime import UTC, datetime
from http import HTTPStatus

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local.demo.places import PROVIDER, REGION, STAGE, session
from local.demo.transcript import PATIENCE_SECONDS

_ROLE = "switchyard-access"
_QUESTION = "Action=GetCallerIdentity&Version=2011-06-15"


class Impostor:
    """Root of an account of its own; `company` is whom it poses as."""

    def __init__(self, account_id: str, company: str) -> None:
        self.account_id = account_id
        self.company = company
        self._credentials = self._become_a_forwarder()

    def claims_to_be(self, account_id: str, events_url: str, token: str) -> tuple[int, str]:
        """Post that this account's stack is complete, proved with the own one; answers status and words.

        Comes again, as a forwarder does, while Switchyard says that it can't take anything now.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            status, words = self._claim(account_id, events_url, token)
            if status < HTTPStatus.INTERNAL_SERVER_ERROR or time.monotonic() > deadline:
                return status, words

    def _claim(self, account_id: str, events_url: str, token: str) -> tuple[int, str]:
        stack = f"arn:aws:cloudformation:{REGION}:{account_id}:stack/{_ROLE}/0a1b2c3d-0000-1111-2222-333344445555"
        body = json.dumps(
            {
                "version": 1,
                "account_id": account_id,
                "company": self.company,
                "role_name": _ROLE,
                "access_level": "Administrator",
                "invitation": token,
                "parent_stack_id": stack,
                "child_stack_id": None,
                "completed": {
                    "operation": "CREATE",
                    "request_id": "0a1b2c3d",
                    "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
                },
            }
        ).encode()
        request = urllib.request.Request(events_url, body, self._proof(body))  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()
        except OSError as unreachable:
            return HTTPStatus.SERVICE_UNAVAILABLE, str(unreachable)

    def _become_a_forwarder(self) -> Credentials:
        mine = session(self.account_id)
        trust = {"Effect": "Allow", "Principal": {"AWS": self.account_id}, "Action": "sts:AssumeRole"}
        made = mine.client("iam").create_role(
            RoleName=f"switchyard-forwarder-{_ROLE}",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        taken = mine.client("sts").assume_role(RoleArn=made["Role"]["Arn"], RoleSessionName="forwarder")["Credentials"]
        return Credentials(taken["AccessKeyId"], taken["SecretAccessKey"], taken["SessionToken"])

    def _proof(self, body: bytes) -> dict[str, str]:
        signed = AWSRequest(
            "POST",
            f"https://sts.{REGION}.amazonaws.com/",
            data=_QUESTION,
            headers={
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
                "X-Switchyard-Audience": f"switchyard/{STAGE}/{PROVIDER}",
                "X-Switchyard-Event-SHA256": hashlib.sha256(body).hexdigest(),
            },
        )
        SigV4Auth(self._credentials, "sts", REGION).add_auth(signed)
        return {
            "Content-Type": "application/json",
            "X-Switchyard-Region": REGION,
            "X-Switchyard-Date": signed.headers["X-Amz-Date"],
            "X-Switchyard-Access-Key-Id": str(self._credentials.access_key),
            "X-Switchyard-Session-Token": str(self._credentials.token),
            "X-Switchyard-Signature": signed.headers["Authorization"].rpartition("Signature=")[2],
        }
