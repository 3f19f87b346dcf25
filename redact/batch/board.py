"""How a batch goes, in one line: files, pages in a second, time left, and what came of them so far."""

from __future__ import annotations

import math
import threading
import time
from collections import Counter
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from redact.batch.ledger import Work
from redact.batch.plan import Item
from redact.phrases import phrase
from redact.texts import Lang
from redact.values import Status, Verdict

# The rate is of so many of the last seconds: the first ones load the models.
_WINDOW_S = 120.0


def tell_work(work: Work) -> str:
    """是 / 否 / 复核 / rejected."""
    return "rejected" if work.status is Status.REJECTED else work.verdict


class Board:
    """A :class:`redact.batch.work.Watcher`. ``known``: what came of uploads in earlier runs. Nothing is shown where stderr is no
    terminal."""

    def __init__(self, console: Console, lang: Lang, *, total: int, known: Iterable[Work]) -> None:
        self._lang = lang
        self._counts = Counter(map(tell_work, known))
        self._total = total
        self._ended = 0
        self._pages = 0
        self._parts: dict[str, float] = {}
        self._lock = threading.Lock()
        self._seen: list[tuple[float, float]] = [(time.monotonic(), 0.0)]
        self._progress = Progress(
            BarColumn(20),
            MofNCompleteColumn(),
            TextColumn("{task.description}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(self.line(), total=total)

    def step(self, item: Item, done: int, total: int) -> None:
        with self._lock:
            # Two steps a page.
            self._parts[_tell(item)] = done / 2
            self._show()

    def end(self, item: Item, work: Work | None) -> None:
        with self._lock:
            self._parts.pop(_tell(item), None)
            self._ended += 1
            if work is not None:
                self._pages += work.pages
                self._counts[tell_work(work)] += 1
            else:
                self._counts["failed"] += 1
            self._show()

    def line(self) -> str:
        rate, left = self._measure()
        counts = {word: self._counts[word] for word in (*map(str, Verdict), "rejected", "failed")}
        hours, minutes = divmod(math.ceil((left or 0.0) / 60), 60)
        shown = "-" if left is None else phrase("batch.time", self._lang, hours=hours, minutes=minutes)
        return phrase(
            "batch.line",
            self._lang,
            rate=rate,
            left=shown,
            yes=counts["是"],
            no=counts["否"],
            review=counts["复核"],
            rejected=counts["rejected"],
            failed=counts["failed"],
        )

    def _show(self) -> None:
        now = time.monotonic()
        self._seen.append((now, self._pages + sum(self._parts.values())))
        while now - self._seen[0][0] > _WINDOW_S and len(self._seen) > 2:
            self._seen.pop(0)
        self._progress.update(self._task, completed=self._ended, description=self.line())

    def _measure(self) -> tuple[float, float | None]:
        """Pages in a second, and the seconds left: as long as an upload has as many pages as those so far."""
        (start, before), (now, pages) = self._seen[0], self._seen[-1]
        rate = (pages - before) / (now - start) if now > start else 0.0
        if rate <= 0 or not self._ended:
            return max(0.0, rate), None
        return rate, max(0.0, self._pages / self._ended * (self._total - self._ended) - sum(self._parts.values())) / rate

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self._progress.stop()


def _tell(item: Item) -> str:
    return f"{item.upload.path}\0{item.upload.copy}"
