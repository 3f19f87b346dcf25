"""Turned, tilted and mirrored pages -> the same file upright, for applicants who would otherwise scan again."""

from redact.upright.files import straighten_file

__all__ = ["straighten_file"]
