"""Untrusted bytes are opened in a process that can do nothing but compute; pixels come back.

Decoders of pictures and PDFs are large C programs, and a file can crash them, make them run for ever, take all memory, or
take them over. So MuPDF, Pillow, libheif and OpenCV see an upload only in a worker process: no network, no other process, no
writing, bounded memory and time (what holds on which platform: :mod:`redact.sandbox.confine`). A worker that is lost is a
typed error of the page that it was lost on; the program goes on, and so do the file's other pages, in a new worker.

What a worker says is bounded and checked (:mod:`redact.processes.frames`): one that was taken over can give wrong pixels of its
own file, and nothing else. OCR, search and reports stay in the program, which sees plain pixels alone.
"""

from redact.sandbox.decoder import DecodedAttachment, Decoder
from redact.sandbox.local import LocalDecoder
from redact.sandbox.pool import Sandbox, choose_decoder

__all__ = ["DecodedAttachment", "Decoder", "LocalDecoder", "Sandbox", "choose_decoder"]
