"""Gradescope's metadata, whatever is in them, and the limit of submissions that is computed from them."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.commands.package.gradescope.settings import Metadata, Settings, last_graded, read_metadata, refusal

NOW = datetime(2027, 3, 20, 12, tzinfo=UTC)
LIMITED = Settings("hw1_conv", at_most=2, hours=24)


def earlier(*hours: float, **more: object) -> list[dict[str, object]]:
    return [
        {"submission_time": (NOW - timedelta(hours=ago)).isoformat(), "score": 10.0 * n, **more}
        for n, ago in enumerate(hours, 1)
    ]


def metadata(previous: list[dict[str, object]], created: object = NOW.isoformat()) -> Metadata:
    return Metadata.model_validate({"created_at": created, "previous_submissions": previous})


def test_what_gradescope_sends_is_read(tmp_path):
    sent = {
        "id": 123456,
        "created_at": "2018-07-01T14:22:32.365935-07:00",
        "assignment": {"due_date": "2018-07-31T23:00:00.000000-07:00", "total_points": "20.0", "id": 25828},
        "submission_method": "upload",
        "users": [{"email": "student@example.com", "id": 1234, "name": "Student"}],
        "previous_submissions": [{"submission_time": "2017-04-06T14:24:48.087023-07:00", "score": 0.0, "results": {}}],
    }
    (tmp_path / "m.json").write_text(json.dumps(sent))
    read, fault = read_metadata(tmp_path / "m.json")
    assert fault == ""
    assert read.created_at == datetime.fromisoformat("2018-07-01T14:22:32.365935-07:00")
    assert read.assignment.due_date == datetime.fromisoformat("2018-07-31T23:00:00-07:00")


NONSENSE = {
    "no file": None,
    "no JSON": "{",
    "a list": "[]",
    "no time": "{}",
    "a word for a time": '{"created_at": "yesterday"}',
    "no time zone": '{"created_at": "2027-03-20T12:00:00"}',
    "month 13": '{"created_at": "2027-13-20T12:00:00Z"}',
    "nested too deep": "[" * 100_000,
}


@pytest.mark.parametrize("text", NONSENSE.values(), ids=NONSENSE)
def test_nonsense_costs_nobody_anything_and_is_told_to_staff(tmp_path, text):
    if text is not None:
        (tmp_path / "m.json").write_text(text)
    read, fault = read_metadata(tmp_path / "m.json")
    assert read == Metadata()
    assert fault.startswith("m.json")
    assert refusal(LIMITED, read) == ""


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "created_at",
                        "assignment",
                        "due_date",
                        "previous_submissions",
                        "submission_time",
                        "results",
                        "score",
                    ]
                ),
                inner,
            )
        ),
    )
)
def test_no_metadata_end_the_run(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(value))
    read, _ = read_metadata(path)
    assert isinstance(refusal(LIMITED, read), str)
    assert isinstance(last_graded(read).score, float | None)


def test_a_limit_counts_what_was_graded_in_the_last_hours():
    assert refusal(LIMITED, metadata(earlier(30, 3))) == ""
    said = refusal(LIMITED, metadata(earlier(30, 5, 3)))
    assert "2 submissions were graded in the last 24 hours" in said
    assert "Sun 21 Mar 2027 07:00 UTC" in said  # 24 hours after the first of the two


@pytest.mark.parametrize("more", [{"autograder_error": True}, {"results": {"extra_data": {"refused": True}}}])
def test_what_was_not_graded_does_not_count(more):
    assert refusal(LIMITED, metadata(earlier(5, 4, 3, **more))) == ""


def test_no_limit_by_default():
    assert refusal(Settings("hw1_conv"), metadata(earlier(*range(1, 20)))) == ""


def test_the_score_from_before_is_that_of_the_last_graded_one():
    refused = {"results": {"extra_data": {"refused": True}}}
    assert last_graded(metadata([*earlier(9, 8), *earlier(7, **refused)])).score == 20.0
    assert last_graded(metadata(earlier(8, 9))).score == 10.0  # by time, whatever the order
    assert last_graded(metadata(earlier(9, 8, submission_time="2027-03-20T12:00:00"))).score == 20.0
    assert last_graded(metadata([{"score": math.nan}, {"score": 0.0}, {"score": math.inf}])).score == 0.0
    assert last_graded(metadata([])).score is None


def test_places_on_the_leaderboard_stay_where_an_upload_is_not_graded():
    place = {"name": "error", "value": 0.5, "order": "asc"}
    results = {"leaderboard": [place, {"name": "x", "value": math.nan}, 7]}
    assert last_graded(metadata(earlier(8, results=results))).leaderboard == [place]
    assert last_graded(metadata(earlier(8, results={"leaderboard": "none"}))).leaderboard == []


def test_settings_are_read_as_they_were_written(tmp_path):
    (tmp_path / "s.json").write_text('{"homework": "hw1_conv", "at_most": 3, "hours": 12, "torch_index": ""}')
    assert Settings.read(tmp_path / "s.json") == Settings("hw1_conv", 3, 12.0)
