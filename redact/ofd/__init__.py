"""OFD (GB/T 33190-2016), the fixed layout of Chinese electronic certificates and invoices, drawn as a PDF.

No library was found that could be used: the one on PyPI passes over what it cannot draw, writes what it unpacks into the
working folder, and logs the text. Here, what cannot be drawn for certain is reported with its page.
"""

from redact.ofd.document import DrawnOfd, draw_ofd

__all__ = ["DrawnOfd", "draw_ofd"]
