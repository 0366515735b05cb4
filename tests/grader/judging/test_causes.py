"""Which failed checks have one cause, and in which order they come."""

from __future__ import annotations

from grader.judging.causes import Kind, causes, function_of
from grader.outcome import Asked, Check, Diagnosis, Line, Outcome, Verdict

FLIPPED = Diagnosis("flipped", "Your kernel is upside down.")


def finding(verdict=Verdict.FAILED, message="", function="f", *, diagnosis=None, line=None, built_on=()):
    check = Check("test", "part", "Sentence.", 1)
    asked = Asked(function, f"{function}()", tuple(built_on))
    return Outcome(check, verdict, 0.0, message, diagnosis=diagnosis, asked=asked, line=line)


def error(text="ValueError: no", function="f", *, line=3, **more):
    return finding(Verdict.ERROR, text, line=Line("hw.py", line, function), **more)


PASSED = Outcome(Check("test", "part", "Sentence.", 1), Verdict.PASSED, 1.0)


def grouped(*findings):
    return [cause.checks for cause in causes(findings)]


def test_what_passed_has_no_cause():
    assert causes([PASSED, PASSED]) == ()


def test_a_diagnosis_is_one_cause_whatever_the_messages():
    assert grouped(
        finding(message="a", diagnosis=FLIPPED), finding(message="b", diagnosis=FLIPPED, function="g"), finding()
    ) == [(0, 1), (2,)]


def test_messages_that_differ_in_numbers_are_one_cause():
    findings = [
        finding(message=f"`dx` is wrong in {share} of its elements") for share in ("25%", "all", "over 99%", "0.5%")
    ]
    assert grouped(*findings, finding(message="`dw` is wrong in 25% of its elements")) == [(0, 1, 2, 3), (4,)]


def test_the_same_message_of_two_functions_is_two_causes():
    assert grouped(finding(message="a", function="f"), finding(message="a", function="g")) == [(0,), (1,)]


def test_what_is_raised_in_one_line_is_one_cause():
    assert grouped(error("KeyError: 'a'"), error("KeyError: 'b'"), error("KeyError: 'a'", line=4)) == [(0, 1), (2,)]


def test_functions_that_are_not_written_are_one_cause_that_lists_them():
    one, other, third = (
        error("NotImplementedError: f is yours to write"),
        finding(Verdict.ERROR, "hw.py defines no `g`", "g"),
        error("NotImplementedError", "Value.__init__", line=9),
    )
    (cause,) = causes([one, PASSED, other, third])
    assert (cause.kind, cause.checks, cause.functions) == (Kind.MISSING, (0, 2, 3), ("f", "g", "Value"))


def test_where_it_raised_counts_and_not_what_was_asked():
    assert function_of(error(function="helper")) == "helper"


def test_a_consequence_stands_with_its_cause_wherever_it_comes():
    net = finding(message="wrong", function="net", built_on=["layer"])
    layer = finding(message="wrong", function="layer")
    (cause,) = causes([net, layer])
    assert cause.checks == (1,)
    assert [one.checks for one in cause.follow] == [(0,)]


def test_consequences_of_consequences_stand_with_the_first_cause():
    findings = [
        finding(message="wrong", function="net", built_on=["block", "layer"]),
        finding(message="wrong", function="block", built_on=["layer"]),
        finding(message="wrong", function="layer"),
    ]
    (cause,) = causes(findings)
    assert [one.checks for one in cause.follow] == [(0,), (1,)]


def test_a_diagnosis_of_its_own_is_no_consequence():
    net = finding(function="net", built_on=["layer"], diagnosis=FLIPPED)
    assert grouped(finding(function="layer"), net) == [(0,), (1,)]


def test_functions_that_are_made_of_each_other_are_not_lost():
    one, other = finding(function="a", built_on=["b"]), finding(function="b", built_on=["a"])
    (cause,) = causes([one, other])
    assert cause.checks == (0,)
    assert [follow.checks for follow in cause.follow] == [(1,)]


def test_a_module_that_does_not_load_is_one_cause():
    blocked = finding(Verdict.BLOCKED, "hw.py: line 3: invalid syntax", "")
    assert grouped(blocked, blocked, blocked) == [(0, 1, 2)]


def test_a_module_that_does_not_load_is_one_cause_whatever_was_asked():
    (cause,) = causes([finding(Verdict.BLOCKED, "SyntaxError: expected ':'", function) for function in "fgh"])
    assert (cause.checks, cause.functions) == ((0, 1, 2), ())


def test_what_was_not_run_comes_last_and_what_the_grader_failed_at_after_it():
    infra, blocked = finding(Verdict.INFRA, "x"), finding(Verdict.BLOCKED, "no time is left")
    assert grouped(infra, blocked, finding()) == [(2,), (1,), (0,)]


def test_a_function_that_runs_out_of_time_is_one_cause_whatever_limit_ended_it():
    late = [finding(Verdict.TIMEOUT, text) for text in ("no answer within 5 s", "`f` was not called again")]
    assert grouped(*late, finding(Verdict.TIMEOUT, "no answer within 5 s", "g")) == [(0, 1), (2,)]
