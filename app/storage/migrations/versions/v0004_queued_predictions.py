"""Predictions that were put into the queue."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "queued_predictions",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("caller", sa.Text, nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("question", sa.LargeBinary),
        sa.Column("result", sa.LargeBinary),
        sa.Column("claims", sa.Integer, nullable=False),
        sa.Column("claimed_until", _TIME),
        sa.Column("queued_at", _TIME, nullable=False),
        sa.Column("answered_at", _TIME),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queued_predictions"),
    )
    op.create_index("ix_queued_predictions_state", "queued_predictions", ["state", "queued_at"])
    op.create_index("ix_queued_predictions_expires_at", "queued_predictions", ["expires_at"])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("queued_predictions")
