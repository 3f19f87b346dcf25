"""Opens each file of ``broken_files``, also the long ones, and prints what came of it: a table in Markdown.

python tests/bench/openability.py [PART_OF_A_NAME]...
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from broken_files import CASES
from open_measured import LIMIT_S, serving

_MAX_MB = 1000


def main(parts: list[str]) -> int:
    chosen = [case for case in CASES if not parts or any(part in case.name for part in parts)]
    wrong = 0
    print("| file | expected | found | seconds | MB |\n|---|---|---|---:|---:|")
    with tempfile.TemporaryDirectory() as folder, serving() as server:
        for case in chosen:
            path = Path(folder) / f"upload{case.suffix}"
            path.write_bytes(case.build())
            found = server.measure(path)
            expected = case.error or (f"opens, {case.warning} (warn)" if case.warning else "opens")
            got = found.error or ", ".join(["opens", *(f"{code} (warn)" for code in found.warnings)])
            if got != expected or found.seconds > LIMIT_S or found.peak_mb > _MAX_MB:
                wrong += 1
                got = f"**{got}**"
            print(f"| {case.name} | {expected} | {got} | {found.seconds:.2f} | {found.peak_mb} |", flush=True)
    print(f"\n{len(chosen)} files, {wrong} not as expected, over {LIMIT_S} s or over {_MAX_MB} MB", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
