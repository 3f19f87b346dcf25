"""Images -> pages, with Pillow and libheif.

Pillow's readers are called by class and not through ``Image.open``: that would run Pillow's own bomb check against a
global setting of the host program; ours looks at the declared size before anything is decoded. Nothing here changes
global state, and ``ImageFile.LOAD_TRUNCATED_IMAGES`` is expected to be off, as it is unless a host program turns it on.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import BmpImagePlugin, GifImagePlugin, Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from redact.errors import Empty, TooLarge
from redact.exif import orientation_of, read_exif, turn_as_shown
from redact.intake.colour import convert_to_rgb
from redact.intake.completeness import check_iso_boxes, check_png, check_png_rows, check_webp, count_gif_frames
from redact.intake.edge import translating_errors
from redact.intake.jpeg_end import check_jpeg, find_jpeg_end
from redact.intake.resolution import credible_dpi, stated_dpi
from redact.intake.tiff_frames import list_tiff_frames
from redact.options import IntakeLimits
from redact.values import Issue, MediaType, Page

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


class ImageSource:
    """Pages of a JPEG, PNG, TIFF, BMP, WebP or GIF.

    A still is opened anew for each reading, so that its pixels die with the page. A file of many frames keeps its
    reader, and the reader its last frame: GIF and WebP frames build on each other. A lock makes it safe to share.
    """

    warnings: tuple[Issue, ...] = ()

    def __init__(self, content: bytes, kind: MediaType, limits: IntakeLimits) -> None:
        """Reads headers only. Raises: any AttachmentError."""
        self._kind = kind
        self._limits = limits
        self._lock = threading.Lock()
        # Interrupted transfers leave files of the full size with zeros for an end; libjpeg reads zeros as picture.
        self._content = content.rstrip(b"\0") if kind is MediaType.JPEG else content
        self.page_count = self._check_container()
        with translating_errors("open image"):
            image = self._open()
            self.page_count = max(self.page_count, int(getattr(image, "n_frames", 1)))
        self._check_size(image.size, None)
        if self.page_count > limits.max_pages:
            raise TooLarge("frames")
        # Pillow's PNG reader does not go back in an animation: it too is opened anew.
        keep = self.page_count > 1 and kind is not MediaType.PNG
        self._reader: Image.Image | None = image if keep else None

    def read_page(self, index: int) -> Page:
        with self._lock, translating_errors("decode image", index):
            image = self._reader or self._open()
            if self.page_count > 1:
                image.seek(index)
            self._check_size(image.size, index)
            return self._decode(image, index)

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
        return 1

    def _check_size(self, size: tuple[int, int], index: int | None) -> None:
        if size[0] * size[1] > self._limits.max_pixels:
            raise TooLarge("pixels", page_index=index)

    def _decode(self, image: Image.Image, index: int) -> Page:
        exif = read_exif(image)
        dpi = stated_dpi(image, exif)
        if self._kind is MediaType.JPEG:
            image = self._load_whole_jpeg(image)
        else:
            image.load()
        if self._kind is MediaType.PNG:
            exif = read_exif(image)  # its eXIf chunk may follow the pixels
            self._check_png_end(image)
        pixels = convert_to_rgb(image)
        if self._kind is not MediaType.TIFF:  # Pillow itself turns TIFF, when loading
            pixels = turn_as_shown(pixels, orientation_of(exif))
        height, width = pixels.shape[:2]
        return Page(index, pixels, credible_dpi(*dpi, width, height))

    def _check_png_end(self, image: Image.Image) -> None:
        # Pillow leaves rows that the data do not reach at zero.
        interlaced = self._content[28] == 1
        if interlaced or not np.asarray(image.crop((0, max(image.height - 2, 0), *image.size))).any():
            check_png_rows(self._content)

    def _load_whole_jpeg(self, image: Image.Image) -> Image.Image:
        """Loaded, and known to have all its rows; a missing end marker alone is no fault."""
        end = self._jpeg_end
        if not end.has_eoi:
            image = _open_jpeg(check_jpeg(self._content, end, _decode_jpeg))
            image.load()
            return image
        image.load()
        # A scan that was cut and given an end marker has flat blocks from the cut on. A cut progressive one only gets
        # coarser, so there is no sign to go by.
        corner = image.crop((max(image.width - 4, 0), max(image.height - 4, 0), *image.size)).convert("L")
        levels = np.asarray(corner)
        if end.progressive:
            check_jpeg(self._content, end, _decode_jpeg)
        elif int(levels.max()) - int(levels.min()) <= _FLAT_LEVELS:
            check_jpeg(self._content, end, _decode_jpeg_means)
        return image


def _open_jpeg(content: bytes) -> JpegImagePlugin.JpegImageFile:
    return JpegImagePlugin.JpegImageFile(io.BytesIO(content))


def _decode_jpeg(content: bytes) -> NDArray[np.uint8]:
    return np.array(_open_jpeg(content))


def _decode_jpeg_means(content: bytes) -> NDArray[np.uint8]:
    """The mean of each block of 8 x 8, several times as quick: enough where rows come one after another."""
    image = _open_jpeg(content)
    image.draft(None, (max(image.width // 8, 1), max(image.height // 8, 1)))
    return np.array(image)


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
            if width * height > limits.max_pixels:
                raise TooLarge("pixels", page_index=index)
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
