"""How long report.html takes in Chromium: to open, to filter, to step to the next page under review.

    python tests/bench/report_html.py [--pages 10000]

Times are medians over fresh pages of one browser: to open, from before the file is asked for; to filter and to step, from before
the event to the second frame after it, when what was asked for is on the screen.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "batch" / "reports"))

import drawn_records
from chromium import launch
from playwright.sync_api import Browser

from redact.batch.reports import write_reports

# A frame after the frame in which it was laid out.
_TIMED = """(act) => new Promise((resolve) => {
  const start = performance.now();
  (0, eval)(act);
  requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
})"""
_FILTERS = {
    "filter by verdict": "kindField.value = '2'; kindField.dispatchEvent(new Event('input'))",
    "filter by issue": "problemField.value = 'skewed|warn'; problemField.dispatchEvent(new Event('input'))",
    "filter by path": "textField.value = '申请人0004'; textField.dispatchEvent(new Event('input'))",
    "step to the next 复核": "document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j'}))",
    "100 steps": "for (let i = 0; i < 100; i++) document.dispatchEvent(new KeyboardEvent('keydown', {key: 'j'}))",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, nargs="+", default=[1000, 10000])
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        fonts = Path(temporary, "fonts")
        fonts.mkdir()
        with launch(fonts) as browser:
            for pages in args.pages:
                _measure(browser, Path(temporary), pages, args.rounds)


def _measure(browser: Browser, folder: Path, pages: int, rounds: int) -> None:
    records = drawn_records.many(pages)
    start = time.perf_counter()
    write_reports(folder, records, names=None, lang="zh")
    print(f"{pages} pages; written in {time.perf_counter() - start:.1f} s", end="; ")
    print(", ".join(f"{f.name} {f.stat().st_size / 1e6:.1f} MB" for f in sorted(folder.glob("report.*"))))
    times: dict[str, list[float]] = {}
    for _ in range(rounds):
        _visit(browser, (folder / "report.html").as_uri(), times)
    for action, seconds in times.items():
        print(f"  {action:24} {statistics.median(seconds):7.3f} s   (max {max(seconds):.3f})")


def _visit(browser: Browser, address: str, times: dict[str, list[float]]) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, bypass_csp=True)
    page = context.new_page()
    start = time.perf_counter()
    page.goto(address, wait_until="commit")
    page.wait_for_selector(".page img")
    times.setdefault("first pages seen", []).append(time.perf_counter() - start)
    page.wait_for_load_state("load")
    times.setdefault("opened whole", []).append(time.perf_counter() - start)
    for action, script in _FILTERS.items():
        page.evaluate("document.getElementById('reset').click()")
        page.wait_for_timeout(300)
        times.setdefault(action, []).append(page.evaluate(_TIMED, script) / 1000)
    context.close()


if __name__ == "__main__":
    main()
