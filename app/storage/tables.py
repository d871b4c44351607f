"""
The tables of the database, as the newest migration leaves them.

Rows are ordered by their ids, which begin with the time (domain/time_ids.py). The request log has no other index that
is kept up to date for every request.
"""

from typing import Final

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)

METADATA: Final = MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "fk": "fk_%(table_name)s", "uq": "uq_%(table_name)s"}
)

LOGGED_REQUESTS: Final = Table(
    "logged_requests",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("caller", Text),
    Column("method", Text, nullable=False),
    Column("endpoint", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    Column("model", Text),
    Column("version", Integer),
    sqlite_with_rowid=False,
)

LOGGED_INPUTS: Final = Table(
    "logged_inputs",
    METADATA,
    Column("entry", ForeignKey(LOGGED_REQUESTS.c.id), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("intent", Text),
    Column("confidence", Double),
    Column("fallback", Text),
    Column("text", Text),
    sqlite_with_rowid=False,
)

# Finds texts that are to be erased; costs nothing where none are kept.
Index(
    "ix_logged_inputs_texts",
    LOGGED_INPUTS.c.entry,
    sqlite_where=text("text IS NOT NULL"),
    postgresql_where=text("text IS NOT NULL"),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False, server_default="train"),
    Column("model", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("order", JSON, nullable=False),
    Column("warnings", JSON, nullable=False),
    Column("snapshot", LargeBinary),  # what it learns from, until it has ended
    Column("idempotency_key", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("started_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False),
    Column("claim", Integer, nullable=False),  # counts claims: who holds an older one may write no more
    Column("runner", Text),
    Column("heartbeat_at", DateTime(timezone=True)),
    Column("is_to_be_cancelled", Boolean, nullable=False),
    Column("progress", JSON),
    Column("outcome", JSON),
    Column("problem", Text),
    Column("code", Text),
    Column("result_until", DateTime(timezone=True)),
    UniqueConstraint("caller", "idempotency_key"),
)

Index("ix_jobs_state", JOBS.c.state, JOBS.c.id)
Index("ix_jobs_model", JOBS.c.model, JOBS.c.id)
Index("ix_jobs_result_until", JOBS.c.result_until)

# Files of lines that are to be answered, and the answers: compressed, in pieces.
JOB_PIECES: Final = Table(
    "job_pieces",
    METADATA,
    Column("job", ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("side", Text, primary_key=True),  # "in" or "out"
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

JOB_LINES: Final = Table(
    "job_lines",
    METADATA,
    Column("job", ForeignKey(JOBS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("line", Text, nullable=False),
    sqlite_with_rowid=False,
)

DRAFTS: Final = Table(
    "drafts",
    METADATA,
    Column("model", Text, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("replies", JSON, nullable=False),
)

EXAMPLES: Final = Table(
    "examples",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("model", ForeignKey(DRAFTS.c.model, ondelete="CASCADE"), nullable=False),
    Column("text", Text, nullable=False),
    Column("intent", Text),  # none: out of scope
    Column("source", Text, nullable=False),
    Column("caller", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
    Column("form", LargeBinary, nullable=False),  # digest of the text as it is learned: the same one stands here once
    UniqueConstraint("model", "form"),
)

Index("ix_examples_model", EXAMPLES.c.model, EXAMPLES.c.id)
Index("ix_examples_intent", EXAMPLES.c.model, EXAMPLES.c.intent)

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("time", DateTime(timezone=True), nullable=False),
    Column("caller", Text, nullable=False),
    Column("deed", Text, nullable=False),
    Column("model", Text),
    Column("version", Integer),
    Column("details", JSON, nullable=False),
)

Index("ix_audit_model", AUDIT.c.model, AUDIT.c.id)
