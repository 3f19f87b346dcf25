"""``python -m service.deploy.bucket`` makes the bucket that ``REDACT_FILES_URL`` names, and has it drop what an upload that was
killed half way left behind: such parts are in no listing, and nothing of this service can find them.

It may be run again at any time. MinIO knows no such rule, and drops them by a setting of its own
(``MINIO_API_STALE_UPLOADS_EXPIRY``).
"""

from __future__ import annotations

import sys
from typing import Any

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs

from service.observe import configure_logging, get_logger
from service.settings import Settings

RULE = {
    "ID": "redact-incomplete-uploads",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
}
# What stores answer to a rule that they do not know.
_UNKNOWN_RULE = ("MalformedXML", "NotImplemented", "InvalidRequest", "InvalidArgument")
_log = get_logger("bucket")


def prepare_bucket(settings: Settings) -> bool:
    """Whether the store keeps the rule. Other rules that are there stay.

    Raises:
        ValueError: ``files_url`` is not ``s3://BUCKET/…``.
        OSError: the store refuses.
        botocore.exceptions.BotoCoreError: it does not answer, or there are no credentials.
    """
    system, root = url_to_fs(settings.files, **{"use_listings_cache": False, **settings.files_options})
    if "s3" not in system.protocol:
        raise ValueError("files_url names no bucket")
    bucket = root.partition("/")[0]
    if not system.exists(bucket):
        system.call_s3("create_bucket", Bucket=bucket, **_place(system))
    others = [rule for rule in _read_rules(system, bucket) if rule.get("ID") != RULE["ID"]]
    try:
        system.call_s3("put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": [*others, RULE]})
    except OSError as error:
        if _code(error) in _UNKNOWN_RULE:
            return False
        raise
    # Some take it and keep nothing of it.
    return any("AbortIncompleteMultipartUpload" in rule for rule in _read_rules(system, bucket))


def _place(system: AbstractFileSystem) -> dict[str, Any]:
    """Where the bucket is to be. S3's first region must not be named."""
    system.connect()
    region = system.s3.meta.region_name
    return {} if region in (None, "aws-global", "us-east-1") else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _read_rules(system: AbstractFileSystem, bucket: str) -> list[dict[str, Any]]:
    try:
        answer: dict[str, Any] = system.call_s3("get_bucket_lifecycle_configuration", Bucket=bucket)
    except OSError as error:
        if _code(error) == "NoSuchLifecycleConfiguration":
            return []
        raise
    return list(answer.get("Rules", []))


def _code(error: OSError) -> str:
    """The store's own code, which s3fs keeps in the cause."""
    response: dict[str, Any] = getattr(error.__cause__, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def main() -> int:
    settings = Settings()
    configure_logging(settings.log_level)
    if prepare_bucket(settings):
        _log.info("bucket ready")
    else:
        _log.warning("bucket ready; the store must drop incomplete uploads by a setting of its own")
    return 0


if __name__ == "__main__":
    sys.exit(main())
