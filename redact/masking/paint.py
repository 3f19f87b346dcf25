"""Solid black on decoded pictures, whatever their mode, and nothing carried over but pixels."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from redact.errors import Unopenable
from redact.exif import orientation_of, read_exif
from redact.values import PageMasks

PixelBox = tuple[int, int, int, int]

_ORIENTATION_TAG = 274
_TURNS: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_BLACK: dict[str, int | float | tuple[int, ...]] = {
    "1": 0,
    "L": 0,
    "LA": (0, 255),
    "I": 0,
    "F": 0.0,
    "RGB": (0, 0, 0),
    "RGBA": (0, 0, 0, 255),
    "CMYK": (0, 0, 0, 255),
    "YCbCr": (0, 128, 128),
    "LAB": (0, 128, 128),
}
_PLAIN_MODE = {"RGBX": "RGB", "RGBa": "RGBA", "La": "LA", "PA": "RGBA", "HSV": "RGB"}


def scale_boxes(masks: PageMasks, width: int, height: int) -> tuple[PixelBox, ...]:
    """The page's boxes on a picture of ``width`` x ``height``, rounded outwards and clipped.

    Raises:
        Unopenable: the picture has not the page's proportions, so the boxes were made for another one.
    """
    sx, sy = width / max(masks.width, 1), height / max(masks.height, 1)
    # Rounding moves an edge by a pixel; a missed turn by 90 degrees moves it by far more.
    if abs(masks.width * sy - width) > max(1.0 + sy, 0.01 * width):
        raise Unopenable("the masks' frame has other proportions than the picture", page_index=masks.page_index)
    boxes = (box.scaled(sx, sy) if (sx, sy) != (1.0, 1.0) else box for box in masks.boxes)
    return tuple(box.clipped(width, height).pixels() for box in boxes)


def find_turn(image: Image.Image) -> Image.Transpose | None:
    """The turn that EXIF asks viewers for; intake reads it the same way, so that masks and pixels agree."""
    return _TURNS.get(orientation_of(read_exif(image)))


def swaps_axes(turn: Image.Transpose | None) -> bool:
    return turn in (_TURNS[5], _TURNS[6], _TURNS[7], _TURNS[8])


def find_dpi(image: Image.Image, turn: Image.Transpose | None) -> tuple[float, float] | None:
    """Horizontal and vertical dpi after ``turn``, or None where the file does not say."""
    try:
        x, y = (float(v) for v in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not (0 < x < 1e5 and 0 < y < 1e5):
        return None
    return (y, x) if swaps_axes(turn) else (x, y)


def bare(image: Image.Image, turn: Image.Transpose | None = None) -> Image.Image:
    """The decoded picture, upright, in sRGB where a profile says how, in a mode that can be painted; no metadata.

    Encoders of Pillow copy comments, profiles and TIFF tags from what was opened: a copy with an empty ``info`` has
    none of them.
    """
    image.load()
    profile = image.info.get("icc_profile")
    transparency = image.info.get("transparency")
    plain = image.transpose(turn) if turn is not None else image.copy()
    plain.info = {}
    if plain.mode == "P" and isinstance(transparency, (bytes, int)):
        plain.info["transparency"] = transparency
    elif plain.mode in ("1", "L", "RGB") and transparency is not None:
        # A transparent colour may be black: then the mask would be a window.
        plain.info["transparency"] = transparency
        plain = plain.convert("RGBA" if plain.mode == "RGB" else "LA")
        plain.info = {}
    if plain.mode in _PLAIN_MODE:
        plain = plain.convert(_PLAIN_MODE[plain.mode])
    return _to_srgb(_without_hidden_colour(plain), profile)


def paint(image: Image.Image, boxes: Sequence[PixelBox]) -> Image.Image:
    """``image`` with ``boxes`` in opaque black; the same mode, save a full palette, which becomes RGB or RGBA."""
    if image.mode == "P":
        return _paint_palette(image, boxes)
    if image.mode.startswith("I;16"):
        deep = np.array(image).astype(np.uint16)
        paint_array(deep, boxes)
        return Image.fromarray(deep)
    if image.mode not in _BLACK:
        raise Unopenable(f"pictures of mode {image.mode} cannot be painted")
    for box in boxes:
        image.paste(_BLACK[image.mode], box)
    return image


def paint_array(pixels: NDArray[np.unsignedinteger], boxes: Sequence[PixelBox]) -> None:
    """Black in place: (H, W), or (H, W, C) of which channel 2 of 2 and 4 of 4 is alpha and becomes opaque."""
    opaque = np.iinfo(pixels.dtype).max
    for x0, y0, x1, y1 in boxes:
        pixels[y0:y1, x0:x1] = 0
        if pixels.ndim == 3 and pixels.shape[2] in (2, 4):
            pixels[y0:y1, x0:x1, -1] = opaque


def palette_rgba(image: Image.Image) -> NDArray[np.uint8]:
    """(256, 4) uint8: the colours of a picture of mode P; entries that the file lacks are transparent white."""
    raw = image.getpalette("RGB") or []
    colours = np.full((256, 4), 255, dtype=np.uint8)
    entries = min(len(raw) // 3, 256)
    colours[:entries, :3] = np.array(raw[: entries * 3], dtype=np.uint8).reshape(-1, 3)
    colours[entries:, 3] = 0
    transparency = image.info.get("transparency")
    if isinstance(transparency, int) and transparency < 256:
        colours[transparency, 3] = 0
    elif isinstance(transparency, bytes):
        colours[: len(transparency), 3] = np.frombuffer(transparency[:256], dtype=np.uint8)
    return colours


def from_palette(indices: NDArray[np.uint8], colours: NDArray[np.uint8]) -> Image.Image:
    """A picture of mode P from (H, W) uint8 indices and (N, 4) uint8 RGBA."""
    image = Image.fromarray(indices).convert("L")
    image.putpalette(colours[:, :3].tobytes())
    if (colours[:, 3] < 255).any():
        clear = np.flatnonzero(colours[:, 3] == 0)
        single = len(clear) == 1 and set(np.unique(colours[:, 3])) <= {0, 255}
        image.info["transparency"] = int(clear[0]) if single else colours[:, 3].tobytes()
    return image


def _paint_palette(image: Image.Image, boxes: Sequence[PixelBox]) -> Image.Image:
    indices, colours = np.array(image), palette_rgba(image)
    raw = len(image.getpalette("RGB") or []) // 3
    painted = np.zeros(indices.shape, dtype=np.bool_)
    for x0, y0, x1, y1 in boxes:
        painted[y0:y1, x0:x1] = True
    # Entries of one colour look alike and may still draw a picture: one index for each colour.
    colours[colours[:, 3] == 0] = (255, 255, 255, 0)
    _, first, which = np.unique(colours.view(np.uint32).ravel(), return_index=True, return_inverse=True)
    indices = first[which].astype(np.uint8)[indices]
    used = np.zeros(256, dtype=np.bool_)
    used[np.unique(indices[~painted])] = True
    black = np.flatnonzero((colours == (0, 0, 0, 255)).all(axis=1))
    spare = np.flatnonzero(~used)
    if not len(boxes):
        entry = 0
    elif len(black):
        entry = int(black[0])
    elif len(spare):
        # Near the front, so that pictures of few bits a pixel stay so.
        entry = int(spare[0])
        colours[entry] = (0, 0, 0, 255)
    else:
        full = Image.fromarray(colours[indices])
        full = paint(full, boxes)
        return full if (colours[:, 3] < 255).any() else full.convert("RGB")
    indices[painted] = entry
    # Colours that only the name used would tell of it.
    used[entry] = True
    colours[~used] = (0, 0, 0, 255)
    return from_palette(indices, colours[: max(int(np.flatnonzero(used)[-1]) + 1, min(raw, 256))])


def _without_hidden_colour(image: Image.Image) -> Image.Image:
    """What is fully transparent has a colour that no viewer shows and any editor finds: make it white."""
    if image.mode not in ("LA", "RGBA"):
        return image
    pixels = np.array(image)
    clear = pixels[..., -1] == 0
    if not clear.any():
        return image
    pixels[clear, :-1] = 255
    return Image.fromarray(pixels)


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Colours as sRGB; profiles are dropped, since their text and private tags are metadata too."""
    if not isinstance(profile, bytes) or image.mode not in ("RGB", "RGBA"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        alpha = image.getchannel("A") if image.mode == "RGBA" else None
        converted = ImageCms.profileToProfile(image.convert("RGB"), source, ImageCms.createProfile("sRGB"))
    except (ImageCms.PyCMSError, OSError):
        # A damaged profile: viewers ignore it.
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    converted.info = {}
    return converted
