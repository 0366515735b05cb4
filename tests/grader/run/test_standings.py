from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.errors import UsageError
from grader.gradebook.entry import Adjustment
from grader.ledger.records import Kept, Marked
from grader.report.bill import bill
from grader.report.build import build
from grader.report.marks import Mark
from grader.report.model import Report
from grader.run.standings import Terms, entry, extension, newest, report_with, stand
from grader.spec import Assignment, LatePolicy, Part, RubricItem
from tests.grader.report import samples

DUE = datetime(2027, 3, 20, 3, 0, tzinfo=UTC)
PARTS = (Part(name="forward", title="Forward", points=10), Part(name="backward", title="Backward", points=10))
ASSIGNMENT = Assignment(name="hw", title="Hw", points=20, due=DUE, files=("a.py",), parts=PARTS)
ADA, BEN = Person("ada", "Ada"), Person("ben", "Ben", extension=2)
PEOPLE = {"ada": ADA, "ben": BEN}


def terms(attempts: str = "latest", late_days: int = 0, **policy) -> Terms:
    assignment = ASSIGNMENT.model_copy(update={"attempts": attempts})
    return Terms(assignment, LatePolicy(**policy), ZoneInfo("UTC"), late_days)


def kept(number: int, hours: float | None, *students: str, problem: str = "", attempt: int = 1) -> Kept:
    when = None if hours is None else DUE + timedelta(hours=hours)
    return Kept(number, HandIn(f"h{number}", "0", "x", problem, (), attempt, when), students or ("ada",), number)


def counting(found, scores, the_terms: Terms, **more) -> str:
    result = stand(the_terms, found, PEOPLE, scores, more.get("adjustments", {}), more.get("spent", {}))
    return result.counts["ada"].hand_in.name


def test_the_latest_that_is_accepted_counts():
    mine = [kept(2, -1), kept(1, -5), kept(3, 4)]
    scores = {1: 20, 2: 5, 3: 20}
    assert counting(mine, scores, terms(accepted=False)) == "h2"
    assert counting(mine, scores, terms(percent_per_day=50)) == "h3"
    assert counting([kept(3, 4), kept(4, 5)], scores, terms(accepted=False)) == "h4"


def test_what_could_not_be_taken_in_counts_only_where_there_is_nothing_else():
    assert counting([kept(1, -5), kept(2, -1, problem="It is empty.")], {1: 3}, terms()) == "h1"
    assert counting([kept(2, -1, problem="It is empty.")], {}, terms()) == "h2"


@pytest.mark.parametrize(
    ("scores", "best"),
    [({1: 10, 2: 12}, "h1"), ({1: 10, 2: 15}, "h2"), ({1: 10, 2: 14}, "h1"), ({1: None, 2: 1}, "h2")],
)
def test_the_best_is_told_after_what_lateness_takes_and_of_equals_the_first(scores, best):
    """20 % of 20 points are 4."""
    assert counting([kept(1, -1), kept(2, 1)], scores, terms("best", percent_per_day=20)) == best


def test_without_times_attempts_count_by_their_number():
    assert counting([kept(1, None, attempt=2), kept(2, None)], {1: 1, 2: 2}, terms()) == "h1"


def test_a_team_has_its_longest_extension_and_its_fewest_late_days():
    team = kept(1, 47, "ada", "ben")
    result = stand(terms(accepted=False), [team], PEOPLE, {1: 10}, {}, {})
    assert result.lates[1].reason == ""
    later = kept(1, 49, "ada", "ben")
    for spent, refused in (({"ada": 2}, True), ({"ada": 1}, False)):
        result = stand(terms(accepted=False, late_days=2), [later], PEOPLE, {1: 10}, {}, spent)
        assert result.lates[1].refused == refused
    assert result.spent == {"ada": 1, "ben": 1}


def test_a_teams_page_shows_what_all_its_members_were_given():
    team, bonus = kept(1, -1, "ada", "ben"), Adjustment(1, "well done", "tina")
    only_ada = stand(terms(), [team], PEOPLE, {1: 10}, {"ada": [bonus]}, {})
    assert only_ada.adjustments == {1: ()}
    both = stand(terms(), [team], PEOPLE, {1: 10}, {"ada": [bonus], "ben": [bonus]}, {})
    assert both.adjustments == {1: (bonus,)}


def report(score: float | None = 10) -> Report:
    return build(ASSIGNMENT, samples.whole()).model_copy(update={"score": score})


def test_an_entry_says_what_was_taken_and_given_and_is_never_below_zero():
    late = kept(1, 1)
    result = stand(terms(percent_per_day=20), [late], PEOPLE, {1: 10}, {}, {})
    given = [Adjustment(-2, "copied", "tina"), Adjustment(0.5, "polite", "tom")]
    one = entry(ADA, ASSIGNMENT, result, 1, report(), given)
    assert (one.score, one.deduction, one.late_seconds, one.adjustments) == (4.5, 4, 3600, tuple(given))
    assert entry(ADA, ASSIGNMENT, result, 1, report(), [Adjustment(-99, "copied", "tina")]).score == 0
    assert entry(ADA, ASSIGNMENT, result, 1, report(None), given).score is None
    assert entry(BEN, ASSIGNMENT, result, 0, None, given).problem == "nothing handed in"


def test_the_bill_adds_up_and_names_staff_to_staff_alone():
    result = stand(terms(percent_per_day=20), [kept(1, 1)], PEOPLE, {1: 10}, {}, {})
    whole = report_with(report(), result.lates[1], [Adjustment(1.5, "well said", "tina")])
    assert [(line.label, line.points) for line in bill(whole)] == [
        ("Points of the checks", "10"),
        ("Late", "−4"),
        ("Changed by the staff", "+1.5"),
        ("What counts", "7.5"),
    ]
    assert "tina" in bill(whole)[2].note
    assert "tina" not in bill(whole, names=False)[2].note
    assert bill(report()) == []
    assert bill(report_with(report(), replace(result.lates[1], reason=""), [])) == []


def test_what_was_not_taken_in_spends_no_late_days():
    found = stand(terms(late_days=3), [kept(1, 5, problem="It is empty.")], PEOPLE, {}, {}, {})
    assert found.spent == {}
    assert "late day" not in found.lates[1].reason
    assert stand(terms(late_days=3), [kept(1, 5)], PEOPLE, {1: 3}, {}, {"ada": 1}).spent == {"ada": 1}


def test_late_days_used_and_left_are_in_the_entry():
    found = stand(terms(late_days=3), [kept(1, 5)], PEOPLE, {1: 3}, {}, {"ada": 1})
    line = entry(ADA, ASSIGNMENT, found, 1, None, ())
    assert (line.late_days_used, line.late_days_left) == (1, 1)
    nothing = entry(BEN, ASSIGNMENT, found, 0, None, ())
    assert (nothing.late_days_used, nothing.late_days_left) == (0, 3)


def test_a_share_of_the_classs_time_is_an_extension():
    ada = replace(ADA, extra_percent=50.0, extension=1.0)
    opened = ASSIGNMENT.model_copy(update={"opens": DUE - timedelta(days=10)})
    assert extension(opened, ada) == 6.0
    with pytest.raises(UsageError, match=r"say in hw's assignment.toml when it opens"):
        extension(ASSIGNMENT, ada)


def test_what_the_grader_failed_on_takes_the_place_of_nothing_that_has_a_grade():
    assert counting([kept(1, -5), kept(2, -1)], {1: 3, 2: None}, terms()) == "h1"


ESSAY = Part(
    name="essay",
    title="Essay",
    points=10,
    graded="by hand",
    items=(RubricItem(name="long", points=-4, text="Too long."), RubricItem(name="late", points=-1, text="Late.")),
)
MARKED = ASSIGNMENT.model_copy(update={"points": 30, "parts": (*PARTS, ESSAY)})


def mark(number: int, student: str, *items: str) -> Marked:
    return Marked(number, student, "essay", Mark(items, "", "ta"), "ta", "")


def marked_terms(attempts: str = "latest", **policy) -> Terms:
    return replace(terms(attempts, **policy), assignment=MARKED.model_copy(update={"attempts": attempts}))


def marked_entry(found, marks, student=ADA, given=(), the_terms=None):
    """An entry whose report has 15 of the checks' 20 points."""
    the_terms = the_terms or marked_terms()
    result = stand(the_terms, found, PEOPLE, {one.id: 15 for one in found}, {}, {}, marks)
    theirs = build(the_terms.assignment, samples.whole()) if student.id in result.counts else None
    return entry(student, the_terms.assignment, result, 1, theirs, given, newest(marks, (student.id,)))


def test_a_mark_counts_like_a_check_with_lateness_and_adjustments():
    """10 % of all 30 points are 3."""
    late = marked_terms(percent_per_day=10)
    found = marked_entry([kept(1, 1)], [mark(1, "ada", "long")], given=[Adjustment(1, "r", "ta")], the_terms=late)
    assert (found.score, found.so_far, found.deduction) == (15 + 6 - 3 + 1, 19, 3)


def test_without_a_mark_there_is_no_score_and_the_points_so_far_are_known():
    found = marked_entry([kept(1, -1)], [])
    assert (found.score, found.so_far, found.waits) == (None, 15, True)
    taken_back = [mark(1, "ada"), replace(mark(2, "ada"), mark=None)]
    assert marked_entry([kept(1, -1)], taken_back).waits


def test_a_newer_mark_holds_and_every_attempt_has_it():
    marks = [mark(1, "ada", "long"), mark(2, "ada", "late")]
    assert marked_entry([kept(1, -2), kept(2, -1)], marks).score == 15 + 9


@pytest.mark.parametrize(("marks", "best"), [([], "h1"), ([mark(1, "ada")], "h2")])
def test_the_best_attempt_is_chosen_with_the_mark(marks, best):
    """Of 1 and 5 points lateness takes 3 and 6, so all; of 11 and 15 it leaves 8 and 9."""
    the_terms = marked_terms("best", percent_per_day=10)
    scores = {1: 1, 2: 5}
    result = stand(the_terms, [kept(1, 1), kept(2, 25)], PEOPLE, scores, {}, {}, marks)
    assert result.counts["ada"].hand_in.name == best


def test_who_hands_in_together_has_the_newest_mark_of_them():
    team, marks = [kept(1, -1, "ada", "ben")], [mark(1, "ada", "long"), mark(2, "ben", "late")]
    assert [marked_entry(team, marks, person).score for person in (ADA, BEN)] == [24, 24]
    parted = [*team, kept(2, -0.5, "ben")]  # ben's own, later attempt counts for him
    assert [marked_entry(parted, marks, person).score for person in (ADA, BEN)] == [21, 24]


@pytest.mark.parametrize(
    ("marks", "given", "score", "so_far"),
    [
        ([], [], None, None),
        ([], [Adjustment(2, "r", "ta")], 2, 2),
        ([mark(1, "ada", "late")], [], 9, 9),
        ([mark(1, "ada", "long")], [Adjustment(-8, "r", "ta")], 0, 0),
    ],
)
def test_who_handed_nothing_in_has_the_points_of_the_marks(marks, given, score, so_far):
    found = marked_entry([], marks, given=given)
    assert (found.score, found.so_far, found.problem) == (score, so_far, "nothing handed in")


def test_with_two_parts_by_hand_a_score_needs_both():
    talk = ESSAY.model_copy(update={"name": "talk"})
    both = replace(marked_terms(), assignment=MARKED.model_copy(update={"points": 40, "parts": (*MARKED.parts, talk)}))
    one = marked_entry([], [mark(1, "ada")], the_terms=both)
    assert (one.score, one.so_far, one.waits) == (None, 10, True)
    other = replace(mark(2, "ada", "late"), part="talk")
    assert marked_entry([], [mark(1, "ada"), other], the_terms=both).score == 19
