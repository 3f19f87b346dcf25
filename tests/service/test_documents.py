"""Upload, report, pictures, file, delete: what the platform's backend relies on."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from served import DOUBTFUL_HEIGHT, HEIGHT, NAME, PLAIN, SLEEPY, SLOW, Served, pages, picture, serve, wait_for

from service.storage import Part

SCHEMA = "redact.report/1"


def test_an_upload_is_masked_and_its_report_comes_back(served: Served) -> None:
    content = picture()
    response = served.upload(content)
    assert response.status_code == 201
    report = response.json()
    assert report["schema"] == SCHEMA and report["status"] == "done" and report["mask_required"] == "是"
    assert report["source_sha256"] == hashlib.sha256(content).hexdigest()
    assert (
        report["output"] == f"/v1/documents/{report['id']}/file"
        and response.headers["location"] == f"/v1/documents/{report['id']}"
    )
    (page,) = report["pages"]
    assert (page["width"], page["height"]) == (PLAIN, HEIGHT) and page["masks"] and page["decided_by"] is None
    assert page["proposal"] == {"mask_required": "是", "masks": page["masks"]}
    assert served.client.get(f"/v1/documents/{report['id']}").json() == report


def test_the_masked_file_is_the_same_kind_of_file_with_the_name_painted_over(served: Served) -> None:
    report = served.upload(picture()).json()
    response = served.client.get(report["output"])
    assert response.status_code == 200 and response.headers["content-type"] == "image/png"
    assert response.headers["content-disposition"] == 'attachment; filename="masked.png"'
    after = np.array(Image.open(io.BytesIO(response.content)).convert("RGB"))
    assert all((after[y0:y1, x0:x1] == 0).all() for x0, y0, x1, y1 in report["pages"][0]["masks"])


def test_pages_are_shown_as_they_were_and_as_they_are_masked(served: Served) -> None:
    report = served.upload(picture()).json()
    address = f"/v1/documents/{report['id']}/pages/0.png"
    original, masked = (
        np.array(Image.open(io.BytesIO(served.client.get(address, params={"layer": layer}).content)))
        for layer in ("original", "masked")
    )
    x0, y0, x1, y1 = report["pages"][0]["masks"][0]
    assert original.shape == masked.shape == (HEIGHT, PLAIN, 3)
    assert original[y0:y1, x0:x1].max() > 0 and masked[y0:y1, x0:x1].max() == 0
    small = Image.open(io.BytesIO(served.client.get(address, params={"width": 300}).content))
    assert small.size == (300, round(HEIGHT / 3))
    assert served.client.get(address.replace("/0.", "/1.")).status_code == 404


def test_what_takes_longer_than_one_waits_is_watched_until_it_is_done(served: Served) -> None:
    response = served.upload(pages(SLOW, SLOW, SLOW), wait=0)
    assert response.status_code == 202 and response.headers["retry-after"]
    first = response.json()
    assert first["status"] in ("queued", "running") and response.headers["location"] == f"/v1/documents/{first['id']}"
    assert served.client.get(first_file := f"/v1/documents/{first['id']}/file").json()["code"] == "not_ready"
    running = wait_for(lambda: _running(served, first["id"]))
    assert 0 < running["progress"] < 1 and running["pages"] == 3 and 1 <= running["pages_done"] <= 3
    report = served.finish(first["id"])
    assert report["status"] == "done" and len(report["pages"]) == 3
    assert served.client.get(first_file).status_code == 200


def _running(served: Served, document_id: str) -> dict[str, Any] | None:
    response = served.client.get(f"/v1/documents/{document_id}")
    assert response.status_code == 202, "it was over before progress was seen"
    return response.json() if response.json()["progress"] else None


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "empty"), (b"no picture at all", "wrong_type"), (picture()[:300], "truncated")],
)
def test_a_file_that_does_not_open_counts_as_not_uploaded(served: Served, content: bytes, code: str) -> None:
    response = served.upload(content)
    assert response.status_code == 422 and response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["code"] == code and problem["message"] and problem["advice"] and problem["status"] == 422


@pytest.mark.parametrize("name", ["", "张", "!!", "x" * 100])
def test_a_name_that_cannot_be_searched_for_is_refused(served: Served, name: str) -> None:
    response = served.upload(picture(), name=name)
    assert (response.status_code, response.json()["code"]) == (422, "invalid_name")


def test_a_page_that_a_person_must_judge_is_a_proposal_until_they_did(served: Served) -> None:
    report = served.upload(picture(height=DOUBTFUL_HEIGHT)).json()
    assert report["status"] == "review" and report["mask_required"] == "复核" and report["pages"][0]["reasons"]
    assert served.client.get(report["output"]).json()["code"] == "needs_review"
    assert served.client.get(report["output"], params={"proposal": True}).status_code == 200


def test_words_are_in_the_language_that_is_asked_for(served: Served) -> None:
    document_id = served.upload(picture(height=DOUBTFUL_HEIGHT)).json()["id"]
    address = f"/v1/documents/{document_id}"
    chinese = served.client.get(address).json()["pages"][0]["reasons"][0]["message"]
    english = served.client.get(address, params={"lang": "en"}).json()["pages"][0]["reasons"][0]["message"]
    accepted = served.client.get(address, headers={"Accept-Language": "en-GB,en;q=0.8"}).json()["pages"][0]["reasons"][0][
        "message"
    ]
    assert english == accepted and english.isascii() and not chinese.isascii()


def test_a_deleted_document_is_gone_with_all_that_was_made_of_it(served: Served) -> None:
    document_id = served.upload(picture()).json()["id"]
    assert served.client.delete(f"/v1/documents/{document_id}").status_code == 204
    for address in ("", "/file", "/pages/0.png"):
        assert served.client.get(f"/v1/documents/{document_id}{address}").status_code == 404
    assert served.client.delete(f"/v1/documents/{document_id}").status_code == 404
    for part in (Part.ORIGINAL, Part.QUERY):
        with pytest.raises(FileNotFoundError):
            served.service.files.read(document_id, part)


def test_what_is_deleted_while_it_is_worked_on_stays_gone(served: Served) -> None:
    document_id = served.upload(pages(*[SLOW] * 6), wait=0).json()["id"]
    wait_for(lambda: served.client.get(f"/v1/documents/{document_id}").json()["status"] == "running")
    assert served.client.delete(f"/v1/documents/{document_id}").status_code == 204
    wait_for(lambda: served.service.workers.idle == served.service.workers.count)
    assert not list((served.service.settings.data_dir / "files").rglob(f"*{document_id}*/*"))


def test_the_same_upload_twice_under_one_key_is_one_document(served: Served) -> None:
    headers = {"Idempotency-Key": "application-7-page-3"}
    first, again = (served.upload(picture(), headers=headers).json() for _ in range(2))
    assert first["id"] == again["id"]
    other = served.upload(picture(), name="李芳", headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_screening_says_what_is_wrong_and_keeps_nothing(served: Served) -> None:
    before = served.service.documents.count()
    response = served.client.post("/v1/screen", files={"file": ("a.png", picture())})
    assert response.status_code == 200
    report = response.json()
    assert report["schema"] == "redact.screening/1" and report["status"] == "done" and len(report["pages"]) == 1
    broken = served.client.post("/v1/screen", files={"file": ("a.png", b"no picture")})
    assert broken.status_code == 200 and broken.json()["status"] == "rejected"
    assert served.service.documents.count() == before


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"name": NAME}},
        {"files": {"file": ("a.png", b"x")}},
        {"files": [("file", ("a.png", b"x")), ("file", ("b.png", b"x"))], "data": {"name": NAME}},
        {"files": {"file": ("a.png", b"x")}, "data": {"name": NAME, "aliases": ["Zhang Wei"] * 21}},
        {"json": {"name": NAME}},
        {"content": b"--x\r\nbroken", "headers": {"Content-Type": "multipart/form-data; boundary=x"}},
        {"content": b"", "headers": {"Content-Type": "multipart/form-data"}},
    ],
)
def test_a_body_that_is_no_upload_is_refused_and_not_quoted(served: Served, body: dict[str, object]) -> None:
    response = served.client.post("/v1/documents", **body)  # type: ignore[arg-type]
    assert (response.status_code, response.json()["code"]) == (422, "invalid_request")
    assert NAME not in response.text


def test_a_client_that_goes_away_takes_its_document_along(served: Served) -> None:
    import httpx

    before = served.service.documents.count()
    with pytest.raises(httpx.ReadTimeout), httpx.Client(base_url=served.url, timeout=0.7) as hasty:
        hasty.post("/v1/documents", files={"file": ("a.png", picture(SLEEPY))}, data={"name": NAME})
    wait_for(lambda: served.service.documents.count() == before)
    wait_for(lambda: served.service.workers.idle == served.service.workers.count)


def test_no_name_is_in_the_database_or_in_an_answer(tmp_path: Path) -> None:
    with serve(tmp_path) as served:
        texts = [served.upload(picture(), file_name=f"{NAME}_毕业证.png", aliases="Zhang Wei").text]
        document_id = json.loads(texts[0])["id"]
        texts.append(served.client.get(f"/v1/documents/{document_id}").text)
        put = {"mask_required": "否", "masks": []}
        texts.append(served.client.put(f"/v1/documents/{document_id}/pages/0", json=put).text)
        texts.append(served.client.get("/metrics").text)
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("redact.db*"))
    for spelling in (NAME, "Zhang Wei", "zhangwei"):
        assert all(spelling not in text for text in texts)
        assert spelling.encode() not in stored and spelling.encode("unicode_escape") not in stored
    assert "***_毕业证.png" in texts[0]


def test_expired_documents_are_really_deleted(tmp_path: Path) -> None:
    with serve(tmp_path, keep_hours=5 / 3600, sweep_s=0.2) as served:
        document_id = served.upload(picture()).json()["id"]
        wait_for(lambda: served.client.get(f"/v1/documents/{document_id}").status_code == 404)
        wait_for(lambda: not [path for path in (tmp_path / "files").rglob("*") if path.is_file()])
        assert not any(served.service.documents.count().values())
