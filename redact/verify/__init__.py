"""An output's bytes, opened afresh and searched for what may be left of a name. Imports nothing of masking."""

from redact.verify.bytes import find_in_bytes
from redact.verify.output import SearchableAttachment, Verification, verify_attachment

__all__ = ["SearchableAttachment", "Verification", "find_in_bytes", "verify_attachment"]
