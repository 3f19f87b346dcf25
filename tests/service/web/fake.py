"""The service's HTTP contract, played for the page: drawn pages, scripted reports, and any answer that a test wants next.

It keeps the rules that the page relies on (revisions, 是 needs a mask, a name that is left uncovered), draws masks as black
boxes, and runs no OCR, so that a test of the page takes milliseconds of server time.
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import uvicorn
from fastapi import FastAPI, Request, Response, UploadFile
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from PIL import Image
from starlette.datastructures import FormData

from redact.texts import CATALOGUE, Lang, advice, message
from redact.values import Pixels, Severity

WEB = Path(__file__).parents[3] / "service" / "web"
# What the service sends with the page.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
KEY, TOKEN = "rk_a-key-for-tests", "a-token-for-tests"
LIMIT = 100 * 2**20
BoxPixels = tuple[int, int, int, int]


@dataclass(frozen=True)
class Place:
    """``kind``: a reason's or an issue's code, or a hit's rule. ``box`` None: the whole page."""

    kind: str
    box: BoxPixels | None = None
    severity: str = "warn"


@dataclass(frozen=True)
class FakePage:
    """``pixels``: (H, W, 3) uint8 RGB. ``names``: where the name stands; an answer that leaves one uncovered is refused."""

    pixels: Pixels = field(repr=False)
    names: tuple[BoxPixels, ...] = ()
    verdict: str = "是"
    masks: tuple[BoxPixels, ...] = ()
    hits: tuple[Place, ...] = ()
    reasons: tuple[Place, ...] = ()
    issues: tuple[Place, ...] = ()
    decided_by: dict[str, Any] | None = None
    proposal: tuple[str, tuple[BoxPixels, ...]] = ("是", ())


@dataclass
class FakeDocument:
    """``looks``: how often it is still running when asked for. ``failure``: then it fails with this code.

    ``counted``: what is told of its pages while it runs: how many there are (None: it is not open yet), how many are done.
    """

    pages: list[FakePage]
    rejected: bool = False
    issues: tuple[Place, ...] = ()
    looks: int = 0
    failure: str | None = None
    revision: int = 1
    seen: int = 0
    output: bool = True
    counted: tuple[int | None, int] = (None, 0)

    def report(self, id: str, lang: Lang) -> dict[str, Any]:
        waiting = any(page.verdict == "复核" for page in self.pages)
        status = "rejected" if self.rejected else "review" if waiting else "done"
        verdict = "复核" if self.rejected or waiting else "是" if any(page.verdict == "是" for page in self.pages) else "否"
        return {
            "schema": "redact.report/1",
            "id": id,
            "revision": self.revision,
            "expires_at": "2030-01-02T03:04:00+00:00",
            "source": "upload.pdf",
            "source_sha256": "0" * 64,
            "media_type": "application/pdf",
            "status": status,
            "mask_required": verdict,
            "pages": [_tell_page(index, page, lang) for index, page in enumerate(self.pages)],
            "issues": [_tell_issue(place, None, lang) for place in self.issues],
            "leaks": [leak for index, page in enumerate(self.pages) for leak in _tell_leaks(index, page)],
            "output": None if self.rejected or not self.output else str(self.revision),
            "timings_s": {},
            "models": {},
        }


def _tell_page(index: int, page: FakePage, lang: Lang) -> dict[str, Any]:
    height, width = page.pixels.shape[:2]
    verdict, masks = page.proposal
    return {
        "page_index": index,
        "width": width,
        "height": height,
        "rotation": 0,
        "mask_required": page.verdict,
        "hits": [{"boxes": [hit.box], "score": 0.97, "rule": hit.kind} for hit in page.hits],
        "masks": list(page.masks),
        "reasons": [{"code": r.kind, "message": message(r.kind, lang), "box": r.box} for r in page.reasons],
        "issues": [_tell_issue(place, index, lang) for place in page.issues],
        "decided_by": page.decided_by,
        "proposal": {"mask_required": verdict, "masks": list(masks)},
    }


def _tell_leaks(index: int, page: FakePage) -> list[dict[str, Any]]:
    """What was left although it was found."""
    found = (page.decided_by or {}).get("found", ())
    return [{"channel": "pixels", "page_index": index, "box": box, "score": 0.9, "overridden": True} for box in found]


def _tell_issue(place: Place, index: int | None, lang: Lang) -> dict[str, Any]:
    severity = cast(Severity, place.severity)
    return {
        "code": place.kind,
        "severity": place.severity,
        "page_index": index,
        "box": place.box,
        "value": None,
        "threshold": None,
        "message": message(place.kind, lang, severity),
        "advice": advice(place.kind, lang, severity),
    }


@dataclass(frozen=True)
class Canned:
    """An answer that the next request of this kind gets instead of the real one. ``drop``: the connection is cut."""

    method: str
    path: str
    status: int
    code: str = "internal"
    headers: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)


@dataclass
class Fake:
    """``next``: what the next upload becomes; ``access``: who may come in: "local", or "key" with the key or a link's token."""

    address: str = ""
    access: str = "local"
    documents: dict[str, FakeDocument] = field(default_factory=dict)
    next: Callable[[], FakeDocument] | None = None
    refuse_upload: str | None = None
    canned: list[Canned] = field(default_factory=list)
    uploads: list[dict[str, Any]] = field(default_factory=list)
    puts: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def add(self, document: FakeDocument, id: str = "doc-1") -> str:
        self.documents[id] = document
        return id

    def reset(self) -> None:
        fresh = Fake(address=self.address)
        self.__dict__.update(fresh.__dict__)


def _problem(status: int, code: str, lang: Lang, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    # The service's own codes have their wording in the service.
    zh, en = (f"{code} 的说明。", "请重试。"), (f"What {code} means.", "Try again.")
    told = (message(code, lang), advice(code, lang)) if code in CATALOGUE else zh if lang == "zh" else en
    words = dict(zip(("message", "advice"), told, strict=True))
    body = {"type": "about:blank", "title": code, "status": status, "code": code, "detail": "", "request_id": "r"} | words | more
    return JSONResponse(body, status, headers, "application/problem+json")


def _covered(name: BoxPixels, masks: list[list[int]]) -> bool:
    """Whether the masks hide nine tenths of the name's box."""
    x0, y0, x1, y1 = name
    open_ = np.ones((y1 - y0, x1 - x0), bool)
    for left, top, right, bottom in masks:
        open_[max(top - y0, 0) : max(bottom - y0, 0), max(left - x0, 0) : max(right - x0, 0)] = False
    return float(open_.mean()) < 0.1


def make_app(fake: Fake) -> FastAPI:
    app = FastAPI()

    def lang_of(request: Request) -> Lang:
        return "en" if request.query_params.get("lang") == "en" else "zh"

    @app.middleware("http")
    async def scripted(request: Request, call_next: Any) -> Response:
        path = request.url.path
        asked = f"{path}?{request.url.query}" if request.url.query else path
        fake.asked.append((request.method, asked, dict(request.headers)))
        for canned in fake.canned:
            if canned.method == request.method and re.search(canned.path, path):
                fake.canned.remove(canned)
                return _problem(canned.status, canned.code, lang_of(request), canned.headers, **canned.more)
        if path.startswith("/v1/") and path != "/v1/session" and not _may(fake, request):
            return _problem(401, "unauthorized", lang_of(request))
        response: Response = await call_next(request)
        if not path.startswith("/v1/"):
            response.headers["Content-Security-Policy"] = POLICY
        return response

    @app.get("/v1/session")
    def session(request: Request) -> Response:
        token = request.headers.get("authorization") == f"Bearer {TOKEN}"
        key = request.headers.get("x-api-key")
        if request.headers.get("authorization") and not token:
            return _problem(401, "link_expired", lang_of(request))
        access = "local" if fake.access == "local" else "link" if token else "key" if key == KEY else "none"
        document = "doc-1" if token else None
        told = {"access": access, "document": document, "max_upload_bytes": LIMIT, "expires_at": None, "version": "0"}
        return JSONResponse(told)

    @app.post("/v1/documents")
    async def upload(request: Request) -> Response:
        form: FormData = await request.form()
        file = cast(UploadFile, form["file"])
        content = await file.read()
        sent = {"name": form["name"], "aliases": form.getlist("aliases"), "bytes": len(content)}
        fake.uploads.append(sent | {"key": request.headers.get("idempotency-key")})
        if fake.refuse_upload:
            return _problem(422, fake.refuse_upload, lang_of(request))
        assert fake.next is not None
        id = fake.add(fake.next())
        told = {"id": id, "status": "queued", "progress": 0, "pages": None, "pages_done": 0}
        return JSONResponse(told, 202, {"Location": f"/v1/documents/{id}"})

    @app.get("/v1/documents/{id}")
    def document(request: Request, id: str) -> Response:
        found = fake.documents.get(id)
        if not found:
            return _problem(404, "not_found", lang_of(request))
        if found.seen < found.looks:
            found.seen += 1
            share = found.seen / (found.looks + 1)
            pages, done = found.counted
            told = {"id": id, "status": "queued" if found.seen == 1 else "running", "progress": share}
            return JSONResponse(told | {"pages": pages, "pages_done": done}, 202)
        if found.failure:
            words = {"message": "处理中断。", "advice": "请再试一次。"}
            return JSONResponse({"id": id, "status": "failed", "code": found.failure, **words})
        return JSONResponse(found.report(id, lang_of(request)))

    @app.get("/v1/documents/{id}/file")
    def masked(request: Request, id: str) -> Response:
        found = fake.documents[id]
        if any(page.verdict == "复核" for page in found.pages):
            return _problem(409, "needs_review", lang_of(request))
        headers = {"Content-Disposition": 'attachment; filename="masked.pdf"'}
        return Response(b"%PDF-1.7 masked", media_type="application/pdf", headers=headers)

    @app.get("/v1/documents/{id}/pages/{index}.png")
    def picture(request: Request, id: str, index: int, layer: str = "original", width: int | None = None) -> Response:
        found = fake.documents[id]
        if layer == "masked" and (found.rejected or not found.output):
            return _problem(409, "no_output", lang_of(request))
        page = found.pages[index]
        return Response(_draw(page.pixels, page.masks if layer == "masked" else (), width), media_type="image/png")

    @app.put("/v1/documents/{id}/pages/{index}")
    async def answer(request: Request, id: str, index: int) -> Response:
        found, lang, body = fake.documents[id], lang_of(request), await request.json()
        fake.puts.append({"page_index": index, **body})
        if request.headers.get("if-match") not in (None, f'"{found.revision}"'):
            return _problem(412, "stale_revision", lang)
        if (body["mask_required"] == "是") != bool(body["masks"]):
            return _problem(422, "invalid_request", lang)
        page = found.pages[index]
        left = [name for name in page.names if not _covered(name, body["masks"])]
        if left and not body.get("override"):
            return _problem(409, "name_uncovered", lang, page_index=index, boxes=left)
        decision = {"who": "tester", "at": "2026-01-02T03:04:05+00:00", "reason": body.get("override"), "found": left}
        masks = tuple(cast(BoxPixels, tuple(mask)) for mask in body["masks"])
        found.pages[index] = replace(page, verdict=body["mask_required"], masks=masks, decided_by=decision)
        found.revision += 1
        return JSONResponse(found.report(id, lang))

    @app.delete("/v1/documents/{id}")
    def remove(id: str) -> Response:
        fake.documents.pop(id, None)
        return Response(status_code=204)

    app.mount("/", StaticFiles(directory=WEB, html=True))
    return app


_DRAWN: dict[tuple[int, tuple[BoxPixels, ...], int | None], tuple[Pixels, bytes]] = {}


def _draw(pixels: Pixels, masks: tuple[BoxPixels, ...], width: int | None) -> bytes:
    """A PNG; each is encoded once for all tests. The pixels are kept with it, so that their id stays theirs."""
    key = (id(pixels), masks, width)
    if key not in _DRAWN:
        shown = pixels.copy()
        for x0, y0, x1, y1 in masks:
            shown[y0:y1, x0:x1] = 0
        image = Image.fromarray(shown)
        if width and width < image.width:
            image = image.resize((width, max(1, round(image.height * width / image.width))), Image.Resampling.BOX)
        encoded = io.BytesIO()
        image.save(encoded, "PNG", compress_level=1)
        _DRAWN[key] = (pixels, encoded.getvalue())
    return _DRAWN[key][1]


def _may(fake: Fake, request: Request) -> bool:
    if fake.access == "local" or request.headers.get("x-api-key") == KEY:
        return True
    return request.headers.get("authorization") == f"Bearer {TOKEN}" and "/documents/doc-1" in request.url.path


@contextmanager
def serve() -> Iterator[Fake]:
    """The fake on a free port of this machine, in a thread."""
    fake = Fake()
    server = uvicorn.Server(uvicorn.Config(make_app(fake), host="127.0.0.1", port=0, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > until:
            raise TimeoutError("the fake service did not start")
        time.sleep(0.01)
    fake.address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    try:
        yield fake
    finally:
        server.should_exit = True
        thread.join(30)
