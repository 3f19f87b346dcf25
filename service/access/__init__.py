"""Who may do what: keys of the platform, links of applicants, and without keys this computer alone."""

from service.access.guard import Guard
from service.access.links import Link, Links
from service.access.principal import Principal
from service.access.rates import Rates

__all__ = ["Guard", "Link", "Links", "Principal", "Rates"]
