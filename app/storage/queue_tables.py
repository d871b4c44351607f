"""The table of predictions that were put into the queue; what people typed stands in it sealed."""

from typing import Final

from sqlalchemy import Column, DateTime, Index, Integer, LargeBinary, Table, Text, Uuid

from .tables import METADATA

QUEUED_PREDICTIONS: Final = Table(
    "queued_predictions",
    METADATA,
    Column("id", Uuid, primary_key=True),
    Column("caller", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("question", LargeBinary),  # until it is answered
    Column("result", LargeBinary),
    Column("claims", Integer, nullable=False),
    Column("claimed_until", DateTime(timezone=True)),
    Column("queued_at", DateTime(timezone=True), nullable=False),
    Column("answered_at", DateTime(timezone=True)),
    Column("expires_at", DateTime(timezone=True), nullable=False),
)

Index("ix_queued_predictions_state", QUEUED_PREDICTIONS.c.state, QUEUED_PREDICTIONS.c.queued_at)
Index("ix_queued_predictions_expires_at", QUEUED_PREDICTIONS.c.expires_at)
