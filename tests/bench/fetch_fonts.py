"""Fetch the faces that the benchmark pages are drawn with: ``python tests/bench/fetch_fonts.py``.

Song, hei, kai and handwriting faces come as npm packages (SIL Open Font License), each cut into about a hundred WOFF2
files by unicode range. This asks ``npm pack`` for each package, joins the pieces into one TrueType file per
face, without layout tables and hints, and leaves them in ``tests/bench/fonts/`` (ignored by git), named
``<role>-<face>.ttf``: ``song``, ``hei``, ``kai``, ``hand`` (a clear hand) and ``wild`` (cursive).

Tests and ``redact demo`` work without them; the pages are then drawn with one face and its variations. Needs npm,
fontTools and brotli.
"""

from __future__ import annotations

import argparse
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from pathlib import Path

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent / "fonts"

# file name -> (package, weight)
PACKAGES: dict[str, tuple[str, int]] = {
    "hand-long-cang": ("@fontsource/long-cang@5", 400),
    "hand-zhi-mang-xing": ("@fontsource/zhi-mang-xing@5", 400),
    "hand-ma-shan-zheng": ("@fontsource/ma-shan-zheng@5", 400),
    "wild-liu-jian-mao-cao": ("@fontsource/liu-jian-mao-cao@5", 400),
    "kai-lxgw-wenkai": ("@fontsource/lxgw-wenkai@5", 500),
    "song-noto-serif-sc": ("@fontsource/noto-serif-sc@5", 400),
    "hei-noto-sans-sc": ("@fontsource/noto-sans-sc@5", 500),
}


def pack_package(package: str, folder: Path) -> Path:
    """The package's tarball, fetched into ``folder`` by npm from wherever npm is set up to fetch."""
    npm = ["npm", "pack", "--silent", "--pack-destination", str(folder), package]
    done = subprocess.run(npm, check=True, capture_output=True, text=True, cwd=folder)
    return folder / done.stdout.strip().splitlines()[-1]


def read_pieces(tarball: Path, weight: int) -> Iterable[bytes]:
    """The WOFF2 files of one upright weight."""
    with tarfile.open(tarball) as archive:
        for member in archive:
            if member.name.endswith(f"-{weight}-normal.woff2"):
                file = archive.extractfile(member)
                if file is not None:
                    yield file.read()


def join_pieces(pieces: Iterable[bytes], family: str) -> TTFont:
    """One face with every mapped glyph of the pieces, composites flattened; the first piece that has a
    character wins.
    """
    cmap: dict[int, str] = {}
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    metrics: dict[str, tuple[int, int]] = {".notdef": (0, 0)}
    units = ascent = descent = 0
    for data in pieces:
        piece = TTFont(io.BytesIO(data))
        if "glyf" not in piece:
            raise SystemExit(f"{family}: a piece has no TrueType outlines")
        units = piece["head"].unitsPerEm
        ascent, descent = piece["hhea"].ascent, piece["hhea"].descent
        outlines = piece.getGlyphSet()
        for code, glyph_name in piece.getBestCmap().items():
            if code in cmap:
                continue
            flat = DecomposingRecordingPen(outlines)
            outlines[glyph_name].draw(flat)
            pen = TTGlyphPen(None)
            flat.replay(pen)
            name = f"u{code:05X}"
            cmap[code] = name
            glyphs[name] = pen.glyph()
            metrics[name] = (piece["hmtx"][glyph_name][0], 0)
    if not cmap:
        raise SystemExit(f"{family}: no pieces of that weight in the package")
    builder = FontBuilder(units, isTTF=True)
    builder.setupGlyphOrder(list(glyphs))
    builder.setupCharacterMap(cmap)
    builder.setupGlyf(glyphs)
    table = builder.font["glyf"]
    builder.setupHorizontalMetrics({n: (advance, getattr(table[n], "xMin", 0)) for n, (advance, _) in metrics.items()})
    builder.setupHorizontalHeader(ascent=ascent, descent=descent)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=ascent, sTypoDescender=descent, usWinAscent=ascent, usWinDescent=-descent)
    builder.setupPost(keepGlyphNames=False)
    return builder.font


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fetch the faces of the benchmark pages.")
    parser.add_argument("--only", help="file names that contain this", default="")
    wanted = parser.parse_args(argv).only
    FONTS.mkdir(exist_ok=True)
    for file_name, (package, weight) in PACKAGES.items():
        target = FONTS / f"{file_name}.ttf"
        if wanted not in file_name or target.exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            face = join_pieces(read_pieces(pack_package(package, Path(folder)), weight), file_name)
        half_done = target.with_suffix(".part")
        face.save(half_done)
        os.replace(half_done, target)
        print(f"{target.name}: {len(face.getBestCmap())} characters", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
