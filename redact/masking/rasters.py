"""Which writer masks which kind of picture."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pillow_heif
from PIL import Image

from redact.errors import Unopenable
from redact.masking.animations import mask_gif, mask_webp
from redact.masking.jpeg import mask_jpeg
from redact.masking.paint import bare, find_dpi, find_turn, paint, scale_boxes
from redact.masking.png import mask_png
from redact.masking.tiff import mask_tiff
from redact.values import MediaType, PageMasks

_HEIC_QUALITY = 90
# A file of these kinds is one page; whatever else rides in it (burst shots, gain maps, thumbnails) is dropped.
_ONE_PAGE = (MediaType.JPEG, MediaType.PNG, MediaType.BMP)

pillow_heif.register_heif_opener(thumbnails=False)


def mask_raster(content: bytes, media_type: MediaType, pages: Sequence[PageMasks]) -> bytes:
    """``pages`` in their order, one for each frame."""
    _check_pages(content, media_type, pages)
    match media_type:
        case MediaType.JPEG:
            return mask_jpeg(content, pages[0])
        case MediaType.PNG:
            return mask_png(content, pages[0])
        case MediaType.TIFF:
            return mask_tiff(content, pages)
        case MediaType.GIF:
            return mask_gif(content, pages)
        case MediaType.WEBP:
            return mask_webp(content, pages)
        case MediaType.BMP:
            return _mask_bmp(content, pages[0])
        case MediaType.HEIC:
            return _mask_heic(content, pages)
        case _:
            raise Unopenable("not a picture")


def _check_pages(content: bytes, media_type: MediaType, pages: Sequence[PageMasks]) -> None:
    frames = 1
    if media_type not in _ONE_PAGE:
        with Image.open(io.BytesIO(content)) as image:
            frames = getattr(image, "n_frames", 1)
    # A HEIC file may hold a burst of which viewers show the main picture alone.
    if len(pages) != frames and not (media_type is MediaType.HEIC and len(pages) == 1):
        raise Unopenable(f"masks for {len(pages)} of {frames} pages")


def _mask_bmp(content: bytes, masks: PageMasks) -> bytes:
    with Image.open(io.BytesIO(content), formats=["BMP", "DIB"]) as source:
        dpi = find_dpi(source, None)
        image = bare(source)
    image = paint(image, scale_boxes(masks, image.width, image.height))
    out = io.BytesIO()
    image.save(out, "BMP", **({} if dpi is None else {"dpi": dpi}))
    return out.getvalue()


def _mask_heic(content: bytes, pages: Sequence[PageMasks]) -> bytes:
    """Written with 8 bits a channel; turns in the file are applied by the decoder."""
    painted = []
    with Image.open(io.BytesIO(content), formats=["HEIF"]) as source:
        many = len(pages) > 1
        for index, masks in enumerate(pages):
            if many:
                source.seek(index)
            image = bare(source, find_turn(source))
            painted.append(paint(image, scale_boxes(masks, image.width, image.height)))
    out = io.BytesIO()
    painted[0].save(out, "HEIF", quality=_HEIC_QUALITY, save_all=many, append_images=painted[1:], exif=None, xmp=None)
    return out.getvalue()
