"""Run by Alembic, inside the transaction and the lock of :func:`service.storage.upgrading.upgrade`."""

from alembic import context

from service.storage.tables import Table

context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata)
context.run_migrations()
