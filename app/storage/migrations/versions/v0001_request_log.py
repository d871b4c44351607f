"""The request log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables of the request log."""
    op.create_table(
        "logged_requests",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text, nullable=False),
        sa.Column("caller", sa.Text),
        sa.Column("method", sa.Text, nullable=False),
        sa.Column("endpoint", sa.Text, nullable=False),
        sa.Column("status", sa.SmallInteger, nullable=False),
        sa.Column("seconds", sa.Double, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("version", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_logged_requests"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "logged_inputs",
        sa.Column("entry", sa.Uuid, nullable=False),
        sa.Column("position", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("intent", sa.Text),
        sa.Column("confidence", sa.Double),
        sa.Column("fallback", sa.Text),
        sa.Column("text", sa.Text),
        sa.PrimaryKeyConstraint("entry", "position", name="pk_logged_inputs"),
        sa.ForeignKeyConstraint(["entry"], ["logged_requests.id"], name="fk_logged_inputs"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_logged_inputs_texts",
        "logged_inputs",
        ["entry"],
        sqlite_where=sa.text("text IS NOT NULL"),
        postgresql_where=sa.text("text IS NOT NULL"),
    )


def downgrade() -> None:
    """Drop the request log."""
    op.drop_table("logged_inputs")
    op.drop_table("logged_requests")
