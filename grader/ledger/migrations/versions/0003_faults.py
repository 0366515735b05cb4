"""Hand-ins that the grader failed to take in: they have no grade, which is not 0."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Hand-ins that the grader failed to take in: they have no grade, which is not 0."""
    op.add_column("hand_ins", sa.Column("is_fault", sa.Boolean(), nullable=False, server_default=sa.false()))
