"""An attachment that is open in a worker process."""

from __future__ import annotations

import hashlib
import pickle
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from redact.errors import AttachmentError, RedactError, SandboxError, TooLarge, Unopenable, UsageError
from redact.names.spellings import Spelling
from redact.options import IntakeLimits, RasterOptions, WorkerLimits
from redact.processes.frames import MOST_HEAD, BadFrame, Body, read_frame, write_frame
from redact.processes.interpreter import deadline, name_signal
from redact.sandbox.answers import raise_error, read_issues, read_json, read_kept, read_leaks, read_page
from redact.sandbox.confine import memory_for
from redact.sandbox.processes import Launcher, Process
from redact.values import Issue, KeptText, Leak, MediaType, Page, PageMasks, PageScreening

# A page's pixels, and its text's boxes.
_PIXEL_BYTES = 3
# Files grow when they are written anew, as lossless pictures do of lossy ones.
_MOST_GROWTH_BYTES = 4 * 2**30


class SandboxedAttachment:
    """A :class:`redact.sandbox.DecodedAttachment` whose bytes are decoded in a worker.

    A worker that crashes, hangs or takes too much is an AttachmentError of the request that it was lost on, whose ``detail``
    says which; the next request gets a new worker, until ``WorkerLimits.most_lost`` of them are lost. Safe to share between
    threads.
    """

    def __init__(
        self, content: bytes, launcher: Launcher, limits: IntakeLimits, raster: RasterOptions, allowed: WorkerLimits
    ) -> None:
        """Raises AttachmentError, SandboxError."""
        self.content = content
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._launcher = launcher
        self._limits = limits
        self._raster = raster
        self._allowed = allowed
        self._lock = threading.Lock()
        self._process: Process | None = None
        self._lost: list[AttachmentError] = []
        self._suffix: tuple[Issue, ...] = ()
        self._warned: tuple[Issue, ...] = ()
        self._current: tuple[Issue, ...] = ()
        self._closed = False
        try:
            with self._lock:
                values = self._start()
            self.media_type, self.page_count = MediaType(values["media_type"]), int(values["page_count"])
            if not 1 <= self.page_count <= limits.max_pages:
                raise BadFrame
        except (BadFrame, KeyError, TypeError, ValueError):
            self.close()
            raise _explain_nonsense() from None
        except BaseException:
            self.close()
            raise

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """As :attr:`redact.intake.Attachment.warnings`; what a lost worker had found by then is kept."""
        if not self._warned:
            return self._suffix + self._current
        both = dict.fromkeys(self._warned + self._current)
        return self._suffix + tuple(sorted(both, key=lambda issue: -1 if issue.page_index is None else issue.page_index))

    def warn_of_suffix(self, warnings: tuple[Issue, ...]) -> None:
        """What is odd about the file's name, of which a worker learns nothing."""
        self._suffix = warnings

    def page(self, index: int) -> Page:
        """As :meth:`redact.intake.Attachment.page`."""
        if not 0 <= index < self.page_count:
            raise IndexError("page index out of range")
        most = _PIXEL_BYTES * self._limits.max_pixels + MOST_HEAD
        cpu_s = self._allowed.request_cpu_s
        with self._lock:
            values, body = self._ask("page", (index,), cpu_s=cpu_s, most_body=most, page_index=index)
            with self._making_sense(index):
                self._current = read_issues(values.get("warnings"))
                return read_page(values, body.array(), index)

    def pages(self) -> Iterator[Page]:
        for index in range(self.page_count):
            yield self.page(index)

    def mask(self, pages: Sequence[PageMasks]) -> bytes:
        return self._rewrite("mask", tuple(pages))[1]

    def mask_keeping_text(self, pages: Sequence[PageMasks], as_pixels: Mapping[int, str]) -> tuple[bytes, tuple[KeptText, ...]]:
        values, output = self._rewrite("mask_keeping_text", tuple(pages), dict(as_pixels))
        with self._lock, self._making_sense():
            return output, read_kept(values.get("kept"), self.page_count)

    def straighten(self, pages: Sequence[PageScreening]) -> bytes:
        return self._rewrite("straighten", tuple(pages))[1]

    def find_in_bytes(self, spellings: Sequence[Spelling]) -> list[Leak]:
        with self._lock:
            values, _ = self._ask("find", (tuple(spellings),), cpu_s=self._cpu_for_all(), most_body=0)
            with self._making_sense():
                return read_leaks(values.get("channels"))

    def close(self) -> None:
        with self._lock:
            if self._process is not None:
                self._part()
            self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SandboxedAttachment({self.media_type.value}, {self.page_count} pages, sha256 {self.sha256[:12]})"

    def _rewrite(self, kind: str, *arguments: Any) -> tuple[dict[str, Any], bytes]:
        most = _MOST_GROWTH_BYTES + 2 * len(self.content)
        with self._lock:
            values, body = self._ask(kind, arguments, cpu_s=self._cpu_for_all(), most_body=most)
        return values, body.bytes()

    def _cpu_for_all(self) -> float:
        allowed = self._allowed
        of_bytes = allowed.megabyte_cpu_s * len(self.content) / 2**20
        return allowed.request_cpu_s + allowed.page_cpu_s * self.page_count + of_bytes

    def _ask(
        self, kind: str, arguments: tuple[Any, ...], *, cpu_s: float, most_body: int, page_index: int | None = None
    ) -> tuple[dict[str, Any], Body]:
        if self._closed:
            raise UsageError("attachment is closed")
        if self._process is None:
            self._start()
        return self._exchange(kind, arguments, cpu_s=cpu_s, most_body=most_body, page_index=page_index)

    def _start(self) -> dict[str, Any]:
        """A worker with the attachment open in it. Raises AttachmentError, SandboxError."""
        if len(self._lost) >= self._allowed.most_lost:
            raise type(self._lost[-1])(self._lost[-1].detail)
        self._process = self._launcher.start()
        try:
            self._process.limit_memory(memory_for(self._limits, len(self.content)))
            cpu_s = self._allowed.request_cpu_s + self._allowed.megabyte_cpu_s * len(self.content) / 2**20
            values, _ = self._exchange("open", (self._limits, self._raster), cpu_s=cpu_s, most_body=0, content=self.content)
            with self._making_sense():
                self._current = read_issues(values.get("warnings"))
        except BaseException:
            self._let_go()
            raise
        return values

    def _exchange(
        self,
        kind: str,
        arguments: tuple[Any, ...],
        *,
        cpu_s: float,
        most_body: int,
        page_index: int | None = None,
        content: bytes = b"",
    ) -> tuple[dict[str, Any], Body]:
        """One request and its answer."""
        process = self._process
        assert process is not None
        request = pickle.dumps((kind, cpu_s, arguments))
        with deadline(process.kill, self._allowed.patience * cpu_s) as passed:
            try:
                write_frame(process.writer, request, content)
                head, body = read_frame(process.reader, most_body=most_body)
                values = read_json(head)
            except (OSError, EOFError):
                raise self._lose(_explain_end(process.end(), passed.is_set(), page_index)) from None
            except BadFrame:
                raise self._lose(_explain_nonsense(page_index)) from None
            except BaseException:
                # Interrupted between request and answer: the next answer would be that of this request.
                self._let_go()
                raise
        if passed.is_set():
            self._let_go()  # killed as it answered
        if "refused" in values:
            raise SandboxError("a worker cannot confine itself: the system does not let it")
        raise_error(values, page_index)
        return values, body

    def _lose(self, error: AttachmentError) -> AttachmentError:
        self._lost.append(error)
        self._let_go()
        return error

    def _part(self) -> None:
        """In peace: a worker that goes on to other attachments keeps nothing of this one."""
        process = self._process
        assert process is not None
        if process.reused:
            try:
                self._exchange("close", (), cpu_s=self._allowed.request_cpu_s, most_body=0)
            except RedactError:
                return
            if self._process is None:
                return
        self._process = None
        process.release()

    def _let_go(self) -> None:
        """Of a worker that is of no use any more; what it had found of the file stays."""
        process, self._process = self._process, None
        self._warned, self._current = self._warned + self._current, ()
        if process is not None:
            process.kill()
            process.end()
            process.release()

    @contextmanager
    def _making_sense(self, page_index: int | None = None) -> Iterator[None]:
        try:
            yield
        except BadFrame:
            raise self._lose(_explain_nonsense(page_index)) from None


def _explain_nonsense(page_index: int | None = None) -> AttachmentError:
    return Unopenable("worker: no sense in its answer", page_index=page_index)


def _explain_end(ended: int | None, overdue: bool, page_index: int | None) -> AttachmentError:
    """``ended``: see :meth:`redact.sandbox.processes.Process.end`."""
    if overdue:
        return TooLarge("worker: over its time by the clock", page_index=page_index)
    if ended is None:
        return Unopenable("worker: lost", page_index=page_index)
    if ended >= 0:
        return Unopenable(f"worker: ended with {ended}", page_index=page_index)
    name = name_signal(-ended)
    if name == "SIGXCPU":
        return TooLarge("worker: over its processor time", page_index=page_index)
    if name == "SIGKILL":
        return TooLarge("worker: killed from outside, as where memory runs out", page_index=page_index)
    return Unopenable(f"worker: crashed with {name}", page_index=page_index)
