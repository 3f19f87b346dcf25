"""The worker's side of the talk: one attachment at a time, request after request."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from typing import Any

from redact.errors import AttachmentError, TooLarge, describe
from redact.processes.frames import RawReader, RawWriter, read_frame, write_frame
from redact.sandbox.answers import write_error, write_issues, write_json, write_kept, write_leaks, write_page
from redact.sandbox.confine import Memory, allow_cpu, confine_serving, limit_memory, memory_for
from redact.sandbox.decoder import DecodedAttachment, Decoder
from redact.values import MediaType, PageScreening

# The parent is trusted; it has bounded what it sends.
_MOST_CONTENT = 2**62

Answer = tuple[Any, ...]


class Server:
    """Answers the requests that come through ``reader``. ``decoder`` does the work; see :func:`redact.sandbox.worker.main`.
    ``taken``: the memory that the process had before."""

    def __init__(self, reader: RawReader, writer: RawWriter, decoder: Decoder, taken: Memory) -> None:
        self._taken = taken
        self._reader = reader
        self._writer = writer
        self._decoder = decoder
        self._attachment: DecodedAttachment | None = None
        self._does: dict[str, Callable[..., Answer]] = {
            "page": self._page,
            "mask": self._mask,
            "mask_keeping_text": self._mask_keeping_text,
            "straighten": self._straighten,
            "find": self._find,
            "close": self._close,
        }

    def serve(self) -> None:
        """Until the other end hangs up. Confines this process first."""
        try:
            confine_serving()
        except OSError as error:
            write_frame(self._writer, write_json(refused=f"errno {error.errno} while confining itself"))
            return
        while True:
            try:
                head, body = read_frame(self._reader, most_body=_MOST_CONTENT)
            except EOFError:
                return
            kind, cpu_s, arguments = pickle.loads(head)
            allow_cpu(cpu_s)
            try:
                answer = self._open(body.bytes(), *arguments) if kind == "open" else self._does[kind](*arguments)
            except AttachmentError as error:
                answer = (write_error(error),)
            except MemoryError:
                answer = (write_error(TooLarge("memory")),)
            except Exception as error:
                answer = (write_json(fault=True, detail=describe(error)),)
            write_frame(self._writer, *answer)
            del answer, body

    def _open(self, content: bytes, limits: Any, raster: Any) -> Answer:
        self._close()
        limit_memory(self._taken, memory_for(limits, len(content)))
        self._attachment = opened = self._decoder.open(content, limits=limits, raster=raster)
        return (
            write_json(media_type=opened.media_type.value, page_count=opened.page_count, warnings=write_issues(opened.warnings)),
        )

    def _opened(self) -> DecodedAttachment:
        if self._attachment is None:
            raise RuntimeError("nothing is open")
        return self._attachment

    def _page(self, index: int) -> Answer:
        page = self._opened().page(index)
        return write_page(page, self._opened().warnings)

    def _mask(self, pages: Any) -> Answer:
        return write_json(), self._opened().mask(pages)

    def _mask_keeping_text(self, pages: Any, as_pixels: Any) -> Answer:
        output, kept = self._opened().mask_keeping_text(pages, as_pixels)
        return write_json(kept=write_kept(kept)), output

    def _straighten(self, pages: tuple[PageScreening, ...]) -> Answer:
        return write_json(), self._opened().straighten(pages)

    def _find(self, spellings: Any) -> Answer:
        return (write_json(channels=write_leaks(self._opened().find_in_bytes(spellings))),)

    def _close(self) -> Answer:
        if self._attachment is not None:
            self._attachment.close()
            self._attachment = None
        return (write_json(),)


def load_late_modules() -> None:
    """What decoders and codecs load when they are first used: once the process is confined there may be no reading it, and
    what is loaded before a fork is loaded once for all."""
    import codecs

    from PIL import Image

    Image.init()
    for encoding in ("ascii", "gb18030", "idna", "latin-1", "utf-8", "utf-16-le", "utf-16-be", "utf-32-be"):
        codecs.lookup(encoding)
    # Named here, since nothing else says that these are needed: MediaType's members are looked up by value.
    MediaType("image/png")


def hush(null: int) -> None:
    """What libraries print may quote the file, and nobody reads it. Also keeps it off the pipes. ``null``: is closed."""
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    os.close(null)
