"""A template is read from S3 with the caller's permission, in whatever account its bucket is.

AWS CloudFormation API Reference, "CreateStack", TemplateURL: the URL must point to a template in an Amazon S3 bucket;
who asks must be able to read it. ministack looks only in the caller's own account and asks nobody.
"""

import re
from typing import Any
from urllib.parse import unquote, urlparse

from ministack.core import iam_evaluator, responses
from ministack.services import s3
from ministack.services.cloudformation import helpers

from local.aws.gaps.callers import CALLER, decide, question
from local.aws.gaps.request_facts import first

_MORE = "For more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
_S3_HOST = re.compile(r"^(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com(?:\.cn)?$")
_MAX_BYTES = 1_000_000


class TemplateRefusedError(Exception):
    """The template can't be read; the message is CloudFormation's."""


def install(port: int) -> None:
    """Read every document behind a URL through `read_template`."""
    resolve_document = helpers._resolve_document
    _LOCAL_HOSTS.update({f"127.0.0.1:{port}", f"localhost:{port}"})

    def resolve(parameters: Any, body_key: str, url_key: str, label: str) -> Any:
        if first(parameters, body_key) or not first(parameters, url_key):
            return resolve_document(parameters, body_key, url_key, label)
        try:
            return read_template(first(parameters, url_key), CALLER.get()), None
        except TemplateRefusedError as refused:
            return None, helpers._error("ValidationError", str(refused))

    helpers._resolve_document = resolve


_LOCAL_HOSTS: set[str] = set()


def read_template(url: str, reader: Any) -> str:
    """The text behind a template URL as `reader` (a principal; None is everybody's friend, the root) may see it."""
    bucket, key = _locate(url)
    owner = s3._bucket_owner_account(bucket)
    if owner is None:
        raise TemplateRefusedError(f"S3 error: The specified bucket does not exist\n{_MORE}")
    if not _may_read(reader, owner, bucket, key):
        raise TemplateRefusedError(f"S3 error: Access Denied\n{_MORE}")
    with responses.request_scope(owner, responses.get_region()):
        content = s3._get_object_data(bucket, key)
    if content is None:
        raise TemplateRefusedError(f"S3 error: The specified key does not exist.\n{_MORE}")
    if len(content) > _MAX_BYTES:
        raise TemplateRefusedError(f"Template may not exceed {_MAX_BYTES} bytes in size.")
    return str(content.decode("utf-8"))


def _locate(url: str) -> tuple[str, str]:
    parsed = urlparse(url)
    path = unquote(parsed.path).lstrip("/")
    host = _S3_HOST.match(parsed.hostname or "")
    if host is None and parsed.netloc not in _LOCAL_HOSTS:
        raise TemplateRefusedError("TemplateURL must be a supported URL.")
    bucket = host["bucket"] if host else None
    if bucket is None:
        bucket, _, path = path.partition("/")
    if not bucket or not path:
        raise TemplateRefusedError("TemplateURL must reference a valid S3 object to which you have access.")
    return bucket, path


def _may_read(reader: Any, owner: str, bucket: str, key: str) -> bool:
    account = reader.account if reader is not None else responses.get_account_id()
    arn = f"arn:aws:s3:::{bucket}/{key}"
    if account != owner and not s3._foreign_bucket_allows(owner, bucket, key, "GET", {}, account):
        return False
    if reader is None or reader.policies is None:
        return True
    verdict = decide(reader, "s3:GetObject", arn)
    if account == owner:
        with responses.request_scope(owner, responses.get_region()):
            policy = s3.bucket_policy_for_arn(arn)
        asked = question(reader, "s3:GetObject", arn)
        verdict = iam_evaluator.combine_resource_policy(verdict, asked, *policy, limits=reader.limits)
    return bool(verdict.decision == "Allow")
