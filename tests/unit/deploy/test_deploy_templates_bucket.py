"""Uploading templates, and reading the public one back as a stranger would."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import boto3
import pytest
from botocore.stub import Stubber

from deploy.errors import NotReady, TemplateNotPublic
from deploy.leftovers import bucket_exists
from deploy.templates_bucket import check_readable, upload
from tests.unit.deploy.account import ACCOUNT, HERE, account, make_bucket

__all__ = ["account"]

PARENT = "clients/switchyard-client.yaml"


class Time:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@contextmanager
def bucket_answering(*answers: tuple[int, bytes]) -> Iterator[str]:
    """A web server that gives these answers in turn, and the last one from then on."""
    waiting = list(answers)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/bucket/{PARENT}"
        server.shutdown()


def read_patiently(url: str, expected: bytes) -> None:
    time = Time()
    check_readable(url, expected, clock=time.read, sleep=time.sleep)


def test_the_bucket_is_there_after_a_first_deployment_only(account: boto3.Session) -> None:
    s3 = account.client("s3")
    assert not bucket_exists(s3, HERE, HERE.bucket)

    make_bucket(account)

    assert bucket_exists(s3, HERE, HERE.bucket)


def test_a_bucket_of_somebody_else_is_never_used(account: boto3.Session) -> None:
    s3 = account.client("s3")
    with Stubber(s3) as stubber:
        stubber.add_client_error(
            "head_bucket",
            "403",
            http_status_code=403,
            expected_params={"Bucket": HERE.bucket, "ExpectedBucketOwner": ACCOUNT},
        )
        with pytest.raises(NotReady, match="belongs to another account"):
            bucket_exists(s3, HERE, HERE.bucket)


def test_the_parent_is_stored_after_what_it_refers_to(account: boto3.Session) -> None:
    s3 = account.client("s3")
    make_bucket(account)
    stored: list[str] = []
    s3.meta.events.register("provide-client-params.s3.PutObject", lambda params, **_: stored.append(params["Key"]))

    upload(s3, HERE, {PARENT: b"parent", "clients/switchyard-access-role-0.yaml": b"child", "clients/z.yaml": b"z"})

    assert stored == ["clients/switchyard-access-role-0.yaml", "clients/z.yaml", PARENT]
    assert s3.get_object(Bucket=HERE.bucket, Key=PARENT)["Body"].read() == b"parent"


def test_a_readable_template_passes_at_once() -> None:
    with bucket_answering((200, b"new")) as url:
        read_patiently(url, b"new")


def test_a_policy_and_a_version_that_take_a_moment_are_waited_for() -> None:
    with bucket_answering((403, b""), (200, b"old"), (200, b"new")) as url:
        read_patiently(url, b"new")


@pytest.mark.parametrize(
    ("answer", "told"),
    [((403, b""), "S3 answers 403 Forbidden"), ((200, b"old"), "an older version")],
)
def test_a_template_that_stays_unreadable_says_how_to_mend_it(answer: tuple[int, bytes], told: str) -> None:
    with bucket_answering(answer) as url, pytest.raises(TemplateNotPublic, match=told) as failed:
        read_patiently(url, b"new")

    assert "BlockPublicPolicy and RestrictPublicBuckets off" in str(failed.value)


def test_an_unreachable_bucket_is_a_problem_too() -> None:
    with bucket_answering((200, b"")) as url:
        gone = url

    with pytest.raises(TemplateNotPublic, match="refused"):
        read_patiently(gone, b"new")
