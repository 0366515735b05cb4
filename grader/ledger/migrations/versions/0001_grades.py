"""Runs, students, hand-ins, grades and their history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Runs, students, hand-ins, grades and their history."""
    op.create_table(
        "environments",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("facts", sa.Text(), nullable=False),
    )
    op.create_table(
        "judges",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("suite_sha256", sa.String(64), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("mistakes", sa.Text(), nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("key", sa.String(64), nullable=False, unique=True),
        sa.Column("assignment", sa.String(64), nullable=False),
        sa.Column("seed", sa.String(200), nullable=False),
        sa.Column("due", sa.String(40)),
        sa.Column("started_at", sa.String(40), nullable=False),
    )
    op.create_table(
        "grades",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("submission_sha256", sa.String(64), nullable=False),
        sa.Column("judge_sha256", sa.String(64), sa.ForeignKey("judges.sha256"), nullable=False),
        sa.Column("environment_sha256", sa.String(64), sa.ForeignKey("environments.sha256"), nullable=False),
        sa.Column("seed_id", sa.String(16), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("max_score", sa.Float(), nullable=False),
        sa.Column("report", sa.LargeBinary(), nullable=False),
        sa.Column("graded_at", sa.String(40), nullable=False),
    )
    op.create_index(
        "grades_by_content", "grades", ["submission_sha256", "judge_sha256", "environment_sha256", "seed_id"]
    )
    op.create_table(
        "hand_ins",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("owners", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("submitted_at", sa.String(40)),
        sa.Column("collected_at", sa.String(40), nullable=False),
        sa.Column("superseded", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_hand_ins_run_id", "hand_ins", ["run_id"])
    op.create_table(
        "students",
        sa.Column("run_id", sa.Integer(), sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("extension", sa.Float(), nullable=False),
        sa.Column("on_roster", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "given",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hand_in_id", sa.Integer(), sa.ForeignKey("hand_ins.id"), nullable=False),
        sa.Column("grade_id", sa.Integer(), sa.ForeignKey("grades.id"), nullable=False),
        sa.Column("why", sa.String(20), nullable=False),
        sa.Column("given_at", sa.String(40), nullable=False),
    )
    op.create_index("ix_given_hand_in_id", "given", ["hand_in_id"])
    op.create_table(
        "members",
        sa.Column("hand_in_id", sa.Integer(), sa.ForeignKey("hand_ins.id"), primary_key=True),
        sa.Column("student_id", sa.String(200), primary_key=True),
    )
    op.create_table(
        "pages",
        sa.Column("hand_in_id", sa.Integer(), sa.ForeignKey("hand_ins.id"), primary_key=True),
        sa.Column("content", sa.String(64), nullable=False),
    )
