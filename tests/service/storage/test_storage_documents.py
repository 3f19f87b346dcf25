"""Rows of documents: what is put in, found, corrected and deleted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session
from stored import correction, put, together

from service.storage import Documents, IdempotencyConflict, QueueFull, State, new_id
from service.storage.tables import CorrectionRow

REPORT = {"schema": "redact.report/1", "mask_required": "复核", "pages": [{"masks": [[1, 2, 3, 4]]}], "leaks": [], "a": None}


def test_a_new_document_waits(documents: Documents) -> None:
    id, expires_at = new_id(), datetime(2999, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=8)))
    before = datetime.now(UTC)
    document, new = documents.add(id=id, owner="key-1", sha256="ab" * 32, fingerprint="f", expires_at=expires_at)
    assert new
    assert (document.id, document.owner, document.sha256) == (id, "key-1", "ab" * 32)
    assert (document.state, document.progress, document.attempts, document.revision) == (State.QUEUED, 0, 0, 0)
    assert (document.report, document.failure, document.claimed_by, document.idempotency_key) == (None, None, None, None)
    assert document.expires_at == expires_at and document.expires_at.tzinfo is UTC
    assert abs(document.created_at - before) < timedelta(minutes=1)
    assert documents.find(id) == document


def test_times_without_a_zone_are_refused(documents: Documents) -> None:
    with pytest.raises(Exception, match="without a time zone"):
        documents.add(id=new_id(), owner="o", sha256="", fingerprint="", expires_at=datetime(2999, 1, 1))


def test_unknown_and_expired_documents_are_not_found(documents: Documents) -> None:
    assert documents.find(new_id()) is None
    expired = put(documents, expires_s=-1)
    assert documents.find(expired.id) is None
    assert documents.claim("replica", lease_s=60) is None, "nobody would come for it"


def test_the_same_key_again_gives_the_same_document(documents: Documents) -> None:
    first = put(documents, idempotency_key="k")
    again, new = _add(documents, fingerprint="f", idempotency_key="k")
    assert (again, new) == (first, False)
    assert put(documents, owner="key-2", idempotency_key="k").id != first.id, "keys are each owner's own"
    assert put(documents).id != put(documents).id, "no key, no tie"


def test_the_same_key_for_another_request_is_a_conflict(documents: Documents) -> None:
    put(documents, idempotency_key="k")
    with pytest.raises(IdempotencyConflict):
        _add(documents, fingerprint="g", idempotency_key="k")
    assert documents.count()[State.QUEUED] == 1


def test_the_key_of_a_document_that_failed_is_free_again(documents: Documents) -> None:
    """Who sends it once more, as the advice says, is not told of the same failure."""
    old = put(documents, idempotency_key="k")
    assert documents.claim("a", lease_s=60) and documents.fail(old.id, "a", "worker_lost")
    new, is_new = _add(documents, fingerprint="f", idempotency_key="k")
    assert is_new and new.id != old.id
    failed = documents.find(old.id)
    assert failed is not None and failed.failure == "worker_lost"


def test_an_expired_documents_key_is_free_again(documents: Documents) -> None:
    old = put(documents, idempotency_key="k", expires_s=-1)
    new = put(documents, idempotency_key="k", fingerprint="g")
    assert new.id != old.id and documents.find(new.id) == new
    assert documents.list_expired(datetime.now(UTC)) == [old.id], "the sweep still has to delete its files"


def test_a_full_queue_takes_no_more(documents: Documents) -> None:
    first = put(documents, most_queued=2, idempotency_key="k")
    put(documents, most_queued=2)
    with pytest.raises(QueueFull):
        put(documents, most_queued=2)
    assert put(documents, most_queued=2, idempotency_key="k") == first, "a repeated request adds nothing"
    assert documents.claim("replica", lease_s=60)
    put(documents, most_queued=2)
    put(documents, expires_s=-1)
    assert documents.count() == {State.QUEUED: 2, State.RUNNING: 1, State.FINISHED: 0, State.FAILED: 0}


def test_a_full_queue_stays_full_when_many_come_at_once(documents: Documents) -> None:
    def add(_: int) -> int:
        added = 0
        for _ in range(5):
            try:
                put(documents, most_queued=7)
                added += 1
            except QueueFull:
                pass
        return added

    assert sum(together(8, add)) == 7
    assert documents.count()[State.QUEUED] == 7


def test_the_same_request_from_many_at_once_is_one_document(documents: Documents) -> None:
    added = together(8, lambda _: _add(documents, fingerprint="f", idempotency_key="k"))
    assert len({document.id for document, _ in added}) == 1
    assert [new for _, new in added].count(True) == 1
    assert documents.count()[State.QUEUED] == 1


def test_a_correction_is_kept_with_the_next_revision(documents: Documents) -> None:
    id = _finished(documents)
    made = [correction(3), correction(0, reason="the stamp names an office")]
    for revision, one in enumerate(made):
        corrected = documents.correct(id, revision=revision, report=REPORT | {"a": revision}, correction=one)
        assert corrected is not None and corrected == documents.find(id)
        assert (corrected.revision, corrected.report) == (revision + 1, REPORT | {"a": revision})
    assert documents.list_corrections(id) == made


def test_a_correction_of_an_old_revision_writes_nothing(documents: Documents) -> None:
    id = _finished(documents)
    assert documents.correct(id, revision=0, report={"first": True}, correction=correction())
    before = documents.find(id)
    for revision in (0, 2):
        assert documents.correct(id, revision=revision, report={"late": True}, correction=correction(9)) is None
    assert documents.find(id) == before
    assert documents.list_corrections(id) == [correction()]


def test_of_corrections_at_once_one_wins(documents: Documents) -> None:
    id = _finished(documents)
    results = together(8, lambda n: documents.correct(id, revision=0, report={"by": n}, correction=correction(n)))
    (winner,) = [n for n, document in enumerate(results) if document]
    document = documents.find(id)
    assert document is not None and (document.revision, document.report) == (1, {"by": winner})
    assert documents.list_corrections(id) == [correction(winner)]


def test_only_what_is_finished_and_there_can_be_corrected(documents: Documents) -> None:
    waiting = put(documents).id
    expired = put(documents, expires_s=0.2).id
    for id in (waiting, new_id()):
        assert documents.correct(id, revision=0, report={}, correction=correction()) is None
    assert documents.list_corrections(waiting) == documents.list_corrections(expired) == []


def test_reports_come_back_as_they_were(documents: Documents) -> None:
    document = documents.find(_finished(documents))
    assert document is not None and document.report is not None
    assert document.report == REPORT and list(document.report) == list(REPORT), "in its order too"


def test_deleting_takes_the_corrections_along(documents: Documents, engine: Engine) -> None:
    id, other = _finished(documents), _finished(documents)
    for one in (id, other):
        documents.correct(one, revision=0, report={}, correction=correction(reason="words"))
    assert documents.delete(id)
    assert documents.find(id) is None and not documents.delete(id)
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(CorrectionRow)) == 1
    assert documents.find(other)


def test_the_sweep_sees_what_has_expired_and_what_is_known(documents: Documents) -> None:
    later, earlier = put(documents, expires_s=-10).id, put(documents, expires_s=-20).id
    lives, now = put(documents).id, datetime.now(UTC)
    assert documents.list_expired(now) == [earlier, later]
    assert documents.list_expired(now, limit=1) == [earlier]
    assert documents.list_expired(now + timedelta(days=1)) == [earlier, later, lives]
    strangers = [new_id() for _ in range(1200)]
    assert documents.known([later, *strangers, lives]) == {later, lives}
    assert documents.known([]) == set()


def _add(documents: Documents, *, fingerprint: str, idempotency_key: str) -> tuple[object, bool]:
    expires_at = datetime.now(UTC) + timedelta(hours=1)
    return documents.add(
        id=new_id(), owner="key-1", sha256="0" * 64, fingerprint=fingerprint, expires_at=expires_at,
        idempotency_key=idempotency_key,
    )  # fmt: skip


def _finished(documents: Documents) -> str:
    put(documents)
    document = documents.claim("replica", lease_s=60)
    assert document and documents.finish(document.id, "replica", REPORT)
    return document.id
