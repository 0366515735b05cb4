"""Checks that hold objects of the student's, explained by repeating them on objects of a mistake's."""

from __future__ import annotations

import pytest

from grader.guest import codec
from grader.judging.answers import Model
from grader.judging.call_replay import LocalHandle, tried
from grader.outcome import Verdict
from grader.suite import an_object, either, passes, raises
from tests.grader.toy import grade_all, homework, submission, verdicts

REFERENCE = """
class Counter:
    def __init__(self, start):
        self.value = start
        self.steps = []

    def step(self, by):
        self.value = self.value + by
        self.steps.append(by)
        return self

    def __call__(self, x):
        return x + self.value

    def __rsub__(self, other):
        return Counter(other - self.value)

def counter(start):
    return Counter(start)

def pair(start):
    return {"first": Counter(start), "twins": (Counter(start), start)}

def total(counters):
    return sum(one.value for one in counters)

def double(x):
    return 2 * x

def shift(x):
    return x + 1
"""
SUITE = """
X = torch.tensor([1.0, 2.5])

@part("double")
@weight(2)
def test_steps(student):
    '''a counter adds what it is stepped by.'''
    one = student.counter(3)
    agree(one.step(2).step(5), lambda x: x + 10, X)
    expect(one.value == 10, "the value is wrong")

@part("double")
@weight(1)
def test_two_at_once(student):
    '''objects in containers are told apart, combined and handed on.'''
    made = student.pair(3)
    first, (twin, _) = made["first"], made["twins"]
    twin.step(1)
    expect(student.total([10 - first, twin]) == 11, "the total is wrong")

@part("double")
@weight(1)
def test_refusal(student):
    '''a counter remembers its steps.'''
    one = student.counter(1)
    one.step(2)
    expect(one.steps == [2], "the steps are wrong")

@part("shift")
@weight(2)
def test_shift(student, reference):
    '''shift adds one.'''
    agree(student.shift, reference.shift, X)
"""
HEADER = '"""{sentence}"""\nPARTS = ("double",)\n_True = Counter\n\n\nclass Counter(_True):\n'
BODIES = {
    "step_lost": "    def step(self, by):\n        self.steps.append(by)\n        return self\n",
    "step_twice": "    def step(self, by):\n        self.steps.append(by)\n        self.value += 2 * by\n        return self\n",
    "value_hidden": "    def __init__(self, start):\n        super().__init__(start)\n        del self.steps\n\n"
    "    def step(self, by):\n        self.value += by\n        return self\n",
    "sides_swapped": "    def __rsub__(self, other):\n        return Counter(self.value - other)\n",
    "steps_in_a_set": "    @property\n    def steps(self):\n        return self._s\n\n    @steps.setter\n"
    "    def steps(self, value):\n        self._s = type('Bag', (), {'append': lambda bag, one: None})()\n",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    mistakes = {name: HEADER.format(sentence=name) + body for name, body in BODIES.items()}
    return homework(tmp_path_factory.mktemp("course"), SUITE, mistakes=mistakes, reference=REFERENCE)


def test_the_reference_is_right(library, zygote):
    (grading,) = grade_all(library, zygote, submission(REFERENCE))
    assert verdicts(grading) == [Verdict.PASSED] * 4


@pytest.mark.parametrize(
    ("name", "named"),
    [
        ("step_lost", [True, True, False, False]),
        ("step_twice", [True, True, False, False]),
        ("value_hidden", [False, False, True, False]),  # an exception, of reading an attribute
        ("sides_swapped", [False, True, False, False]),
        ("steps_in_a_set", [False, False, True, False]),  # an object where plain data is asked for
    ],
)
def test_a_mistake_is_known_by_its_objects(library, zygote, name, named):
    found = next(mistake for mistake in library.mistakes if mistake.name == name)
    (grading,) = grade_all(library, zygote, submission(library.wrong_source([found])))
    assert [outcome.verdict is not Verdict.PASSED for outcome in grading.outcomes] == named
    assert [outcome.diagnosis and outcome.diagnosis.mistake for outcome in grading.outcomes] == [
        name if one else None for one in named
    ]


def test_each_submission_gets_objects_of_its_own(library, zygote):
    wrong = [submission(library.wrong_source([mistake]), mistake.name) for mistake in library.mistakes]
    for grading in grade_all(library, zygote, *wrong, *wrong, submission(REFERENCE, "right")):
        diagnosed = {outcome.diagnosis.mistake for outcome in grading.outcomes if outcome.diagnosis}
        assert diagnosed == ({grading.submission} if grading.submission != "right" else set())


def test_an_unknown_mistake_stays_unexplained(library, zygote):
    source = REFERENCE.replace("self.value = self.value + by", "self.value = self.value - by")
    (grading,) = grade_all(library, zygote, submission(source))
    assert verdicts(grading)[:2] == [Verdict.FAILED, Verdict.FAILED]
    assert not any(outcome.diagnosis for outcome in grading.outcomes)


def test_staff_read_what_was_asked_of_an_object(library, zygote):
    (grading,) = grade_all(library, zygote, submission(REFERENCE.replace("self.value + by", "self.value")))
    detail = grading.outcomes[0].staff_detail
    assert "counter(3) → <Counter in the sandbox>" in detail
    assert "Counter.get('step')" in detail
    assert "method.call(2)" in detail


def test_an_experiment_asks_a_model_for_probes_too():
    model = LocalHandle({"f": lambda: 1, f"{codec.PROBES}f": lambda x: x + 1}.__getitem__)
    assert (model.f(), model.probes.f(1)) == (1, 2)


def test_an_experiment_meets_a_models_exceptions_as_a_submissions():
    judged = []

    def experiment(module):
        judged.append(passes(module.broken))
        either(module.broken, lambda: None)
        raises(module.broken, "ZeroDivisionError")
        an_object(module.made(), "made()")
        module.broken()

    reply = tried(model("def broken():\n    1 / 0\n\nclass made:\n    pass\n"), experiment, 0)
    assert judged == [False]
    assert (reply.error.kind, reply.error.verdict) == ("ZeroDivisionError", Verdict.ERROR)


def test_a_models_plain_data_is_no_object():
    reply = tried(model("def made():\n    return 3\n"), lambda module: an_object(module.made(), "made()"), 0)
    assert reply.value == "`made()` gives an int; an object is asked for"


def model(source):
    return Model("objects_model", source, "objects_model.py")
