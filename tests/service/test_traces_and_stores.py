"""Traces without ids, and documents in an S3."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import s3fs
from moto.server import ThreadedMotoServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from served import NAME, picture, serve, start_replica, wait_for

_BUCKET = "redact-documents"


@contextmanager
def _collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    """What an OpenTelemetry collector would get."""
    got: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            got.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", got
    finally:
        server.shutdown()


def test_traces_go_where_the_variable_says_and_hold_routes_and_no_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with _collector() as (endpoint, got):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        with start_replica(tmp_path) as replica:
            files = {"file": (f"{NAME}.png", picture())}
            document_id = replica.client.post("/v1/documents", files=files, data={"name": NAME}).json()["id"]
            replica.client.get(f"/v1/documents/{document_id}")
            wait_for(lambda: "/v1/documents/{document_id}" in str(got))
    told = str(got)
    assert document_id not in told and NAME not in told
    assert "/healthz" not in told and "/readyz" not in told


def test_without_the_extra_the_service_runs_without_traces(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['opentelemetry.sdk'] = sys.modules['opentelemetry.instrumentation.fastapi'] = None\n"
        "from pathlib import Path; from service.app import create_app; from service.settings import Settings\n"
        f"app = create_app(Settings(data_dir=Path({str(tmp_path)!r})))\n"
        "print(len(app.openapi()['paths']))"
    )
    environment = {**os.environ, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and int(done.stdout) > 5, done.stderr


def test_documents_live_in_an_object_store_and_leave_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    moto = ThreadedMotoServer(port=0)
    moto.start()
    try:
        host, port = moto.get_host_and_port()
        options = {"endpoint_url": f"http://{host}:{port}"}
        store = s3fs.S3FileSystem(**options, use_listings_cache=False)
        store.mkdir(_BUCKET)
        monkeypatch.setenv("REDACT_FILES_OPTIONS", json.dumps(options))
        with serve(tmp_path, files_url=f"s3://{_BUCKET}/scans") as served:
            report = served.upload(picture()).json()
            masks = report["pages"][0]["masks"]
            put = {"mask_required": "是", "masks": [*masks, [10, 300, 90, 340]]}
            assert served.client.put(f"/v1/documents/{report['id']}/pages/0", json=put).status_code == 200
            assert served.client.get(report["output"]).status_code == 200
            kept = sorted(path.rpartition("/")[2].split("-")[0] for path in store.find(f"{_BUCKET}/scans/{report['id']}"))
            assert kept == ["masked", "original", "query"]
            assert served.client.delete(f"/v1/documents/{report['id']}").status_code == 204
            assert store.find(f"{_BUCKET}/scans") == []
        assert not (tmp_path / "files").exists()
    finally:
        moto.stop()
