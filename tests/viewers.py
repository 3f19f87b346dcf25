"""Other programs that open a masked PDF: qpdf, poppler, and pdf.js in Chromium. Tests skip where a program is not installed; with
``REDACT_REQUIRE_TOOLS=1`` they fail instead.

    apt-get install qpdf poppler-utils chromium; npm install --prefix DIR pdfjs-dist
    REDACT_PDFJS=DIR/node_modules/pdfjs-dist pytest tests/masking/test_viewers.py
"""

from __future__ import annotations

import functools
import http.server
import json
import os
import shutil
import subprocess
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest

_PAGE = """<!doctype html><meta charset="utf-8"><script type="module">
const tell = (what) => fetch("/result", {method: "POST", body: JSON.stringify(what)});
try {
  const pdfjs = await import("/pdfjs/legacy/build/pdf.min.mjs");
  pdfjs.GlobalWorkerOptions.workerSrc = "/pdfjs/legacy/build/pdf.worker.min.mjs";
  const warnings = [];
  for (const kind of ["warn", "error"]) console[kind] = (...words) => warnings.push(words.join(" "));
  const files = await (await fetch("/files.json")).json(), results = [];
  for (const file of files) {
    const document_ = await pdfjs.getDocument({url: "/" + file, wasmUrl: "/pdfjs/wasm/", verbosity: 1}).promise;
    const page = await document_.getPage(1), viewport = page.getViewport({scale: 1});
    const canvas = document.createElement("canvas");
    canvas.width = viewport.width; canvas.height = viewport.height;
    const context = canvas.getContext("2d");
    await page.render({canvasContext: context, canvas, viewport}).promise;
    const data = context.getImageData(0, 0, canvas.width, canvas.height).data;
    let sum = 0, dark = 0;
    for (let i = 0; i < data.length; i += 4) { sum += data[i + 1]; dark += data[i + 1] < 24; }
    const text = (await page.getTextContent()).items.length, pixels = data.length / 4;
    results.push({file, pages: document_.numPages, width: canvas.width, height: canvas.height,
                  mean: sum / pixels, dark: dark / pixels, text});
  }
  await tell({results, warnings});
} catch (error) { await tell({error: String(error)}); }
</script>"""


def find_tool(name: str) -> str:
    """Its path; skips the test where it is missing, or fails it where it must be there."""
    return required(shutil.which(name), f"{name} is not installed")


def find_pdfjs() -> Path:
    where = os.environ.get("REDACT_PDFJS", "")
    there = where if where and (Path(where) / "legacy/build/pdf.min.mjs").is_file() else None
    return Path(required(there, "REDACT_PDFJS names no folder of pdfjs-dist"))


def find_xray() -> str:
    """Free Law Project's x-ray pins a PyMuPDF of its own, so it lives in an environment of its own."""
    where = os.environ.get("REDACT_XRAY") or shutil.which("xray")
    return required(where, "x-ray is not installed: set REDACT_XRAY to its command")


def required(found: str | None, reason: str) -> str:
    if found:
        return found
    if os.environ.get("REDACT_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, timeout=120, check=False)


def open_in_chromium(files: list[Path]) -> dict[str, Any]:
    """What pdf.js shows of the first page of each: ``{"results": [...], "warnings": [...]}``, or ``{"error": ...}``."""
    chromium, pdfjs = find_tool("chromium"), find_pdfjs()
    done = threading.Event()
    told: dict[str, Any] = {}

    class Handler(http.server.SimpleHTTPRequestHandler):
        extensions_map = http.server.SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

        def do_POST(self) -> None:
            told.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "pdfjs").symlink_to(pdfjs.resolve())
        for number, file in enumerate(files):
            shutil.copyfile(file, root / f"{number}.pdf")
        (root / "files.json").write_text(json.dumps([f"{n}.pdf" for n in range(len(files))]))
        (root / "index.html").write_text(_PAGE)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=folder))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        # A container's root has no user namespaces, which Chromium's sandbox needs.
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={root}/profile"]
        address = f"http://127.0.0.1:{server.server_port}/index.html"
        browser = subprocess.Popen([chromium, *options, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            if not done.wait(120):
                told["error"] = "no answer from the page"
        finally:
            browser.terminate()
            browser.wait(30)
            server.shutdown()
            server.server_close()
    return told
