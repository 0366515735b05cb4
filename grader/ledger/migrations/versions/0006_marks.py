"""What people found in the parts that they mark."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """What people found in the parts that they mark."""
    op.create_table(
        "marks",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("student_id", sa.String(200), nullable=False),
        sa.Column("part", sa.String(64), nullable=False),
        sa.Column("items", sa.Text()),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
    )
