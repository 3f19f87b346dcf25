"""Makes the picture in README.md again: ``python tests/bench/readme_picture.py`` -> notebooks/img/before-after.jpg."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from redact import Redactor, demo
from redact.before_after import draw_before_after

PICTURE = Path(__file__).parents[2] / "notebooks" / "img" / "before-after.jpg"
SHOWN = ("01", "03", "05", "08", "09", "10")
WIDTH = 1800


def main() -> None:
    redactor = Redactor()
    pairs = []
    with tempfile.TemporaryDirectory() as folder:
        originals, masked = Path(folder) / "originals", Path(folder) / "masked"
        originals.mkdir()
        for upload in demo._draw_uploads(originals):
            if any(f"{number}-" in upload.path.name for number in SHOWN):
                saved = demo._mask(redactor, upload, masked, "en")
                pairs += demo._pair_up(upload, saved, "en")[:1]
    picture = Image.open(io.BytesIO(draw_before_after(pairs, before="before", after="after", missing="no output")))
    picture = picture.convert("RGB")
    picture.thumbnail((WIDTH, WIDTH))
    picture.save(PICTURE, quality=82, optimize=True, progressive=True)


if __name__ == "__main__":
    main()
