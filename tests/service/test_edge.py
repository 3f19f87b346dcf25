"""What every request meets: limits on its body, and headers on its answer."""

from __future__ import annotations

import json
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from served import NAME, Served, picture, serve

_LIMIT = 300_000


@pytest.fixture(scope="module")
def tight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(tmp_path_factory.mktemp("tight"), max_upload_bytes=_LIMIT, upload_timeout_s=1.0) as served:
        yield served


def test_an_upload_that_says_it_is_too_large_is_refused_before_it_is_taken(tight: Served) -> None:
    response = tight.upload(b"x" * (_LIMIT + 2**20 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "upload_too_large")


def test_an_upload_that_does_not_say_how_large_it_is_is_stopped_at_the_limit(tight: Served) -> None:
    def body() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
        for _ in range(100):
            yield b"x" * 2**16

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    try:
        response = tight.client.post("/v1/documents", content=body(), headers=headers)
    except httpx.WriteError:
        return  # the answer came while it was still sent, and the connection was closed
    assert (response.status_code, response.json()["code"]) == (413, "upload_too_large")


def test_a_json_body_has_a_small_limit(tight: Served) -> None:
    response = tight.client.put("/v1/documents/x/pages/0", content=b" " * (2**20 + 1))
    assert (response.status_code, response.json()["code"]) == (413, "upload_too_large")


def test_an_upload_that_never_ends_is_stopped(tight: Served) -> None:
    host, port = tight.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        head = f"POST /v1/documents HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Length: 1000\r\n"
        connection.sendall(f"{head}Content-Type: multipart/form-data; boundary=x\r\n\r\n--x\r\n".encode())
        started = time.monotonic()
        answer = connection.recv(65536)
    assert b" 408 " in answer and time.monotonic() - started < 15
    assert tight.client.get("/healthz").status_code == 200


@pytest.mark.parametrize("address", ["/healthz", "/v1/session", "/v1/documents/x", "/openapi.json", "/nowhere"])
def test_answers_tell_browsers_to_keep_and_to_guess_nothing(served: Served, address: str) -> None:
    headers = served.client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY" and headers["cross-origin-resource-policy"] == "same-origin"
    assert "default-src 'none'" in headers["content-security-policy"] and headers["x-request-id"]
    if address != "/nowhere":
        assert headers["cache-control"] == "no-store"
    assert "server" not in headers or "uvicorn" not in headers["server"]


def test_pictures_and_files_of_documents_are_never_cached(served: Served) -> None:
    document_id = served.upload(picture()).json()["id"]
    for address in (f"/v1/documents/{document_id}/file", f"/v1/documents/{document_id}/pages/0.png"):
        assert served.client.get(address).headers["cache-control"] == "no-store"


def test_a_request_id_is_kept_where_it_is_one(served: Served) -> None:
    assert served.client.get("/healthz", headers={"X-Request-ID": "abc-1"}).headers["x-request-id"] == "abc-1"
    assert served.client.get("/healthz", headers={"X-Request-ID": "a b\tc" * 50}).headers["x-request-id"] != "a b\tc" * 50
    problem = served.client.get("/v1/documents/x", headers={"X-Request-ID": "abc-2"}).json()
    assert problem["request_id"] == "abc-2"


def test_logs_hold_routes_and_no_names_ids_or_paths(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "redact.service"), serve(tmp_path, log_level="INFO") as served:
        document_id = served.upload(picture(), file_name=f"{NAME}.png").json()["id"]
        served.client.get(f"/v1/documents/{document_id}")
        served.client.get(f"/{NAME}")
        records = [r for r in caplog.records if r.name == "redact.service.request"]
    told = json.dumps([{k: str(v) for k, v in vars(r).items()} for r in records], ensure_ascii=False)
    assert {r.route for r in records} >= {"/v1/documents", "/v1/documents/{document_id}"}  # type: ignore[attr-defined]
    assert all(hidden not in told for hidden in (document_id, NAME, "%E5%BC%A0"))


def test_metrics_count_what_was_done_and_refused(served: Served) -> None:
    served.upload(picture())
    served.upload(b"broken")
    text = served.client.get("/metrics").text
    for sample in (
        'redact_documents_total{mask_required="是",status="done"}',
        'redact_pages_total{mask_required="是"}',
        'redact_stage_seconds_total{stage="read"}',
        'redact_refusals_total{code="wrong_type"}',
        "redact_queued_documents",
        'redact_requests_total{method="POST",route="/v1/documents",status="201"}',
    ):
        assert sample in text, sample


def test_errors_of_ours_are_told_without_their_message(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(NAME)

    monkeypatch.setattr(type(served.service.documents), "find", fail)
    response = served.client.get("/v1/documents/x")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
    assert NAME not in response.text and response.headers["x-request-id"]
