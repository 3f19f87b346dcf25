"""bytes -> pages: what a file is, whether it opens, and each of its pages as a viewer shows it."""

from redact.intake.attachment import Attachment, OpenAttachment, open_attachment, read_content
from redact.intake.sniffing import check_suffix, sniff

__all__ = ["Attachment", "OpenAttachment", "check_suffix", "open_attachment", "read_content", "sniff"]
