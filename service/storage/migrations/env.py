"""Run by Alembic, inside the transaction and the lock of :func:`service.storage.upgrading.upgrade`."""

from alembic import context

from service.storage.tables import Table

# SQLite's tables change within a transaction too, which Alembic does not assume.
context.configure(connection=context.config.attributes["connection"], target_metadata=Table.metadata, transactional_ddl=True)
context.run_migrations()
