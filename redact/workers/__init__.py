"""Several redactors at work at a time, each in a process of its own, for services and batches.

A process, and not a thread: a decoder or an engine that crashes, hangs or fills the memory takes one job with it, and the others
go on; and a job can be ended at any moment, by its deadline or since nobody wants it any more.
"""

from redact.machine import count_cores, measure_memory
from redact.workers.plan import plan_workers
from redact.workers.pool import Job, Progress, Workers
from redact.workers.task import Task

__all__ = ["Job", "Progress", "Task", "Workers", "count_cores", "measure_memory", "plan_workers"]
