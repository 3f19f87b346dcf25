"""A program that has workers, and is killed: ``python doomed.py FLAG MAKE``. It tells its workers' processes once one works."""

from __future__ import annotations

import io
import os
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import worker_jobs
from PIL import Image

from redact.workers import Workers


def main(flag: Path, make: str, *, keep_pipes: bool) -> None:
    image = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(image, "PNG")
    job: Any = worker_jobs.open_and_hang if "sandbox" in make else worker_jobs.hang
    arguments = (flag, image.getvalue()) if "sandbox" in make else (flag,)
    workers = Workers(2, make_redactor=getattr(worker_jobs, make))
    workers.start()
    assert workers.wait_ready(60, count=2)
    workers.submit(partial(job, *arguments))
    while not flag.exists():
        time.sleep(0.01)
    if keep_pipes and os.fork() == 0:
        # Holds all ends of the pipes, as a fork of any program does, and outlives its parent until it is told to end.
        sys.stdin.read()
        os._exit(0)
    print(*workers.pids, flush=True)
    time.sleep(600)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], keep_pipes="--keep-pipes" in sys.argv)
