"""Each stage's own few options. A stage sees its own and no other's."""

from __future__ import annotations

from dataclasses import dataclass

_LONG_PX = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeLimits:
    """What an attachment may cost to open. Beyond it: :class:`redact.errors.TooLarge`.

    ``max_pixels``: of a page; holds a 1080 x 65,000 screenshot, an A2 sheet at 300 dpi, a 108-megapixel phone photo.
    ``max_decoded_bytes``: of the memory that an image's pixels take at most while it is decoded, as estimated from its header:
    holds ``max_pixels`` of most kinds, and fewer of a colour JPEG that is progressive (85 megapixels or more), a HEIC (65), a
    WebP (53), an animation (40). ``max_total_pixels``: of all frames of one image file, and on top of it a thousand for each
    of its bytes: more than scans have, few of whose pages are blank. ``max_content_bytes``: of the instructions that draw a
    PDF page, decompressed and counted each time that they are repeated, with 40 more for each character of its text.
    ``max_side_ratio``: of a page that is longer than 20,000 pixels, its longer side to its shorter one; a long screenshot has 60.
    Beyond it lines are too small to be read at the page's own scale, and the page takes half a minute at the doubled one.

    Of an archive: ``max_members`` files in it, and in archives inside it, ``max_depth`` levels of which are opened (1: none
    inside the first); ``max_member_ratio`` times its own size a member may grow, beyond its first megabyte, and all of them
    together to ``max_unpacked_bytes``; each to ``max_bytes`` at most. A dossier of phone photos has about 100 files and 300 MB.
    ``office_seconds``: what converting a document may take.
    """

    max_bytes: int = 512 * 2**20
    max_pixels: int = 120_000_000
    max_decoded_bytes: int = 850_000_000
    max_pages: int = 5_000
    max_total_pixels: int = 500_000_000
    max_content_bytes: int = 12 * 2**20
    max_side_ratio: int = 100
    max_members: int = 2_000
    max_depth: int = 3
    max_member_ratio: int = 200
    max_unpacked_bytes: int = 4 * 2**30
    office_seconds: float = 90.0

    def is_too_long(self, width: float, height: float) -> bool:
        """Whether a page of so many pixels breaks ``max_side_ratio``."""
        return max(width, height) > max(_LONG_PX, self.max_side_ratio * min(width, height))


@dataclass(frozen=True, slots=True, kw_only=True)
class RasterOptions:
    """How PDF pages become pixels: at the resolution of the scan inside, within these bounds (DA/T 31-2017 asks for 200 dpi)."""

    min_dpi: float = 200.0
    max_dpi: float = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLimits:
    """What a worker process may take, in seconds of processor time; by the clock ``patience`` times as much, since the machine
    has other work. Beyond it: :class:`redact.errors.TooLarge`.

    ``request_cpu_s``: to open, or to decode one page: of the files that :class:`IntakeLimits` lets pass the worst took 10.
    ``page_cpu_s``, ``megabyte_cpu_s``: on top of it, for each page, and each 2**20 bytes of the file, where all of it is
    masked, straightened or searched. ``most_lost``: workers; an attachment that crashes so many gets no further one.
    """

    request_cpu_s: float = 60.0
    page_cpu_s: float = 20.0
    megabyte_cpu_s: float = 4.0
    patience: float = 4.0
    most_lost: int = 3
