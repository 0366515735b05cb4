"""The table in a handout is what the TOML files say, and a stale one is found."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from grader.commands.cli import main
from grader.commands.facts import BEGIN, END, facts
from grader.spec import Assignment, Course, LatePolicy
from tests.grader.course import write_course

CAPPED = (
    "costs 10 % of the points for each day that has begun, at most 50 %. Nothing is accepted after 7 days. The first 15 "
    "minutes are not late."
)
PARTS = [{"name": "all", "title": "All", "points": 1}]


def assignment(**more):
    return Assignment(name="hw0", title="Warm-up", points=1, files=("hw0.py",), parts=PARTS, **more)


def rows(table: str) -> dict[str, str]:
    return {key.strip(): value.strip() for key, value in (line.split("|")[1:3] for line in table.splitlines()[2:])}


def test_what_students_have_to_know():
    said = rows(
        facts(
            assignment(
                due="2027-03-20T03:00:00+08:00",
                hours="2 to 3",
                attempts="best",
                training={"net": {"seconds": 40}},
                portal={"tokens": 6, "one_every": "12h"},
            ),
            Course(name="Vision", time_zone="Asia/Taipei"),
        )
    )
    assert said["due"] == "Saturday, 20 March 2027, 03:00 (Asia/Taipei)"
    assert said["hours to expect"] == "2 to 3"
    assert said["several attempts"] == "the best one counts"
    assert said["limit of a training"] == "40 s"
    assert said["tokens on the portal"].startswith("6 at most, and one comes back every 12 h; an attempt takes one")
    assert said["at home"].startswith("Python 3.11 or later with torch 2.11 or later")
    assert said["memory"].startswith("1,024 MB")
    assert "20 s" not in said["limit of a call"]
    assert said["limit of a call"].startswith("10 s. Calls that take longer may cost 12 s together")


@pytest.mark.parametrize(
    ("policy", "late_days", "said"),
    [
        ({"accepted": False}, 0, "is not accepted."),
        (
            {"accepted": False},
            3,
            "is not accepted, unless late days cover it. Each student has 3 late days for all homeworks of the term.",
        ),
        ({}, 0, "costs no points."),
        (
            {"percent_per_day": 10, "at_most_percent": 50, "last_day": 7, "grace_minutes": 15},
            0,
            CAPPED,
        ),
    ],
)
def test_late_work_in_words(policy, late_days, said):
    course = Course(name="Vision", late=LatePolicy(**policy), late_days=late_days)
    assert rows(facts(assignment(), course))["late work"] == said


def test_the_homeworks_own_late_policy_counts():
    course = Course(name="Vision", late=LatePolicy(accepted=False))
    assert rows(facts(assignment(late=LatePolicy(percent_per_day=5)), course))["late work"].startswith("costs 5 %")


@pytest.fixture
def course(tmp_path):
    folder = write_course(tmp_path / "course")
    (folder / "assignments/hw0/README.md").write_text(f"# Warm-up\n\n{BEGIN}\n{END}\n\nRead on.\n", "utf-8")
    return folder


def run(course, *arguments):
    return CliRunner().invoke(main, ["facts", *arguments, "--course", str(course)])


def test_a_stale_table_is_found_and_written(course):
    readme = course / "assignments/hw0/README.md"
    before = readme.read_text("utf-8")
    found = run(course, "--check")
    assert (found.exit_code, readme.read_text("utf-8")) == (1, before)
    assert "out of date: grader facts hw0" in found.output
    assert run(course).exit_code == 0
    text = readme.read_text("utf-8")
    assert "| limit of a call | 2 s." in text
    assert text.endswith(f"{END}\n\nRead on.\n")
    assert (run(course, "hw0", "--check").exit_code, run(course).output) == (0, "")


def test_a_handout_without_a_place_for_it(course):
    (course / "assignments/hw0/README.md").write_text("# Warm-up\n", "utf-8")
    found = run(course, "hw0")
    assert found.exit_code == 2
    assert "no place for the facts" in " ".join(found.output.split())
