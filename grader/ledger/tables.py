"""The ledger's tables. Times are ISO 8601 in UTC; what is newest is told by the numbers that rows get, not by a clock.

A grade is kept under what it was made from: the submission's content (with whose it is, where values are drawn for each
student), the judge's (see `manifest`), the environment's and the seed's name. `given` is the history: which grade a
hand-in had from when on. Nothing is deleted.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    false,
)

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("assignment", String(64), nullable=False),
    Column("seed", String(200), nullable=False),  # secret, in hexadecimal
    Column("due", String(40)),
    Column("started_at", String(40), nullable=False),
)
students = Table(
    "students",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("section", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("extension", Float, nullable=False),  # days
    Column("on_roster", Boolean, nullable=False),
    Column("login", Text, nullable=False),  # at the learning platform
    Column("sis_id", Text, nullable=False),
    Column("sis_login", Text, nullable=False),
    Column("participant", Text, nullable=False, server_default=""),  # Moodle's number in this homework
    Column("formerly", Text, nullable=False, server_default=""),  # earlier ids, with blanks between them
    Column("has_left", Boolean, nullable=False, server_default=false()),
    Column("extra_percent", Float, nullable=False, server_default="0"),  # of the time that the class has
)
hand_ins = Table(
    "hand_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),  # unique among those that are not superseded
    Column("sha256", String(64), nullable=False),
    Column("problem", Text, nullable=False),  # why it could not be taken in; empty where it could
    Column("origin", Text, nullable=False),
    Column("owners", Text, nullable=False),  # what the learning platform says of them, as JSON
    Column("attempt", Integer, nullable=False),
    Column("submitted_at", String(40)),
    Column("collected_at", String(40), nullable=False),
    Column("superseded", Boolean, nullable=False),
    Column("is_fault", Boolean, nullable=False, server_default=false()),  # the problem is the grader's
    Column("late", Boolean, nullable=False, server_default=false()),  # as its platform says
    Column("note", Text, nullable=False, server_default=""),  # for its reports
)
owners = Table(  # whose a hand-in is, as staff said with --owners
    "owners",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("name", String(200), primary_key=True),  # the hand-in's
    Column("student_id", String(200), primary_key=True),
)
times = Table(  # when a hand-in came, as staff said with --times
    "times",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("name", String(200), primary_key=True),  # the hand-in's, or a student's id
    Column("submitted_at", String(40), nullable=False),
)
comments = Table(  # what staff wrote about a hand-in, for its report
    "comments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("text", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", String(40), nullable=False),
)
mails = Table(  # a student's feedback that was sent, or is being sent
    "mails",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("student_id", String(200), primary_key=True),
    Column("content", String(64), nullable=False),  # names what was sent
    Column("state", String(10), nullable=False),  # "sending", or "sent"
    Column("made_at", String(40), nullable=False),
)
members = Table(
    "members",
    metadata,
    Column("hand_in_id", ForeignKey("hand_ins.id"), primary_key=True),
    Column("student_id", String(200), primary_key=True),
)
judges = Table(
    "judges",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("suite_sha256", String(64), nullable=False),
    Column("parts", Text, nullable=False),  # JSON: part → digest
    Column("mistakes", Text, nullable=False),
)
environments = Table(
    "environments",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("facts", Text, nullable=False),  # JSON
)
grades = Table(
    "grades",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("submission_sha256", String(64), nullable=False),
    Column("judge_sha256", ForeignKey("judges.sha256"), nullable=False),
    Column("environment_sha256", ForeignKey("environments.sha256"), nullable=False),
    Column("seed_id", String(16), nullable=False),
    Column("score", Float),  # before lateness and adjustments; NULL where the grader failed
    Column("max_score", Float, nullable=False),
    Column("report", LargeBinary, nullable=False),  # the staff's report.json, deflated
    Column("summary", LargeBinary, nullable=False),  # the same without what only its own page shows
    Column("graded_at", String(40), nullable=False),
    Index("grades_by_content", "submission_sha256", "judge_sha256", "environment_sha256", "seed_id"),
)
given = Table(
    "given",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hand_in_id", ForeignKey("hand_ins.id"), nullable=False, index=True),
    Column("grade_id", ForeignKey("grades.id"), nullable=False),
    Column("why", String(20), nullable=False),  # "grade" or "regrade"
    Column("given_at", String(40), nullable=False),
)
pages = Table(
    "pages",
    metadata,
    Column("hand_in_id", ForeignKey("hand_ins.id"), primary_key=True),
    Column("content", String(64), nullable=False),  # names all that the written report was made from
)
adjustments = Table(
    "adjustments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("student_id", String(200), nullable=False),
    Column("points", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", String(40), nullable=False),
)
withdrawals = Table(
    "withdrawals",
    metadata,
    Column("adjustment_id", ForeignKey("adjustments.id"), primary_key=True),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_at", String(40), nullable=False),
)
marks = Table(  # of parts by hand: the newest of a student and part holds, all stay
    "marks",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("run_id", ForeignKey("runs.id"), nullable=False, index=True),
    Column("student_id", String(200), nullable=False),
    Column("part", String(64), nullable=False),
    Column("items", Text),  # JSON: names; NULL where the mark was taken back
    Column("comment", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("made_at", String(40), nullable=False),
)
late_days = Table(  # what a student spent of the term's budget on one homework
    "late_days",
    metadata,
    Column("run_id", ForeignKey("runs.id"), primary_key=True),
    Column("student_id", String(200), primary_key=True),
    Column("days", Integer, nullable=False),
)

__all__ = [
    "adjustments",
    "comments",
    "environments",
    "given",
    "grades",
    "hand_ins",
    "judges",
    "late_days",
    "mails",
    "marks",
    "members",
    "metadata",
    "owners",
    "pages",
    "runs",
    "students",
    "times",
    "withdrawals",
]
