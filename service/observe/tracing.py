"""Traces, where the extra ``otel`` is installed; OpenTelemetry's own ``OTEL_...`` variables say where they go."""

from __future__ import annotations

import importlib.util
import os
from typing import Any

from fastapi import FastAPI

_NEEDED = ("opentelemetry.sdk", "opentelemetry.instrumentation.fastapi", "opentelemetry.exporter.otlp.proto.http")
# The address and the query may hold ids; the route says enough.
_PRIVATE = ("http.target", "http.url", "url.path", "url.full", "url.query", "net.peer.ip", "client.address")


def trace_app(app: FastAPI) -> bool:
    """Whether traces are made: an exporter is configured, and the packages are there."""
    if not os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or not all(map(_is_installed, _NEEDED)):
        return False
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.fastapi import FastAPIInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "redact"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    FastAPIInstrumentor.instrument_app(app, excluded_urls="healthz,readyz,metrics", server_request_hook=_hide_address)
    return True


def _is_installed(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except ModuleNotFoundError:
        return False


def _hide_address(span: Any, scope: dict[str, Any]) -> None:
    for key in _PRIVATE:
        span.set_attribute(key, "")
