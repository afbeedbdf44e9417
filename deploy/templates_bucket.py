"""The template bucket: uploading templates, and making sure that clients, who are strangers to it, can read theirs."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from deploy.deployment import Deployment
from deploy.errors import TemplateNotPublic
from deploy.rendering import CLIENT_TEMPLATE_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_PATIENCE = 30.0
"""Seconds that a new bucket policy may take to be in force."""


def upload(s3: S3Client, deployment: Deployment, templates: Mapping[str, bytes]) -> None:
    """Store the templates, the parent last: whatever it refers to is there before it is."""
    for key in sorted(templates, key=lambda key: (key == CLIENT_TEMPLATE_KEY, key)):
        s3.put_object(
            Bucket=deployment.bucket,
            Key=key,
            Body=templates[key],
            ContentType="application/yaml",
            ExpectedBucketOwner=deployment.account_id,
        )


def check_readable(
    url: str,
    expected: bytes,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Read the template as a client would, without credentials, until it is what we published."""
    deadline = clock() + _PATIENCE
    while (problem := _problem_reading(url, expected)) is not None:
        if clock() > deadline:
            raise TemplateNotPublic(
                f"Clients can't read the template at {url}: {problem}. If S3 Block Public Access is on for the account"
                " or the organization, whoever administers it has to allow public bucket policies (S3 console, 'Block"
                " Public Access settings for this account': BlockPublicPolicy and RestrictPublicBuckets off), then"
                " deploy again."
            )
        sleep(1)


def _problem_reading(url: str, expected: bytes) -> str | None:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - our own bucket's URL
            content: bytes = answer.read()
    except urllib.error.HTTPError as error:
        error.close()
        return f"S3 answers {error.code} {error.reason}"
    except OSError as error:
        return str(error)
    return None if content == expected else "S3 answers with an older version"
