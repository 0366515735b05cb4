"""Which known mistake explains an answer, and when nothing is said."""

from __future__ import annotations

import random
import resource
import signal
import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from grader.errors import StudentError
from grader.judging.bridge.examination import RecordedCall
from grader.judging.bridge.student import Handle
from grader.judging.diagnose import CALLS, NODES, NUMBERS, Budget, Diagnostician, Spent, form
from grader.outcome import Check, Diagnosis, Outcome, Verdict
from grader.seed import Seed
from grader.suite import expect
from tests.grader.toy import SUITE, grade_all, homework, submission, verdicts, with_double


def mistake(sentence: str, body: str, parts: str = "('double',)", family: str = "", function: str = "double") -> str:
    named = f"FAMILY = {family!r}\n" if family else ""
    return f'"""{sentence}"""\nPARTS = {parts}\n{named}\ndef {function}(x):\n    {body}\n'


MISTAKES = {
    "tripled": mistake("You tripled.", "return 3 * x"),
    "tripled_by_sums": mistake("You added twice.", "return x + x + x", family="tripled"),
    "kept": mistake("You returned the input.", "return x"),
    "absolute": mistake("You lost the sign.", "return 2 * x.abs()"),
    "squared": mistake("You squared.", "return x ** 2"),
    "raised": mistake("You raised.", "raise ValueError('no')"),
    "in_place": mistake("You changed the input.", "x *= 2; return x"),
    "as_dictionary": mistake("You returned names.", "return {'y': 3 * x, 'n': [1.5, x]}"),
    "offset": mistake("You added a constant.", "return 2 * x + CONSTANT")
    + "\n\nCONSTANT = 0.5\nVARIANTS = {'CONSTANT': (0.25, -1.0)}\n",
    "shift_kept": mistake("You did not shift.", "return x", "('shift',)", function="shift"),
}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    return homework(tmp_path_factory.mktemp("course"), mistakes=MISTAKES)


@pytest.fixture(scope="module")
def diagnostician(library):
    return Diagnostician(library)


def call(answer=None, x=None, function: str = "double", **recorded) -> RecordedCall:
    x = torch.tensor([1.0, -2.0, 3.0]) if x is None else x
    return RecordedCall(function, (x,), {}, answer(x) if callable(answer) else answer, **recorded)


def explain(diagnostician, *calls: RecordedCall, part: str = "double") -> Diagnosis | None:
    return diagnostician.explain({"check": (part, calls)}).get("check")


TRIPLED = Diagnosis("tripled", "You tripled.")


def test_one_family(diagnostician):
    assert explain(diagnostician, call(lambda x: 3 * x)) == TRIPLED
    assert explain(diagnostician, call(lambda x: x.clone())) == Diagnosis("kept", "You returned the input.")


@pytest.mark.parametrize("constant", [0.5, 0.25, -1.0])
def test_a_family_explains_its_variants(diagnostician, constant):
    assert explain(diagnostician, call(lambda x: 2 * x + constant)) == Diagnosis("offset", "You added a constant.")


def test_no_other_constant_is_a_variant(diagnostician):
    assert explain(diagnostician, call(lambda x: 2 * x + 0.75)) is None


def test_rounding_is_no_difference(diagnostician):
    assert explain(diagnostician, call(lambda x: 3 * x * (1 + 1e-6))) == TRIPLED


def test_unknown_answer(diagnostician):
    assert explain(diagnostician, call(lambda x: 5 * x)) is None
    assert explain(diagnostician, call(None)) is None
    assert explain(diagnostician, call("tripled")) is None


def test_right_answer_needs_no_explanation(diagnostician):
    assert explain(diagnostician, call(lambda x: 2 * x)) is None


def test_no_calls(diagnostician):
    assert explain(diagnostician) is None


def test_form_counts(diagnostician):
    assert explain(diagnostician, call(lambda x: (3 * x).double())) is None
    assert explain(diagnostician, call(lambda x: 3 * x[None])) is None
    assert explain(diagnostician, call(lambda x: (3 * x).numpy())) is None
    assert explain(diagnostician, call(lambda x: (3 * x).tolist())) is None


def test_every_call_has_to_fit(diagnostician):
    right, wrong = call(lambda x: 2 * x), call(lambda x: 3 * x)
    assert explain(diagnostician, wrong, call(lambda x: 3 * x, torch.ones(2))) == TRIPLED
    assert explain(diagnostician, wrong, right) is None


def test_mistakes_of_other_parts_are_not_considered(diagnostician):
    assert explain(diagnostician, call(lambda x: 3 * x), part="shift") is None
    kept = call(lambda x: x.clone(), function="shift")
    assert explain(diagnostician, kept, part="shift") == Diagnosis("shift_kept", "You did not shift.")


def test_what_is_not_written_yet_is_no_known_mistake(tmp_path):
    stub = mistake("You stopped.", "raise NotImplementedError")
    toy = Diagnostician(homework(tmp_path, mistakes={"stopped": stub}))
    unwritten = call(error=StudentError(Verdict.ERROR, "NotImplementedError", "NotImplementedError"))
    assert explain(toy, unwritten) is None


def test_an_experiment_is_repeated_on_those_mistakes_alone_that_fit_the_rest(library):
    repeated = []

    def body(model):
        x = torch.ones(2)
        repeated.append(float(model.double(x)[0]))
        expect(repeated[-1] == 2, "it is not doubled")

    once = call("it is not doubled", experiment=body)
    unknown = call(lambda x: 5 * x)
    found = Diagnostician(library).explain({"plain": ("double", [unknown]), "tried": ("double", [once])})
    assert found == {}
    assert set(repeated) == {2.0}  # the reference alone
    Diagnostician(library).explain({"tried": ("double", [once])})
    assert 3.0 in repeated


def test_two_families_alike_say_nothing(diagnostician):
    ones = torch.ones(2)  # where to keep and to square are the same
    assert explain(diagnostician, call(lambda x: x.clone(), ones)) is None


def test_other_checks_of_the_part_decide(diagnostician):
    alike = call(lambda x: x**2, torch.ones(2))
    telling = call(lambda x: x**2)
    found = diagnostician.explain({"alike": ("double", [alike]), "telling": ("double", [telling])})
    assert found == dict.fromkeys(["alike", "telling"], Diagnosis("squared", "You squared."))
    elsewhere = diagnostician.explain({"alike": ("double", [alike]), "telling": ("shift", [telling])})
    assert "alike" not in elsewhere


def test_contradictory_checks_are_not_explained(diagnostician):
    alike = call(lambda x: x**2, torch.ones(2))
    found = diagnostician.explain(
        {
            "alike": ("double", [alike]),
            "kept": ("double", [call(lambda x: x.clone())]),
            "3": ("double", [call(lambda x: x**2)]),
        }
    )
    assert found == {}


def test_a_mistake_fits_the_checks_that_were_passed(diagnostician):
    kept, right = call(lambda x: x.clone()), call(lambda x: 2 * x)
    failures = {"kept": ("double", [kept])}
    assert "kept" in diagnostician.explain(failures)
    assert diagnostician.explain(failures, passed={"right": ("double", [right])}) == {}
    assert "kept" in diagnostician.explain(failures, passed={"right": ("shift", [right])})
    zero = torch.zeros(2)  # where keeping is doubling, it has no say
    untouched = call(lambda x: 2 * x, zero)
    assert "kept" in diagnostician.explain(failures, passed={"untouched": ("double", [untouched])})


def test_a_family_can_be_left_out(diagnostician):
    failures = {"kept": ("double", [call(lambda x: x.clone())])}
    assert diagnostician.explain(failures, without="kept") == {}
    assert "kept" in diagnostician.explain(failures, without="squared")


def test_exceptions(diagnostician):
    def raised(kind: str) -> RecordedCall:
        return call(error=StudentError(Verdict.ERROR, "text", kind))

    assert explain(diagnostician, raised("ValueError")) == Diagnosis("raised", "You raised.")
    assert explain(diagnostician, raised("TypeError")) is None
    assert explain(diagnostician, raised("")) is None


def test_a_diagnosis_that_fails_costs_nobody_a_grade(library, zygote, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("a mistake went wrong")

    monkeypatch.setattr(Diagnostician, "explain", fail)
    (grading,) = grade_all(library, zygote, submission(library.wrong_source(library.mistakes[:1])))
    wrong = [outcome for outcome in grading.outcomes if outcome.verdict is Verdict.FAILED]
    assert wrong
    assert all(o.diagnosis is None and "a mistake went wrong" in o.staff_detail for o in wrong)


def test_an_exception_is_explained_only_with_all_others_of_its_part(diagnostician):
    def raised(kind: str) -> RecordedCall:
        return call(error=StudentError(Verdict.ERROR, "text", kind))

    here, there = ("double", [raised("ValueError")]), ("double", [raised("TypeError")])
    assert diagnostician.explain({"one": here, "two": here}).keys() == {"one", "two"}
    assert diagnostician.explain({"one": here, "two": there}) == {}
    assert diagnostician.explain({"one": here, "two": ("shift", there[1])}).keys() == {"one"}
    assert diagnostician.explain({"one": here, "two": ("double", [call(lambda x: 3 * x)])}) == {}


def test_changes_in_place(diagnostician):
    changed = call(lambda x: 2 * x, changed=("argument 1",))
    assert explain(diagnostician, changed) == Diagnosis("in_place", "You changed the input.")
    assert explain(diagnostician, call(lambda x: 2 * x, changed=())) is None
    assert explain(diagnostician, call(lambda x: 3 * x, changed=("argument 1",))) is None


def test_dictionaries(diagnostician):
    found = explain(diagnostician, call(lambda x: {"y": 3 * x, "n": [1.5, x]}))
    assert found == Diagnosis("as_dictionary", "You returned names.")
    assert explain(diagnostician, call(lambda x: {"y": 3 * x})) is None
    assert explain(diagnostician, call(lambda x: {"y": 4 * x, "n": [1.5, x]})) is None


def test_handles_from_elsewhere_explain_nothing(diagnostician):
    handle = Handle(None, None, None)  # type: ignore[arg-type]
    for args in ((handle,), ([handle],), ({"a": (handle,)},)):
        assert explain(diagnostician, RecordedCall("double", args, {}, torch.ones(1))) is None
    assert explain(diagnostician, RecordedCall("double", (), {"x": handle}, torch.ones(1))) is None
    assert explain(diagnostician, RecordedCall("double", (torch.ones(1),), {}, handle)) is None


def test_only_the_judged_entry_counts(tmp_path):
    reference = (
        "def pair(x):\n    return x, 2 * x\n\ndef double(x):\n    return 2 * x\n\ndef shift(x):\n    return x + 1\n"
    )
    toy = homework(
        tmp_path, mistakes={"tripled": mistake("You tripled.", "return x, 3 * x", function="pair")}, reference=reference
    )
    diagnostician = Diagnostician(toy)

    def answered(looked_at: int | None, answer) -> Diagnosis | None:
        return explain(diagnostician, call(answer, function="pair", looked_at=looked_at))

    assert answered(1, lambda x: (5 * x, 3 * x)) == TRIPLED
    assert answered(None, lambda x: (5 * x, 3 * x)) is None
    assert answered(1, lambda x: (5 * x, 4 * x)) is None
    assert answered(0, lambda x: (x, 3 * x)) is None  # that entry is right
    assert answered(1, lambda x: (1, 2, 3 * x)) is None


def test_complex_and_integer_tensors(diagnostician):
    for x in (torch.tensor([1 + 2j, -1j]), torch.arange(1, 5), torch.tensor([1.0, 2.0], dtype=torch.bfloat16)):
        assert explain(diagnostician, call(lambda x: 3 * x, x)) == TRIPLED


@pytest.mark.parametrize("name", list(MISTAKES))
def test_through_the_whole_grader(library, zygote, name):
    found = next(mistake for mistake in library.mistakes if mistake.name == name)
    always = Seed(b"inputs of both signs")  # of six numbers all are positive once in 64 times
    (grading,) = grade_all(library, zygote, submission(library.wrong_source([found])), seed=always)
    diagnoses = {o.diagnosis and o.diagnosis.mistake for o in grading.outcomes if o.verdict is not Verdict.PASSED}
    if name == "in_place":
        assert diagnoses == set()  # the answers are right, and this suite does not ask
    else:
        assert diagnoses == {found.family}


def test_a_check_that_hands_on_a_handle_fails_and_stops_nothing(tmp_path, zygote):
    suite = SUITE.replace(
        "agree(student.double, reference.double, torch.arange(4))",
        "expect(student.double(student.kept()) is None, 'wrong')",
    )
    toy = homework(tmp_path, suite, mistakes=MISTAKES)
    one = submission(
        with_double("return 3 * x").files["toy.py"] + b"\ndef kept():\n    return K(3)\nclass K(int): pass\n"
    )
    wrong, after = grade_all(toy, zygote, one, one)
    assert verdicts(wrong) == verdicts(after) == [Verdict.FAILED, Verdict.FAILED, Verdict.PASSED]
    assert [o.diagnosis and o.diagnosis.mistake for o in wrong.outcomes] == ["tripled", None, None]


NOISE = """
import random
import numpy as np
import torch

class Noise(torch.nn.Module):
    def forward(self, x):
        return x + 1 + torch.rand(())

def noisy(x):
    return x + 1 + torch.rand(())

def double(x):
    return 2 * x

def shift(x):
    return x + 1
"""
NOISY_SUITE = """
from grader.suite import experiment

@part("double")
@weight(3)
def test_noise(student, draws):
    '''noisy adds from 1 to 2.'''
    x = draws.normal(3)

    def body(student):
        for y in (student.noisy(x), student.Noise().eval()(x)):
            expect(isinstance(y, torch.Tensor) and y.shape == x.shape, "no such tensor")
            added = (y - x).mean()
            expect(bool(added >= 1), "less than 1 is added")
            expect(bool(added <= 2), "more than 2 is added")

    experiment(student, body)

@part("double")
@weight(1)
def test_double(student):
    '''double doubles.'''
    agree(student.double, lambda x: 2 * x, 1)

@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one.'''
    agree(student.shift, reference.shift, 2)
"""
NOISY = {
    "too_little": mistake("You added less.", "return x + np.random.rand()", function="noisy"),
    "too_much": mistake("You added more.", "return x.add_(3 + random.random())", function="noisy"),
    "fails": mistake("You raise.", "raise KeyError(torch.rand(()))", function="noisy"),
    "object": '"""Your object."""\nPARTS = ("double",)\n'
    "class Noise(torch.nn.Module):\n    def forward(self, x):\n        return x.add_(4 + torch.rand(()))\n",
    "object_fails": '"""Your object fails."""\nPARTS = ("double",)\n'
    "class Noise(torch.nn.Module):\n    def forward(self, x):\n        raise IndexError\n",
}


@pytest.fixture(scope="module")
def noisy(tmp_path_factory):
    folder = tmp_path_factory.mktemp("noisy")
    return homework(folder, NOISY_SUITE, mistakes=NOISY, reference=NOISE)


@pytest.mark.parametrize("name", ["too_little", "fails", "object_fails"])
def test_experiments_are_repeated_where_answers_never_come_twice(noisy, zygote, name):
    found = next(mistake for mistake in noisy.mistakes if mistake.name == name)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()  # noqa: NPY002
    wrong, after = grade_all(noisy, zygote, submission(noisy.wrong_source([found])), submission(NOISE))
    assert [o.diagnosis and o.diagnosis.mistake for o in wrong.outcomes] == [name, None, None]
    assert "experiment() → " in wrong.outcomes[0].staff_detail
    assert verdicts(after) == [Verdict.PASSED] * 3
    assert torch.equal(before[0], torch.get_rng_state())
    assert before[1:] == (random.getstate(), np.random.get_state()[1].tolist())  # noqa: NPY002


def test_experiments_with_one_message_are_alike(noisy, zygote):
    sources = [noisy.wrong_source([m]) for m in noisy.mistakes if m.name in ("object", "too_much")]
    for grading in grade_all(noisy, zygote, *map(submission, sources)):
        assert grading.outcomes[0].message == "more than 2 is added"
        assert grading.outcomes[0].diagnosis is None
        assert "The diagnosis failed" not in grading.outcomes[0].staff_detail


def test_an_experiment_that_was_passed_rules_out_who_never_passes_it(tmp_path, zygote):
    """Both add too little, but the mistake adds the same each time: its sentence is not true of the other."""
    suite = NOISY_SUITE.replace("@weight(3)", "@weight(2)") + (
        '\n@part("double")\n@weight(1)\ndef test_anew(student, draws):\n    """noisy adds another number at each call."""\n'
        "    x = draws.normal(3)\n"
        '    experiment(student, lambda s: expect(not torch.equal(s.noisy(x), s.noisy(x)), "it adds the same"))\n'
    )
    same = mistake("You add the same each time.", "return x + 0.5", function="noisy")
    course = homework(tmp_path, suite, mistakes={"same": same}, reference=NOISE)
    sources = [NOISE.replace("x + 1 + torch.rand(())", added) for added in ("x + 0.5", "x + torch.rand(()) / 2")]
    one, other = grade_all(course, zygote, *map(submission, sources))
    assert [o.diagnosis and o.diagnosis.mistake for o in one.outcomes if o.check.part == "double"] == [
        "same",
        None,
        "same",
    ]
    assert other.outcomes[0].message == one.outcomes[0].message == "less than 1 is added"
    assert [o.diagnosis for o in other.outcomes] == [None] * 4


def test_a_message_says_too_little_beside_what_nothing_explains(noisy, zygote):
    (found,) = (mistake for mistake in noisy.mistakes if mistake.name == "too_little")
    source = noisy.wrong_source([found]) + "\n\ndef double(x):\n    return 7 * x\n"
    (grading,) = grade_all(noisy, zygote, submission(source))
    assert verdicts(grading) == [Verdict.FAILED, Verdict.FAILED, Verdict.PASSED]
    assert [o.diagnosis for o in grading.outcomes] == [None] * 3


def test_a_mistake_may_have_several_messages(tmp_path, zygote):
    """One number that decides on everything: half of the runs fail in one way, and half in the other."""
    either = mistake("One number decides.", "return x + (0 if random.random() < 0.5 else 3)", function="noisy")
    course = homework(tmp_path, NOISY_SUITE, mistakes={"either": either}, reference=NOISE)
    sources = [
        NOISE.replace("def noisy(x):\n    return x + 1 + torch.rand(())", f"def noisy(x):\n    return x + {n}")
        for n in (0, 3)
    ]
    gradings = grade_all(course, zygote, *map(submission, sources))
    assert [grading.outcomes[0].message for grading in gradings] == ["less than 1 is added", "more than 2 is added"]
    assert [grading.outcomes[0].diagnosis.mistake for grading in gradings] == ["either"] * 2


def test_an_experiment_that_asks_nothing_is_our_fault(tmp_path, zygote):
    silent = SUITE.replace(
        "agree(student.shift, reference.shift, torch.randn(3, generator=rng))",
        "from grader.suite import experiment; experiment(student, lambda _: expect(False, 'wrong'))",
    )
    (grading,) = grade_all(homework(tmp_path, silent), zygote, submission(NOISE))
    assert verdicts(grading)[2] is Verdict.INFRA


def test_what_has_more_pieces_than_any_mistake_is_not_explained(diagnostician):
    assert explain(diagnostician, call(lambda x: {"y": 3 * x, "n": [1.5, x]})).mistake == "as_dictionary"
    budget = Budget()
    assert diagnostician.explain({"check": ("double", [call([None] * NODES)])}, budget) == {}
    assert budget == Budget()


def test_an_answer_of_another_form_is_held_against_no_number(diagnostician):
    budget = Budget()
    diagnostician.explain({"check": ("double", [call(torch.ones(1 << 20))])}, budget)
    assert budget.numbers > NUMBERS - 100
    assert CALLS - budget.calls <= len(MISTAKES) + 2  # variants; and the reference


@pytest.mark.parametrize("budget", [Budget(calls=1), Budget(numbers=2), Budget(deadline=0)])
def test_a_budget_that_is_spent_ends_all_explanation(diagnostician, budget):
    tripled = call(lambda x: 3 * x)
    with pytest.raises(Spent):
        diagnostician.explain({"check": ("double", [tripled])}, budget)


def test_staff_read_that_the_budget_was_spent(library, monkeypatch):
    monkeypatch.setattr("grader.judging.diagnose.GRACE_SECONDS", 0.0)
    check = Check("check", "double", "it doubles.", 1)
    outcomes = [
        Outcome(check, Verdict.FAILED, 0.0, staff_detail="calls"),
        Outcome(replace(check, name="other"), Verdict.PASSED, 1.0),
    ]
    failures = {"check": ("double", (call(lambda x: 3 * x),))}
    found = Diagnostician(library).diagnosed(outcomes, failures, time.monotonic() - 1)
    assert [outcome.diagnosis for outcome in found] == [None, None]
    assert found[0].staff_detail == "calls\nNothing is explained: the submission's time is over"
    assert found[1] == outcomes[1]


def test_a_mistake_that_loops_over_a_hostile_number_is_stopped(tmp_path):
    endless = mistake("You looped.", "while x.sum() > 5: pass\n    return 3 * x")
    toy = homework(tmp_path, mistakes={"endless": endless})
    outcomes = [Outcome(Check("check", "double", "it doubles.", 1), Verdict.FAILED, 0.0)]
    failures = {"check": ("double", (call(torch.ones(3), torch.full((3,), 9.0)),))}
    before = signal.getsignal(signal.SIGALRM)
    found = Diagnostician(toy).diagnosed(outcomes, failures, time.monotonic() - 0.4)
    assert "the submission's time is over" in found[0].staff_detail
    assert signal.getsignal(signal.SIGALRM) is before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1.5, np.float64(1.5)),
        ({"a": 1, "b": torch.ones(2)}, {"b": torch.zeros(2), "a": 2}),
        ([torch.ones(2), None], [torch.zeros(2), None]),
    ],
)
def test_forms_that_are_the_same(one, other):
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        ([1], (1,)),
        (torch.ones(2), torch.ones(2, dtype=torch.float64)),
        (torch.ones(2), np.ones(2, np.float32)),
        ({"a": 1}, {"b": 1}),
        ([[1], 1], [1, [1]]),
        (None, 0),
    ],
)
def test_forms_that_differ(one, other):
    assert form(one) != form(other)


def test_a_mistake_that_takes_a_hostile_number_for_a_size_takes_no_memory(tmp_path):
    greedy = mistake("You made room.", "return torch.ones(int(x.sum()), dtype=torch.float64)")
    toy = homework(tmp_path, mistakes={"greedy": greedy.replace("def ", "import torch\ndef ", 1)})
    before = resource.getrlimit(resource.RLIMIT_AS)
    failures = {"check": ("double", (call(torch.ones(3), torch.full((3,), 1e10)),))}
    outcomes = [Outcome(Check("check", "double", "it doubles.", 1), Verdict.FAILED, 0.0)]
    (found,) = Diagnostician(toy).diagnosed(outcomes, failures)
    assert found.diagnosis is None
    assert resource.getrlimit(resource.RLIMIT_AS) == before
