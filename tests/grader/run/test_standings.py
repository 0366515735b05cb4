from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from grader.collect.handin import HandIn
from grader.collect.roster import Person
from grader.errors import UsageError
from grader.gradebook.entry import Adjustment
from grader.ledger.records import Kept
from grader.report.bill import bill
from grader.report.build import build
from grader.report.model import Report
from grader.run.standings import Terms, entry, extension, report_with, stand
from grader.spec import Assignment, LatePolicy, Part
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
