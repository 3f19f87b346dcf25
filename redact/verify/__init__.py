"""An output's bytes, opened afresh and searched for what may be left of a name. Imports nothing of masking."""

from redact.verify.bytes import find_in_bytes
from redact.verify.output import Verification, verify_content

__all__ = ["Verification", "find_in_bytes", "verify_content"]
