"""The one place where what a decoder library throws becomes one of :mod:`redact.errors`.

A damaged file makes decoders throw anything: ``struct.error``, ``KeyError``, ``SyntaxError``, ``MemoryError``,
exceptions of the C++ bindings. All of them mean "these bytes are at fault". Their messages are dropped, and the chain
is cut, because they may quote the file (MuPDF quotes names of fields and destinations); only the exception's class goes
into ``detail``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from redact.errors import AttachmentError, RedactError, TooLarge, Truncated, Unopenable

_SAYS_TRUNCATED = (
    "truncated", "end of file", "end-of-file", "premature", "unexpected end", "not enough image data", "unexpected eof"
)  # fmt: skip

# Pillow's limits on compressed text and profiles in a PNG, libheif's on everything.
_SAYS_TOO_LARGE = ("too large", "too much memory", "security limit")


def translate_error(error: BaseException, what: str, page_index: int | None = None) -> AttachmentError:
    """The typed error for ``error``, thrown while doing ``what`` (a developer's words, no private data)."""
    detail = f"{what}: {type(error).__name__}"
    if isinstance(error, (MemoryError, Image.DecompressionBombError, Image.DecompressionBombWarning)):
        return TooLarge(detail, page_index=page_index)
    message = str(error).lower()
    if any(words in message for words in _SAYS_TOO_LARGE):
        return TooLarge(detail, page_index=page_index)
    if isinstance(error, EOFError) or any(words in message for words in _SAYS_TRUNCATED):
        return Truncated(detail, page_index=page_index)
    return Unopenable(detail, page_index=page_index)


@contextmanager
def translating_errors(what: str, page_index: int | None = None) -> Iterator[None]:
    """Inside, only calls into a decoder library: whatever they throw comes out as an :class:`AttachmentError`."""
    try:
        yield
    except RedactError:
        raise
    except Exception as error:
        raise translate_error(error, what, page_index) from None
