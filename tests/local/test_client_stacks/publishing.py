"""Publishes the client templates as `make deploy` does, for one stand-in, with a forwarder that is less patient."""

from typing import Any

from deploy.rendering import CLIENT_TEMPLATE_KEY, FLAT_TEMPLATE_KEY, ClientConstants, render_client_templates
from tests.local.test_aws_gaps.accounts import PROVIDER, Account, allow, policy

AUDIENCE = f"switchyard/test/{PROVIDER}"
KEYS = {"nested": CLIENT_TEMPLATE_KEY, "flat": FLAT_TEMPLATE_KEY}
UNCHANGED = ""
QUICK = "PATIENCE = Patience(pauses=(0.05, 0.05), spare=900)"
IMPATIENT = "PATIENCE = Patience(admission=2, last_word=4, pauses=(0.05, 0.05), events=(1, 1.5), spare=900)"
"""Lines that are added to the forwarder. In production a hanging endpoint costs a stack 15 and 40 seconds."""


class Bucket:
    """The provider's template bucket: `clients/` is public, nothing else is."""

    def __init__(self, url: str, name: str) -> None:
        self._s3 = Account(url, PROVIDER).client("s3")
        self._name, self._url = name, f"{url}/{name}"
        self._s3.create_bucket(Bucket=name)
        self._s3.delete_public_access_block(Bucket=name)
        public: dict[str, Any] = {**allow("s3:GetObject", f"arn:aws:s3:::{name}/clients/*"), "Principal": "*"}
        self._s3.put_bucket_policy(Bucket=name, Policy=policy(public))

    def publish(self, kind: str, events_url: str, patience: str = UNCHANGED) -> str:
        """Publish all templates under a name of their own; return the URL of the template of this kind."""
        folder = f"clients/{kind}-{events_url.split(':')[2].split('/', maxsplit=1)[0]}"
        constants = ClientConstants(PROVIDER, events_url, AUDIENCE, f"{self._url}/{folder}")
        for key, content in render_client_templates(constants).items():
            body = content.decode()
            if patience and key in KEYS.values():
                handler = "          def handler("
                assert body.count(handler) == 1
                body = body.replace(handler, f"          {patience}\n\n\n{handler}")
            self._s3.put_object(Bucket=self._name, Key=f"{folder}/{key}", Body=body.encode())
        return f"{self._url}/{folder}/{KEYS[kind]}"
