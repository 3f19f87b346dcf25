"""What is done to a page's picture between decoding and coding; the writers need not know which it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from redact.masking.paint import paint, paint_array, scale_boxes
from redact.values import PageMasks

Dpi = tuple[float, float]


class Edit(Protocol):
    """Made for one page, and given its picture as a viewer shows it."""

    @property
    def transposed(self) -> bool:
        """Whether rows become columns: resolution and a JPEG's tables turn along."""
        ...

    def size(self, width: int, height: int) -> tuple[int, int]:
        """Width and height that a picture of ``width`` x ``height`` comes out with."""
        ...

    def image(self, image: Image.Image) -> Image.Image:
        """The edited picture, in a mode that the same kind of file can hold; may change ``image`` itself."""
        ...

    def deep(self, pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
        """(H, W, C) uint16, which Pillow has no mode for; may change ``pixels`` itself."""
        ...


@dataclass(frozen=True, slots=True)
class Painting:
    """Solid black where the masks are."""

    masks: PageMasks
    transposed: bool = False

    def size(self, width: int, height: int) -> tuple[int, int]:
        return width, height

    def image(self, image: Image.Image) -> Image.Image:
        return paint(image, scale_boxes(self.masks, image.width, image.height))

    def deep(self, pixels: NDArray[np.uint16]) -> NDArray[np.uint16]:
        paint_array(pixels, scale_boxes(self.masks, pixels.shape[1], pixels.shape[0]))
        return pixels


def turn_dpi(dpi: Dpi | None, edit: Edit) -> Dpi | None:
    return (dpi[1], dpi[0]) if dpi is not None and edit.transposed else dpi


def lay_on_canvas(image: Image.Image, width: int, height: int) -> Image.Image:
    """``image`` in the middle of white paper of ``width`` x ``height``, neither of which it exceeds."""
    if image.size == (width, height):
        return image
    image = image.convert("RGBA" if image.mode == "RGBA" else "RGB")
    canvas = Image.new(image.mode, (width, height), "white")
    canvas.paste(image, ((width - image.width) // 2, (height - image.height) // 2))
    return canvas
