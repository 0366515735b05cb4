"""What standings are made of beside grades: points given by hand, late days spent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """What standings are made of beside grades: points given by hand, late days spent."""
    op.create_table(
        "adjustments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("student_id", sa.String(200), nullable=False),
        sa.Column("points", sa.Float(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
    )
    op.create_index("ix_adjustments_run_id", "adjustments", ["run_id"])
    op.create_table(
        "late_days",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("student_id", sa.String(200), primary_key=True),
        sa.Column("days", sa.Integer(), nullable=False),
    )
    op.create_table(
        "withdrawals",
        sa.Column("adjustment_id", sa.Integer(), sa.ForeignKey("adjustments.id"), primary_key=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
    )
