"""page -> issues: whether an uploaded page is clear, complete and upright. A page that passes is one on which the name would
have been found."""

from redact.screening.page import screen_page

__all__ = ["screen_page"]
