"""page -> issues: whether an uploaded page is clear, complete and upright. A page that passes is one on which the name would
have been found."""

from redact.screening.page import screen_page
from redact.screening.thresholds import ClarityThresholds, load_clarity_thresholds

__all__ = ["ClarityThresholds", "load_clarity_thresholds", "screen_page"]
