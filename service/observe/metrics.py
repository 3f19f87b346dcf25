"""Prometheus metrics, in a registry of the app's own. No label holds an id or anything that a client chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    content_type = CONTENT_TYPE_LATEST

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        kept = self._registry
        self._requests = Counter("redact_requests", "Answered requests", ["route", "method", "status"], registry=kept)
        self._latency = Histogram("redact_request_seconds", "Time to the answer", ["route"], buckets=_SECONDS, registry=kept)
        self._refusals = Counter("redact_refusals", "Requests that were refused, by the problem's code", ["code"], registry=kept)
        self._pages = Counter("redact_pages", "Pages of documents that were worked through", ["mask_required"], registry=kept)
        self._documents = Counter(
            "redact_documents", "Documents that were worked through", ["status", "mask_required"], registry=kept
        )
        self._failures = Counter("redact_failures", "Documents that were accepted and not finished", ["code"], registry=kept)
        self._stages = Counter("redact_stage_seconds", "Seconds of work by stage", ["stage"], registry=kept)
        self._answers = Counter("redact_answers", "Pages that a person answered", ["mask_required", "overruled"], registry=kept)

    def watch(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A gauge that is read when metrics are asked for."""
        Gauge(f"redact_{name}", help_text, registry=self._registry).set_function(read)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        self._requests.labels(route, method, str(status)).inc()
        self._latency.labels(route).observe(seconds)

    def refuse(self, code: str) -> None:
        self._refusals.labels(code).inc()

    def document(self, status: str, verdict: str, pages: Mapping[str, int], seconds: Mapping[str, float]) -> None:
        self._documents.labels(status, verdict).inc()
        for page_verdict, count in pages.items():
            self._pages.labels(page_verdict).inc(count)
        for stage, spent in seconds.items():
            self._stages.labels(stage).inc(spent)

    def fail(self, code: str) -> None:
        self._failures.labels(code).inc()

    def answer(self, verdict: str, *, overruled: bool) -> None:
        self._answers.labels(verdict, str(overruled).lower()).inc()

    def write(self) -> bytes:
        return generate_latest(self._registry)
