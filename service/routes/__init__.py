"""The contract's addresses, one module for each thing that they are about."""

from service.routes import answers, documents, links, operations, screening

ROUTERS = (operations.router, screening.router, documents.router, answers.router, links.router)

__all__ = ["ROUTERS"]
