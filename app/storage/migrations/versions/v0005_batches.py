"""Files of lines to be answered, as jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Tell jobs apart, and keep what batches are given and give."""
    op.add_column("jobs", sa.Column("kind", sa.Text, nullable=False, server_default="train"))
    op.add_column("jobs", sa.Column("result_until", sa.DateTime(timezone=True)))
    op.create_index("ix_jobs_result_until", "jobs", ["result_until"])
    op.create_table(
        "job_pieces",
        sa.Column("job", sa.Uuid, nullable=False),
        sa.Column("side", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("job", "side", "number", name="pk_job_pieces"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_job_pieces", ondelete="CASCADE"),
    )


def downgrade() -> None:
    """Forget them, with the jobs that only a newer Parley can run."""
    op.drop_table("job_pieces")
    op.execute("DELETE FROM job_lines WHERE job IN (SELECT id FROM jobs WHERE kind <> 'train')")
    op.execute("DELETE FROM jobs WHERE kind <> 'train'")
    op.drop_index("ix_jobs_result_until", "jobs")
    op.drop_column("jobs", "result_until")
    op.drop_column("jobs", "kind")
