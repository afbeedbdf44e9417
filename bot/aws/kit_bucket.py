"""The bucket of teams' kits (deploy/cloudformation/kit-bucket.yml): `<team>/<name of the file>`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.aws.outages import answering
from bot.kit.files import KitFile
from bot.settings import Settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_TYPES = {"html": "text/html", "csv": "text/csv"}


class KitBucket:
    """The Shelf on S3. Nobody reads here but the teams' groups."""

    def __init__(self, s3: S3Client, settings: Settings) -> None:
        self._s3, self._settings = s3, settings

    def put(self, team: str, file: KitFile) -> None:
        kind = _TYPES.get(file.name.rpartition(".")[2], "text/plain")
        with answering("S3"):
            self._s3.put_object(
                Bucket=self._settings.kit_bucket,
                # A stranger could own a bucket of that name once ours is deleted.
                ExpectedBucketOwner=self._settings.provider_account_id,
                Key=f"{team}/{file.name}",
                Body=file.text.encode(),
                ContentType=f"{kind}; charset=utf-8",
            )
