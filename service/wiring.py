"""What the app is made of, put together once, started and stopped in order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

from redact import Redactor
from redact.workers import Workers, count_cores, measure_memory, plan_workers
from service.access import Guard, Links, Rates
from service.observe import Metrics
from service.settings import Settings
from service.storage import Documents, Files, Keys, Secrets, State, open_database, upgrade
from service.work import Runner, Sweeper


def default_redactor(models_dir: Path | None, threads: int) -> Redactor:
    return Redactor(models_dir=models_dir, threads=threads)


@dataclass(frozen=True, slots=True)
class Service:
    settings: Settings
    engine: Engine
    documents: Documents
    files: Files
    keys: Keys
    secrets: Secrets
    links: Links
    guard: Guard
    workers: Workers
    runner: Runner
    sweeper: Sweeper
    metrics: Metrics
    # Pages that are drawn at once: each takes a core, and a page's pixels.
    drawing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(count_cores()))

    def start(self) -> None:
        self.workers.start()
        self.runner.start()
        self.sweeper.start()

    def stop(self) -> None:
        self.runner.stop(self.settings.stop_s)
        self.workers.close()
        self.sweeper.stop()
        self.engine.dispose()


def open_keys(settings: Settings) -> Keys:
    """The keys in the service's database, which is made where there is none.

    Raises:
        ValueError, SQLAlchemyError: the setting ``database_url`` is wrong.
        ImportError: the driver is not installed.
        OSError: the folder of data cannot be written to.
        StorageError: the database does not answer, or is a newer version's.
    """
    return Keys(_open_engine(settings))


def open_files(settings: Settings) -> Files:
    """Nothing is asked of the object store yet.

    Raises:
        ValueError, TypeError: the settings ``files_url`` or ``files_options`` are wrong.
        ImportError: the file system's package is not installed.
    """
    return Files(settings.files, settings.files_options)


def build(settings: Settings, metrics: Metrics, make_redactor: Callable[[], Redactor] | None) -> Service:
    """``make_redactor``: what each worker process loads, picklable; the default reader where None."""
    engine = _open_engine(settings)
    documents, files = Documents(engine), open_files(settings)
    keys, secrets = Keys(engine), Secrets(engine)
    links = Links(secrets.get("links"))
    rates = Rates(requests_per_minute=settings.requests_per_minute, failures_per_minute=settings.failures_per_minute)
    planned, planned_threads = plan_workers(count_cores(), measure_memory())
    threads = settings.threads or planned_threads
    workers = Workers(
        settings.workers or planned,
        make_redactor=make_redactor or partial(default_redactor, settings.models_dir, threads),
        threads=threads,
    )
    lease_s, deadline_s = settings.lease_s, settings.document_deadline_s
    runner = Runner(documents, files, workers, metrics, lease_s=lease_s, deadline_s=deadline_s)
    _watch(metrics, documents, workers)
    return Service(
        settings=settings,
        engine=engine,
        documents=documents,
        files=files,
        keys=keys,
        secrets=secrets,
        links=links,
        guard=Guard(keys, links, rates),
        workers=workers,
        runner=runner,
        sweeper=Sweeper(documents, files, every_s=settings.sweep_s),
        metrics=metrics,
    )


def _open_engine(settings: Settings) -> Engine:
    if settings.database_url is None or settings.files_url is None:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    engine = open_database(settings.database)
    upgrade(engine)
    return engine


def _watch(metrics: Metrics, documents: Documents, workers: Workers) -> None:
    metrics.watch("queued_documents", "Waiting, of all replicas", lambda: documents.count().get(State.QUEUED, 0))
    metrics.watch("running_documents", "Worked on, of all replicas", lambda: documents.count().get(State.RUNNING, 0))
    metrics.watch("workers", "Worker processes of this replica", lambda: workers.count)
    metrics.watch("idle_workers", "Those without work", lambda: workers.idle)
