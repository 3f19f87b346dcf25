"""Each document is worked on by one replica at a time, and none is lost with a replica."""

from __future__ import annotations

import multiprocessing
import time

import pytest
from sqlalchemy import Engine, event, select, text
from stored import claim_all, put, replica, together

from service.storage import Document, Documents, State, open_database
from service.storage.tables import DocumentRow

BRIEF_S = 0.001  # a lease that has run out by the time anybody looks


def test_the_oldest_is_claimed_first(documents: Documents) -> None:
    ids = [put(documents).id for _ in range(3)]
    claimed = [documents.claim("a", lease_s=60) for _ in range(4)]
    assert [d and d.id for d in claimed] == [*ids, None]
    first = claimed[0]
    assert first and (first.state, first.attempts, first.claimed_by) == (State.RUNNING, 1, "a")
    assert documents.find(first.id) == first


def test_it_is_finished_by_its_claimer_alone(documents: Documents) -> None:
    id = _claimed(documents, "a").id
    assert not documents.finish(id, "b", {"by": "b"}) and not documents.fail(id, "b", "internal")
    assert not documents.give_back(id, "b", counted=True)
    documents.set_progress(id, "b", 0.9)
    documents.set_progress(id, "a", 0.5)
    running = documents.find(id)
    assert running and (running.state, running.progress, running.report) == (State.RUNNING, 0.5, None)
    assert documents.finish(id, "a", {"by": "a"})
    done = documents.find(id)
    assert done and (done.state, done.progress, done.report, done.claimed_by) == (State.FINISHED, 1.0, {"by": "a"}, None)
    assert not documents.finish(id, "a", {"again": True}) and not documents.fail(id, "a", "internal")
    documents.set_progress(id, "a", 0.1)
    assert documents.find(id) == done


def test_a_failure_says_why(documents: Documents) -> None:
    id = _claimed(documents, "a").id
    assert documents.fail(id, "a", "deadline_exceeded")
    failed = documents.find(id)
    assert failed and (failed.state, failed.failure, failed.claimed_by) == (State.FAILED, "deadline_exceeded", None)
    assert documents.claim("a", lease_s=60) is None


@pytest.mark.parametrize(("given", "kept"), [(-0.5, 0.0), (0.25, 0.25), (7.0, 1.0)])
def test_progress_stays_between_nothing_and_all(documents: Documents, given: float, kept: float) -> None:
    id = _claimed(documents, "a").id
    documents.set_progress(id, "a", given)
    found = documents.find(id)
    assert found and found.progress == kept


def test_a_lease_that_runs_out_is_claimed_again(documents: Documents) -> None:
    id = _claimed(documents, "a", lease_s=BRIEF_S).id
    documents.set_progress(id, "a", 0.5)
    time.sleep(0.01)
    again = documents.claim("b", lease_s=60)
    assert again and (again.id, again.attempts, again.claimed_by, again.progress) == (id, 2, "b", 0)
    assert not documents.finish(id, "a", {"by": "a"}), "it is b's now"
    assert documents.renew([id], "a", lease_s=60) == set()
    assert documents.finish(id, "b", {"by": "b"})


def test_a_lease_that_has_run_out_counts_until_another_claims(documents: Documents) -> None:
    id = _claimed(documents, "a", lease_s=BRIEF_S).id
    time.sleep(0.01)
    assert documents.renew([id], "a", lease_s=60) == {id}
    assert documents.claim("b", lease_s=60) is None
    assert documents.finish(id, "a", {})


def test_renewing_tells_which_are_still_the_claimers(documents: Documents) -> None:
    mine, deleted, finished = (_claimed(documents, "a").id for _ in range(3))
    others, waiting = _claimed(documents, "b").id, put(documents).id
    documents.delete(deleted)
    documents.finish(finished, "a", {})
    assert documents.renew([mine, deleted, finished, others, waiting], "a", lease_s=60) == {mine}
    assert documents.renew([], "a", lease_s=60) == set()


def test_a_document_that_is_deleted_while_it_runs_stays_deleted(documents: Documents) -> None:
    id = _claimed(documents, "a").id
    assert documents.delete(id)
    assert not documents.finish(id, "a", {}) and documents.find(id) is None


def test_one_that_takes_its_workers_down_is_given_up(documents: Documents, engine: Engine) -> None:
    bad, good = put(documents).id, put(documents).id
    for attempt in (1, 2):
        claimed = documents.claim("a", lease_s=BRIEF_S)
        assert claimed and (claimed.id, claimed.attempts) == (bad, attempt)
        time.sleep(0.01)
    claimed = documents.claim("a", lease_s=60)
    assert claimed and claimed.id == good
    failed = documents.find(bad)
    assert failed and (failed.state, failed.failure, failed.claimed_by) == (State.FAILED, "worker_lost", None)
    assert not documents.finish(bad, "a", {}), "too late"
    patient = Documents(engine, most_attempts=1)
    patient.give_back(good, "a", counted=True)
    assert patient.claim("a", lease_s=60) is None
    gone = documents.find(good)
    assert gone and gone.failure == "worker_lost"


@pytest.mark.parametrize(("counted", "attempts"), [(True, 2), (False, 1)])
def test_given_back_it_keeps_its_place(documents: Documents, counted: bool, attempts: int) -> None:
    first = _claimed(documents, "a").id
    put(documents)
    documents.set_progress(first, "a", 0.5)
    assert documents.give_back(first, "a", counted=counted)
    waiting = documents.find(first)
    assert waiting and (waiting.state, waiting.progress, waiting.claimed_by) == (State.QUEUED, 0, None)
    again = documents.claim("b", lease_s=60)
    assert again and (again.id, again.attempts) == (first, attempts)


def test_threads_claim_each_document_once(documents: Documents) -> None:
    ids = [put(documents).id for _ in range(100)]
    claimed = together(8, lambda n: claim_all(documents, f"thread-{n}"))
    assert sorted(id for some in claimed for id in some) == sorted(ids)


def test_replicas_start_at_once_and_claim_each_document_once(empty_url: str) -> None:
    """Two processes: both upgrade the empty database, and then empty the queue with eight threads between them."""
    spawn = multiprocessing.get_context("spawn")
    start, results = spawn.Barrier(3), spawn.Queue()
    replicas = [spawn.Process(target=replica, args=(empty_url, 4, start, results), daemon=True) for _ in range(2)]
    for process in replicas:
        process.start()
    start.wait(60)
    start.wait(60)
    engine = open_database(empty_url)
    documents = Documents(engine)
    ids = [put(documents).id for _ in range(200)]
    start.wait(60)
    claimed, secrets = zip(*(results.get(timeout=60) for _ in replicas), strict=True)
    for process in replicas:
        process.join(60)
        assert process.exitcode == 0
    assert sorted(id for some in claimed for id in some) == sorted(ids)
    assert secrets[0] == secrets[1]
    engine.dispose()


@pytest.mark.parametrize("url", ["postgresql"], indirect=True)
def test_claimers_do_not_wait_for_each_other(documents: Documents, engine: Engine) -> None:
    """While one takes the oldest, the others go past it. (SQLite has one writer.)"""
    first, second = put(documents).id, put(documents).id
    with engine.begin() as connection:
        taken = connection.scalar(select(DocumentRow.id).where(DocumentRow.id == first).with_for_update())
        assert taken == first
        event.listen(engine, "begin", lambda other: other.execute(text("SET LOCAL lock_timeout = '5s'")))
        claimed = documents.claim("b", lease_s=60)
    assert claimed and claimed.id == second


def _claimed(documents: Documents, claimer: str, *, lease_s: float = 60) -> Document:
    put(documents)
    document = documents.claim(claimer, lease_s=lease_s)
    assert document
    return document
