"""The portal's tables. Times are ISO 8601 in UTC. Grades are not here: they are in the ledger, as `grade` has them.

`hand_ins` is the queue: a row whose state is "queued" will be graded, whatever is killed before.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

VERSION = 4
metadata = MetaData()

schema = Table("schema", metadata, Column("version", Integer, primary_key=True))
users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("student", String(200), nullable=False, unique=True),  # the roster's id; of staff their e-mail address
    Column("login", String(200), nullable=False, index=True),  # the same, folded
    Column("name", Text, nullable=False),
    Column("email", String(320), nullable=False, index=True),  # folded
    Column("role", String(20), nullable=False),
    Column("password", Text, nullable=False),  # of argon2; "" until an invitation was followed
    Column("is_active", Boolean, nullable=False),
)
invitations = Table(
    "invitations",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("until", String(40), nullable=False),
)
sessions = Table(
    "sessions",
    metadata,
    Column("token_sha256", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("until", String(40), nullable=False),
)
keys = Table(
    "keys",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key_sha256", String(64), nullable=False, unique=True),
    Column("user_id", ForeignKey("users.id"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("made_at", String(40), nullable=False),
)
contents = Table(
    "contents",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("files", LargeBinary, nullable=False),  # path → bytes, as msgpack, deflated
)
hand_ins = Table(
    "hand_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("homework", String(64), nullable=False),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("attempt", Integer, nullable=False),  # 0 of a draft
    Column("name", String(200), nullable=False),  # in the ledger, and of its reports' folder; "" of a draft
    Column("sha256", ForeignKey("contents.sha256"), nullable=False),
    Column("submitted_at", String(40), nullable=False),  # when its last byte came
    Column("understood", Text, nullable=False),  # JSON: what was made of it
    Column("state", String(10), nullable=False),
    Column("lane", Integer, nullable=False),  # 0 before 1 before 2
    Column("tries", Integer, nullable=False),  # gradings that were begun
    Column("queued_at", String(40), nullable=False),
    Column("why", Text, nullable=False),  # it was set aside; for staff
    Column("token_at", String(40), nullable=False),  # when it took a token; "" where it took none, or gave it back
    Column("score_only", Boolean, nullable=False),  # it had none: its student sees the score and no more
    Index("hand_ins_by_state", "state", "homework", "lane", "id"),
    Index("hand_ins_by_user", "user_id", "homework"),
)
events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hand_in_id", ForeignKey("hand_ins.id"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),  # "check", or "state"
    Column("content", Text, nullable=False),  # a CheckReport as its student may see it; or a state
    sqlite_autoincrement=True,
)
requests = Table(
    "requests",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hand_in_id", ForeignKey("hand_ins.id"), nullable=False, index=True),
    Column("part", String(64), nullable=False),
    Column("text", Text, nullable=False),
    Column("made_at", String(40), nullable=False),
    Column("answer", Text, nullable=False),  # "" while it is open
    Column("answered_by", Text, nullable=False),
)
extensions = Table(
    "extensions",
    metadata,
    Column("homework", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("days", Float, nullable=False),
    Column("reason", Text, nullable=False),
)
lifts = Table(
    "lifts",
    metadata,
    Column("homework", String(64), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("until", String(40), nullable=False),  # nothing takes a token before that
    Column("reason", Text, nullable=False),
)
homeworks = Table(
    "homeworks",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("stale", Boolean, nullable=False),  # standings and reports are to be brought up to date
    Column("tier", Text, nullable=False),  # where it was last graded
    Column("fault", Text, nullable=False),  # why grading does not go on; "" where it does
    Column("fault_at", String(40), nullable=False),
    Column("disclosed", Boolean, nullable=False),  # the reports say what waits for the due date
    Column("late_days", Text, nullable=False),  # JSON: student's id → of the term's budget, what they spent on it
    Column("counting", Text, nullable=False),  # JSON: student's id → the hand-in of theirs that counts
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String(40), nullable=False),
    Column("by", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
)
