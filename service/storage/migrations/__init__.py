"""Alembic's: ``versions`` holds one file per change of the tables, oldest first."""
