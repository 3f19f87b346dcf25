"""Where each output goes: the same for the same folder and roster, in whatever order the work is done."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from redact.outputs import REVIEW_FOLDER, fits, suffix_of
from redact.paths import safe_name, split_suffix
from redact.values import MediaType, Status

STATE_FOLDER = ".redact-batch"
REPORT_FILES = ("report.jsonl", "report.xlsx", "report.html")
_OWN = frozenset({REVIEW_FOLDER, STATE_FOLDER, *REPORT_FILES})
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Named:
    """An upload to be named. ``path``: below the folder of uploads. ``secrets``: see :func:`redact.paths.find_secrets`."""

    path: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    sha256: str
    copy: int = 0


@dataclass(frozen=True, slots=True)
class Target:
    """``path``: below the folder of outputs, or of its folder for review; without the name."""

    path: PurePosixPath

    def place(self, status: Status, kind: MediaType) -> str:
        """``kind``: of the output; where it is another than the upload's extension says, its own extension is added."""
        _, suffix = split_suffix(self.path.name)
        path = self.path if fits(suffix, kind) else self.path.with_name(self.path.name + suffix_of(kind))
        return str(PurePosixPath(REVIEW_FOLDER) / path if status is Status.REVIEW else path)


def name_targets(uploads: Sequence[Named]) -> list[Target]:
    """One for each, all different, in a file system that knows no upper and lower case too.

    Names that are the same once the applicant's is out of them all get digits of their contents' sha256; where these are the same
    as well, they are counted in the order of their paths. A folder that was called like the applicant is called by the least
    sha256 of what is in it.
    """
    least = _least_below(uploads)
    plain = [_hide(upload, least) for upload in uploads]
    plain = _tell_apart(plain, [upload.sha256[:_DIGITS] for upload in uploads])
    order = sorted(range(len(uploads)), key=lambda i: (uploads[i].path, uploads[i].copy))
    seen: Counter[str] = Counter()
    counts = [""] * len(uploads)
    for i in order:
        seen[_fold(plain[i])] += 1
        number = seen[_fold(plain[i])]
        counts[i] = "" if number == 1 else str(number)
    return [Target(_add(path, count)) for path, count in zip(plain, counts, strict=True)]


def _least_below(uploads: Sequence[Named]) -> dict[PurePosixPath, str]:
    least: dict[PurePosixPath, str] = {}
    for upload in uploads:
        for folder in PurePosixPath(upload.path).parents:
            least[folder] = min(least.get(folder, upload.sha256), upload.sha256)
    return least


def _hide(upload: Named, least: Mapping[PurePosixPath, str]) -> PurePosixPath:
    path = PurePosixPath(upload.path)
    folders = [safe_name(f.name, upload.secrets, content_sha256=least[f]) for f in [*path.parents][-2::-1]]
    parts = [*folders, safe_name(path.name, upload.secrets, content_sha256=upload.sha256)]
    if parts[0].casefold() in _OWN:
        parts[0] = f"_{parts[0]}"
    return PurePosixPath(*parts)


def _tell_apart(paths: Sequence[PurePosixPath], digits: Sequence[str]) -> list[PurePosixPath]:
    """With its digits where another has the same path, or would if its output gets an extension of its own."""
    count = Counter(map(_fold, paths))
    clash = {p for p, n in count.items() if n > 1}
    for path in count:
        stem = split_suffix(path)[0]
        if stem != path and stem in count:
            clash |= {path, stem}
    return [_add(path, d) if _fold(path) in clash else path for path, d in zip(paths, digits, strict=True)]


def _add(path: PurePosixPath, mark: str) -> PurePosixPath:
    stem, suffix = split_suffix(path.name)
    return path.with_name(f"{stem}-{mark}{suffix}") if mark and not stem.endswith(mark) else path


def _fold(path: PurePosixPath) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()
