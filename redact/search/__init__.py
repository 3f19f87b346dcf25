"""One page searched for one name: read, spot, look again where it is hard, decide. Masking and verification both ask here."""

from redact.search.page import PageFinding, search_page
from redact.search.query import Query

__all__ = ["PageFinding", "Query", "search_page"]
