"""Parley's own routes: one file per subject, each ending in the operations it defines."""
