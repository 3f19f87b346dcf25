"""Files that are cut, empty, disguised, locked, or made to exhaust whoever opens them, and what is to come of each."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import broken_images
import broken_pdfs
from broken_case import Case
from broken_images import save, scan
from broken_pdfs import written


def _frames(form: str, **options: Any) -> bytes:
    return save(scan(), form, save_all=True, append_images=[scan(1), scan(2)], **options)


_SAMPLES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "jpeg": (".jpg", lambda: save(scan(), "JPEG")),
    "progressive jpeg": (".jpg", lambda: save(scan(), "JPEG", progressive=True)),
    "png": (".png", lambda: save(scan(), "PNG")),
    "tiff of 3 frames": (".tif", lambda: _frames("TIFF")),
    "lzw tiff of 3 frames": (".tif", lambda: _frames("TIFF", compression="tiff_lzw")),
    "gif of 3 frames": (".gif", lambda: _frames("GIF")),
    "webp": (".webp", lambda: save(scan(), "WEBP")),
    "bmp": (".bmp", lambda: save(scan(), "BMP")),
    "heic": (".heic", lambda: save(scan(), "HEIF")),
    "pdf": (".pdf", written),
    "pdf with object streams": (".pdf", lambda: written(garbage=4, deflate=True, use_objstms=1)),
}


def _cut(build: Callable[[], bytes], part: float) -> Callable[[], bytes]:
    return lambda: build()[: int(len(build()) * part)]


def _zeroed(build: Callable[[], bytes], part: float) -> Callable[[], bytes]:
    def zeroed() -> bytes:
        whole = build()
        kept = int(len(whole) * part)
        return whole[:kept] + bytes(len(whole) - kept)

    return zeroed


def _list_cut() -> Iterator[Case]:
    for name, (suffix, draw) in _SAMPLES.items():
        build = cache(draw)
        yield Case(f"{name}, whole", build, suffix=suffix)
        for part in (0.1, 0.5, 0.9, 0.99):
            yield Case(f"{name}, cut at {part:.0%}", _cut(build, part), "truncated", suffix=suffix)
        # Without a compression zeros cannot be told from black.
        if name not in ("bmp", "tiff of 3 frames"):
            for part in (0.5, 0.9):
                yield Case(f"{name}, zeros from {part:.0%} on", _zeroed(build, part), "truncated", suffix=suffix)
        yield Case(f"{name}, nothing but zeros", _zeroed(build, 0), "unopenable", suffix=suffix)
        yield Case(f"{name}, no bytes", lambda: b"", "empty", suffix=suffix)


def _zip(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "<w/>")
    return buffer.getvalue()


_OTHERS: dict[str, Callable[[], bytes]] = {
    "docx": lambda: _zip("word/document.xml"),
    "zip": lambda: _zip("a.jpg"),
    "doc": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "text": lambda: "年度考核登记表\n".encode() * 50,
    "gbk text": lambda: "年度考核登记表\n".encode("gb18030") * 50,
    "html": lambda: b"<!DOCTYPE html><html><body>404</body></html>",
    "exe": lambda: b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" + bytes(range(256)) * 4,
    "rar": lambda: b"Rar!\x1a\x07\x01\0" + bytes(200),
    "mp4": lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(200),
}


def _text_behind(head: bytes) -> Callable[[], bytes]:
    return lambda: head + b"and then it is text. " * 100


def _list_disguised() -> Iterator[Case]:
    for name, build in _OTHERS.items():
        for suffix in (".jpg", ".pdf"):
            yield Case(f"{name} named {suffix}", build, "wrong_type", suffix=suffix)
    yield Case("png named .jpg", _SAMPLES["png"][1], warning="wrong_type", suffix=".jpg")
    yield Case("jpeg named .pdf", _SAMPLES["jpeg"][1], warning="wrong_type", suffix=".pdf")
    yield Case("pdf named .jpg", _SAMPLES["pdf"][1], warning="wrong_type", suffix=".jpg")
    yield Case("pdf named .docx", _SAMPLES["pdf"][1], warning="wrong_type", suffix=".docx")
    # The first letters are the length of a segment, which the text does not have.
    yield Case("text behind the head of a jpeg", _text_behind(b"\xff\xd8\xff\xe0"), "truncated")
    yield Case("text behind the head of a png", _text_behind(b"\x89PNG\r\n\x1a\n"), "truncated")
    yield Case("text behind the head of a gif", _text_behind(b"GIF89a"), "unopenable")
    yield Case("text behind the head of a pdf", _text_behind(b"%PDF-1.7\n"), "unopenable")


def _without_eoi(progressive: bool) -> bytes:
    return save(scan(), "JPEG", progressive=progressive)[:-2]


_REPAIRED = (
    Case("jpeg without its end marker", lambda: _without_eoi(False), warning="truncated", suffix=".jpg"),
    Case("progressive jpeg without its end marker", lambda: _without_eoi(True), warning="truncated", suffix=".jpg"),
)

CASES: tuple[Case, ...] = (
    *_list_cut(),
    *_list_disguised(),
    *_REPAIRED,
    *broken_images.PIXEL_BOMBS,
    *broken_images.LARGEST,
    *broken_images.FRAME_BOMBS,
    *broken_images.CLAIMS,
    *broken_pdfs.PROTECTED,
    *broken_pdfs.REPAIRED,
    *broken_pdfs.PAGE_BOMBS,
    *broken_pdfs.DEPTH_BOMBS,
    *broken_pdfs.CLAIMS,
    *broken_pdfs.SIZES,
)
