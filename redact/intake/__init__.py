"""bytes -> pages: what a file is, whether it opens, and each of its pages as a viewer shows it."""

from redact.intake.archive import Member, expand, is_archive
from redact.intake.attachment import Attachment, OpenAttachment, open_attachment, read_content, read_head
from redact.intake.office import Converted, convert_upload
from redact.intake.sniffing import check_suffix, sniff

__all__ = [
    "Attachment",
    "Converted",
    "Member",
    "OpenAttachment",
    "check_suffix",
    "convert_upload",
    "expand",
    "is_archive",
    "open_attachment",
    "read_content",
    "read_head",
    "sniff",
]
