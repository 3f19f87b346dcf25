"""What masking does to the rest of a scan: bytes, structural similarity outside the masks, sizes, modes, resolution.

python tests/bench/fidelity.py                  # every kind of file, one office scan and one photo
python tests/bench/fidelity.py --seeds 5
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def main() -> None:
    from scan_files import SCAN_FILES, measure, page

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    samples = [page(seed, grade=grade) for seed in range(args.seeds) for grade in (2, 3)]
    print("| file | bytes, at most | SSIM, at least | changed | seconds a page |")
    print("|---|---|---|---|---|")
    for kind, build in SCAN_FILES.items():
        if args.only not in kind:
            continue
        files = [build(sample) for sample in samples]
        started = time.perf_counter()
        results = [measure(content, sample) for content, sample in zip(files, samples, strict=True)]
        seconds = (time.perf_counter() - started) / len(files)
        growth, ssim = max(r.growth for r in results), min(r.ssim for r in results)
        changed = "; ".join(sorted({c for r in results for c in r.changed})) or "–"
        mark = " **" if growth > 1.5 or ssim < 0.98 or changed != "–" else ""
        print(f"| {kind}{mark} | {growth:.2f} | {ssim:.4f} | {changed} | {seconds:.1f} |", flush=True)


if __name__ == "__main__":
    main()
