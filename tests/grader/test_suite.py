"""What hidden checks are written with, on functions of this process."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch

from grader.errors import InfraError, StudentError
from grader.judging.compare import Disagreement
from grader.outcome import Verdict
from grader.suite import (
    agree,
    agree_printed,
    agree_text,
    an_object,
    either,
    expect,
    expect_equal,
    experiment,
    leaves_inputs_alone,
    part,
    passes,
    pick,
    raises,
)


def test_part_marks_the_function():
    assert part("forward")(lambda: None).__part__ == "forward"


def test_agree_compares():
    agree(torch.neg, torch.neg, torch.ones(3))
    with pytest.raises(Disagreement, match="wrong in all"):
        agree(torch.abs, torch.neg, torch.ones(3))


def test_agree_judges_one_of_several_outputs():
    def both(x):
        return x, 2 * x

    def second_wrong(x):
        return x, 3 * x

    agree(second_wrong, both, torch.ones(3), output="a", outputs=("a", "b"))
    with pytest.raises(Disagreement, match="`b` is wrong in all"):
        agree(second_wrong, both, torch.ones(3), output="b", outputs=("a", "b"))
    with pytest.raises(Disagreement, match=r"the result is a tensor of shape \(3,\); a tuple \(a, b\) is asked for"):
        agree(torch.neg, both, torch.ones(3), output="b", outputs=("a", "b"))


def test_agree_asks_an_object_of_the_students_for_no_name():
    class Strange:
        def __call__(self, x):
            return x, 2 * x

        def __getattr__(self, name):
            raise AssertionError(f"was asked for {name}")

    agree(Strange(), lambda x: (x, 2 * x), torch.ones(3), output="b", outputs=("a", "b"))


@pytest.mark.parametrize("answer", [None, 3, (1,), (1, 2, 3), {"a": 1, "b": 2}, "ab"])
def test_pick_refuses_what_is_not_as_many(answer):
    with pytest.raises(Disagreement, match=r"a tuple \(a, b\) is asked for"):
        pick(answer, "a", ("a", "b"))


def test_expect():
    expect(True, "never shown")
    with pytest.raises(Disagreement, match=r"^shown$"):
        expect(False, "shown")


def fails(error):
    def judge():
        raise error

    return judge


WRONG = [Disagreement("wrong"), StudentError(Verdict.ERROR, "raised", "ValueError"), StudentError(Verdict.FAILED, "no")]
LIMITS = [
    StudentError(verdict, "stopped") for verdict in Verdict if verdict in ("timeout", "memory", "crash", "forbidden")
]


@pytest.mark.parametrize("error", [*WRONG, *LIMITS], ids=repr)
def test_either_passes_by_the_second_judge(error):
    asked = []
    either(fails(error), lambda: asked.append("wired"))
    assert asked == ["wired"]
    either(lambda: None, lambda: asked.append("again"))
    assert asked == ["wired"]
    with pytest.raises(type(error)) as caught:
        either(fails(error), fails(Disagreement("not wired")))
    assert caught.value is error


def test_either_asks_nothing_more_of_a_submission_that_cannot_be_asked():
    with pytest.raises(StudentError, match=r"^stopped$"):
        either(fails(StudentError(Verdict.BLOCKED, "stopped")), lambda: pytest.fail("asked"))


def test_the_graders_fault_is_nobody_elses():
    for judge in (fails(TypeError("ours")), fails(InfraError("ours"))):
        with pytest.raises((TypeError, InfraError), match="ours"):
            either(judge, lambda: None)
        with pytest.raises((TypeError, InfraError), match="ours"):
            either(fails(WRONG[0]), judge)
        with pytest.raises((TypeError, InfraError), match="ours"):
            passes(judge)


def test_an_object_is_no_plain_data():
    for answer in (None, 3, torch.ones(2), [1], "text"):
        with pytest.raises(Disagreement, match=r"^`x \+ y` gives .*; an object is asked for$"):
            an_object(answer, "x + y")


def test_leaves_inputs_alone():
    def asked():
        raise AssertionError("not called")

    asked.inputs_changed = lambda *args: args[0]
    leaves_inputs_alone(asked, ())
    with pytest.raises(Disagreement, match=r"changes its input argument 1 and `w` in place"):
        leaves_inputs_alone(asked, ("argument 1", "`w`"))


def test_raises_wants_the_type_that_was_asked_for():
    def raising(kind: str, *bases: str):
        def asked():
            raise StudentError(Verdict.ERROR, "text", kind, bases)

        return asked

    raises(raising("ValueError"), "ValueError")
    raises(raising("SizeError", "ValueError"), "ValueError")
    with pytest.raises(StudentError):
        raises(raising("SizeError", "TypeError"), "ValueError")
    with pytest.raises(StudentError):
        raises(raising("TypeError"), "ValueError")
    with pytest.raises(StudentError):
        raises(raising(""), "ValueError")  # a crash, say
    with pytest.raises(Disagreement, match="no ValueError is raised"):
        raises(lambda: 3, "ValueError")


class Recorder:
    """Stands for `student`: runs what it is given."""

    def _try_out(self, body):
        body(self)


def test_experiment_judges_as_its_body_does():
    experiment(Recorder(), lambda student: expect(isinstance(student, Recorder), "never shown"))
    with pytest.raises(Disagreement, match=r"^shown$"):
        experiment(Recorder(), lambda _: expect(False, "shown"))


def test_text_agrees_whatever_its_white_space():
    agree_text(lambda name: f"Hello,\n  {name}! ", "Hello, Ada!", "Ada")
    agree_text(lambda name: f"Hello, {name}!", lambda name: f"Hello,\t{name}!", "Ada")
    for answer, said in {
        "Hello, Bob!": "wrong from its word 2 on: 'Bob!'",
        "Hello,": "ends too early, after 'Hello,'",
        "Hello, Ada! Bye": "wrong from its word 3 on: 'Bye'",
        "": "is empty; a text is asked for",
        3: "is an int; a text is asked for",
    }.items():
        with pytest.raises(Disagreement, match=said):
            agree_text(lambda name, answer=answer: answer, "Hello, Ada!", "Ada")


class _Asked:
    """A function as the bridge shows it, for what it prints."""

    def __init__(self, said):
        self.printed = lambda *args: said


def test_printed_output_agrees_whatever_its_white_space(capsys):
    agree_printed(_Asked("1  2\n3"), lambda: print("1 2 3"))
    agree_printed(_Asked("1  2\n3"), "1 2 3")
    with pytest.raises(Disagreement, match="the output is wrong from its word 2 on: '4'"):
        agree_printed(_Asked("1 4"), lambda: print("1 2"))
    assert not capsys.readouterr().out


@dataclass
class _Fit:
    slope: float
    others: list
    _cache: int = 0


class _Handle:
    """An object of the student's: its attributes are read one by one."""

    _type_name = "Fit"

    def __init__(self, **fields):
        self.__dict__ |= fields


def test_an_object_answers_for_a_dataclass_field_by_field():
    expect_equal(_Handle(slope=0.1 + 0.2, others=[1.0], _cache=7), _Fit(0.3, [1.0]))
    expect_equal({"fit": [_Handle(slope=1.0, others=[])]}, {"fit": [_Fit(1.0, [])]})
    with pytest.raises(Disagreement, match=r"`result.others\[0\]` is 2, which is wrong"):
        expect_equal(_Handle(slope=1.0, others=[2.0]), _Fit(1.0, [1.0]))
    with pytest.raises(Disagreement, match="the result is a dict of 1; an object with slope, others is asked for"):
        expect_equal({"slope": 1.0}, _Fit(1.0, []))
