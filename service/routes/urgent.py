"""Work that a person waits for: it goes before the queue, and its answer is the request's."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from redact.errors import AttachmentError, Cancelled, DeadlineExceeded, RedactError, WorkerLost
from redact.workers import Job, Task
from service.observe import get_logger
from service.problems import Problem
from service.wiring import Service

T = TypeVar("T")
_ATTEMPTS = 2
_log = get_logger("urgent")


async def run_urgent(service: Service, job: Job[T]) -> T:
    """A worker that is lost is tried once more.

    Raises:
        Problem: queue_full, overloaded, worker_lost, internal, or the code of an attachment that cannot be opened.
    """
    settings = service.settings
    if service.workers.waiting >= settings.most_queued:
        raise Problem("queue_full")
    for attempt in range(_ATTEMPTS):
        task = service.workers.submit(job, urgent=True, deadline_s=settings.answer_deadline_s)
        try:
            async with asyncio.timeout(settings.answer_deadline_s):
                await _end_of(task)
            return task.result(timeout=0)
        except (TimeoutError, asyncio.CancelledError) as error:
            task.cancel()
            if isinstance(error, asyncio.CancelledError):
                raise
            raise Problem("overloaded") from None
        except WorkerLost:
            _log.error("worker lost", extra={"attempt": attempt + 1})
        except (DeadlineExceeded, Cancelled):
            raise Problem("overloaded") from None
        except AttachmentError as error:
            raise Problem(error.code) from None
        except RedactError as error:
            _log.error("job failed", extra={"kind": str(error)})
            raise Problem("internal") from None
    raise Problem("worker_lost")


async def _end_of(task: Task[T]) -> None:
    loop = asyncio.get_running_loop()
    done = asyncio.Event()

    def tell(_: Task[T]) -> None:
        # The loop may be gone by then, and with it whoever waited.
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)

    task.add_done_callback(tell)
    await done.wait()
