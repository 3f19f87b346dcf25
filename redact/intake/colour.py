"""Any picture that Pillow opened -> 8-bit sRGB pixels, as a viewer would show it on white paper."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from redact.values import Pixels

_SRGB_NAMES = ("srgb", "iec61966-2.1", "iec 61966-2-1")


def convert_to_rgb(image: Image.Image) -> Pixels:
    """(H, W, 3) uint8 RGB, C-contiguous, of a loaded image of any mode; not turned.

    More than 8 bits are scaled, not clipped. Alpha and transparent palette entries are laid over white. An embedded ICC
    profile that is not sRGB is applied; one that does not fit the picture is ignored, as viewers do.
    """
    image = _lay_over_white(_scale_to_8_bit(image))
    converted = _apply_profile(image)
    if converted is None:
        converted = image if image.mode == "RGB" else image.convert("RGB")
    # np.array, not asarray: the pixels must not share memory with the decoder.
    return np.array(converted, dtype=np.uint8, order="C")


def _scale_to_8_bit(image: Image.Image) -> Image.Image:
    if image.mode not in ("I;16", "I;16L", "I;16B", "I;16N", "I", "F"):
        return image
    tags: Any = getattr(image, "tag_v2", {})
    values = np.asarray(image)
    key = image.info.get("transparency")
    clear = values == key if isinstance(key, int) else None
    bits = tags.get(258, (16,))[0] if image.mode != "I" or 258 in tags else 16
    signed = tags.get(339, (1,))[0] == 2
    if image.mode == "F":
        grey = _stretch(values.astype(np.float64))
    else:
        shift = {12: 4, 32: 24}.get(bits, 8)
        if signed:
            values = values.astype(np.int64) + (1 << (bits - 1))
        elif bits == 32 and values.dtype == np.int32:
            values = values.view(np.uint32)
        grey = np.minimum(values >> shift, 255).astype(np.uint8)
    if tags.get(262) == 0:  # white is zero: Pillow inverts this for up to 8 bits only
        grey = 255 - grey
    if clear is not None:
        grey[clear] = 255
    scaled = Image.fromarray(grey)
    if "icc_profile" in image.info:
        scaled.info["icc_profile"] = image.info["icc_profile"]
    return scaled


def _stretch(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Floating-point samples have no agreed range: 0..1 and 0..255 are taken as such, others from lowest to highest."""
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    low, high = float(values.min()), float(values.max())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    elif low >= 0 and high <= 255:
        low, high = 0.0, 255.0
    return np.round((values - low) * (255.0 / max(high - low, 1e-12))).astype(np.uint8)


def _lay_over_white(image: Image.Image) -> Image.Image:
    key = image.info.get("transparency")
    # A colour key of a 16-bit PNG has 16-bit values, and Pillow's pixels have 8: it cannot be matched exactly any more.
    has_key = isinstance(key, (bytes, int)) or (isinstance(key, tuple) and all(v <= 255 for v in key))
    if not (image.has_transparency_data and (has_key or image.mode in ("LA", "La", "PA", "RGBA", "RGBa"))):
        return image
    rgba = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = rgba.getchannel("A")
    if image.format == "BMP" and alpha.getextrema() == (0, 0):
        return rgba.convert("RGB")  # GDI leaves the fourth byte zero: it is no alpha
    page = Image.new("RGB", rgba.size, (255, 255, 255))
    page.paste(rgba.convert("RGB"), mask=alpha)
    # The profile of a grey picture does not fit the RGB made of it.
    if "icc_profile" in image.info and image.mode in ("RGBA", "RGBa", "RGB"):
        page.info["icc_profile"] = image.info["icc_profile"]
    return page


def _apply_profile(image: Image.Image) -> Image.Image | None:
    """The picture in sRGB, or None where it has no profile, has sRGB already, or the profile does not fit it."""
    data = image.info.get("icc_profile")
    if not isinstance(data, bytes) or not data:
        return None
    if image.mode in ("1", "P"):
        image = image.convert("RGB" if image.mode == "P" else "L")
    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
        if image.mode == "RGB" and _is_srgb(profile):
            return None
        # Perceptual, the default of viewers.
        return ImageCms.profileToProfile(image, profile, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None


def _is_srgb(profile: ImageCms.ImageCmsProfile) -> bool:
    try:
        name = ImageCms.getProfileDescription(profile).lower()
    except ImageCms.PyCMSError:
        return False
    # A name alone is no proof ("not sRGB"), but a wrong one costs a shade of colour, not a reading.
    return any(known in name for known in _SRGB_NAMES)
