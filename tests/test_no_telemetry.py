"""``import openvino`` reports itself to an analytics service unless its telemetry package cannot be imported."""

from __future__ import annotations

import subprocess
import sys


def test_loading_the_reader_loads_no_telemetry() -> None:
    code = (
        "import sys; from redact.ocr.ppocr import PpOcrReader; PpOcrReader()\n"
        "print([m for m in sys.modules if m.startswith('openvino_telemetry.')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
