from __future__ import annotations

import json

import pytest

from grader.outcome import Diagnosis, Verdict
from grader.report.build import NOT_GRADED, build
from grader.report.gradescope import CHARACTERS, render
from tests.grader.report.samples import grade, outcome, wrong_tensor


def strict(text):
    def refuse(constant):
        raise AssertionError(constant)

    return json.loads(text, parse_constant=refuse)


def test_results_hold_one_test_per_check(staff):
    results = strict(render(staff))
    assert results["score"] == 15
    assert results["execution_time"] == 0.25
    assert isinstance(results["execution_time"], float)
    assert results["stdout_visibility"] == "hidden"
    assert results["extra_data"]["provenance"]["seed_id"] == "seed-7"
    last = results["tests"][-1]
    assert (last["name"], last["score"], last["max_score"], last["status"]) == ("Sentence of d.", 0, 5, "failed")
    assert (last["output_format"], last["visibility"], last["tags"]) == ("text", "visible", ["backward"])
    assert "`dx` is wrong in 25% of its elements" in last["output"]
    assert "What this looks like: Your kernel is upside down." in last["output"]
    assert "9 · · 9" in last["output"]
    assert [test["status"] for test in results["tests"][:3]] == ["passed"] * 3
    assert sum(test["score"] for test in results["tests"]) == results["score"]


def test_numbers_tags_and_visibility_are_passed_on(assignment):
    checks = (
        outcome("a", visibility="hidden", number="1.1", tags=("t",)),
        outcome("b", visibility="after_due_date"),
        outcome("c", "backward", visibility="after_published"),
        outcome("d", "backward", visibility="nonsense"),
    )
    tests = strict(render(build(assignment, grade(*checks))))["tests"]
    assert [test["visibility"] for test in tests] == ["hidden", "after_due_date", "after_published", "hidden"]
    assert (tests[0]["number"], tests[0]["tags"]) == ("1.1", ["forward", "t"])
    assert "number" not in tests[1]


def test_staffs_things_and_hidden_errors_stay_out(assignment):
    secrets = {
        "message": "CANARY",
        "evidence": wrong_tensor(output="CANARY"),
        "diagnosis": Diagnosis("CANARY", "CANARY"),
        "staff_detail": "CANARY",
    }
    mute = outcome("d", "backward", verdict=Verdict.FAILED, hide_errors="Think about it.", **secrets)
    loud = outcome("c", "backward", verdict=Verdict.FAILED, staff_detail="CANARY")
    text = render(build(assignment, grade(outcome("a"), outcome("b"), loud, mute, seed="CANARY")))
    assert "CANARY" not in text
    assert "Think about it." in text


def test_infra_is_never_a_zero(infra):
    results = strict(render(infra))
    assert "score" not in results
    assert not [test for test in results["tests"] if "score" in test or "max_score" in test]
    assert results["output"].startswith("Not graded: the grader failed, not you.")
    assert NOT_GRADED in results["output"]


def test_a_problem_is_in_the_output(assignment):
    checks = [
        outcome(name, part, verdict=Verdict.BLOCKED)
        for name, part in zip("abcd", ["forward", "forward", "backward", "backward"])
    ]
    results = strict(render(build(assignment, grade(*checks, problem="conv.py: line 3: invalid syntax"))))
    assert (results["score"], results["output"]) == (0, "conv.py: line 3: invalid syntax")


@pytest.mark.parametrize("name", ["hostile", "raw"])
def test_hostile_text_is_inert(name, request):
    text = render(request.getfixturevalue(name))
    strict(text.encode())
    assert not set(text) & set("\x1b\x00\u202e\udc80")
    assert {test["output_format"] for test in strict(text)["tests"]} == {"text"}


@pytest.mark.parametrize(("number", "length"), [(4, 200_000), (60, 4_000), (120, 3_000)])
def test_results_keep_under_gradescopes_limit(assignment, number, length):
    half = number // 2
    checks = [
        outcome(str(i), "forward" if i < half else "backward", 10 / half, Verdict.ERROR, message='\n"x' * length)
        for i in range(number)
    ]
    text = render(build(assignment, grade(*checks)))
    assert len(text) < CHARACTERS
    assert len(strict(text)["tests"]) == number
    assert "left out)" in text
