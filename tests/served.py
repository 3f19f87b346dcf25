"""A running service with a fast reader that is told what stands on the page, and pictures for it.

A page's width says what happens while it is read (see :data:`SLOW` and the rest), so that one picture is slow, and another kills
the worker that reads it.
"""

from __future__ import annotations

import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fake_reading import FakeReader, Misread, draw_written, write
from PIL import Image

from redact import Redactor, pipeline
from redact.lines import Reading
from redact.ocr.reader import TextReader
from redact.screening import ClarityThresholds
from redact.values import Page, PageScreening, Pixels
from service.app import create_app
from service.serve import Server, make_config
from service.settings import Settings
from service.wiring import Service

NAME = "张伟"
HEIGHT = 500
# Widths of pages: in order, slow, one that takes for ever, one that ends the process that reads it, one that does so once.
PLAIN, SLOW, ENDLESS, DEADLY, DEADLY_ONCE, SLEEPY = 900, 904, 908, 912, 916, 920
SLOW_S, SLEEPY_S = 0.4, 2.0
MARK_DIR = "REDACT_TEST_MARKS"
TEXT = (write("兹证明张伟同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))
OTHERS = (write("兹证明李芳同志参加继续教育培训", 80, 80), write("考核成绩合格准予结业特此证明", 80, 160))
# The reader takes another character for the second: a person must look.
DOUBTFUL = (replace(TEXT[0], misread={4: Misread("伪", -4.0)}), TEXT[1])
DOUBTFUL_HEIGHT = 504


class ScriptedReader(FakeReader):
    def read(self, pixels: Pixels, *, charset: frozenset[str], zoom: float = 1.0) -> Reading:
        _act(round(pixels.shape[1] / 4) * 4)
        if round(pixels.shape[0] / 4) * 4 == DOUBTFUL_HEIGHT:
            return FakeReader(*DOUBTFUL).read(pixels, charset=charset, zoom=zoom)
        return super().read(pixels, charset=charset, zoom=zoom)


def _act(width: int) -> None:
    if width == SLOW:
        time.sleep(SLOW_S)
    elif width == SLEEPY:
        time.sleep(SLEEPY_S)
    elif width == ENDLESS:
        time.sleep(3600)
    elif width == DEADLY or (width == DEADLY_ONCE and _first()):
        os.kill(os.getpid(), signal.SIGKILL)


def _first() -> bool:
    mark = Path(os.environ[MARK_DIR]) / "died"
    if mark.exists():
        return False
    mark.touch()
    return True


def make_fake_redactor() -> Redactor:
    def screen_page(page: Page, reading: Reading, reader: TextReader, limits: ClarityThresholds) -> PageScreening:
        return PageScreening(page.index, page.width, page.height, page.dpi, reading.rotation, 0.9, 0.0)

    pipeline.screen_page = screen_page
    return Redactor(reader=ScriptedReader(*TEXT))


def picture(width: int = PLAIN, *, height: int = HEIGHT, named: bool = True) -> bytes:
    return _encode(width, height, named)


def pages(*widths: int, named: bool = True) -> bytes:
    """A TIFF with a page of each width."""
    frames = [Image.fromarray(draw_written(w, HEIGHT, *(TEXT if named else OTHERS))) for w in widths]
    out = io.BytesIO()
    frames[0].save(out, "TIFF", save_all=True, append_images=frames[1:], compression="tiff_deflate")
    return out.getvalue()


def _encode(width: int, height: int, named: bool) -> bytes:
    out = io.BytesIO()
    Image.fromarray(draw_written(width, height, *(TEXT if named else OTHERS))).save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class Served:
    url: str
    client: httpx.Client
    service: Service = field(repr=False)
    server: uvicorn.Server = field(repr=False)

    def upload(
        self, content: bytes, *, name: str = NAME, wait: float = 30, headers: Mapping[str, str] = {}, **fields: Any
    ) -> httpx.Response:
        files = {"file": (fields.pop("file_name", "证书.png"), content)}
        return self.client.post(
            "/v1/documents", params={"wait": wait}, files=files, data={"name": name, **fields}, headers=headers
        )

    def finish(self, document_id: str, *, timeout_s: float = 30, headers: Mapping[str, str] = {}) -> dict[str, Any]:
        """The report, once there is one."""
        return wait_for(lambda: _read_done(self.client, document_id, headers), timeout_s)


def _read_done(client: httpx.Client, document_id: str, headers: Mapping[str, str]) -> dict[str, Any] | None:
    response = client.get(f"/v1/documents/{document_id}", headers=headers)
    assert response.status_code in (200, 202), response.text
    return response.json() if response.status_code == 200 else None


def wait_for(look: Callable[[], Any], timeout_s: float = 30.0) -> Any:
    until = time.monotonic() + timeout_s
    while time.monotonic() < until:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def make_settings(folder: Path, **settings: Any) -> Settings:
    usual = {"data_dir": folder, "workers": 1, "threads": 1, "log_level": "WARNING", "stop_s": 5.0, "port": free_port()}
    return Settings(**{**usual, **settings})


@contextmanager
def serve(folder: Path, *, make_redactor: Callable[[], Redactor] = make_fake_redactor, **settings: Any) -> Iterator[Served]:
    """The service in a thread of this process, its workers in theirs."""
    chosen = Settings(
        **{"data_dir": folder, "workers": 1, "threads": 1, "log_level": "WARNING", "stop_s": 5.0, "port": free_port(), **settings}
    )
    app = create_app(chosen, make_redactor=make_redactor)
    server = uvicorn.Server(make_config(app, chosen))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        wait_for(lambda: server.started or not thread.is_alive(), 60)
        assert server.started
        url = f"http://127.0.0.1:{chosen.port}"
        with httpx.Client(base_url=url, timeout=60) as client:
            wait_for(lambda: client.get("/readyz").status_code == 200, 60)
            yield Served(url, client, app.state.service, server)
    finally:
        app.state.stopping.set()
        server.should_exit = True
        thread.join(60)


@dataclass
class Replica:
    """A service in a process of its own, which can be killed."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    url: str

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(30)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(60)


@contextmanager
def start_replica(folder: Path, **settings: Any) -> Iterator[Replica]:
    """``settings``: as REDACT_... variables."""
    port = free_port()
    chosen = {"data_dir": folder, "port": port, "workers": 1, "threads": 1, "log_level": "WARNING", "lease_s": 1.0, **settings}
    variables = {f"REDACT_{key.upper()}": str(value) for key, value in chosen.items()}
    environment = {**os.environ, **variables, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", "import served; served.run_replica()"], env=environment)
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx.Client(base_url=url, timeout=60) as client:
            wait_for(lambda: process.poll() is not None or _is_ready(client), 60)
            assert process.poll() is None
            yield Replica(process, client, url)
    finally:
        process.kill()
        process.wait(30)


def run_replica() -> None:
    settings = Settings()
    server = Server(make_config(create_app(settings, make_redactor=make_fake_redactor), settings))
    server.run()


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False
