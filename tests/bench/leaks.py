"""The table of channels: what is left of a planted name after masking, and after a rectangle was drawn over the printed one.

    python tests/bench/leaks.py             # every channel, every kind of file it applies to, every name
    python tests/bench/leaks.py --names 1

A cell counts files: ``leaks / files``. The second column shows that the search sees the channel: it must be as high as it goes.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings
from collections import defaultdict
from pathlib import Path

for folder in (Path(__file__).resolve().parents[1], Path(__file__).resolve().parents[1] / "leaks"):
    sys.path.insert(0, str(folder))


def main() -> None:
    from leak_battery import cases, leaks, mask_naively, mask_well
    from leak_pages import NAMES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--names", type=int, default=len(NAMES))
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    # pikepdf says that planted XMP is none, and quotes it.
    logging.disable(logging.CRITICAL)
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    kinds: dict[str, dict[str, None]] = defaultdict(dict)
    for case in cases(NAMES[: args.names]):
        row = counts[case.channel if not case.pdf else f"PDF: {case.channel}"]
        kinds[case.channel if not case.pdf else f"PDF: {case.channel}"][case.kind] = None
        row[0] += 1
        row[1] += bool(leaks(case, mask_well))
        row[2] += bool(leaks(case, mask_naively))
    print("| channel | kinds | redact | a drawn rectangle |")
    print("|---|---|---|---|")
    for channel, (files, ours, naive) in counts.items():
        print(f"| {channel} | {', '.join(kinds[channel])} | {ours} / {files} | {naive} / {files} |")
    total = [sum(row[i] for row in counts.values()) for i in range(3)]
    print(f"| **all** | | **{total[1]} / {total[0]}** | **{total[2]} / {total[0]}** |")


if __name__ == "__main__":
    main()
