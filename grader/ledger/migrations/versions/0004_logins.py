"""What a roster says of a person's accounts, to find them by and to write back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """What a roster says of a person's accounts, to find them by and to write back."""
    for name in ("login", "sis_id", "sis_login"):
        op.add_column("students", sa.Column(name, sa.Text(), nullable=False, server_default=""))
