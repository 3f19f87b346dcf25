"""What operators see: logs without names, metrics, and traces where OpenTelemetry is installed."""

from service.observe.logs import configure_logging, get_logger
from service.observe.metrics import Metrics
from service.observe.tracing import trace_app

__all__ = ["Metrics", "configure_logging", "get_logger", "trace_app"]
