"""Jobs, drafts of examples, and the audit log."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    _make_jobs()
    _make_drafts()
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("time", _TIME, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("deed", sa.Text, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("version", sa.Integer),
        sa.Column("details", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_model", "audit", ["model", "id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("audit", "examples", "drafts", "job_lines", "jobs"):
        op.drop_table(table)


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("order", sa.JSON, nullable=False),
        sa.Column("warnings", sa.JSON, nullable=False),
        sa.Column("snapshot", sa.LargeBinary),
        sa.Column("idempotency_key", sa.Text),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("ended_at", _TIME),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("claim", sa.Integer, nullable=False),
        sa.Column("runner", sa.Text),
        sa.Column("heartbeat_at", _TIME),
        sa.Column("is_to_be_cancelled", sa.Boolean, nullable=False),
        sa.Column("progress", sa.JSON),
        sa.Column("outcome", sa.JSON),
        sa.Column("problem", sa.Text),
        sa.Column("code", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.UniqueConstraint("caller", "idempotency_key", name="uq_jobs"),
    )
    op.create_index("ix_jobs_state", "jobs", ["state", "id"])
    op.create_index("ix_jobs_model", "jobs", ["model", "id"])
    op.create_table(
        "job_lines",
        sa.Column("job", sa.Uuid, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("time", _TIME, nullable=False),
        sa.Column("line", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("job", "number", name="pk_job_lines"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_job_lines", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )


def _make_drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("replies", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("model", name="pk_drafts"),
    )
    op.create_table(
        "examples",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("intent", sa.Text),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.Column("form", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_examples"),
        sa.UniqueConstraint("model", "form", name="uq_examples"),
        sa.ForeignKeyConstraint(["model"], ["drafts.model"], name="fk_examples", ondelete="CASCADE"),
    )
    op.create_index("ix_examples_model", "examples", ["model", "id"])
    op.create_index("ix_examples_intent", "examples", ["model", "intent"])
