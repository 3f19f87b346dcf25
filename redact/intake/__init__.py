"""bytes -> pages: what a file is, whether it opens, and each of its pages as a viewer shows it."""

from redact.intake.archive import Member, expand, is_archive
from redact.intake.attachment import Attachment, open_attachment
from redact.intake.office import Converted, convert_upload
from redact.intake.sniffing import sniff

__all__ = ["Attachment", "Converted", "Member", "convert_upload", "expand", "is_archive", "open_attachment", "sniff"]
