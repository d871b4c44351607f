"""Alembic's environment: how tables came to be as they are. New: `versions/`, and `HEAD` in `storage/migration.py`."""
