"""Jobs given to workers: where they run, in which order, what comes back, and how they are ended."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from awaited import PATIENCE_S, is_gone, wait_for
from worker_jobs import (
    SECRET,
    count_cv2_threads,
    count_to,
    give_back,
    hang,
    make_by_hanging,
    make_fake,
    print_everything,
    raise_own,
    raise_quoting,
    return_unopenable,
    return_unpicklable,
    see,
    tell_pid,
    work_until_stopped,
    work_while,
    write_line,
)

from redact.errors import Cancelled, DeadlineExceeded, Encrypted, JobFailed, RedactError, UsageError, WorkersClosed
from redact.workers import Task, Workers

make: Any = make_fake


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    """Two of them."""
    with Workers(2, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S, count=2)
        yield workers


@pytest.fixture
def one() -> Iterator[Workers]:
    """One, whose cancelled jobs are soon killed."""
    with Workers(1, make_redactor=make, cancel_grace_s=0.2) as workers:
        assert workers.wait_ready(PATIENCE_S)
        yield workers


def outcome(task: Task[Any]) -> Any:
    return task.result(PATIENCE_S)


# --- where, and what comes back -----------------------------------------------------------------------------------------


def test_each_worker_makes_its_redactor_once_and_does_many_jobs(one: Workers) -> None:
    assert {outcome(one.submit(tell_pid)) for _ in range(4)} == {(one.pids[0], 1)}


def test_jobs_run_side_by_side(workers: Workers, tmp_path: Path) -> None:
    first, second = (workers.submit(partial(work_while, tmp_path / "flag")) for _ in range(2))
    wait_for(lambda: first.running and second.running)
    assert workers.idle == 0
    (tmp_path / "flag").touch()
    assert outcome(first) == outcome(second) == "through"
    wait_for(lambda: workers.idle == 2)


def test_more_than_a_pipe_holds_goes_in_and_comes_out(workers: Workers) -> None:
    value = bytes(range(256)) * 50_000
    assert outcome(workers.submit(partial(give_back, value))) == value


def test_progress_is_a_share_and_comes_before_the_end(workers: Workers) -> None:
    shares: list[float] = []
    assert outcome(workers.submit(partial(count_to, 4), progress=lambda done, total: shares.append(done / total))) == 4
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_what_the_library_raises_comes_as_it_was(workers: Workers) -> None:
    with pytest.raises(Encrypted) as caught:
        outcome(workers.submit(raise_own))
    assert (caught.value.detail, caught.value.page_index) == ("user password", 3)
    assert str(caught.value) == "encrypted: user password"


def test_a_result_that_takes_longer_than_one_waits_for_still_comes(workers: Workers, tmp_path: Path) -> None:
    task = workers.submit(partial(work_while, tmp_path / "flag"))
    with pytest.raises(TimeoutError):
        task.result(0.01)
    (tmp_path / "flag").touch()
    assert outcome(task) == "through"


def test_jobs_submitted_before_the_start_wait_for_it() -> None:
    workers = Workers(1, make_redactor=make)
    task = workers.submit(tell_pid)
    assert workers.waiting == 1 and not task.done() and not workers.ready
    with workers:
        assert outcome(task)[1] == 1


def test_urgent_jobs_go_before_the_others_and_keep_their_order(one: Workers, tmp_path: Path) -> None:
    lines, flag = tmp_path / "lines", tmp_path / "flag"
    blocking = one.submit(partial(work_while, flag))
    wait_for(lambda: blocking.running)
    tasks = [one.submit(partial(write_line, lines, text), urgent=text.isupper()) for text in ("a", "b", "C", "D", "e")]
    assert (one.waiting, one.idle) == (5, 0)
    flag.touch()
    for task in tasks:
        outcome(task)
    assert lines.read_text().split() == ["C", "D", "a", "b", "e"]


def test_the_parent_loads_no_model_library() -> None:
    code = "import sys, redact.workers as w; w.Workers(1); print([m for m in ('cv2', 'pymupdf', 'openvino') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_threads_bound_opencv_and_linear_algebra() -> None:
    with Workers(1, make_redactor=make, threads=1) as workers:
        assert outcome(workers.submit(count_cv2_threads)) == 1
        assert outcome(workers.submit(partial(see, ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")))) == ("1", "1")


# --- what nobody must see -----------------------------------------------------------------------------------------------

QUOTING = [raise_quoting, return_unpicklable, return_unopenable]


@pytest.mark.parametrize("job", QUOTING, ids=lambda job: job.__name__)
def test_of_other_exceptions_only_class_and_place_come_back(job: Any, workers: Workers) -> None:
    task = workers.submit(partial(job, SECRET))
    with pytest.raises(JobFailed, match=r"Error in \w+\.py:\d+") as caught:
        outcome(task)
    seen = [caught.value, caught.value.__cause__, caught.value.__context__, caught.value.args, task, workers]
    assert SECRET not in "".join(map(repr, seen))
    assert outcome(workers.submit(tell_pid)), "the worker goes on"


def test_a_job_that_cannot_be_pickled_is_told_without_quoting_it(workers: Workers) -> None:
    with pytest.raises(UsageError) as caught:
        workers.submit(partial(give_back, (SECRET, threading.Lock())))
    assert SECRET not in repr(caught.value) and caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_job_of_the_main_module_is_refused_at_once_and_not_in_the_worker() -> None:
    code = """
from functools import partial
from redact.errors import UsageError
from redact.workers import Workers
class Job:
    def __call__(self, redactor, progress): ...
def job(redactor, progress): ...
for each in (job, Job(), partial(job, 1)):
    try:
        Workers(1).submit(each)
    except UsageError as error:
        print("main module" in error.detail)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True"] * 3


def test_what_a_job_prints_stays_out_of_the_way_and_out_of_sight(capfd: pytest.CaptureFixture[str]) -> None:
    with Workers(1, make_redactor=make) as workers:
        assert outcome(workers.submit(partial(print_everything, SECRET))) == "printed"
        assert outcome(workers.submit(tell_pid))
    out, err = capfd.readouterr()
    assert out == "" and SECRET not in err
    assert "ValueError in worker_jobs.py" in err, "that a thread failed is told"


def test_a_callback_that_fails_harms_nobody_and_is_logged_without_its_message(
    workers: Workers, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(SECRET)

    called: list[Task[Any]] = []
    task = workers.submit(partial(count_to, 2), progress=fail)
    task.add_done_callback(fail)
    task.add_done_callback(called.append)
    assert outcome(task) == 2
    wait_for(lambda: called == [task])
    assert "ValueError in test_jobs.py" in caplog.text and SECRET not in caplog.text
    assert outcome(workers.submit(tell_pid))


# --- cancelling ---------------------------------------------------------------------------------------------------------


def test_a_job_cancelled_while_it_waits_is_never_run(one: Workers, tmp_path: Path) -> None:
    lines, flag = tmp_path / "lines", tmp_path / "flag"
    blocking = one.submit(partial(work_while, flag))
    wait_for(lambda: blocking.running)
    task, other = (one.submit(partial(write_line, lines, text)) for text in "ab")
    task.cancel()
    assert task.done() and one.waiting == 1
    with pytest.raises(Cancelled):
        outcome(task)
    flag.touch()
    outcome(other)
    assert lines.read_text().split() == ["b"]


def test_a_running_job_is_stopped_at_its_next_progress_and_done_when_it_has_ended(workers: Workers, tmp_path: Path) -> None:
    flag, pids = tmp_path / "flag", workers.pids
    task = workers.submit(partial(work_until_stopped, flag))
    wait_for(flag.exists)
    task.cancel()
    with pytest.raises(Cancelled):
        outcome(task)
    assert flag.read_text().split() == ["began", "ended"]
    assert workers.pids == pids, "no worker had to be killed"


def test_a_cancelled_job_that_tells_of_no_progress_is_killed_with_its_worker(one: Workers, tmp_path: Path) -> None:
    task = one.submit(partial(hang, tmp_path / "flag"))
    wait_for((tmp_path / "flag").exists)
    (pid,) = one.pids
    task.cancel()
    with pytest.raises(Cancelled):
        outcome(task)
    assert is_gone(pid)
    assert outcome(one.submit(tell_pid))[0] != pid


def test_a_cancelled_job_that_gets_through_keeps_its_result_and_the_next_is_not_stopped_for_it(
    one: Workers, tmp_path: Path
) -> None:
    task = one.submit(partial(work_while, tmp_path / "first"))
    wait_for(lambda: task.running)
    task.cancel()
    (tmp_path / "first").touch()
    # By then the worker may be killed for it; what counts is that nothing is lost after it.
    try:
        assert outcome(task) == "through"
    except Cancelled:
        assert one.wait_ready(PATIENCE_S)
    following = one.submit(partial(work_while, tmp_path / "second"))
    time.sleep(0.4)
    (tmp_path / "second").touch()
    assert outcome(following) == "through", "the first one's grace is over, and this is another job"
    assert outcome(one.submit(partial(count_to, 3))) == 3
    task.cancel()


# --- deadlines ----------------------------------------------------------------------------------------------------------


def test_a_hang_is_ended_by_the_deadline(one: Workers, tmp_path: Path) -> None:
    (pid,) = one.pids
    with pytest.raises(DeadlineExceeded):
        outcome(one.submit(partial(hang, tmp_path / "flag"), deadline_s=0.2))
    assert is_gone(pid)
    assert outcome(one.submit(tell_pid))[0] != pid


def test_a_deadline_counts_from_when_the_job_begins(one: Workers, tmp_path: Path) -> None:
    blocking = one.submit(partial(work_while, tmp_path / "flag"))
    task = one.submit(tell_pid, deadline_s=1.0)
    time.sleep(1.2)
    (tmp_path / "flag").touch()
    assert outcome(blocking) == "through"
    assert outcome(task)[0] == one.pids[0]


def test_a_deadline_that_was_kept_does_not_strike_later(one: Workers, tmp_path: Path) -> None:
    assert outcome(one.submit(tell_pid, deadline_s=0.5))
    following = one.submit(partial(work_while, tmp_path / "flag"))
    time.sleep(0.7)
    (tmp_path / "flag").touch()
    assert outcome(following) == "through"


# --- closing ------------------------------------------------------------------------------------------------------------


def test_closing_fails_what_runs_and_waits_and_ends_all_workers(tmp_path: Path) -> None:
    with Workers(2, make_redactor=make) as workers:
        assert workers.wait_ready(PATIENCE_S, count=2)
        pids = workers.pids
        running = workers.submit(partial(hang, tmp_path / "flag"))
        wait_for((tmp_path / "flag").exists)
        others = [workers.submit(partial(hang, tmp_path / "other")) for _ in range(3)]
    for task in (running, *others):
        assert task.done()
        with pytest.raises(WorkersClosed):
            outcome(task)
    assert all(map(is_gone, pids)) and not workers.ready
    workers.close()


def test_closing_lets_what_runs_finish_where_one_waits_for_it(tmp_path: Path) -> None:
    workers = Workers(1, make_redactor=make)
    workers.start()
    task = workers.submit(partial(work_while, tmp_path / "flag"))
    wait_for(lambda: task.running)
    threading.Timer(0.2, (tmp_path / "flag").touch).start()
    workers.close(finish_s=PATIENCE_S)
    assert outcome(task) == "through"


def test_a_closed_pool_takes_no_job(tmp_path: Path) -> None:
    workers = Workers(1, make_redactor=make)
    workers.close()
    workers.start()
    with pytest.raises(WorkersClosed):
        outcome(workers.submit(tell_pid))
    assert not workers.wait_ready(0.0)


def test_closing_does_not_wait_for_workers_that_are_starting() -> None:
    hanging: Any = make_by_hanging
    with Workers(2, make_redactor=hanging) as workers:
        task = workers.submit(tell_pid)
    with pytest.raises(WorkersClosed):
        outcome(task)


def test_a_pool_needs_a_worker_and_a_way_to_make_its_redactor() -> None:
    with pytest.raises(UsageError):
        Workers(0)
    with pytest.raises(UsageError):
        Workers(1, make_redactor=lambda: make())


def test_every_error_of_workers_is_the_librarys_own() -> None:
    for kind in (Cancelled, DeadlineExceeded, JobFailed, WorkersClosed):
        assert issubclass(kind, RedactError)
