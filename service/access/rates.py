"""How often one caller may ask. Counted on each replica for itself: what is asked is that nobody can swamp one."""

from __future__ import annotations

import math
import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from service.problems import Problem


class Rates:
    def __init__(self, *, requests_per_minute: int, failures_per_minute: int) -> None:
        self._limiter = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._requests = RateLimitItemPerMinute(requests_per_minute, namespace="requests")
        self._failures = RateLimitItemPerMinute(failures_per_minute, namespace="failures")

    def count(self, caller: str) -> None:
        """Raises Problem rate_limited."""
        if not self._limiter.hit(self._requests, caller):
            raise self._refuse(self._requests, caller)

    def count_failure(self, address: str) -> None:
        self._limiter.hit(self._failures, address)

    def check_failures(self, address: str) -> None:
        """Raises Problem rate_limited where an address has tried too many keys."""
        if not self._limiter.test(self._failures, address):
            raise self._refuse(self._failures, address)

    def _refuse(self, item: RateLimitItemPerMinute, caller: str) -> Problem:
        reset = self._limiter.get_window_stats(item, caller).reset_time
        return Problem("rate_limited", retry_after_s=max(1, math.ceil(reset - time.time())))
