"""Images -> pages, with Pillow and libheif.

Pillow's readers are called by class and not through ``Image.open``: that would run Pillow's own bomb check against a
global setting of the host program; ours looks at the declared size before anything is decoded. Nothing here changes
global state, and ``ImageFile.LOAD_TRUNCATED_IMAGES`` is expected to be off, as it is unless a host program turns it on.
"""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from redact.errors import Empty, TooLarge, Truncated
from redact.exif import orientation_of, read_exif
from redact.intake.colour import convert_to_rgb
from redact.intake.completeness import check_iso_boxes, check_png, check_png_rows, check_webp, count_gif_frames
from redact.intake.edge import translating_errors
from redact.intake.jpeg_end import check_jpeg_cost, close_jpeg, fill_jpeg, find_jpeg_end
from redact.intake.resolution import credible_dpi, stated_dpi
from redact.intake.tiff_frames import list_tiff_frames
from redact.options import IntakeLimits
from redact.values import Issue, MediaType, Page, Severity

_READERS: dict[MediaType, Callable[[Any], Any]] = {
    MediaType.JPEG: JpegImagePlugin.JpegImageFile,
    MediaType.PNG: PngImagePlugin.PngImageFile,
    MediaType.TIFF: TiffImagePlugin.TiffImageFile,
    MediaType.BMP: BmpImagePlugin.BmpImageFile,
    MediaType.WEBP: WebPImagePlugin.WebPImageFile,
    MediaType.GIF: GifImagePlugin.GifImageFile,
}


# Chroma that is interpolated from the last whole block, and its conversion to RGB, move the luma of a flat block so
# far.
_FLAT_LEVELS = 3
_SUMMED_ROWS = 256

# Memory that reading takes for a pixel, in bytes: 4 in Pillow's image and 3 in ours. libwebp and libheif have copies of
# their own (measured: 15.3 and 10.5, with alpha 13), and where each frame builds on the last a reader holds about three.
_PIXEL_BYTES = 7
_WEBP_PIXEL_BYTES = 16
_HEIC_PIXEL_BYTES = 13
_ANIMATED_PIXEL_BYTES = 21
# Frames of one picture compress to nothing, each of which costs as much as a page.
_MAX_PIXELS_PER_BYTE = 1_000


class ImageSource:
    """Pages of a JPEG, PNG, TIFF, BMP, WebP or GIF.

    A still is opened anew for each reading, so that its pixels die with the page. A file of many frames keeps its
    reader, and the reader its last frame: frames of an animation build on each other. A lock makes it safe to share.
    ``warnings``: ``truncated`` once a JPEG without an end marker was read, and had all its rows.
    """

    warnings: tuple[Issue, ...] = ()

    def __init__(self, content: bytes, kind: MediaType, limits: IntakeLimits) -> None:
        """Reads headers only. Raises: any AttachmentError."""
        self._kind = kind
        self._limits = limits
        self._lock = threading.Lock()
        # Interrupted transfers leave files of the full size with zeros for an end; libjpeg reads zeros as picture.
        self._content = content.rstrip(b"\0") if kind is MediaType.JPEG else content
        self.page_count = 1
        self.page_count = self._check_container()
        with translating_errors("open image"):
            image = self._open()
            self.page_count = max(self.page_count, int(getattr(image, "n_frames", 1)))
        self._check_size(image.size, None)
        if self.page_count > limits.max_pages:
            raise TooLarge("frames")
        if kind is not MediaType.TIFF:
            self._check_total(self.page_count * image.width * image.height)
        self._reader: Image.Image | None = image if self.page_count > 1 else None

    def read_page(self, index: int) -> Page:
        with self._lock, translating_errors("decode image", index):
            return self._decode(self._seek(index), index)

    def _seek(self, index: int) -> Image.Image:
        if self.page_count == 1:
            return self._open()
        # Pillow's PNG reader does not go back in an animation.
        if self._reader is None or (self._kind is MediaType.PNG and index < self._reader.tell()):
            self._reader = self._open()
        self._reader.seek(index)
        self._check_size(self._reader.size, index)
        return self._reader

    def close(self) -> None:
        self._reader = None

    def _open(self) -> Image.Image:
        image: Image.Image = _READERS[self._kind](io.BytesIO(self._content))
        return image

    def _check_container(self) -> int:
        """The number of frames as far as the container tells."""
        if self._kind is MediaType.TIFF:
            frames = list_tiff_frames(self._content, self._limits.max_pages)
            if not frames:
                raise Empty("no frames")
            for index, frame in enumerate(frames):
                self._check_size((frame.width, frame.height), index)
            self._check_total(sum(frame.width * frame.height for frame in frames))
            return len(frames)
        if self._kind is MediaType.GIF:
            frame_count = count_gif_frames(self._content)
            if not frame_count:
                raise Empty("no frames")
            return frame_count
        if self._kind is MediaType.WEBP:
            check_webp(self._content, self._limits.max_pixels)
        if self._kind is MediaType.PNG:
            check_png(self._content)
        if self._kind is MediaType.JPEG:
            self._jpeg_end = find_jpeg_end(self._content)
            check_jpeg_cost(self._jpeg_end, self._limits.max_decoded_bytes)
        return 1

    def _check_size(self, size: tuple[int, int], index: int | None) -> None:
        pixels = size[0] * size[1]
        if pixels > self._limits.max_pixels or self._limits.is_too_long(*size):
            raise TooLarge("pixels", page_index=index)
        held = _PIXEL_BYTES * pixels
        if self._kind in (MediaType.GIF, MediaType.PNG, MediaType.WEBP) and self.page_count > 1:
            held = _ANIMATED_PIXEL_BYTES * pixels
        elif self._kind is MediaType.WEBP:
            held = _WEBP_PIXEL_BYTES * pixels
        elif self._kind is MediaType.JPEG and self._jpeg_end.scans > 1:
            # The coefficients of all samples are kept till the last scan, in two bytes each; ours come after.
            held = max(held, 2 * self._jpeg_end.samples + 4 * pixels)
        if held > self._limits.max_decoded_bytes:
            raise TooLarge("memory for pixels", page_index=index)

    def _check_total(self, pixels: int) -> None:
        if pixels > self._limits.max_total_pixels + _MAX_PIXELS_PER_BYTE * len(self._content):
            raise TooLarge("pixels of all frames")

    def _decode(self, image: Image.Image, index: int) -> Page:
        exif = read_exif(image)
        dpi = stated_dpi(image, exif)
        if self._kind is MediaType.JPEG:
            image = self._load_whole_jpeg()
        else:
            image.load()
        if self._kind is MediaType.PNG:
            exif = read_exif(image)  # its eXIf chunk may follow the pixels
            if index == 0:
                self._check_png_end(image)
        # Pillow itself turns TIFF, when loading.
        pixels = convert_to_rgb(image, orientation_of(exif) if self._kind is not MediaType.TIFF else 1)
        height, width = pixels.shape[:2]
        return Page(index, pixels, credible_dpi(*dpi, width, height))

    def _check_png_end(self, image: Image.Image) -> None:
        # Pillow leaves rows that the data do not reach at zero.
        interlaced = self._content[28] == 1
        if interlaced or not np.asarray(image.crop((0, max(image.height - 2, 0), *image.size))).any():
            check_png_rows(self._content)

    def _load_whole_jpeg(self) -> Image.Image:
        """Loaded, and known to have all its rows; a missing end marker alone is repaired, with a warning."""
        end = self._jpeg_end
        whole, filled = close_jpeg(self._content, end), fill_jpeg(self._content, end)
        if end.has_eoi and not end.progressive:
            image = _open_jpeg(whole)
            image.load()
            # A scan that was cut and given an end marker has flat blocks from the cut on. A cut progressive one only gets
            # coarser, so there is no sign to go by.
            corner = image.crop((max(image.width - 4, 0), max(image.height - 4, 0), *image.size)).convert("L")
            levels = np.asarray(corner)
            flat = int(levels.max()) - int(levels.min()) <= _FLAT_LEVELS
            same = not flat or _sum_pixels(filled, _open_jpeg_means) == _sum_pixels(whole, _open_jpeg_means)
        else:
            # One after the other, and sums instead of pixels: two decoders at a time would take too much memory.
            expected = _sum_pixels(filled, _open_jpeg)
            image = _open_jpeg(whole)
            same = expected is not None and _sum_image(image) == expected
        if not same:
            raise Truncated("JPEG scan data")
        if not end.has_eoi:
            self.warnings = (Issue("truncated", Severity.WARN),)
        return image


def _open_jpeg(content: bytes) -> JpegImagePlugin.JpegImageFile:
    return JpegImagePlugin.JpegImageFile(io.BytesIO(content))


def _open_jpeg_means(content: bytes) -> JpegImagePlugin.JpegImageFile:
    """The mean of each block of 8 x 8, several times as quick: enough where rows come one after another."""
    image = _open_jpeg(content)
    image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))
    return image


def _sum_pixels(content: bytes, open_: Callable[[bytes], Image.Image]) -> int | None:
    """A check sum of the pixels; None where they cannot be decoded."""
    try:
        return _sum_image(open_(content))
    except OSError:
        return None


def _sum_image(image: Image.Image) -> int:
    total = 0
    for top in range(0, image.height, _SUMMED_ROWS):
        total = zlib.crc32(image.crop((0, top, image.width, min(top + _SUMMED_ROWS, image.height))).tobytes(), total)
    return total


class HeicSource:
    """Pages of a HEIC: its top-level images, turned and cropped by libheif as the file says (its EXIF must not be
    applied again)."""

    warnings: tuple[Issue, ...] = ()

    def __init__(self, content: bytes, limits: IntakeLimits) -> None:
        """Reads headers only. Raises: any AttachmentError."""
        self._content = content
        check_iso_boxes(content)
        with translating_errors("open HEIC"):
            sizes = [image.size for image in self._open()]
        if not sizes:
            raise Empty("no images")
        if len(sizes) > limits.max_pages:
            raise TooLarge("images")
        for index, (width, height) in enumerate(sizes):
            pixels = width * height
            held = pixels * _HEIC_PIXEL_BYTES
            if pixels > limits.max_pixels or held > limits.max_decoded_bytes or limits.is_too_long(width, height):
                raise TooLarge("pixels", page_index=index)
        if sum(width * height for width, height in sizes) > limits.max_total_pixels + _MAX_PIXELS_PER_BYTE * len(content):
            raise TooLarge("pixels of all images")
        self.page_count = len(sizes)

    def read_page(self, index: int) -> Page:
        with translating_errors("decode HEIC", index):
            image = self._open()[index].to_pillow()
            dpi = stated_dpi(image, read_exif(image))
            return Page(index, convert_to_rgb(image), credible_dpi(*dpi, *image.size))

    def close(self) -> None:
        self._content = b""

    def _open(self) -> pillow_heif.HeifFile:
        return pillow_heif.open_heif(self._content, convert_hdr_to_8bit=True)
