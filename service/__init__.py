"""The HTTP service: a platform's backend posts uploads, an applicant looks at the pages and confirms.

``service.app.create_app`` makes it; ``redact serve`` runs it.
"""
