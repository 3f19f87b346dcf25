"""Running an ONNX network: OpenVINO where it is installed, else ONNX Runtime. One call, float32 in and out."""

from __future__ import annotations

import importlib.util
import sys
import threading
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from redact.errors import ModelError
from redact.machine import count_cores

Tensor = NDArray[np.float32]


class Network(Protocol):
    """A network with one input and one output. Safe to call from several threads."""

    def __call__(self, batch: Tensor) -> Tensor: ...


class OpenVinoNetwork:
    """bf16 where the processor has it: measured 3-4x the speed of ONNX Runtime, and the same reading."""

    def __init__(self, weights: Path, *, threads: int) -> None:
        openvino = _import_openvino()
        core = openvino.Core()
        precise = "BF16" not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
        self._model = core.compile_model(
            core.read_model(weights),
            "CPU",
            {
                "INFERENCE_PRECISION_HINT": "f32" if precise else "bf16",
                "PERFORMANCE_HINT": "LATENCY",
                "INFERENCE_NUM_THREADS": threads,
                # Kernels are kept for so many input shapes; without a bound memory grows with every new page size.
                "CPU_RUNTIME_CACHE_CAPACITY": 96,
            },
        )
        self._local = threading.local()

    def __call__(self, batch: Tensor) -> Tensor:
        request = getattr(self._local, "request", None)
        if request is None:
            request = self._local.request = self._model.create_infer_request()
        # The output tensor belongs to the request and is overwritten by its next run: hand out a copy.
        result = request.infer([batch], share_inputs=True, share_outputs=True)
        return np.array(result[0], dtype=np.float32)


def _import_openvino() -> Any:
    """``import openvino`` without its telemetry, which would tell an analytics service of every start."""
    # None makes "import openvino_telemetry" an ImportError; OpenVINO then uses its own silent stub.
    blocked = "openvino_telemetry" not in sys.modules
    if blocked:
        sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]
    try:
        import openvino
    finally:
        if blocked:
            del sys.modules["openvino_telemetry"]
    return openvino


class OnnxRuntimeNetwork:
    def __init__(self, weights: Path, *, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(weights), options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name

    def __call__(self, batch: Tensor) -> Tensor:
        return np.asarray(self._session.run(None, {self._input: batch})[0], dtype=np.float32)


def load_network(weights: Path, *, engine: str | None = None, threads: int | None = None) -> Network:
    """``engine``: "openvino", "onnxruntime", or None for the first that is installed. ``threads``: None for one of each core that
    this process may use.

    Raises:
        ModelError: no engine is installed, or it cannot load the weights.
    """
    chosen = engine or next((e for e in ("openvino", "onnxruntime") if importlib.util.find_spec(e)), None)
    kinds: dict[str | None, type[OpenVinoNetwork] | type[OnnxRuntimeNetwork]] = {
        "openvino": OpenVinoNetwork,
        "onnxruntime": OnnxRuntimeNetwork,
    }
    if chosen not in kinds:
        raise ModelError("no inference engine: install openvino or onnxruntime")
    try:
        return kinds[chosen](weights, threads=threads or count_cores())
    except Exception as error:  # ONNX Runtime's own errors share no base class but this one
        raise ModelError(f"{chosen} cannot load the weights") from error


def read_alphabet(weights: Path) -> tuple[str, ...]:
    """The recogniser's classes in order, from the ONNX metadata entry ``character``: blank first, space last.

    Raises:
        ModelError: the file holds no such entry.
    """
    try:
        text = _onnx_metadata(weights.read_bytes(), "character")
    except (IndexError, UnicodeDecodeError) as error:
        raise ModelError("the weights are not an ONNX file") from error
    if text is None:
        raise ModelError("the recogniser's weights carry no list of characters")
    return ("", *text.split("\n"), " ")


def _onnx_metadata(model: bytes, key: str) -> str | None:
    """The value of one ``metadata_props`` entry of a ModelProto (protobuf field 14: StringStringEntryProto {1: key, 2: value}).

    Read off the wire format, so that neither engine nor the onnx package is needed for a list of characters.
    """
    for field, value in _fields(memoryview(model)):
        if field == 14 and isinstance(value, memoryview):
            entry = {f: bytes(v).decode("utf-8") for f, v in _fields(value) if isinstance(v, memoryview)}
            if entry.get(1) == key:
                return entry.get(2, "")
    return None


def _fields(data: memoryview) -> list[tuple[int, memoryview | int]]:
    """(field number, value) pairs of one protobuf message; varints as int, length-delimited ones as views, fixed ones skipped."""
    found: list[tuple[int, memoryview | int]] = []
    at = 0

    def varint() -> int:
        nonlocal at
        result = shift = 0
        while True:
            byte = data[at]
            at += 1
            result |= (byte & 0x7F) << shift
            if byte < 0x80:
                return result
            shift += 7

    while at < len(data):
        tag = varint()
        kind = tag & 7
        if kind == 0:
            found.append((tag >> 3, varint()))
        elif kind == 2:
            size = varint()
            found.append((tag >> 3, data[at : at + size]))
            at += size
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ModelError("the weights are not an ONNX file")
    return found
