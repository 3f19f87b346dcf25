"""QR and bar codes on a page: found, decoded where they can be, and judged by what they say about the person."""

from redact.codes.judge import PageCodes, judge_codes
from redact.codes.scan import Code, find_codes

__all__ = ["Code", "PageCodes", "find_codes", "judge_codes"]
