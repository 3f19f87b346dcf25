"""Which writer rewrites which kind of picture, edited in between."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pillow_heif
from PIL import Image

from redact.errors import Unopenable
from redact.masking.animations import rewrite_gif, rewrite_webp
from redact.masking.edits import Edit, turn_dpi
from redact.masking.jpeg import rewrite_jpeg
from redact.masking.paint import bare, find_dpi, find_turn
from redact.masking.png import rewrite_png
from redact.masking.tiff import rewrite_tiff
from redact.values import MediaType

# Files do not tell the quality that they were written in: the first that does not let them grow beyond this, else the last.
_HEIC_QUALITIES = (90, 80, 70, 60, 50, 40)
_GROWTH = 1.4
# x265's default preset takes 20 times as long, for 4 % fewer bytes of a scanned page.
_HEIC_ENCODER = {"preset": "ultrafast"}
# A file of these kinds is one page; whatever else rides in it (burst shots, gain maps, thumbnails) is dropped.
_ONE_PAGE = (MediaType.JPEG, MediaType.PNG, MediaType.BMP)

pillow_heif.register_heif_opener(thumbnails=False)


def rewrite_raster(content: bytes, media_type: MediaType, edits: Sequence[Edit]) -> bytes:
    """The same kind of file, written fresh from pixels: ``edits`` in their order, one for each frame.

    Modes, bit depths, dpi, frames and compression stay; turns of EXIF are applied, metadata is left out.

    Raises:
        Unopenable: as many edits as frames are needed, and a picture of a kind that is known.
        Exception: whatever the decoders throw; see :func:`redact.masking.files.translated_errors`.
    """
    _check_pages(content, media_type, edits)
    match media_type:
        case MediaType.JPEG:
            return rewrite_jpeg(content, edits[0])
        case MediaType.PNG:
            return rewrite_png(content, edits[0])
        case MediaType.TIFF:
            return rewrite_tiff(content, edits)
        case MediaType.GIF:
            return rewrite_gif(content, edits)
        case MediaType.WEBP:
            return rewrite_webp(content, edits)
        case MediaType.BMP:
            return _rewrite_bmp(content, edits[0])
        case MediaType.HEIC:
            return _rewrite_heic(content, edits)
        case _:
            raise Unopenable("not a picture")


def _check_pages(content: bytes, media_type: MediaType, edits: Sequence[Edit]) -> None:
    frames = 1
    if media_type not in _ONE_PAGE:
        with Image.open(io.BytesIO(content)) as image:
            frames = getattr(image, "n_frames", 1)
    # A HEIC file may hold a burst of which viewers show the main picture alone.
    if len(edits) != frames and not (media_type is MediaType.HEIC and len(edits) == 1):
        raise Unopenable(f"edits for {len(edits)} of {frames} pages")


def _rewrite_bmp(content: bytes, edit: Edit) -> bytes:
    with Image.open(io.BytesIO(content), formats=["BMP", "DIB"]) as source:
        dpi = turn_dpi(find_dpi(source, None), edit)
        image = edit.image(bare(source))
    out = io.BytesIO()
    image.save(out, "BMP", **({} if dpi is None else {"dpi": dpi}))
    return out.getvalue()


def _rewrite_heic(content: bytes, edits: Sequence[Edit]) -> bytes:
    """Written with 8 bits a channel; turns in the file are applied by the decoder."""
    edited = []
    with Image.open(io.BytesIO(content), formats=["HEIF"]) as source:
        many = len(edits) > 1
        for index, edit in enumerate(edits):
            if many:
                source.seek(index)
            edited.append(edit.image(bare(source, find_turn(source))))
    for quality in _HEIC_QUALITIES:
        written = _encode_heic(edited, quality)
        if len(written) <= _GROWTH * len(content):
            break
    return written


def _encode_heic(images: Sequence[Image.Image], quality: int) -> bytes:
    out = io.BytesIO()
    options: dict[str, object] = {"enc_params": dict(_HEIC_ENCODER), "exif": None, "xmp": None}
    images[0].save(out, "HEIF", quality=quality, save_all=len(images) > 1, append_images=list(images[1:]), **options)
    return out.getvalue()
