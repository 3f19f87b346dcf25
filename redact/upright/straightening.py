"""One page's picture put upright: mirrored back, turned by whole quarters, and then by the rest of its tilt."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Self, TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from redact.geometry import Rotation
from redact.values import SURE_ROTATION, PageScreening

# A tilt up to this is not seen, and resampling costs sharpness.
LEAST_SKEW_DEG = 0.5
# The edge of the picture, as a part of its shorter side, that tells the colour of what lies around the page.
_EDGE = 0.01
# Pillow turns against the clock.
_BACK: dict[int, Image.Transpose] = {
    90: Image.Transpose.ROTATE_90,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_270,
}

_Samples = TypeVar("_Samples", bound=NDArray[Any])


@dataclass(frozen=True, slots=True)
class Straightening:
    """A :class:`redact.masking.edits.Edit`. ``rotation``, ``skew_deg``: clockwise, of the picture once it is mirrored back;
    a ``skew_deg`` of 0 leaves every pixel as it is."""

    rotation: Rotation = 0
    skew_deg: float = 0.0
    mirrored: bool = False

    @classmethod
    def of(cls, page: PageScreening) -> Self:
        """What ``page`` needs. Where its direction is not sure, neither it nor its tilt is touched."""
        if page.rotation_confidence < SURE_ROTATION:
            return cls(mirrored=page.mirrored)
        tilted = abs(page.skew_deg) > LEAST_SKEW_DEG
        return cls(page.rotation, page.skew_deg if tilted else 0.0, page.mirrored)

    @property
    def idle(self) -> bool:
        return not (self.rotation or self.skew_deg or self.mirrored)

    @property
    def turn_alone(self) -> bool:
        """Whether a viewer can be told to do it: no tilt, no mirror."""
        return not (self.skew_deg or self.mirrored)

    @property
    def transposed(self) -> bool:
        return self.rotation in (90, 270)

    def size(self, width: int, height: int) -> tuple[int, int]:
        """All of the page stays in the picture, so a tilted one grows."""
        if self.transposed:
            width, height = height, width
        return _tilted_size(width, height, self.skew_deg)

    def image(self, image: Image.Image) -> Image.Image:
        """In the mode that it came in, save a palette, which becomes RGB or RGBA where it is resampled."""
        if self.mirrored:
            image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        if self.rotation:
            image = image.transpose(_BACK[self.rotation])
        return _tilt_image(image, self.skew_deg) if self.skew_deg else image

    def deep(self, pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
        return self.array(pixels)

    def array(self, samples: _Samples) -> _Samples:
        """(H, W) or (H, W, C), C at most 4; uint8 or uint16."""
        turned: Any = samples[:, ::-1] if self.mirrored else samples
        turned = np.ascontiguousarray(np.rot90(turned, self.rotation // 90))
        straight: _Samples = _tilt(turned, self.skew_deg) if self.skew_deg else turned
        return straight


def _tilt_image(image: Image.Image, skew_deg: float) -> Image.Image:
    if image.mode == "1":
        grey = _tilt(np.array(image.convert("L")), skew_deg)
        return Image.fromarray(np.where(grey > 127, np.uint8(255), np.uint8(0))).convert("1", dither=Image.Dither.NONE)
    if image.mode == "P":
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode == "I":
        return Image.fromarray(_tilt(np.array(image, dtype=np.float32), skew_deg).round().astype(np.int32))
    if image.mode.startswith("I;16"):
        return Image.fromarray(_tilt(np.array(image).astype(np.uint16), skew_deg))
    samples = _tilt(np.array(image), skew_deg)
    return Image.frombytes(image.mode, (samples.shape[1], samples.shape[0]), samples.tobytes())


def _tilt(samples: Any, skew_deg: float) -> Any:
    """(H, W) or (H, W, C) uint8, uint16 or float32, turned back by ``skew_deg``; what comes in from outside the picture has
    the colour of its edge."""
    height, width = samples.shape[:2]
    new_width, new_height = _tilted_size(width, height, skew_deg)
    # Pixel centres: the first lies at 0, so the middle lies half a pixel before half the width.
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), skew_deg, 1.0)
    matrix[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    return cv2.warpAffine(
        samples,
        matrix,
        (new_width, new_height),
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=_edge_colour(samples),
    )


def _edge_colour(samples: NDArray[Any]) -> tuple[float, ...]:
    """The median of the picture's edge, for each channel."""
    height, width = samples.shape[:2]
    depth = max(1, round(_EDGE * min(height, width)))
    planes = samples.reshape(height, width, -1)
    sides = (planes[:depth], planes[-depth:], planes[:, :depth], planes[:, -depth:])
    edge = np.concatenate([side.reshape(-1, planes.shape[2]) for side in sides])
    return tuple(float(v) for v in np.median(edge, axis=0))


def _tilted_size(width: int, height: int, skew_deg: float) -> tuple[int, int]:
    if not skew_deg:
        return width, height
    cos, sin = abs(math.cos(math.radians(skew_deg))), abs(math.sin(math.radians(skew_deg)))
    return math.ceil(width * cos + height * sin), math.ceil(width * sin + height * cos)
