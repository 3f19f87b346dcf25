"""The example clients, run as they stand against a service that runs, with and without a key."""

from __future__ import annotations

import importlib.util
import io
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from served import DEADLY, DOUBTFUL_HEIGHT, NAME, SLEEPY, Served, picture, serve
from viewers import find_tool

EXAMPLES = Path(__file__).parents[2] / "service" / "examples"
PYTHON, SHELL = [sys.executable, str(EXAMPLES / "client.py")], ["sh", str(EXAMPLES / "client.sh")]
CLIENTS = [pytest.param(PYTHON, id="python"), pytest.param(SHELL, id="curl")]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A service with a key, and the key."""
    with serve(tmp_path_factory.mktemp("locked")) as served:
        yield served, served.service.keys.add("example")[1]


@pytest.fixture(scope="module")
def client_module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("example_client", EXAMPLES / "client.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(
    client: list[str],
    folder: Path,
    url: str,
    content: bytes,
    *more: str,
    key: str | None = None,
    name: str = NAME,
    wait: str = "30",
) -> subprocess.CompletedProcess[str]:
    if client == SHELL:
        find_tool("curl")
    (folder / "证书.png").write_bytes(content)
    own = {"REDACT_WAIT": wait} | ({} if key is None else {"REDACT_API_KEY": key})
    environment = {k: v for k, v in os.environ.items() if not k.startswith("REDACT_")} | own
    command = [*client, url, "证书.png", name, *more]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)


def outputs(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.name != "证书.png")


def is_masked(path: Path, content: bytes) -> bool:
    """The same page, with solid black where there was none."""
    before, after = (np.asarray(Image.open(io.BytesIO(c)).convert("L")) for c in (content, path.read_bytes()))
    return bool(before.shape == after.shape and (after[80:120] == 0).sum() > (before[80:120] == 0).sum() + 500)


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("with_key", [False, True], ids=["without key", "with key"])
def test_a_file_is_masked_and_saved(
    served: Served, locked: tuple[Served, str], tmp_path: Path, client: list[str], with_key: bool
) -> None:
    url, key = (locked[0].url, locked[1]) if with_key else (served.url, None)
    done = run(client, tmp_path, url, picture(), key=key)
    assert done.returncode == 0, done.stderr
    (output,) = outputs(tmp_path)
    assert output.stem == "masked" and is_masked(output, picture())
    assert NAME not in done.stdout + done.stderr
    # What is there stays.
    (tmp_path / output).write_bytes(b"mine")
    assert run(client, tmp_path, url, picture(), key=key).returncode != 0
    assert [(p, p.read_bytes()) for p in outputs(tmp_path)] == [(output, b"mine")]


@pytest.mark.parametrize("client", CLIENTS)
def test_without_the_key_that_is_needed_it_fails_and_saves_nothing(
    locked: tuple[Served, str], tmp_path: Path, client: list[str]
) -> None:
    done = run(client, tmp_path, locked[0].url, picture())
    assert done.returncode == 1 and "unauthorized" in done.stderr
    assert outputs(tmp_path) == []


@pytest.mark.parametrize("client", CLIENTS)
def test_a_file_that_cannot_be_opened_is_told(served: Served, tmp_path: Path, client: list[str]) -> None:
    done = run(client, tmp_path, served.url, b"\x89PNG\r\n\x1a\nno more")
    assert done.returncode == 4 and re.search("unopenable|truncated", done.stderr)
    assert outputs(tmp_path) == []


@pytest.mark.parametrize("client", CLIENTS)
def test_where_a_person_must_look_it_says_where_and_saves_nothing(
    locked: tuple[Served, str], tmp_path: Path, client: list[str]
) -> None:
    served, key = locked
    done = run(client, tmp_path, served.url, picture(height=DOUBTFUL_HEIGHT), key=key)
    assert done.returncode == 3, done.stderr
    assert outputs(tmp_path) == []
    address = re.search(rf"{served.url}/#/d/(\w+)(?:\?token=(\S+))?", done.stdout + done.stderr)
    assert address is not None
    if client == PYTHON:
        # The link opens this document.
        headers = {"Authorization": f"Bearer {address[2]}"}
        assert served.client.get(f"/v1/documents/{address[1]}", headers=headers).json()["status"] == "review"


def test_a_document_that_fails_is_no_rejection_of_the_file(tmp_path: Path, locked: tuple[Served, str]) -> None:
    served, key = locked
    done = run(SHELL, tmp_path, served.url, picture(DEADLY), key=key, wait="0")
    assert done.returncode == 1 and "worker_lost" in done.stderr
    assert outputs(tmp_path) == []


def test_curl_watches_what_takes_longer_than_it_waits(served: Served, tmp_path: Path) -> None:
    done = run(SHELL, tmp_path, served.url, picture(SLEEPY), wait="0")
    assert done.returncode == 0, done.stderr
    assert is_masked(outputs(tmp_path)[0], picture(SLEEPY))


def test_curl_saves_over_nothing_that_came_meanwhile(served: Served, tmp_path: Path) -> None:
    later = threading.Timer(0.5, (tmp_path / "masked").write_bytes, [b"mine"])
    later.start()
    assert run(SHELL, tmp_path, served.url, picture(SLEEPY), wait="0").returncode != 0
    assert (tmp_path / "masked").read_bytes() == b"mine"


def test_an_address_can_be_made_for_whoever_asks_for_one(locked: tuple[Served, str], tmp_path: Path) -> None:
    served, key = locked
    done = run(PYTHON, tmp_path, served.url, picture(), "--link", "--out", "out.png", key=key)
    assert done.returncode == 0 and done.stdout.startswith(f"{served.url}/#/d/")
    assert outputs(tmp_path) == [tmp_path / "out.png"]


# What a service that is busy answers is played, since the pauses that it asks for are long.

REPORT: dict[str, Any] = {"id": "d" * 26, "status": "done", "mask_required": "是", "pages": [], "issues": []}


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"code": code, "message": "m", "advice": "a", "status": status}
    return httpx.Response(status, json=body, headers={"Content-Type": "application/problem+json", **headers})


def play(
    module: ModuleType, *answers: httpx.Response | Exception, **options: Any
) -> tuple[Any, list[httpx.Request], list[float]]:
    """A client whose requests are answered so in turn; the requests, and the pauses."""
    requests: list[httpx.Request] = []
    pauses: list[float] = []
    left = iter(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        request.read()
        requests.append(request)
        given = next(left)
        if isinstance(given, Exception):
            raise given
        return given

    client = module.Client("http://x", transport=httpx.MockTransport(answer), sleep=pauses.append, **options)
    return client, requests, pauses


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / f"{NAME}.png").write_bytes(b"content")
    return tmp_path / f"{NAME}.png"


def test_it_waits_as_long_as_it_is_asked_to_and_sends_the_same_upload_again(client_module: ModuleType, file: Path) -> None:
    told = {"Location": "/v1/documents/abc", "Retry-After": "2"}
    client, requests, pauses = play(
        client_module,
        httpx.ConnectError("gone"),
        problem(429, "queue_full", **{"Retry-After": "7"}),
        problem(503, "starting"),
        httpx.Response(202, json={}, headers=told),
        problem(429, "rate_limited", **{"Retry-After": "999"}),
        httpx.Response(202, json={}, headers=told),
        httpx.Response(200, json=REPORT),
    )
    assert client.mask(file, NAME) == REPORT
    assert pauses == [1.0, 7.0, 1.0, 2.0, client_module.LONGEST_PAUSE_S, 2.0]
    uploads = [r for r in requests if r.method == "POST"]
    assert len(uploads) == 4 and len({r.headers["Idempotency-Key"] for r in uploads}) == 1
    assert all(b"content" in r.content and NAME.encode() in r.content for r in uploads)
    # The name is in its own field and nowhere else.
    assert uploads[0].content.count(NAME.encode()) == 1 and str(requests[-1].url) == "http://x/v1/documents/abc"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (problem(503, "worker_lost", **{"Retry-After": "3"}), "worker_lost"),
        (problem(422, "encrypted"), "encrypted"),
        (httpx.Response(200, json={"status": "failed", "code": "deadline_exceeded", "message": "m"}), "deadline_exceeded"),
        (httpx.Response(502, text="<html>"), "internal"),
    ],
)
def test_what_does_not_pass_by_itself_is_not_tried_again(
    client_module: ModuleType, file: Path, answer: httpx.Response, code: str
) -> None:
    client, requests, pauses = play(client_module, answer)
    with pytest.raises(client_module.ServiceError) as raised:
        client.mask(file, NAME)
    assert (raised.value.code, len(requests), pauses) == (code, 1, [])


def test_a_service_that_stays_out_of_reach_is_given_up(client_module: ModuleType, file: Path) -> None:
    client, requests, _ = play(client_module, *[httpx.ConnectError("refused")] * 100)
    with pytest.raises(httpx.ConnectError):
        client.mask(file, NAME)
    assert len(requests) == client_module.MOST_LOST + 1


@pytest.mark.parametrize("make", [lambda: problem(429, "queue_full"), lambda: httpx.Response(202, headers={"Location": "/x"})])
def test_it_gives_up_when_its_time_is_up(client_module: ModuleType, file: Path, make: Callable[[], httpx.Response]) -> None:
    client, requests, _ = play(client_module, make(), timeout_s=0.0)
    with pytest.raises(client_module.ServiceError):
        client.mask(file, NAME)
    assert len(requests) == 1
