from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.spec import Assignment, SpecError, load_assignment, load_course

GOOD = """
name = "hw1"
title = "Convolution"
points = 10
due = 2026-10-01T23:59:00+08:00
files = ["conv.py", "norm.py"]
banned = ["aten::convolution"]

[limits]
call_seconds = 2.5

[[parts]]
name = "forward"
title = "Forward"
points = 4

[[parts]]
name = "backward"
title = "Backward"
points = 6
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "hw1"
    folder.mkdir()
    return folder


def load(folder: Path, text: str) -> Assignment:
    (folder / "assignment.toml").write_text(text, "utf-8")
    return load_assignment(folder)


def test_assignment(folder):
    assignment = load(folder, GOOD)
    assert assignment.module == "conv"
    assert [part.points for part in assignment.parts] == [4, 6]
    assert assignment.limits.call_seconds == 2.5
    assert assignment.limits.memory_mb == 1024


def test_past_due_is_strict_and_needs_a_due_date(folder):
    due = datetime(2026, 10, 1, 15, 59, tzinfo=UTC)
    assignment = load(folder, GOOD)
    assert not assignment.is_past_due(due)
    assert assignment.is_past_due(due + timedelta(seconds=1))
    undated = load(folder, GOOD.replace("due = 2026-10-01T23:59:00+08:00", ""))
    assert not undated.is_past_due(due + timedelta(days=10_000))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("points = 10", "points = 11", r"the parts' points add up to 10, but the assignment has 11"),
        ('name = "backward"', 'name = "forward"', r"part 'forward' is listed twice"),
        ('title = "Convolution"', 'title = "Convolution"\nweight = 3', r"weight: unknown key"),
        ("call_seconds = 2.5", "call_seconds = 0", r"limits\.call_seconds: .*greater than 0"),
        ("call_seconds = 2.5", "cpu = 1", r"limits\.cpu: unknown key"),
        ('"norm.py"', '"../norm.py"', r"files\.1: "),
        ('"norm.py"', '"norm-1.py"', r"files\.1: "),
        ('["conv.py", "norm.py"]', "[]", r"files: "),
        ("T23:59:00+08:00", "T23:59:00", r"due: .*timezone"),
        ('name = "hw1"', 'name = "HW1"', r"name: "),
        ('name = "hw1"', 'name = "hw2"', r"name is 'hw2', but the folder is 'hw1'"),
        ("points = 4", "points = -4", r"parts\.0\.points: "),
        ('name = "hw1"', "name = ", r"not valid TOML"),
        ("[limits]", "[portal]\ntokens = 6\n[limits]", r'portal: tokens needs one_every: .* one_every = "12h"'),
        ("[limits]", '[portal]\none_every = "12h"\n[limits]', r"portal: one_every needs tokens: say how many"),
        (
            "[limits]",
            '[portal]\ntokens = 6\none_every = "12 hours"\n[limits]',
            r"one_every: '12 hours' is no time.*\"2d\"",
        ),
        (
            "[limits]",
            "[portal]\ntokens = 6\none_every = 12\n[limits]",
            r"portal\.one_every: 12 is no time up to 366 days",
        ),
        ("[limits]", '[portal]\ntokens = 6\none_every = "0h"\n[limits]', r"portal\.one_every: '0h' is no time"),
        (
            "[limits]",
            '[portal]\ntokens = 0\none_every = "1h"\n[limits]',
            r"portal\.tokens: .*greater than or equal to 1",
        ),
        (
            "[limits]",
            '[portal]\ntokens = 6\none_every = "1h"\nbeyond = "all"\n[limits]',
            r"portal\.beyond: .*'score only'",
        ),
        ('name = "hw1"', 'schema_version = 2\nname = "hw1"', r"schema_version: "),
    ],
)
def test_a_fault_is_named_with_its_file_and_key(folder, before, after, fault):
    assert before in GOOD
    with pytest.raises(SpecError, match=fault) as caught:
        load(folder, GOOD.replace(before, after, 1))
    assert str(folder / "assignment.toml") in str(caught.value)


BY_HAND = """
[[parts]]
name = "essay"
title = "Essay"
points = 5
graded = "by hand"
extra = true

[[parts.items]]
name = "late_draft"
points = -2
text = "The draft came late."
"""
GIVES = BY_HAND.replace("points = -2", "points = 5")


@pytest.mark.parametrize(
    ("text", "starts_at"),
    [(BY_HAND, 5), (GIVES, 0), (BY_HAND.replace("points = -2", "points = 0"), 5)],
    ids=["takes", "gives", "a remark"],
)
def test_a_part_by_hand_starts_at_all_points_unless_an_item_gives_some(folder, text, starts_at):
    assignment = load(folder, GOOD + text)
    (part,) = assignment.parts_by_hand
    assert part.starts_at == starts_at
    assert [one.name for one in assignment.checked_parts] == ["forward", "backward"]


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('graded = "by hand"', "", "part 'essay' has items: only a part that is graded = \"by hand\" does"),
        ('graded = "by hand"', 'graded = "by hand"\nneeds = ["forward"]', "'essay' is graded by hand: it cannot need"),
        ("points = -2", "points = 3", "the items of part 'essay' give 3 points at most, of its 5"),
        ('name = "late_draft"', 'name = "comment"', "an item cannot be called 'comment': a column of"),
        (
            "[[parts.items]]",
            '[[parts.items]]\nname = "late_draft"\npoints = 1\ntext = "a"\n[[parts.items]]',
            "listed twice",
        ),
    ],
)
def test_a_rubric_that_cannot_be_is_named(folder, before, after, fault):
    with pytest.raises(SpecError, match=fault):
        load(folder, GOOD + BY_HAND.replace(before, after))


def test_a_part_by_hand_needs_items_and_others_need_checks(folder):
    without = BY_HAND.partition("[[parts.items]]")[0]
    with pytest.raises(SpecError, match="part 'essay' is graded by hand: list its"):
        load(folder, GOOD + without)
    needs = GOOD.replace('title = "Backward"', 'title = "Backward"\nneeds = ["essay"]')
    first, second = needs.split('[[parts]]\nname = "backward"')
    with pytest.raises(SpecError, match="needs 'essay', which is no part before it with checks"):
        load(folder, first + BY_HAND + '[[parts]]\nname = "backward"' + second)
    alone = GOOD.partition("[[parts]]")[0].replace("points = 10", "points = 5") + BY_HAND.replace("extra = true\n", "")
    with pytest.raises(SpecError, match="every part is graded by hand"):
        load(folder, alone)


def test_tokens_of_the_portal(folder):
    said = '[portal]\ntokens = 6\none_every = "90min"\nnever_empty = "3h"\nbeyond = "score only"\n\n[limits]'
    rules = load(folder, GOOD.replace("[limits]", said)).portal
    assert (rules.tokens, rules.one_every, rules.never_empty) == (6, timedelta(minutes=90), timedelta(hours=3))
    assert load(folder, GOOD).portal.tokens is None
    with pytest.raises(SpecError, match=r"portal\.never_empty is counted back from the due date, and there is none"):
        load(folder, GOOD.replace("[limits]", said).replace("due = 2026-10-01T23:59:00+08:00", ""))


def test_a_missing_or_unreadable_file(folder):
    with pytest.raises(SpecError, match=r"assignment\.toml does not exist"):
        load_assignment(folder)
    (folder / "assignment.toml").write_bytes(b"name = '\xff'")
    with pytest.raises(SpecError, match="cannot be read"):
        load_assignment(folder)


def test_an_assignment_cannot_be_changed(folder):
    with pytest.raises(ValueError, match="frozen"):
        load(folder, GOOD).points = 11


def test_course(tmp_path):
    (tmp_path / "course.toml").write_text('name = "Vision"\ntime_zone = "Asia/Taipei"\n')
    assert load_course(tmp_path).time_zone == "Asia/Taipei"


@pytest.mark.parametrize("zone", ["Asia/Atlantis", "../etc/passwd", "", "/etc/localtime"])
def test_a_course_needs_a_known_time_zone(tmp_path, zone):
    (tmp_path / "course.toml").write_text(f'name = "Vision"\ntime_zone = "{zone}"\n')
    with pytest.raises(SpecError, match="is no IANA time zone"):
        load_course(tmp_path)
