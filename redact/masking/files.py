"""One masked file from one attachment, whatever its kind; errors of the decoders become the library's own here."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

import cv2
import pymupdf
from PIL import Image, UnidentifiedImageError

from redact.errors import Empty, TooLarge, Truncated, Unopenable
from redact.masking.edits import Painting
from redact.masking.pdf import mask_pdf, mask_pdf_keeping_text
from redact.masking.rasters import rewrite_raster
from redact.ofd import draw_ofd
from redact.values import KeptText, MediaType, PageMasks

# What Pillow, libheif, OpenCV and MuPDF raise on damaged bytes. PyMuPDF's own errors are RuntimeErrors; those of the bindings
# below it, which some of its calls let through, are not.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    RuntimeError,
    EOFError,
    KeyError,
    IndexError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
    cv2.error,
    pymupdf.mupdf.FzErrorBase,
)


def mask_file(content: bytes, media_type: MediaType, pages: Sequence[PageMasks]) -> bytes:
    """The attachment with ``pages`` painted solid black, written fresh from pixels: the same kind of file, no metadata.

    ``pages`` has every page of the file, also those without boxes; boxes are pixels of the page as a viewer shows it,
    in a frame of the page's own ``width`` x ``height``, and are scaled, rounding outwards, where the stored picture has
    more or fewer pixels. Pictures keep mode, bit depth, dpi, frames and compression, and turns of EXIF are applied;
    every page of a PDF becomes one picture on a page of the displayed size. An OFD becomes such a PDF.

    Raises:
        Unopenable, Truncated, Empty, Encrypted, TooLarge: the bytes are at fault, or ``pages`` are not theirs.
    """
    ordered = _check_pages(content, pages)
    with translated_errors():
        if media_type is MediaType.OFD:
            return mask_pdf(draw_ofd(content).pdf, ordered)
        if media_type is MediaType.PDF:
            return mask_pdf(content, ordered)
        return rewrite_raster(content, media_type, [Painting(masks) for masks in ordered])


def mask_file_keeping_text(
    content: bytes, media_type: MediaType, pages: Sequence[PageMasks], *, as_pixels: Mapping[int, str] | None = None
) -> tuple[bytes, tuple[KeptText, ...]]:
    """As :func:`mask_file`; pages of a PDF whose text can be proved clean keep it, and so are no pictures.

    Such a page is drawn anew from the glyphs, straight lines and boxes that are to be seen on it, with a font that has these
    glyphs and no others; what lies under a mask is left out, and all else (pictures, curves, shades) is cut from the masked
    page's pixels. For each page of a PDF it is told whether it kept its text. ``as_pixels``: pages that must not, by index, with
    the reason's code.

    Raises:
        Unopenable, Truncated, Empty, Encrypted, TooLarge: as :func:`mask_file`.
    """
    if media_type is not MediaType.PDF:
        return mask_file(content, media_type, pages), ()
    ordered = _check_pages(content, pages)
    with translated_errors():
        return mask_pdf_keeping_text(content, ordered, as_pixels or {})


def _check_pages(content: bytes, pages: Sequence[PageMasks]) -> list[PageMasks]:
    if not content:
        raise Empty("no bytes")
    ordered = sorted(pages, key=lambda masks: masks.page_index)
    if not ordered or [masks.page_index for masks in ordered] != list(range(len(ordered))):
        raise Unopenable("masks for other pages than the file's")
    return ordered


@contextmanager
def translated_errors() -> Iterator[None]:
    """Inside, what the decoders throw comes out as an :class:`redact.errors.AttachmentError`."""
    try:
        yield
    except Image.DecompressionBombError as error:
        raise TooLarge("more pixels than the decoder allows") from error
    except pymupdf.EmptyFileError as error:
        raise Empty("no bytes") from error
    except UnidentifiedImageError as error:
        raise Unopenable("no picture of this kind") from error
    except _DECODER_ERRORS as error:
        # Decoders' wording may quote the file's own text, so it stays out; the cause is chained for developers.
        if "truncated" in str(error).lower():
            raise Truncated("the data ends early") from error
        raise Unopenable(f"{type(error).__name__} while decoding") from error
