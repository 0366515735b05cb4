"""The session: what the suite may be, whose fault is whose, and what one submission leaves for the next."""

from __future__ import annotations

import builtins
import json
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.homework import load_homework
from grader.intake.submission import Rejected, Submission
from grader.judging import session
from grader.judging.causes import causes
from grader.judging.checks import SuiteError, SuiteFaults
from grader.judging.plugin import RETRIES, Partly, as_passed
from grader.judging.session import collect
from grader.outcome import Grading, Place, Verdict
from grader.report.build import build
from grader.report.gradescope import render
from grader.seed import Seed
from grader.spec import SpecError
from tests.grader import toy as toys
from tests.grader.toy import CHECKS, HEAD, SUITE, correct, grade_all, homework, quick, submission, verdicts, with_double

DOUBLE_ONLY = """
@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one.'''
    agree(student.shift, reference.shift, torch.ones(3))


@part("double")
@weight(4)
"""


def test_collects_the_checks_in_order(toy):
    checks = collect(toy)
    assert tuple(check.name for check in checks) == CHECKS
    assert [(check.part, check.points, check.visibility) for check in checks][::2] == [
        ("double", 3, "visible"),
        ("shift", 2, "visible"),
    ]
    assert checks[0].sentence == "double doubles."


def test_decorators_reach_the_check(tmp_path):
    suite = """
        from gradescope_utils.autograder_utils.decorators import hide_errors, number, tags, visibility

        @part("shift")
        @weight(2)
        @visibility("after_published")
        @number("1.2")
        @tags("easy", "short")
        @hide_errors("no")
        def test_shift(student):
            '''shift
            adds one.'''

        @part("double")
        @weight(1)
        @pytest.mark.parametrize("case", [1, 2, 3, 4])
        def test_double(student, case):
            '''double doubles.'''
    """
    first, *rest = collect(homework(tmp_path, suite))
    assert (first.visibility, first.number, first.tags, first.hide_errors) == (
        "after_published", "1.2", ("easy", "short"), "no",
    )  # fmt: skip
    assert first.sentence == "shift adds one."
    assert [check.name for check in rest] == [f"test_double[{i}]" for i in (1, 2, 3, 4)]


UNUSABLE = {
    "raises": (SUITE + "\n1 / 0\n", "does not collect: .*ZeroDivisionError"),
    "does not parse": ("def test(:", "does not collect: .*SyntaxError"),
    "imports what is absent": ("import absent_module", "does not collect: .*absent_module"),
    "exits": ("raise SystemExit(0)", "SystemExit|did not run|does not collect"),
    "skips its module": ("pytest.skip('later', allow_module_level=True)", "holds no test"),
    "empty": ("", "it holds no test"),
    "no part": (SUITE.replace('@part("shift")\n', ""), "test_shift has no @part"),
    "no weight": (SUITE.replace("@weight(2)\n", ""), "test_shift has no @weight"),
    "no docstring": (SUITE.replace("    '''shift adds one.'''\n", ""), "test_shift has no docstring"),
    "unknown part": (SUITE.replace('@part("shift")', '@part("shrift")'), "names part 'shrift', which is not in"),
    "points short": (
        SUITE.replace("@weight(2)", "@weight(1)"),
        "part 'shift' has 2 points, but its checks add up to 1",
    ),
    "part without checks": (SUITE.split('@part("shift")')[0], "part 'shift' has 2 points but no checks"),
    "negative points": (SUITE.replace("@weight(2)", "@weight(-2)"), "has -2 points"),
    "unknown mark": (SUITE.replace('@part("shift")', '@pytest.mark.slow\n@part("shift")'), "slow.* not found"),
}


@pytest.mark.parametrize(("suite", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_suite_grades_nobody(tmp_path, zygote, suite, message):
    toy = homework(tmp_path, suite)
    graded: list[Grading] = []
    with pytest.raises(SuiteError, match=message):
        session.grade(toy, [correct()], zygote, on_graded=graded.append)
    assert graded == []


def test_two_checks_of_one_name(tmp_path):
    toy = homework(tmp_path)
    (toy.suite / "test_again.py").write_text(HEAD + SUITE)
    with pytest.raises(SuiteError, match="two tests are called test_shift"):
        collect(toy)


def test_same_file_names_in_another_homework(tmp_path, zygote):
    # pytest knows a test module by its name
    first = homework(tmp_path / "first")
    second = homework(tmp_path / "second", SUITE.replace("shift adds one.", "shift adds 1."))
    assert [collect(toy)[2].sentence for toy in (first, second, first)] == [
        "shift adds one.", "shift adds 1.", "shift adds one.",
    ]  # fmt: skip


OURS = {
    "TypeError": "student.double(torch.ones(2)); len(3)",
    "assert": "student.double(torch.ones(2)); assert False",
    "skip": "student.double(torch.ones(2)); pytest.skip('not today')",
    "fail": "student.double(torch.ones(2)); pytest.fail('no')",
    "xfail": "student.double(torch.ones(2)); pytest.xfail('no')",
    "exit": "student.double(torch.ones(2)); raise SystemExit(0)",
    "reference": "student.double(torch.ones(2)); reference.double()",
    "unsendable": "student.double(object())",
    "large integer": "student.double(10**100)",
    "private": "student._secret",
    "attribute": "student.double(torch.ones(2)); object().data",
    "attribute of None": "raises(student.double, 'TypeError', None); None.data",
    "attribute of None in an experiment": "experiment(student, lambda m: (m.double(torch.ones(2)), None.data))",
    "attribute of nothing": "student.double(torch.ones(2)); raise AttributeError('x')",
    "a call of what cannot be called": "student.double(torch.ones(2)); other = [1]; other()",
    "a call of a tensor": "student.double(torch.ones(2)); x = torch.ones(3); x()",
    "a sum of what has none": "student.double(torch.ones(2)); {} + 3",
    "a sum of tensors": "student.double(torch.ones(2)); torch.ones(2) + {}",
    "large integer later": "student.double(torch.ones(2)); student.double(10**100)",
    "nothing asked": "pass",
    "nothing asked, nothing right": "expect(False, 'wrong')",
}


@pytest.mark.parametrize("body", OURS.values(), ids=OURS)
def test_fault_of_the_suite_is_ours(tmp_path, zygote, monkeypatch, body):
    check = f"def test_double(student, reference):\n    '''double doubles.'''\n    TRIES.append(1)\n    {body}\n"
    monkeypatch.setattr(builtins, "TRIES", [], raising=False)
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + check), zygote, correct())
    shift, double = grading.outcomes
    assert (shift.verdict, double.verdict, double.earned) == (Verdict.PASSED, Verdict.INFRA, 0)
    assert len(builtins.TRIES) == 1 + RETRIES  # then it is shown
    assert "the grader failed" in double.message or "asks the submission nothing" in double.message


USED = """
def test_double(student, reference):
    '''double doubles.'''
    answer = student.double(torch.ones(2))
    answer[1].backward() if isinstance(answer, tuple) else answer.backward()
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [("pass", "None"), ("return 1.5", "a float"), ("return x, None", "None"), ("return x.numpy()", "a numpy array")],
)
def test_an_answer_without_what_the_check_reads_off_it_is_wrong(tmp_path, zygote, body, said):
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + USED), zygote, with_double(body))
    shift, double = grading.outcomes
    assert (shift.verdict, double.verdict, double.earned) == (Verdict.PASSED, Verdict.FAILED, 0)
    assert double.message == f"`double` gives {said}; something with `backward` is asked for"


CALLED = """
def test_double(student, reference):
    '''double doubles.'''
    student.double(torch.ones(2)).train(True)
"""


REFUSING = """
@part("double")
@weight(4)
def test_double(student, reference):
    'double refuses None.'
    raises(student.double, "ValueError", None)


@part("shift")
@weight(2)
def test_shift(student, reference):
    'shift shifts.'
    agree(student.shift, reference.shift, torch.ones(2))
"""


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        ("class SizeError(ValueError): pass", Verdict.PASSED),
        ("class SizeError(OSError, ValueError): pass", Verdict.PASSED),
        ("class SizeError(TypeError): pass", Verdict.ERROR),
        ("SizeError = UnicodeError", Verdict.PASSED),  # one of Python's own that is made from it
    ],
)
def test_an_exception_may_be_made_from_the_one_that_is_asked_for(tmp_path, zygote, made, verdict):
    toy = homework(tmp_path, REFUSING)
    (grading,) = grade_all(toy, zygote, with_double("raise SizeError('no')", before=made))
    assert verdicts(grading)[0] is verdict


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("True", "a bool"),
        ("None", "None"),
        ("(1, 2)", "a tuple of 2"),
        ("__import__('numpy').zeros(2)", "a numpy array"),
        ("torch.ones(2)", "a tensor of shape (2,)"),
    ],
)
def test_an_answer_that_cannot_be_called_is_wrong(tmp_path, zygote, value, said):
    body = f"class Model:\n    train = {value}\n\nreturn Model()"
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + CALLED), zygote, with_double(body))
    shift, double = grading.outcomes
    assert (shift.verdict, double.verdict, double.earned) == (Verdict.PASSED, Verdict.FAILED, 0)
    assert double.message == f"`Model.train` gives {said}; something to call is asked for"


ADDED = """
def test_double(student, reference):
    '''double doubles.'''
    a, b = student.double(torch.ones(2)), student.double(torch.ones(3))
    expect((a + b) is not None, "no sum")
"""


@pytest.mark.parametrize(("value", "said"), [("None", "None"), ("{}", "a dict of 0"), ("'x', 3", "")])
def test_an_answer_that_cannot_be_added_is_wrong(tmp_path, zygote, value, said):
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + ADDED), zygote, with_double(f"return {value}"))
    double = grading.outcomes[1]
    if said:
        assert double.message == f"`double` gives {said}; something to calculate with is asked for"
    assert (double.verdict is Verdict.FAILED) == bool(said)


def test_an_exception_that_is_its_own_cause_ends(tmp_path, zygote):
    check = """
def test_double(student, reference):
    '''double doubles.'''
    try:
        try:
            student.double.once(torch.ones(2))
        except Exception as error:
            raise AssertionError from error
    except AssertionError:
        student.double.once(torch.ones(2))
"""
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + check), zygote, with_double("raise ValueError('no')"))
    assert verdicts(grading) == [Verdict.PASSED, Verdict.ERROR]


def test_what_is_said_of_very_many_calls_and_in_very_long_messages_is_cut(tmp_path, zygote):
    check = """
def test_double(student, reference):
    '''double doubles.'''
    for _ in range(3000):
        student.double(torch.ones(3))
    expect(False, "wrong " * 10_000)
"""
    (grading,) = grade_all(homework(tmp_path, DOUBLE_ONLY + check), zygote, correct())
    double = grading.outcomes[1]
    assert len(double.message) <= 4_000
    assert len(double.staff_detail) <= 45_000
    assert double.staff_detail.endswith("more")


def test_fault_that_passes_is_forgotten(tmp_path, zygote):
    check = """
def test_double(student, reference):
    '''double doubles.'''
    agree(student.double, reference.double, torch.ones(2))
    TRIES.append(1)
    if len(TRIES) == 1:
        raise OSError("a hiccup")
"""
    (grading,) = grade_all(homework(tmp_path, "TRIES = []\n" + DOUBLE_ONLY + check), zygote, correct())
    assert verdicts(grading) == [Verdict.PASSED] * 2


@pytest.mark.parametrize("when", ["set-up", "tear-down"])
def test_fault_of_a_fixture_is_ours(tmp_path, zygote, when):
    steps = ["1 / 0", "yield"] if when == "set-up" else ["yield", "1 / 0"]
    fixture = "@pytest.fixture\ndef broken():\n" + "".join(f"    {step}\n" for step in steps)
    check = """
def test_double(student, reference, broken):
    '''double doubles.'''
    agree(student.double, reference.double, torch.ones(2))
"""
    (grading,) = grade_all(homework(tmp_path, fixture + DOUBLE_ONLY + check), zygote, correct())
    assert verdicts(grading) == [Verdict.PASSED, Verdict.INFRA]
    assert "ZeroDivisionError" in grading.outcomes[1].staff_detail


def test_fixtures_of_conftest_and_module_scope_serve_all_submissions(tmp_path, zygote):
    check = """
def test_double(student, reference, drawn):
    '''double doubles.'''
    agree(student.double, reference.double, drawn[0])
    expect(drawn[1] == [1], "drawn again")
"""
    toy = homework(tmp_path, DOUBLE_ONLY + check)
    (toy.suite / "conftest.py").write_text(
        "import pytest, torch\nDRAWN = []\n\n@pytest.fixture(scope='module')\ndef drawn():\n"
        "    DRAWN.append(1)\n    return torch.ones(3), DRAWN\n"
    )
    for grading in grade_all(toy, zygote, correct(), correct()):
        assert verdicts(grading) == [Verdict.PASSED] * 2


def test_interrupt_is_passed_on_after_what_was_graded(tmp_path, zygote):
    check = """
def test_double(student, reference):
    '''double doubles.'''
    if student.double(torch.ones(1)).item() == 3:
        raise KeyboardInterrupt
"""
    toy = homework(tmp_path, DOUBLE_ONLY + check)
    graded: list[Grading] = []
    with pytest.raises(KeyboardInterrupt):
        session.grade(
            toy, [correct("first"), with_double("return 3 * x"), correct("last")], zygote, on_graded=graded.append
        )
    assert [grading.submission for grading in graded] == ["first"]
    assert verdicts(grade_all(toy, zygote, correct())[0]) == [Verdict.PASSED] * 2


def test_interrupt_by_signal_during_a_call(toy, zygote):
    graded: list[Grading] = []

    def then_interrupted() -> Iterator[Submission]:
        yield correct("first")
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        yield with_double("while True: pass")

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            session.grade(toy, then_interrupted(), zygote, on_graded=graded.append)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert [grading.submission for grading in graded] == ["first"]
    assert verdicts(grade_all(toy, zygote, correct())[0]) == [Verdict.PASSED] * 3


def test_a_stream_is_not_asked_for_more_before_what_it_gave_is_graded(toy, zygote):
    graded: list[Grading] = []

    def stream() -> Iterator[Submission]:
        for number in range(3):
            assert len(graded) == number
            yield correct()

    session.grade(toy, stream(), zygote, on_graded=graded.append)
    assert [verdicts(grading) for grading in graded] == [[Verdict.PASSED] * 3] * 3


@pytest.mark.long
def test_a_next_submission_that_never_loads_does_not_hold_up_the_last(toy, zygote):
    endless = submission("while True: pass", "endless")
    gradings = grade_all(quick(toy, import_seconds=0.3), zygote, correct(), endless, correct())
    assert [verdicts(grading)[0] for grading in gradings] == [Verdict.PASSED, Verdict.BLOCKED, Verdict.PASSED]


def test_who_takes_all_memory_leaves_it_to_the_next(toy, zygote):
    greedy = with_double(
        "if not kept:\n    kept.append(torch.ones(150 << 20, dtype=torch.uint8))\nreturn 2 * x", "kept = []"
    )
    gradings = grade_all(toy, zygote, *[greedy] * 4)
    assert [verdicts(grading) for grading in gradings] == [[Verdict.PASSED] * 3] * 4


def test_failure_of_the_caller_is_passed_on(toy, zygote):
    def full(_: Grading) -> None:
        raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        session.grade(toy, [correct()], zygote, on_graded=full)


def test_rejected_submission_is_blocked_with_its_reason(toy, zygote):
    bad, good = grade_all(toy, zygote, Rejected("bad", "bad.zip", "bad.zip is no archive."), correct())
    assert verdicts(bad) == [Verdict.BLOCKED] * 3
    assert bad.problem == bad.outcomes[0].message == "bad.zip is no archive."
    assert verdicts(good) == [Verdict.PASSED] * 3


def test_wishes_for_other_test_runs_do_not_count(toy, zygote, monkeypatch, tmp_path):
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only -k nothing")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = -k nothing\n")
    monkeypatch.chdir(tmp_path)
    assert verdicts(grade_all(toy, zygote, correct())[0]) == [Verdict.PASSED] * 3


def test_provenance(toy, zygote):
    seed = Seed.fresh()
    (grading,) = grade_all(toy, zygote, correct(), seed=seed)
    made = grading.provenance
    assert made.submission_sha256 == correct().sha256
    assert made.suite_sha256 == toy.suite_sha256
    assert (made.seed_id, grading.seed) == (seed.id, seed.secret.hex())
    assert seed.secret.hex() not in made.seed_id
    assert made.isolation == zygote.tier
    assert "seccomp filter" in made.protections
    assert 0 < made.seconds < 60


ECHO = """
@part("shift")
@weight(2)
def test_first(student, rng):
    '''Says what it was sent.'''
    student.shift(torch.ones(1))
    expect(False, str(torch.randint(2**60, (1,), generator=rng).item()))


@part("double")
@weight(2)
@pytest.mark.parametrize("output", ["a", "b"])
@pytest.mark.parametrize("case", [1])
def test_second(student, rng, case, output):
    '''Says what it was sent.'''
    student.shift(torch.ones(1))
    expect(False, str(torch.randint(2**60, (1,), generator=rng).item()))
"""


def test_random_inputs_depend_on_the_secret_alone(tmp_path, zygote):
    toy = homework(tmp_path, ECHO)
    drawn = []
    for secret in (b"one", b"one", b"two"):
        one, other = grade_all(toy, zygote, correct(), submission(toys.REFERENCE + "\n"), seed=Seed(secret))
        assert [o.message for o in one.outcomes] == [o.message for o in other.outcomes]  # the same for everybody
        drawn.append([o.message for o in one.outcomes])
    assert drawn[0] == drawn[1]
    assert not set(drawn[0]) & set(drawn[2])
    first, second, third = drawn[0]
    assert first != second == third  # outputs that are judged apart have the same inputs


def test_seed():
    one, other = Seed(b"a"), Seed(b"b")
    assert one.number("x") == Seed(b"a").number("x") != other.number("x")
    assert one.number("x") != one.number("y")
    assert 0 <= one.number("x") < 2**63
    assert one.id != other.id
    assert "a" * 8 not in repr(Seed.fresh().id)


def test_staff_detail_is_cut(toy, zygote):
    (grading,) = grade_all(toy, zygote, with_double("return list(range(10**5))"))
    assert grading.outcomes[0].verdict is Verdict.FAILED
    assert len(grading.outcomes[0].staff_detail) < 5000
    assert "float32[2×3]" in grading.outcomes[0].staff_detail


def test_staff_detail_of_an_empty_tensor_does_not_grow(toy, zygote):
    (grading,) = grade_all(toy, zygote, with_double("return torch.empty(2**39, 0)"))
    assert grading.outcomes[0].verdict is Verdict.FAILED
    assert grading.outcomes[0].staff_detail.endswith("float32[549755813888×0]")


def test_submission_of_one_student_after_the_other_leaks_no_descriptors(toy, zygote):
    crash = with_double("import os; os._exit(1)")
    grade_all(toy, zygote, crash)
    before = len(os.listdir("/proc/self/fd"))
    grade_all(toy, zygote, *[crash] * 5)
    assert len(os.listdir("/proc/self/fd")) == before


def test_nothing_of_the_suite_stays_loaded(toy, zygote):
    grade_all(toy, zygote, correct())
    loaded = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    assert not [file for file in loaded if Path(file).is_relative_to(toy.suite)]


LEADERBOARD = """
from gradescope_utils.autograder_utils.decorators import leaderboard

@part("double")
@weight(4)
@leaderboard("error", "asc")
def test_double(student, reference, set_leaderboard_value=None):
    '''double doubles.'''
    x = torch.arange(4.0)
    error = float((student.double(x) - reference.double(x)).abs().max())
    agree(student.double, reference.double, x)
    set_leaderboard_value(error)


@part("shift")
@weight(2)
@leaderboard("points")
def test_shift(student, reference, set_leaderboard_value=None):
    '''shift adds one.'''
    set_leaderboard_value(float(student.shift(torch.tensor(6.0))))
    agree(student.shift, reference.shift, torch.ones(1))
"""


def test_the_leaderboard_is_gradescope_utils_own(tmp_path, zygote):
    """A value holds for the submission that it was set for, and nothing that is no number is a place."""
    course = homework(tmp_path, LEADERBOARD)
    infinite = submission(toys.REFERENCE.replace("x + 1", "x / 0"), "infinite")
    one, other, last = grade_all(course, zygote, correct("one"), with_double("return x"), infinite)
    assert [outcome.place for outcome in one.outcomes] == [Place("error", 0.0, "asc"), Place("points", 7.0, "desc")]
    assert [outcome.place for outcome in other.outcomes] == [None, Place("points", 7.0, "desc")]
    assert [outcome.place for outcome in last.outcomes] == [Place("error", 0.0, "asc"), None]
    assert json.loads(render(build(course.assignment, one)))["leaderboard"] == [
        {"name": "error", "value": 0.0, "order": "asc"},
        {"name": "points", "value": 7.0, "order": "desc"},
    ]
    assert "leaderboard" not in json.loads(render(build(course.assignment, replace(one, outcomes=()))))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"error", "asc"', '"points", "asc"', "several checks fill the leaderboard's column points"),
        ('"error", "asc"', '"error", "up"', "test_double sorts its leaderboard by neither asc nor desc"),
    ],
)
def test_a_leaderboard_that_makes_no_sense_is_a_fault_of_the_suite(tmp_path, before, after, fault):
    with pytest.raises(SuiteFaults, match=fault):
        session.collect(homework(tmp_path, LEADERBOARD.replace(before, after)))


SEVERAL = """
from pathlib import Path
from grader.suite import agree_wired, each_output

@part("double")
@weight(2)
@each_output("twice", "more")
def test_both(student, reference, output):
    '''both gives {output}, and {nothing} else.'''
    agree(student.both, reference.both, torch.ones(3), output=output)


@part("shift")
@weight(2)
def test_wired(student, reference):
    '''both is made of double and shift.'''
    agree_wired(student.both, reference.both, torch.arange(3.0))
"""
STAND_INS = "STAND_INS = {'double': lambda x: 5 * x, 'shift': lambda x: x - 7, 'both': None}\n"


def test_each_output_is_a_check_and_its_sentence_names_it(tmp_path, zygote):
    toy = toys.homework(tmp_path, SEVERAL)
    checks = session.collect(toy)
    assert [check.name for check in checks] == ["test_both[twice]", "test_both[more]", "test_wired"]
    assert [check.sentence for check in checks[:2]] == [
        "both gives twice, and {nothing} else.",
        "both gives more, and {nothing} else.",
    ]
    (grading,) = toys.grade_all(toy, zygote, toys.submission(toys.REFERENCE.replace("return x + 1", "return x")))
    assert toys.verdicts(grading)[:2] == [Verdict.PASSED, Verdict.FAILED]
    assert grading.outcomes[1].message == "`more` is wrong in all of its elements"


def test_stand_ins_are_declared_once(tmp_path, zygote):
    toys.write(tmp_path / "assignments" / "toy" / "probes.py", STAND_INS)
    toy = toys.homework(tmp_path, SEVERAL)
    lower = toys.submission(toys.REFERENCE.replace("return x + 1", "return x"))
    itself = toys.submission(toys.REFERENCE.replace("return double(x), shift(x)", "return shift(x), double(x)"))
    gradings = toys.grade_all(toy, zygote, lower, itself, toys.correct())
    assert [toys.verdicts(one)[2] for one in gradings] == [Verdict.PASSED, Verdict.FAILED, Verdict.PASSED]


def test_a_homework_without_stand_ins_says_so(tmp_path, zygote):
    toy = toys.homework(tmp_path, SEVERAL)
    (grading,) = toys.grade_all(toy, zygote, toys.submission(toys.REFERENCE.replace("return x + 1", "return x")))
    assert grading.outcomes[2].verdict is Verdict.INFRA
    assert "the homework's probes.py has no STAND_INS" in grading.outcomes[2].staff_detail


SWAPPED = '"""You swap the two."""\n\nPARTS = ("shift",)\nREPLACE = [("double(x), shift(x)", "shift(x), double(x)")]\n'


@pytest.mark.long
def test_a_composed_check_is_explained_although_what_it_is_made_of_is_wrong_too(tmp_path, zygote):
    toys.write(tmp_path / "assignments" / "toy" / "probes.py", STAND_INS)
    toy = toys.homework(tmp_path, SEVERAL, mistakes={"swapped": SWAPPED})
    swapped = toys.REFERENCE.replace("double(x), shift(x)", "shift(x), double(x)")
    gradings = toys.grade_all(
        toy, zygote, toys.submission(swapped), toys.submission(swapped.replace("return x + 1", "return x - 4"))
    )
    for grading in gradings:
        assert grading.outcomes[2].diagnosis is not None
        assert grading.outcomes[2].diagnosis.mistake == "swapped"


def test_a_part_that_needs_another_is_not_asked_while_nothing_there_is_right(tmp_path, zygote):
    toys.homework(tmp_path)
    path = tmp_path / "assignments" / "toy" / "assignment.toml"
    path.write_text(path.read_text().replace('name = "shift"', 'name = "shift"\nneeds = ["double"]'))
    toy = load_homework(tmp_path, "toy")
    nothing = toys.submission("def double(x):\n    return x\n\n\ndef shift(x):\n    return x + 1\n")
    half = toys.with_double("return 2 * x if x.is_floating_point() else x")
    gradings = toys.grade_all(toy, zygote, nothing, half, toys.correct())
    assert [toys.verdicts(one)[2] for one in gradings] == [Verdict.BLOCKED, Verdict.PASSED, Verdict.PASSED]
    assert gradings[0].outcomes[2].message == "not asked: it needs “Doubling”, and nothing there is right yet"


def test_a_part_needs_one_before_it(tmp_path):
    toys.homework(tmp_path)
    path = tmp_path / "assignments" / "toy" / "assignment.toml"
    path.write_text(path.read_text().replace('name = "double"', 'name = "double"\nneeds = ["shift"]'))
    with pytest.raises(SpecError, match="part 'double' needs 'shift', which is no part before it"):
        load_homework(tmp_path, "toy")


def test_an_error_of_a_probe_has_its_line(tmp_path, zygote):
    toys.write(
        tmp_path / "assignments" / "toy" / "probes.py", "def depth(module, x):\n    # ask\n    return module.gone(x)\n"
    )
    suite = "@part('double')\n@weight(4)\ndef test_it(student):\n    'It.'\n    student.probes.depth(3)\n\n"
    suite += "@part('shift')\n@weight(2)\ndef test_other(student):\n    'It.'\n    student.shift(3)\n"
    (grading,) = toys.grade_all(toys.homework(tmp_path, suite), zygote, toys.correct())
    assert "probes.py, line 3, in depth: return module.gone(x)" in grading.outcomes[0].message


def test_a_time_out_names_the_line_where_it_was(toy, zygote):
    (grading,) = grade_all(quick(toy, call_seconds=0.3), zygote, with_double("n = 0\nwhile True:\n    n += 1"))
    first = grading.outcomes[0]
    assert first.verdict is Verdict.TIMEOUT
    assert first.line is not None
    assert first.line.function == "double"
    assert first.line.around[first.line.number - first.line.first].strip() in ("while True:", "n += 1")


def test_a_module_that_does_not_load_names_the_line_where_it_stopped(tmp_path, zygote):
    (grading,) = grade_all(homework(tmp_path), zygote, submission("def double(x):\n    return 2 * x\n\ndef shift(x)\n"))
    assert verdicts(grading) == [Verdict.BLOCKED] * 3
    assert {outcome.line.number for outcome in grading.outcomes} == {4}
    (cause,) = causes(grading.outcomes)
    assert cause.functions == ()


def test_extra_credit_comes_on_top(tmp_path, zygote):
    toys.homework(tmp_path)
    path = tmp_path / "assignments" / "toy" / "assignment.toml"
    path.write_text(
        path.read_text().replace('name = "shift"', 'name = "shift"\nextra = true').replace("points = 6", "points = 4")
    )
    toy = load_homework(tmp_path, "toy")
    gradings = toys.grade_all(toy, zygote, toys.correct(), toys.submission(toys.REFERENCE.replace("x + 1", "x")))
    reports = [build(toy.assignment, one) for one in gradings]
    assert [(report.score, report.max_score) for report in reports] == [(6, 4), (4, 4)]
    assert [part.title for part in reports[0].parts] == ["Doubling", "Shifting (extra credit)"]
    path.write_text(path.read_text().replace("points = 4\nfiles", "points = 6\nfiles"))
    with pytest.raises(SpecError, match="add up to 4, but the assignment has 6; those of extra parts do not count"):
        load_homework(tmp_path, "toy")


def test_some_of_the_checks_are_expected_to_ask_what_they_did_among_all(tmp_path, zygote):
    toy, right = homework(tmp_path), with_double("return 2 * x")
    learnt: list[int] = []
    for plans in ([right], [right, Partly(right, as_passed(session.collect(toy), ["test_shift"]))]):
        graded: list[Grading] = []
        session.grade(toy, plans, zygote, on_graded=graded.append, on_learnt=lambda asked, _: learnt.append(len(asked)))
        assert {outcome.verdict for grading in graded for outcome in grading.outcomes} == {Verdict.PASSED}
    assert len(learnt) == 2  # once in each session, and not once more for a part of the checks
