"""Any picture that Pillow opened -> 8-bit sRGB pixels, as a viewer would show it on white paper."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from redact.exif import allocate_turned
from redact.values import Pixels

_SRGB_NAMES = ("srgb", "iec61966-2.1", "iec 61966-2-1")


# Rows are converted in bands of about so many pixels: each step of a conversion holds a copy, and of a whole picture of
# 120 megapixels a copy is half a gigabyte.
_BAND_PIXELS = 4_000_000

_Toner = Callable[[Image.Image], Image.Image]


def convert_to_rgb(image: Image.Image, orientation: int = 1) -> Pixels:
    """(H, W, 3) uint8 RGB, C-contiguous, of an image of any mode, loaded or not, turned from EXIF's ``orientation``.

    More than 8 bits are scaled, not clipped. Alpha and transparent palette entries are laid over white. An embedded ICC
    profile that is not sRGB is applied; one that does not fit the picture is ignored, as viewers do. Takes little memory
    beside the image and the result.
    """
    image.load()
    scale = _choose_scaling(image)
    has_alpha = image.format != "BMP" or _has_bmp_alpha(image)
    profile = lru_cache(_open_profile)
    # Not shared with the decoder's memory.
    pixels, stored = allocate_turned(*image.size, orientation)
    for top, bottom in _bands(image):
        band = image.crop((0, top, image.width, bottom))
        band = _lay_over_white(scale(band), has_alpha)
        converted = _apply_profile(band, profile)
        stored[top:bottom] = np.asarray(converted if converted.mode == "RGB" else converted.convert("RGB"))
    return pixels


def _bands(image: Image.Image) -> Iterator[tuple[int, int]]:
    rows = max(_BAND_PIXELS // max(image.width, 1), 1)
    for top in range(0, image.height, rows):
        yield top, min(top + rows, image.height)


def _choose_scaling(image: Image.Image) -> _Toner:
    """What makes 8 bits a sample of a band of ``image``."""
    if image.mode not in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        return lambda band: band
    tags: Any = getattr(image, "tag_v2", {})
    key = image.info.get("transparency")
    bits = tags.get(258, (16,))[0] if image.mode != "I" or 258 in tags else 16
    signed = tags.get(339, (1,))[0] == 2
    white_is_zero = tags.get(262) == 0  # Pillow inverts this for up to 8 bits only
    span = _find_span(image) if image.mode == "F" else (0.0, 0.0)

    def scale(band: Image.Image) -> Image.Image:
        values = np.asarray(band)
        clear = values == key if isinstance(key, int) else None
        if band.mode == "F":
            grey = _stretch(values, *span)
        else:
            shift = {12: 4, 32: 24}.get(bits, 8)
            if signed:
                values = values.astype(np.int64) + (1 << (bits - 1))
            elif bits == 32 and values.dtype == np.int32:
                values = values.view(np.uint32)
            grey = np.minimum(values >> shift, 255).astype(np.uint8)
        if white_is_zero:
            grey = 255 - grey
        if clear is not None:
            grey[clear] = 255
        scaled = Image.fromarray(grey)
        if "icc_profile" in band.info:
            scaled.info["icc_profile"] = band.info["icc_profile"]
        return scaled

    return scale


def _finite(values: NDArray[Any]) -> NDArray[np.float64]:
    return np.nan_to_num(values.astype(np.float64), posinf=0.0, neginf=0.0)


def _find_span(image: Image.Image) -> tuple[float, float]:
    """Floating-point samples have no agreed range: 0..1 and 0..255 are taken as such, others from lowest to highest."""
    bands = (_finite(np.asarray(image.crop((0, top, image.width, bottom)))) for top, bottom in _bands(image))
    ends = [(float(band.min()), float(band.max())) for band in bands]
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    if low >= 0 and high <= 1:
        return 0.0, 1.0
    if low >= 0 and high <= 255:
        return 0.0, 255.0
    return low, high


def _stretch(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    return np.round((_finite(values) - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _has_bmp_alpha(image: Image.Image) -> bool:
    """GDI leaves the fourth byte zero: it is no alpha."""
    return image.mode != "RGBA" or any(
        image.crop((0, top, image.width, bottom)).getchannel("A").getextrema() != (0, 0) for top, bottom in _bands(image)
    )


def _lay_over_white(image: Image.Image, has_alpha: bool) -> Image.Image:
    key = image.info.get("transparency")
    # A colour key of a 16-bit PNG has 16-bit values, and Pillow's pixels have 8: it cannot be matched exactly any more.
    has_key = isinstance(key, (bytes, int)) or (isinstance(key, tuple) and all(v <= 255 for v in key))
    if not (image.has_transparency_data and (has_key or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"))):
        return image
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    if not has_alpha:
        return rgba.convert("RGB")
    page = Image.new("RGB", rgba.size, (255, 255, 255))
    page.paste(rgba.convert("RGB"), mask=rgba.getchannel("A"))
    # The profile of a grey picture does not fit the RGB made of it.
    if "icc_profile" in image.info and image.mode in ("RGBA", "RGBa", "RGB"):
        page.info["icc_profile"] = image.info["icc_profile"]
    return page


def _apply_profile(image: Image.Image, open_profile: Callable[[bytes, str], _Toner | None]) -> Image.Image:
    """The picture in sRGB; as it is where it has no profile, has sRGB already, or the profile does not fit it."""
    data = image.info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return image
    flat = image.convert("RGB" if image.mode == "P" else "L") if image.mode in ("1", "P") else image
    transform = open_profile(data, flat.mode)
    return image if transform is None else transform(flat)


def _open_profile(data: bytes, mode: str) -> _Toner | None:
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if mode == "RGB" and _is_srgb(profile):
            return None
        # Perceptual, the default of viewers.
        transform = ImageCms.buildTransform(profile, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None

    def apply(band: Image.Image) -> Image.Image:
        try:
            converted = ImageCms.applyTransform(band, transform)
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
            return band
        assert converted is not None, "not in place"
        return converted

    return apply


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    try:
        name = ImageCms.getProfileDescription(profile).lower()
    except ImageCms.PyCMSError:
        return False
    # A name alone is no proof ("not sRGB"), but a wrong one costs a shade of colour, not a reading.
    return any(known in name for known in _SRGB_NAMES)
