"""What an operator may set: by ``redact serve``'s options, or by environment variables ``REDACT_...``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEBIBYTE = 2**20


class Settings(BaseSettings):
    """Each field is also the variable ``REDACT_`` + its name in capitals, such as ``REDACT_DATABASE_URL``."""

    # Neither in a log nor in a traceback: what may hold passwords has no repr.
    model_config = SettingsConfigDict(env_prefix="REDACT_", frozen=True, extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(8000, ge=0, le=65_535)
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("redact"), description="Of database and files, unless a URL is set."
    )
    database_url: str | None = Field(None, repr=False, description="sqlite:///… or postgresql://…; replicas share one.")
    files_url: str | None = Field(None, description="An fsspec URL, such as file:///… or s3://bucket/folder; replicas share one.")
    files_options: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="For fsspec, as JSON: endpoint_url, key, secret …"
    )
    public_url: str | None = Field(None, description="Where applicants reach the page; links begin with it.")
    models_dir: Path | None = None

    workers: int | None = Field(None, ge=1, description="Worker processes; by cores and memory where not set.")
    threads: int | None = Field(None, ge=1, description="Inference threads of a worker; by cores where not set.")
    most_queued: int = Field(200, ge=1, description="Documents that may wait; beyond it 429.")
    document_deadline_s: float = Field(1800.0, gt=0, description="What one document may take from when a worker begins it.")
    answer_deadline_s: float = Field(300.0, gt=0, description="What a correction or a screening may take, waiting included.")
    lease_s: float = Field(30.0, gt=0, description="A replica that is silent for so long loses its documents to others.")
    stop_s: float = Field(20.0, ge=0, description="On a graceful stop, what runs may take so long; the rest is queued again.")

    max_upload_bytes: int = Field(100 * MEBIBYTE, ge=1)
    upload_timeout_s: float = Field(120.0, gt=0, description="From the first byte of a request's body to its last.")
    keep_hours: float = Field(24.0, gt=0, description="Documents are deleted after so many hours.")
    sweep_s: float = Field(60.0, gt=0, description="How often expired documents are deleted.")
    requests_per_minute: int = Field(1200, ge=1, description="Of one key, link or, without keys, address; on each replica.")
    failures_per_minute: int = Field(30, ge=1, description="Refused keys and links of one address; on each replica.")
    log_level: str = Field("INFO", pattern="^(?i:debug|info|warning|error)$")

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.data_dir / 'redact.db').as_posix()}"

    @property
    def files(self) -> str:
        return self.files_url or (self.data_dir / "files").absolute().as_uri()
