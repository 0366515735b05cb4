"""What staff say of hand-ins and students, and which feedback was sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """What staff say of hand-ins and students, and which feedback was sent."""
    for name in ("participant", "formerly"):
        op.add_column("students", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.add_column("students", sa.Column("has_left", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("students", sa.Column("extra_percent", sa.Float(), nullable=False, server_default="0"))
    op.add_column("hand_ins", sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("hand_ins", sa.Column("note", sa.Text(), nullable=False, server_default=""))

    def run() -> sa.Column[int]:
        return sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), primary_key=True)

    op.create_table(
        "owners",
        run(),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("student_id", sa.String(200), primary_key=True),
    )
    op.create_table(
        "times",
        run(),
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("submitted_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False, index=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "mails",
        run(),
        sa.Column("student_id", sa.String(200), primary_key=True),
        sa.Column("content", sa.String(64), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("made_at", sa.String(40), nullable=False),
    )
