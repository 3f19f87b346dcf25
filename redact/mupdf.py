"""MuPDF is not safe to call from two threads, also with different documents: whoever calls it holds this lock."""

from __future__ import annotations

import threading

MUPDF_LOCK = threading.RLock()
