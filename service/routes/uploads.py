"""A multipart body with one file, streamed to disk as it comes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from redact.errors import InvalidName
from redact.names.name import Name
from service.problems import Problem
from service.work import Given

_MOST_ALIASES = 20
_MOST_FIELDS = 32
_LARGEST_FIELD = 4096
_LONGEST_FILE_NAME = 255


@dataclass(frozen=True, slots=True)
class Upload:
    """``file`` is on disk where it is large."""

    file: UploadFile = field(repr=False)
    fields: dict[str, list[str]] = field(repr=False)

    @property
    def file_name(self) -> str:
        return (self.file.filename or "")[-_LONGEST_FILE_NAME:]

    def given(self) -> Given:
        """Raises Problem invalid_request, invalid_name."""
        names = self.fields.get("name", [])
        aliases = [a for a in self.fields.get("aliases", []) if a.strip()]
        if len(names) != 1 or len(aliases) > _MOST_ALIASES:
            raise Problem("invalid_request", detail="one name, and at most 20 aliases")
        try:
            Name.parse(names[0], aliases)
        except InvalidName:
            raise Problem("invalid_name") from None
        return Given(names[0], tuple(aliases), self.file_name)


@asynccontextmanager
async def receive_upload(request: Request) -> AsyncIterator[Upload]:
    """Raises Problem invalid_request, upload_too_large, request_timeout."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem("invalid_request", detail="multipart/form-data is expected")
    try:
        form = await request.form(max_files=1, max_fields=_MOST_FIELDS, max_part_size=_LARGEST_FIELD)
    except (HTTPException, ValueError, KeyError):
        # The parser's wording may quote the body.
        raise Problem("invalid_request", detail="the multipart body cannot be read") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise Problem("invalid_request", detail="a file is expected in the field file")
        fields = {key: [v for v in form.getlist(key) if isinstance(v, str)] for key in form}
        yield Upload(file, fields)
    finally:
        await form.close()


def describe_body(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    """For OpenAPI: the body is read by hand, since it must be refused before it is taken."""
    file = {"type": "string", "format": "binary", "contentMediaType": "application/octet-stream"}
    schema = {"type": "object", "properties": {"file": file, **properties}, "required": ["file", *required]}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}
